/** What the counters of the risk rows have to be, found anew from orders and positions. */
import {
  type AccountId,
  addToCounters,
  amount,
  type CountedRow,
  counterDifferences,
  countersOf,
  grant,
  type IntentExposure,
  notional,
  type Order,
  type PositionRow,
  type RiskState,
  type VenueId,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { intent } from '../../support/orders.ts';

const exposure: IntentExposure = { mode: 'sandbox', asset: 'BTC', notional: notional('100') };
const order: Order = {
  ...intent,
  ...{ amount: amount('4'), exposure, reserved: notional('100'), state: 'open', version: 2, journalHash: '' },
  ...{ attempts: 1, attemptedAtMs: 0, filled: amount('1'), fills: [], createdAtMs: 0, updatedAtMs: 0 },
};
type Position = Pick<PositionRow, 'account' | 'venue' | 'exposure'>;
const position: Position = { account: intent.account, venue: intent.venue, exposure };
const [other, elsewhere] = ['other' as AccountId, 'elsewhere' as VenueId];

/** As plain records, which read well in a table. */
const totalsOf = (orders: Order[], positions: Position[]) =>
  Object.fromEntries([...countersOf(orders, positions)].map(([row, counters]) => [row, Object.fromEntries(counters)]));

const desk = (counted: string) => ({
  'sandbox:exposure': counted,
  'sandbox:venue#fake': counted,
  'sandbox:asset#BTC': counted,
});

describe('what the counters have to be', () => {
  it.each<[string, Order[], Position[], Record<string, Record<string, string>>]>([
    ['nothing, of nothing', [], [], {}],
    [
      'what an open order can still add',
      [order],
      [],
      { main: { reserved: '100', orders: '1', exposure: '75', 'asset#BTC': '75' }, '*': desk('75') },
    ],
    ['nothing of an order that has ended', [{ ...order, state: 'filled', reserved: notional('0') }], [], {}],
    [
      'no open order where it can only shrink a position',
      [{ ...order, reduceOnly: true, reserved: notional('0'), exposure: { ...exposure, notional: notional('0') } }],
      [],
      {},
    ],
    [
      'only what it reserves, of an order of a build that counted nothing else',
      [{ ...order, exposure: undefined } as unknown as Order],
      [],
      { main: { reserved: '100' } },
    ],
    ['what a position counts for', [], [position], { main: { exposure: '100', 'asset#BTC': '100' }, '*': desk('100') }],
    ['nothing of a position that is not counted', [], [{ account: intent.account, venue: intent.venue }], {}],
    [
      'sums by account, and by mode, venue and asset for all of them',
      [order, { ...order, account: other }],
      [
        position,
        { ...position, venue: elsewhere },
        { ...position, account: other, exposure: { mode: 'live', asset: 'ETH', notional: notional('7.5') } },
      ],
      {
        main: { reserved: '100', orders: '1', exposure: '275', 'asset#BTC': '275' },
        other: { reserved: '100', orders: '1', exposure: '82.5', 'asset#BTC': '75', 'asset#ETH': '7.5' },
        '*': {
          ...{ 'sandbox:exposure': '350', 'sandbox:venue#fake': '250', 'sandbox:venue#elsewhere': '100' },
          ...{ 'sandbox:asset#BTC': '350' },
          ...{ 'live:exposure': '7.5', 'live:venue#fake': '7.5', 'live:asset#ETH': '7.5' },
        },
      },
    ],
  ])('are %s', (_what, orders, positions, expected) => {
    expect(totalsOf(orders, positions)).toEqual(expected);
  });
});

const row = (account: CountedRow['account'], reserved: string, counters: Record<string, string>): CountedRow => ({
  ...{ account, reserved: notional(reserved), counters },
});
const right = row(intent.account, '100', { orders: '1', exposure: '75.00', 'asset#BTC': '75' });
const rightDesk = row('*', '0', desk('75'));

describe('what counters differ by', () => {
  const wanted = countersOf([order], []);

  it.each<[string, CountedRow[], string[]]>([
    ['nothing where all is counted, however it is written', [rightDesk, right], []],
    [
      'all of it where the rows were lost',
      [],
      [
        '* sandbox:asset#BTC 0 + 75 = 75',
        '* sandbox:exposure 0 + 75 = 75',
        '* sandbox:venue#fake 0 + 75 = 75',
        'main asset#BTC 0 + 75 = 75',
        'main exposure 0 + 75 = 75',
        'main orders 0 + 1 = 1',
        'main reserved 0 + 100 = 100',
      ],
    ],
    [
      'more than is there, where a row has lost some and released it since',
      [rightDesk, row(intent.account, '-20', { orders: '-1', exposure: '75', 'asset#BTC': '75' })],
      ['main orders -1 + 2 = 1', 'main reserved -20 + 120 = 100'],
    ],
    [
      'less than nothing, where nothing is left of what is counted',
      [row('*', '0', { ...desk('75'), 'live:exposure': '9' }), right, row(other, '5', { orders: '2', exposure: '0' })],
      ['* live:exposure 9 + -9 = 0', 'other orders 2 + -2 = 0', 'other reserved 5 + -5 = 0'],
    ],
  ])('is %s', (_what, rows, expected) => {
    const differences = counterDifferences(rows, wanted);
    expect(differences.map((each) => `${each.row} ${each.counter} ${each.is} + ${each.by} = ${each.wanted}`)).toEqual(
      expected,
    );
  });

  it('once added leaves nothing to differ by, and a limit holds again', () => {
    const lost: RiskState = {
      ...row(intent.account, '0', {}),
      ...{
        state: 'active' as const,
        reason: '',
        by: '',
        figuresVersion: 0,
        version: 1,
        journalHash: '',
        updatedAtMs: 0,
      },
    };
    const claim = { row: intent.account, counters: [{ counter: 'exposure', by: '30', atMost: '100' }] };
    expect(grant(lost, claim)).toBeDefined();
    const own = counterDifferences([rightDesk, { ...lost, account: intent.account }], wanted).filter(
      (each) => each.row === intent.account,
    );
    const mended = addToCounters(lost, own);
    expect(counterDifferences([{ ...mended, account: intent.account }, rightDesk], wanted)).toEqual([]);
    expect(grant(mended, claim)).toBeUndefined();
  });
});
