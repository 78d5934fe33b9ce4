/** What the soak holds against the desk is seen where it is so: each of these must not pass. */
import { amount, type Order } from '@nightdesk/core';
import { traitsOf } from '@nightdesk/exchange/traits/index.ts';
import { describe, expect, it } from 'vitest';
import { btcUsdt } from '../support/markets.ts';
import { judgeBrackets } from './judge-brackets.ts';
import { judgeOrders, judgePositions, pairOrders, positionsAtVenues } from './judge-orders.ts';
import { judgeRaces } from './judge-races.ts';
import type { Race } from './race-commands.ts';
import type { VenueFill, VenueOrder } from './venue-truth.ts';

const fill = (qty: string, more: Partial<VenueFill> = {}): VenueFill => ({
  ...{ qty, price: '100', commission: '0', commissionAsset: 'USDT', tradeId: 1, atMs: 0 },
  ...more,
});

/** An order that was filled here and there alike. */
function order(id: string, changes: Partial<Record<keyof Order, unknown>> = {}): Order {
  const filled = (changes.filled as string | undefined) ?? '1';
  return {
    ...{ orderId: id, signalId: `sg${id}`, account: 'main', venue: 'binance', symbol: 'BTC/USDT', side: 'buy' },
    ...{ type: 'market', amount: '1', state: 'filled', reserved: '0', attempts: 1, venueOrderId: '7', filled },
    fills: filled === '0' ? [] : [{ tradeId: '1', amount: filled, price: '100', atMs: 0 }],
    ...{ receivedAtMs: 0, createdAtMs: 0, updatedAtMs: 0, version: 1, journalHash: '' },
    ...changes,
  } as unknown as Order;
}

function there(id: string, changes: Partial<VenueOrder> = {}): VenueOrder {
  const clientOrderId = traitsOf('binance' as Order['venue']).clientOrderIdFor(id, { kind: 'spot' });
  return {
    ...{ venue: 'binance', account: 'main', name: 'BTCUSDT', clientOrderId, venueOrderId: '7', side: 'buy' },
    ...{ state: 'filled', status: 'FILLED', quantity: '1', executed: '1', fills: [fill('1')], report: {} },
    ...changes,
  };
}

function findings(orders: readonly Order[], venueOrders: readonly VenueOrder[]): string[] {
  const { pairs, violations } = pairOrders(orders, venueOrders);
  return [...violations, ...judgeOrders(pairs)].map(({ what }) => what);
}

describe('orders', () => {
  it('pass where both sides tell the same', () => {
    expect(findings([order('a')], [there('a')])).toEqual([]);
  });

  it.each([
    ['is there twice', [order('a')], [there('a'), there('a', { venueOrderId: '8' })], /is at binance 2 times/],
    ['is known to the venue only', [], [there('a')], /that the desk does not know/],
    ['is lost', [order('a')], [], /binance does not have it/],
    ['is in doubt', [order('a', { state: 'unknown' })], [there('a')], /still unknown/],
    ['was said to have never been placed', [order('a', { state: 'not_placed' })], [there('a')], /binance has it/],
    ['is open here only', [order('a', { state: 'open', filled: '0.5' })], [there('a')], /is open, and FILLED/],
    ['misses a fill', [order('a', { filled: '0.5' })], [there('a')], /is filled 0.5, and 1 at/],
    ['misses the trades of a fill', [order('a', { fills: [] })], [there('a')], /has fills of 0, and 1/],
    ['is filled beyond its amount', [order('a', { amount: '0.5' })], [there('a')], /is filled 1 of 0.5/],
    ['reserves though it has ended', [order('a', { reserved: '5' })], [there('a')], /still reserves 5/],
    [
      'met a switch',
      [order('a', { state: 'denied', filled: '0', cause: { code: 'switch_not_active' } })],
      [],
      /by a switch/,
    ],
    ['has no reason', [order('a', { state: 'denied', filled: '0' })], [], /without a cause/],
    [
      'is still to be canceled',
      [order('a', { state: 'open', cancel: { reason: 'x' } })],
      [there('a')],
      /to be canceled/,
    ],
  ])('fail where one %s', (_what, orders, venueOrders, expected) => {
    expect(findings(orders, venueOrders).join('; ')).toMatch(expected);
  });
});

describe('positions', () => {
  const fills = [fill('1', { commission: '0.001', commissionAsset: 'BTC' })];
  const { pairs } = pairOrders([order('a')], [there('a', { fills })]);
  const shown = (quantity: string) => [{ account: 'main', symbol: 'BTC/USDT', quantity }];

  it('count fees in the base asset', () => {
    expect(judgePositions(shown('0.999'), positionsAtVenues(pairs))).toEqual([]);
    expect(judgePositions(shown('1'), positionsAtVenues(pairs))).toHaveLength(1);
  });

  it('fail where one is not shown at all', () => {
    expect(judgePositions([], positionsAtVenues(pairs))).toHaveLength(1);
  });
});

describe('brackets', () => {
  const markets = new Map([['binance BTC/USDT', btcUsdt]]);
  const plan = { takeProfits: [], stopLoss: { level: { percent: '1' } }, onFailure: 'keep' };
  const entry = (exits: object) => order('a', { exits: { steps: [], ...exits }, exitPlan: plan });
  const stop = (changes: object = {}) =>
    order('s', { role: 'stop_loss', parentId: 'a', side: 'sell', state: 'open', filled: '0', ...changes });
  const atWork = (quantity: string) =>
    there('s', { state: 'open', side: 'sell', quantity, executed: '0', fills: [], status: 'NEW' });

  function judged(orders: Order[], venueOrders: VenueOrder[], held = '1'): string[] {
    const { pairs } = pairOrders(orders, venueOrders);
    const positions = new Map([['main BTC/USDT', held]]);
    return judgeBrackets({ pairs, markets, positions }).violations.map(({ what }) => what);
  }

  it('pass with a stop of exactly what is left, and with a failure that was told of', () => {
    expect(judged([entry({ state: 'protected' }), stop()], [there('a'), atWork('1')])).toEqual([]);
    expect(judged([entry({ state: 'failed', cause: { code: 'x', message: '' } })], [there('a')])).toEqual([]);
  });

  it.each([
    ['no stop', 'protected', [], '1', /a stop of 0, and 1/],
    ['a stop that is too small', 'protected', [atWork('0.9')], '1', /a stop of 0.9, and 1/],
    ['a stop that is larger than the position', 'protected', [atWork('1.1')], '1', /are for 1.1, and it holds 1/],
    ['a stop for what was sold beside it', 'protected', [atWork('1')], '0.4', /are for 1, and it holds 0.4/],
    ['protection that never came', 'waiting', [], '1', /is waiting, and 1 of it/],
    ['an end without a cause', 'done', [], '1', /without a cause, and 1/],
  ])('fail with %s', (_what, state, stops, held, expected) => {
    const orders = stops.length > 0 ? [entry({ state }), stop()] : [entry({ state })];
    expect(judged(orders, [there('a'), ...stops], held).join('; ')).toMatch(expected);
  });
});

describe('races', () => {
  const race = (command: Race['command'], amounts: string[]) =>
    ({ id: 'r', command, filling: 'instant', amounts, orderId: 'a', signalId: 'sga' }) as unknown as Race;
  const replaced = order('a', { state: 'canceled', filled: '0.4' });
  const partly = there('a', { state: 'canceled', executed: '0.4', fills: [fill('0.4')] });
  const next = (changes: object) => order('b', { replaces: 'a', state: 'open', filled: '0', ...changes });
  const resting = there('b', { state: 'open', executed: '0', fills: [] });
  const found = (wanted: Race, orders: Order[], venueOrders: VenueOrder[]) =>
    judgeRaces([wanted], pairOrders(orders, venueOrders).pairs).map(({ what }) => what);

  it('pass where what takes an order’s place is what it left over', () => {
    expect(found(race('price', ['1']), [replaced, next({ amount: '0.6' })], [partly, resting])).toEqual([]);
  });

  it('fail where it is more than that, where two are at work, and where a canceled one still is', () => {
    expect(found(race('price', ['1']), [replaced, next({ amount: '1' })], [partly, resting])[0]).toMatch(/0.4 in all/);
    const both = [order('a', { state: 'open', filled: '0', amount: amount('0.2') }), next({ amount: '0.2' })];
    const atVenue = [there('a', { executed: '0', fills: [] }), resting];
    expect(found(race('price', ['1']), both, atVenue)[0]).toMatch(/2 orders at work/);
    expect(found(race('cancel', ['1']), [both[0] as Order], atVenue)[0]).toMatch(/was canceled, and is still open/);
  });
});
