/** Whatever happens to a paper account: nothing is made of nothing, and nobody fills better than the market would have filled him. */
import {
  type Amount,
  accountToStore,
  add,
  amendPaperOrder,
  amount,
  cancelPaperOrder,
  catchUp,
  compare,
  isNegative,
  type Market,
  notional,
  notionalOf,
  openingAccount,
  openOrdersOf,
  type PaperAccount,
  type PaperOrder,
  type PublicTrade,
  placePaperOrder,
  positionIn,
  price,
  reaches,
  subtract,
  zeroAmount,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { bookOf, contextOf, perpetual, spot, startMs, tradesOf } from '../../support/paper.ts';
import fc from '../../support/property.ts';

const opening = { USDT: amount('5000'), BTC: amount('20') };
const around = fc.integer({ min: 80, max: 120 }).map(String);
const size = fc.integer({ min: 1, max: 60 }).map((tenths) => String(tenths / 10));
const side = fc.constantFrom('buy' as const, 'sell' as const);

const step = fc.oneof(
  fc.record({ kind: fc.constant('market' as const), side, size, reduceOnly: fc.boolean() }),
  fc.record({
    kind: fc.constant('limit' as const),
    side,
    size,
    at: around,
    tif: fc.constantFrom('GTC', 'IOC', 'FOK', 'PO'),
  }),
  fc.record({ kind: fc.constant('stop' as const), side, size, at: around, reduceOnly: fc.boolean() }),
  fc.record({ kind: fc.constant('trail' as const), side, size, distance: fc.constantFrom('1', '5') }),
  fc.record({ kind: fc.constant('cancel' as const), index: fc.nat(5) }),
  fc.record({ kind: fc.constant('amend' as const), index: fc.nat(5), size, at: around }),
  fc.record({
    kind: fc.constant('trades' as const),
    trades: fc.array(fc.record({ at: around, size, taker: fc.constantFrom('', ' b', ' s') }), { maxLength: 6 }),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** The state of one run, and what it was allowed to do. */
interface World {
  account: PaperAccount;
  orders: Map<string, PaperOrder>;
  /** The middle of the book. */
  middle: number;
  nowMs: number;
  /** What was traded in public. */
  offered: Amount;
  /** Orders with fills at worse than their limits. */
  beyond: string[];
}

const bookAt = (middle: number) =>
  bookOf([`${middle - 1}x3`, `${middle - 2}x4`], [`${middle + 1}x3`, `${middle + 2}x4`]);

function requestFor(wanted: Step, world: World, market: Market) {
  const base = { clientOrderId: `nd${world.orders.size}`, symbol: market.symbol };
  if (wanted.kind === 'market') {
    return {
      ...base,
      side: wanted.side,
      type: 'market' as const,
      amount: amount(wanted.size),
      reduceOnly: wanted.reduceOnly,
    };
  }
  if (wanted.kind === 'limit') {
    const timeInForce = wanted.tif as 'GTC';
    return {
      ...base,
      side: wanted.side,
      type: 'limit' as const,
      amount: amount(wanted.size),
      price: price(wanted.at),
      timeInForce,
    };
  }
  if (wanted.kind === 'stop') {
    const terms = { type: 'stop' as const, triggerPrice: price(wanted.at), reduceOnly: wanted.reduceOnly };
    return { ...base, side: wanted.side, amount: amount(wanted.size), ...terms };
  }
  if (wanted.kind !== 'trail') return undefined;
  const trail = { distance: price(wanted.distance) };
  return { ...base, side: wanted.side, type: 'trailing_stop' as const, amount: amount(wanted.size), trail };
}

function act(world: World, wanted: Step, market: Market): PaperAccount {
  const context = contextOf(market, { nowMs: world.nowMs });
  const book = bookAt(world.middle);
  const request = requestFor(wanted, world, market);
  if (request !== undefined) {
    const outcome = placePaperOrder(world.account, request, { book, context });
    return outcome.kind === 'accepted' ? outcome.account : world.account;
  }
  if (wanted.kind === 'trades') {
    const trades = tradesFor(wanted, world);
    const last = trades.at(-1);
    if (last !== undefined) world.middle = Number(last.price);
    world.offered = trades.reduce((sum, trade) => add(sum, trade.amount), world.offered);
    return catchUp(
      world.account,
      { trades, book: bookAt(world.middle) },
      contextOf(market, { nowMs: world.nowMs + 100 }),
    );
  }
  const order = openOrdersOf(world.account)['index' in wanted ? wanted.index : 0];
  if (order === undefined) return world.account;
  if (wanted.kind === 'cancel') return cancelPaperOrder(world.account, order).account;
  if (wanted.kind !== 'amend') return world.account;
  const change = { amount: amount(wanted.size), ...(order.request.price !== undefined && { price: price(wanted.at) }) };
  const outcome = amendPaperOrder(world.account, order, { change, book, context });
  return outcome.kind === 'accepted' ? outcome.account : world.account;
}

const tradesFor = (wanted: Extract<Step, { kind: 'trades' }>, { nowMs }: World): PublicTrade[] =>
  tradesOf(...wanted.trades.map(({ at, size: traded, taker }) => `${at}x${traded}${taker}`)).map((trade, index) => ({
    ...{ ...trade, atMs: nowMs + 1 + index },
  }));

interface Run {
  /** After each step. */
  check?: (world: World, before: PaperAccount) => void;
  opened?: PaperAccount;
}

function run(steps: readonly Step[], market: Market, { check, opened = openingAccount(opening) }: Run = {}): World {
  const account: PaperAccount = { ...opened, cursors: { [market.symbol]: { atMs: startMs, ids: [] } } };
  const world: World = {
    ...{ account, orders: new Map(), middle: 100, nowMs: startMs },
    ...{ offered: zeroAmount, beyond: [] },
  };
  for (const wanted of steps) {
    const before = world.account;
    const after = act(world, wanted, market);
    for (const order of after.orders) {
      const { price: limit, side: taken } = order.request;
      if (order.fills.some((fill) => !reaches(taken, limit, fill.price))) world.beyond.push(order.venueOrderId);
      const fills = [...(world.orders.get(order.venueOrderId)?.fills ?? []), ...order.fills];
      if (!before.orders.includes(order)) world.orders.set(order.venueOrderId, { ...order, fills });
    }
    const { cursors } = after;
    world.account = { ...accountToStore(after), cursors };
    check?.(world, before);
    world.nowMs += 1_000;
  }
  return world;
}

const fillsIn = ({ orders }: World) =>
  [...orders.values()].flatMap(({ request, fills }) => fills.map((fill) => ({ ...fill, request })));

/** By asset, what all fills together changed, fees included. */
function flowsOf(world: World): Record<string, Amount> {
  const flows: Record<string, Amount> = { BTC: zeroAmount, USDT: zeroAmount };
  const book = (asset: string, by: Amount) => {
    flows[asset] = add(flows[asset] ?? zeroAmount, by);
  };
  for (const { request, amount: filled, price: at, fee } of fillsIn(world)) {
    const worth = notionalOf(filled, at) as string as Amount;
    book('BTC', request.side === 'buy' ? filled : subtract(zeroAmount, filled));
    book('USDT', request.side === 'buy' ? subtract(zeroAmount, worth) : worth);
    if (fee !== undefined) book(fee.asset, subtract(zeroAmount, fee.amount));
  }
  return flows;
}

const steps = fc.array(step, { maxLength: 25 });

describe('a paper account, whatever is done with it', () => {
  it('has on spot what it had and what its fills brought, never less than nothing', () => {
    fc.assert(
      fc.property(steps, (wanted) => {
        const check = ({ account }: World) => {
          for (const balance of Object.values(account.balances)) expect(isNegative(balance)).toBe(false);
        };
        const world = run(wanted, spot, { check });
        const flows = flowsOf(world);
        for (const asset of ['USDT', 'BTC'] as const) {
          expect(world.account.balances[asset]).toBe(add(opening[asset], flows[asset] ?? zeroAmount));
        }
      }),
    );
  });

  it('has in contracts what its fills add up to, and has paid for it what they cost', () => {
    fc.assert(
      fc.property(steps, (wanted) => {
        const world = run(wanted, perpetual);
        const flows = flowsOf(world);
        const { quantity, cost } = positionIn(world.account, perpetual.symbol);
        expect(quantity).toBe(flows.BTC);
        expect(isNegative(cost)).toBe(false);
        // What was paid is in the balance, but for what the open position was bought or sold for.
        const open = (isNegative(quantity) ? subtract(zeroAmount, cost as never) : cost) as Amount;
        const expected = add(opening.USDT, add(flows.USDT ?? zeroAmount, open));
        const difference = Math.abs(Number(subtract(world.account.balances.USDT ?? zeroAmount, expected)));
        expect(difference).toBeLessThan(1e-20);
      }),
    );
  });

  it('never fills more than ordered, beyond a limit, or one fill twice', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(spot, perpetual), (wanted, market) => {
        const world = run(wanted, market);
        expect(world.beyond).toEqual([]);
        const ids = fillsIn(world).map(({ tradeId }) => tradeId);
        expect(new Set(ids).size).toBe(ids.length);
        for (const { request, filled, fills, fillCount, status } of world.orders.values()) {
          expect(fills.reduce((sum, fill) => add(sum, fill.amount), zeroAmount)).toBe(filled);
          expect(fills).toHaveLength(fillCount);
          expect(compare(filled, request.amount)).toBeLessThanOrEqual(0);
          if (status === 'filled') expect(filled).toBe(request.amount);
          expect(status).not.toBe('rejected');
        }
      }),
    );
  });

  it('makes of public trades no more than they were', () => {
    fc.assert(
      fc.property(steps, (wanted) => {
        const world = run(wanted, spot);
        const made = fillsIn(world).filter(
          ({ atMs }) => (atMs - startMs) % 1_000 !== 0 && (atMs - startMs) % 1_000 < 100,
        );
        const total = made.reduce((sum, fill) => add(sum, fill.amount), zeroAmount);
        expect(compare(total, world.offered)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('is never enlarged or turned by orders that may only reduce', () => {
    const reducing = steps.map((all) =>
      all
        .filter(({ kind }) => kind !== 'limit' && kind !== 'trail')
        .map((each) => ('reduceOnly' in each ? { ...each, reduceOnly: true } : each)),
    );
    fc.assert(
      fc.property(reducing, fc.constantFrom('8', '-8'), (wanted, quantity) => {
        const held = { quantity: amount(quantity), cost: notional('800'), leverage: '1', marginMode: 'cross' as const };
        const opened = { ...openingAccount(opening), positions: { [perpetual.symbol]: held } };
        const sizeIn = (account: PaperAccount) =>
          Number(positionIn(account, perpetual.symbol).quantity) * Number(quantity);
        const check = (world: World, before: PaperAccount) => {
          expect(sizeIn(world.account)).toBeGreaterThanOrEqual(0);
          expect(sizeIn(world.account)).toBeLessThanOrEqual(sizeIn(before));
        };
        run(wanted, perpetual, { check, opened });
      }),
    );
  });
});
