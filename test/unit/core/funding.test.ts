/** What perpetuals pay and cost, counted once with the desk's positions, and verified with them. */
import {
  type AccountId,
  add,
  amount,
  applyDelta,
  applyFunding,
  type FundingPayment,
  fundedKeptMax,
  genesisHash,
  type IntentId,
  isFunded,
  type JournalEvent,
  notional,
  type PositionDelta,
  type PositionRow,
  positionFunded,
  recordFunding,
  seal,
  type VenueId,
  verifyJournal,
  zeroAmount,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../support/property.ts';

const symbol = 'BTC/USDT:USDT';

const delta: PositionDelta = {
  ...{ account: 'main' as AccountId, venue: 'fake' as VenueId, symbol, side: 'buy' },
  ...{ quantity: amount('1'), cost: notional('100'), fees: [], orderId: 'nd0001' as IntentId, orderVersion: 2 },
};
const opened = applyDelta(undefined, delta, 1_000);

const payment = (id: string, paid: string, atMs = 5_000, asset = 'USDT'): FundingPayment => ({
  ...{ id, symbol, asset, amount: amount(paid), atMs },
});

function funded(before: PositionRow, ...payments: FundingPayment[]) {
  const recorded = recordFunding(before, payments, 6_000);
  if (recorded === undefined) throw new Error('there is nothing new');
  return recorded;
}

describe('a funding payment', () => {
  it('is counted by asset, beside the profit', () => {
    const first = applyFunding(opened.position, payment('a', '-2'));
    const second = applyFunding(first, payment('b', '0.5', 6_000));
    const third = applyFunding(second, payment('c', '0.1', 7_000, 'BTC'));
    expect(third).toEqual({
      ...opened.position,
      funding: { USDT: '-1.5', BTC: '0.1' },
      funded: [
        { id: 'a', atMs: 5_000 },
        { id: 'b', atMs: 6_000 },
        { id: 'c', atMs: 7_000 },
      ],
    });
  });

  it('is counted once', () => {
    const once = applyFunding(opened.position, payment('a', '-2'));
    expect(applyFunding(once, payment('a', '-2'))).toBe(once);
  });

  it('is counted when it comes late, and put in its place', () => {
    const late = applyFunding(applyFunding(opened.position, payment('b', '1', 9)), payment('a', '1', 8));
    expect(late.funded?.map(({ id }) => id)).toEqual(['a', 'b']);
    const same = applyFunding(late, payment('aa', '1', 8));
    expect(same.funded?.map(({ id }) => id)).toEqual(['a', 'aa', 'b']);
    expect(same.funding).toEqual({ USDT: '3' });
  });

  it('that is older than all that are kept is known', () => {
    const payments = Array.from({ length: fundedKeptMax + 1 }, (_, index) => payment(`p${index}`, '1', 1_000 + index));
    const { position } = funded(opened.position, ...payments);
    expect(position.funded).toHaveLength(fundedKeptMax);
    expect(position.funding).toEqual({ USDT: String(fundedKeptMax + 1) });
    expect(isFunded(position, { id: 'p0', atMs: 1_000 })).toBe(true);
    expect(isFunded(position, { id: 'other', atMs: 1_002 })).toBe(false);
    expect(isFunded(position, { id: 'p', atMs: 1_001 })).toBe(true);
    expect(isFunded({}, { id: 'p', atMs: 1_001 })).toBe(false);
  });

  it('for another market is refused', () => {
    const other = { ...payment('a', '1'), symbol: 'ETH/USDT:USDT' };
    expect(() => applyFunding(opened.position, other)).toThrow('ETH/USDT:USDT');
  });

  it('outlasts fills', () => {
    const { position } = funded(opened.position, payment('a', '-2'));
    expect(applyDelta(position, delta, 7_000).position).toMatchObject({ quantity: '2', funding: { USDT: '-2' } });
  });
});

describe('payments that are recorded', () => {
  it('are one event with those that are new, oldest first', () => {
    const { position } = funded(opened.position, payment('a', '-2'));
    const { position: next, journalEvent } = funded(
      position,
      ...[payment('c', '4', 9_000), payment('b', '1', 8_000), payment('a', '-2'), payment('b', '1', 8_000)],
    );
    expect(journalEvent).toMatchObject({
      ...{ stream: `position#main#${symbol}`, sequence: 3, type: positionFunded, atMs: 6_000 },
      ...{ prevHash: position.journalHash, hash: next.journalHash },
      data: { payments: [payment('b', '1', 8_000), payment('c', '4', 9_000)] },
    });
    expect(next).toMatchObject({ version: 3, updatedAtMs: 6_000, funding: { USDT: '3' } });
  });

  it('are nothing where all are known', () => {
    const { position } = funded(opened.position, payment('a', '-2'));
    expect(recordFunding(position, [payment('a', '-2')], 7_000)).toBeUndefined();
    expect(recordFunding(position, [], 7_000)).toBeUndefined();
  });

  it('add up, however often and in whatever parts they are told', () => {
    const amounts = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { maxLength: fundedKeptMax });
    fc.assert(
      fc.property(amounts, fc.array(fc.nat(fundedKeptMax), { maxLength: 6 }), (all, cuts) => {
        const payments = all.map((units, index) => payment(`p${index}`, String(units), 1_000 + index));
        let position = opened.position;
        for (const cut of [...cuts, payments.length]) {
          position = recordFunding(position, payments.slice(0, cut), 2_000)?.position ?? position;
        }
        const sum = payments.reduce((total, one) => add(total, one.amount), zeroAmount);
        expect(Object.values(position.funding ?? { USDT: '0' })[0]).toBe(sum);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a position with funding', () => {
  async function* each<Item>(items: readonly Item[]): AsyncIterable<Item> {
    yield* items;
  }
  const verify = (row: PositionRow, events: JournalEvent[]) =>
    verifyJournal({
      ...{ orders: each([]), switches: each([]), positions: each([row]), books: each([]), events: each(events) },
      startedAtMs: 10_000,
    });
  const { position, journalEvent } = funded(opened.position, payment('a', '-2'));
  const after = applyDelta(position, delta, 7_000);
  const events = [opened.journalEvent, journalEvent, after.journalEvent];

  it('is verified, and so is one from before there was any', async () => {
    expect(await verify(after.position, events)).toMatchObject({ kind: 'verified', events: 3 });
    expect(await verify(position, events.slice(0, 2))).toMatchObject({ kind: 'verified' });
    expect(await verify(opened.position, events.slice(0, 1))).toMatchObject({ kind: 'verified' });
  });

  it('keeps the hashes of positions without', () => {
    expect(opened.journalEvent.hash).toBe('d8eed634363753d7738b632f150e7ad6577fd71a3d239de3a3d04d5440729b6a');
    expect(opened.position).not.toHaveProperty('funding');
  });

  const resealed = (data: unknown): JournalEvent => seal({ ...journalEvent, data }, opened.journalEvent.hash);
  it.each<[string, PositionRow, JournalEvent[]]>([
    [
      'the table shows another sum',
      { ...position, funding: { USDT: amount('-1') } },
      [opened.journalEvent, journalEvent],
    ],
    ['the table has forgotten a payment', { ...position, funded: [] }, [opened.journalEvent, journalEvent]],
    [
      'a payment is there twice',
      position,
      [opened.journalEvent, resealed({ payments: [payment('a', '-2'), payment('a', '-2')] })],
    ],
    ['an event has no payments', position, [opened.journalEvent, resealed({})]],
    ['an event has no payment', position, [opened.journalEvent, resealed({ payments: [] })]],
    ['the position was not opened', position, [seal({ ...journalEvent, sequence: 1 }, genesisHash)]],
  ])('is not verified where %s', async (_name, row, journal) => {
    expect(await verify(row, journal)).toMatchObject({ kind: 'misfit', misfit: { stream: `position#main#${symbol}` } });
  });
});
