/** Brackets that share one position of an account with each other, and with what was closed beside them. */
import {
  amount,
  type ExitPlan,
  keepMarketExits,
  type OrderRequest,
  type Position,
  releaseHoldings,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { btcUsdt, btcUsdtPerpetual } from '../../support/markets.ts';
import { changedVenue, createPositionDesk } from '../../support/position-desk.ts';

const stopOnly: ExitPlan = { takeProfits: [], stopLoss: { level: { percent: '5' } }, onFailure: 'keep' };
const oneTarget: ExitPlan = { ...stopOnly, takeProfits: [{ level: { percent: '10' }, portion: '0.25' }] };
const minuteMs = 60_000;

describe('an entry that has rested for long', () => {
  it('keeps its protection while the account does not show yet what a newer one has filled', async () => {
    const desk = createPositionDesk(btcUsdtPerpetual);
    const older = await desk.buy('2', stopOnly);
    desk.clock.advance(minuteMs);
    const late = await desk.venue.fetchPositions([btcUsdtPerpetual]);
    const newer = await desk.buy('2', stopOnly);
    await desk.track(changedVenue(desk.venue, { fetchPositions: async (): Promise<Position[]> => late }));
    expect([desk.restingOf(older), desk.restingOf(newer)]).toEqual([['stop 2 95'], ['stop 2 95']]);
    expect(desk.stored(older.orderId).exits?.state).toBe('protected');
  });

  it('keeps its protection where an exit of the newer one was placed and filled after the brackets were listed', async () => {
    const desk = createPositionDesk(btcUsdtPerpetual);
    const older = await desk.buy('2', stopOnly);
    const newer = await desk.buy('2', { ...stopOnly, takeProfits: [{ level: { percent: '10' }, portion: '1' }] });
    desk.clock.advance(minuteMs);
    const stale = desk.stored(newer.orderId);
    const listed = { ...stale, exits: { ...stale.exits, state: 'waiting' as const, steps: [] } };
    desk.setPrice('110');
    await desk.track();
    const context = { venue: desk.venue, market: desk.market, policy: desk.policy() };
    await keepMarketExits([desk.stored(older.orderId), listed], context, desk.ports());
    expect(desk.stored(older.orderId).exits?.state).toBe('protected');
    expect(desk.restingOf(older)).toEqual(['stop 2 95']);
  });
});

describe('on spot, after a part of the position was closed by a signal', () => {
  it('a target leaves a stop for what is there, not for what was closed beside it', async () => {
    const desk = createPositionDesk(btcUsdt);
    const entry = await desk.buy('4', oneTarget);
    desk.clock.advance(minuteMs);
    await desk.execute(desk.signal({ action: 'close', size: { percentPosition: amount('50') } }));
    expect([desk.quantity(), desk.restingOf(entry)]).toEqual(['2', ['stop 2 95']]);
    desk.clock.advance(minuteMs);
    desk.setPrice('110.01');
    await desk.track();
    expect([desk.quantity(), desk.restingOf(entry)]).toEqual(['1', ['stop 1 95']]);
    desk.clock.advance(5_000);
    await desk.track();
    expect(desk.restingOf(entry)).toEqual(['stop 1 95']);
  });
});

it.each([
  ['a fee that the venue has not told yet', '1.998', 'stop 1.998 95'],
  ['a balance that does not show the fill yet', '0', 'stop 2 95'],
])('on spot the first stop is for what is there: %s', async (_, shown, expected) => {
  const desk = createPositionDesk(btcUsdt);
  const venue = changedVenue(desk.venue, {
    fetchBalances: async () => [{ asset: 'BTC', total: amount(shown) }],
  });
  const entry = await desk.execute(
    desk.signal({ action: 'buy', size: { base: amount('2') }, exitPlan: stopOnly }),
    venue,
  );
  expect(desk.restingOf(entry)).toEqual([expected]);
});

it('an exit that the venue tells nothing of does not keep the other brackets waiting', async () => {
  const desk = createPositionDesk(btcUsdtPerpetual);
  const bare = { place: ({ type }: OrderRequest) => (type === 'stop' ? refuses : undefined) };
  const refuses = { kind: 'reject', evidence: { code: 'invalid_order', message: 'no stops today' } } as const;
  desk.venue.faults = bare;
  const first = await desk.buy('2', stopOnly);
  const second = await desk.buy('1', stopOnly);
  desk.clock.advance(minuteMs);
  const beganAtMs = desk.clock.nowMs();
  let placedAtMs: number | undefined;
  desk.venue.faults = {
    place: ({ type, amount: size }) => {
      if (type === 'stop' && size === '2') return { kind: 'lose_answer' };
      placedAtMs = desk.clock.nowMs();
      return undefined;
    },
    find: () => ({ kind: 'no_answer' }),
  };
  const brackets = [first, second].map(({ orderId }) => desk.stored(orderId));
  const context = { venue: desk.venue, market: desk.market, policy: desk.policy() };
  await keepMarketExits(brackets, context, { ...desk.ports(), deadlineMs: beganAtMs + 50_000 });
  expect(placedAtMs).toBeLessThanOrEqual(beganAtMs + 6_000);
  expect(desk.stored(first.orderId).exits).toMatchObject({ state: 'failed' });
  expect(desk.stored(second.orderId).exits).toMatchObject({ state: 'protected' });
});

it('on contracts the exits of what was closed are gone before the lane goes on, although the account shows it for a moment longer', async () => {
  const desk = createPositionDesk(btcUsdtPerpetual);
  const entry = await desk.buy('2', stopOnly);
  desk.clock.advance(minuteMs);
  const before = await desk.venue.fetchPositions([btcUsdtPerpetual]);
  let closedAtMs: number | undefined;
  const late = changedVenue(desk.venue, {
    fetchPositions: async (markets) => {
      if (closedAtMs !== undefined && desk.clock.nowMs() - closedAtMs < 300) return before;
      return desk.venue.fetchPositions(markets);
    },
    placeOrder: async (request, market) => {
      closedAtMs ??= desk.clock.nowMs();
      return desk.venue.placeOrder(request, market);
    },
  });
  expect(await desk.execute(desk.signal({ action: 'close' }), late)).toMatchObject({ state: 'filled' });
  expect([desk.restingOf(entry), desk.stored(entry.orderId).exits?.state]).toEqual([[], 'done']);
});

it('on contracts a close of a part waits for nothing', async () => {
  const desk = createPositionDesk(btcUsdtPerpetual);
  const entry = await desk.buy('2', stopOnly);
  desk.clock.advance(minuteMs);
  const beganAtMs = desk.clock.nowMs();
  await desk.execute(desk.signal({ action: 'close', size: { percentPosition: amount('50') } }));
  expect([desk.restingOf(entry), desk.clock.nowMs() - beganAtMs]).toEqual([['stop 1 95'], 0]);
});

it('where there are no brackets the venue is asked nothing', async () => {
  const desk = createPositionDesk(btcUsdtPerpetual);
  let questions = 0;
  const venue = changedVenue(desk.venue, {
    fetchPositions: async () => {
      questions += 1;
      return [];
    },
  });
  const context = { venue, market: desk.market, policy: desk.policy() };
  expect(await keepMarketExits([], context, desk.ports())).toEqual({ entries: [], failures: [] });
  expect(questions).toBe(0);
});

it('an order without an exit plan among them is left as it is, and keeps nothing from the others', async () => {
  const desk = createPositionDesk(btcUsdtPerpetual);
  const bare = await desk.buy('1');
  const entry = await desk.buy('2', stopOnly);
  desk.clock.advance(minuteMs);
  const context = { venue: desk.venue, market: desk.market, policy: desk.policy() };
  const brackets = [bare, entry].map(({ orderId }) => desk.stored(orderId));
  const { entries, failures } = await keepMarketExits(brackets, context, desk.ports());
  expect([entries[0], failures]).toEqual([brackets[0], []]);
  expect([desk.restingOf(bare), desk.restingOf(entry)]).toEqual([[], ['stop 2 95']]);
});

it('an entry counts as it was listed where it is not read back, and stays protected', async () => {
  const desk = createPositionDesk(btcUsdtPerpetual);
  const entry = await desk.buy('2', stopOnly);
  desk.clock.advance(minuteMs);
  const context = { venue: desk.venue, market: desk.market, policy: desk.policy() };
  const ports = desk.ports();
  let isHidden = true;
  const get: typeof ports.orders.get = async (orderId) => {
    const hidden = isHidden && orderId === entry.orderId;
    isHidden = false;
    return hidden ? undefined : ports.orders.get(orderId);
  };
  const orders = { ...ports.orders, get };
  const { failures } = await keepMarketExits([desk.stored(entry.orderId)], context, { ...ports, orders });
  expect([isHidden, failures, desk.restingOf(entry)]).toEqual([false, [], ['stop 2 95']]);
});

it('exits are released by what was listed where the entry itself is not read back', async () => {
  const desk = createPositionDesk(btcUsdt);
  const entry = await desk.buy('2', stopOnly);
  desk.clock.advance(minuteMs);
  const context = { venue: desk.venue, market: desk.market, policy: desk.policy() };
  const { orders } = desk;
  const get: typeof orders.get = async (orderId) => (orderId === entry.orderId ? undefined : orders.get(orderId));
  await releaseHoldings([desk.stored(entry.orderId)], context, desk.ports(desk.venue, { ...orders, get }));
  expect([desk.restingOf(entry), desk.stored(entry.orderId).exits?.state]).toEqual([[], 'waiting']);
});
