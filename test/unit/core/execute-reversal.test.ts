/** A reversal that is interrupted, stopped or overtaken: what closes is ordered once, and nothing opens before it has. */
import {
  type AccountId,
  amount,
  type ExitPlan,
  executeLeg,
  type LimitText,
  notional,
  type OrdersStore,
  type Position,
  type SignalMessage,
  VersionConflictError,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { FakeVenue, inTurn } from '../../support/fake-venue.ts';
import { btcUsdtPerpetual } from '../../support/markets.ts';
import { createMemoryRisk } from '../../support/memory-stores.ts';
import { createPositionDesk } from '../../support/position-desk.ts';

const main = 'main' as AccountId;

/** Shows an account as it was, for as long as the test wants. */
class LaggingVenue extends FakeVenue {
  shown: (() => Position[] | undefined) | undefined;

  override async fetchPositions(...question: Parameters<FakeVenue['fetchPositions']>): Promise<Position[]> {
    return this.shown?.() ?? super.fetchPositions(...question);
  }
}

async function openLong() {
  const desk = createPositionDesk(btcUsdtPerpetual);
  const venue = new LaggingVenue({ clock: desk.clock });
  await desk.execute(desk.signal({ action: 'buy', size: { base: amount('2') } }), venue);
  const reversal = desk.signal({ target: 'short', size: { base: amount('1') } });
  const reductions = () => [...desk.tables.orders.values()].filter(({ role }) => role === 'reduce');
  const held = await venue.fetchPositions();
  return { ...desk, venue, reversal, reductions, held };
}

type Situation = Awaited<ReturnType<typeof openLong>>;

/** As much time is left as the test says. */
const executeWithin = (leftMs: number, message: SignalMessage, { policy, ports, venue, clock }: Situation) =>
  executeLeg(
    message,
    { ...policy(), expiresAtMs: clock.nowMs() + leftMs },
    { ...ports(venue), ...{ retryPauseMs: 4_000 } },
  );

describe('a reversal', () => {
  it('is delivered again while the venue still shows the position, and is not closed twice', async () => {
    const { venue, execute, reversal, reductions, held } = await openLong();
    venue.shown = () => held;
    await expect(execute(reversal, venue)).rejects.toMatchObject({ code: 'reversal_pending' });
    expect(reductions()).toMatchObject([{ state: 'filled', amount: '2' }]);

    venue.shown = undefined;
    expect(await execute(reversal, venue)).toMatchObject({ state: 'filled', side: 'sell', amount: '1' });
    expect(venue.orders.map(({ request }) => request.amount)).toEqual(['2', '2', '1']);
  });

  it('is denied with the reason where no delivery is left for the position to go', async () => {
    const situation = await openLong();
    const { venue, reversal, reductions, held } = situation;
    venue.shown = () => held;
    const { order } = await executeWithin(3_000, reversal, situation);
    expect(order).toMatchObject({ state: 'denied', cause: { code: 'reversal_pending' } });
    expect(order.cause?.message).toMatch(/too old.*still shows the position/);
    expect(reductions()).toHaveLength(1);
  });

  it('opens nothing where what was lost meanwhile is beyond the limit', async () => {
    const { venue, ports, policy, reversal, reductions, tables, clock } = await openLong();
    const lose = (dailyLoss: string) => {
      const row = tables.risk.get(main);
      if (row === undefined) throw new Error('the account has no row');
      const figures = { atMs: clock.nowMs(), equity: notional('1000'), drawdown: notional('0') };
      tables.risk.set(main, { ...row, figures: { ...figures, dailyLoss: notional(dailyLoss) } });
    };
    lose('0');
    venue.shown = () => {
      if (reductions().length > 0) lose('100');
      return undefined;
    };
    const { limits, ...rest } = policy();
    const strict = { ...rest, limits: { ...limits, account: { ...limits.account, dailyLossMax: '100' as LimitText } } };
    const { order } = await executeLeg(reversal, strict, { ...ports(venue), retryPauseMs: 4_000 });
    expect(order).toMatchObject({ state: 'denied', cause: { code: 'daily_loss_limit' } });
    expect(reductions()).toMatchObject([{ state: 'filled' }]);
  });

  it('closes nothing where a switch lets nothing pass', async () => {
    const { venue, execute, reversal, reductions, tables, clock } = await openLong();
    const change = { state: 'halted', reason: 'test', by: 'a person', atMs: clock.nowMs() } as const;
    await createMemoryRisk(tables).setSwitch(main, change);
    expect(await execute(reversal, venue)).toMatchObject({ state: 'denied', cause: { code: 'switch_not_active' } });
    expect(reductions()).toEqual([]);
    expect(venue.placeCalls).toBe(1);
  });

  it('only asks about what closes where another delivery recorded it in the meantime', async () => {
    const { venue, ports, executeWith, execute, reversal, reductions, orders, held } = await openLong();
    venue.shown = () => held;
    await execute(reversal, venue).catch(() => undefined);
    const [reduction] = reductions();
    const showing = inTurn(held);
    venue.shown = () => showing();
    let hidden = 1;
    const lagging: OrdersStore = {
      ...orders,
      get: async (orderId) => (orderId === reduction?.orderId && hidden-- > 0 ? undefined : await orders.get(orderId)),
    };
    const { order } = await executeWith(reversal, ports(venue, lagging));
    expect(hidden).toBe(0);
    expect(order).toMatchObject({ state: 'filled', side: 'sell', amount: '1' });
    expect(venue.orders).toHaveLength(3);
  });

  it('does not open where what closes was ended at the venue with a part filled', async () => {
    const { venue, execute, reversal, reductions } = await openLong();
    venue.faults = { place: inTurn({ kind: 'partial_fill', filled: amount('0.5') }) };
    await expect(execute(reversal, venue)).rejects.toMatchObject({ code: 'reversal_pending' });
    const [reduction] = reductions();
    venue.cancel(reduction?.orderId ?? '');
    const order = await execute(reversal, venue);
    expect(order).toMatchObject({ state: 'denied', cause: { code: 'reversal_incomplete' } });
    expect(order.cause?.message).toMatch(/ended canceled with 0\.5 of 2 filled$/);
    expect(venue.orders).toHaveLength(2);
  });
});

describe('an order whose account is busy when its exits are due', () => {
  it('is recorded as filled all the same, and tracking places the exits', async () => {
    const { clock, execute, signal, track, stored } = createPositionDesk(btcUsdtPerpetual);
    const venue = new LaggingVenue({ clock });
    venue.shown = () => {
      throw new VersionConflictError('paper account main');
    };
    const exitPlan: ExitPlan = { takeProfits: [], stopLoss: { level: { percent: '5' } }, onFailure: 'keep' };
    const wanted = signal({ action: 'buy', size: { base: amount('2') }, exitPlan });
    const order = await execute(wanted, venue);
    expect(order).toMatchObject({ state: 'filled', exits: { state: 'waiting' } });

    venue.shown = undefined;
    await track(venue);
    expect(stored(order.orderId).exits?.state).toBe('protected');
    expect(venue.orders.filter(({ status }) => status === 'open')).toMatchObject([{ request: { reduceOnly: true } }]);
  });

  it('lets an error of no known kind pass, with the order on record', async () => {
    const { clock, execute, signal, tables } = createPositionDesk(btcUsdtPerpetual);
    const venue = new LaggingVenue({ clock });
    venue.shown = () => {
      throw new TypeError('a defect of our own');
    };
    const exitPlan: ExitPlan = { takeProfits: [], stopLoss: { level: { percent: '5' } }, onFailure: 'keep' };
    const wanted = signal({ action: 'buy', size: { base: amount('2') }, exitPlan });
    await expect(execute(wanted, venue)).rejects.toThrow('a defect of our own');
    expect([...tables.orders.values()]).toMatchObject([{ state: 'filled' }]);
  });
});
