/** Closing on spot, where the stop holds the coins that are to be sold. */
import { amount, type ExitPlan, type OrdersStore } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { btcUsdt } from '../../support/markets.ts';
import { createMemoryRisk } from '../../support/memory-stores.ts';
import { changedVenue, createPositionDesk, type PositionDesk } from '../../support/position-desk.ts';

const stopOnly: ExitPlan = { takeProfits: [], stopLoss: { level: { percent: '5' } }, onFailure: 'keep' };
const minuteMs = 60_000;

async function withPosition() {
  const desk = createPositionDesk(btcUsdt);
  const entry = await desk.buy('2', stopOnly);
  desk.clock.advance(minuteMs);
  return { desk, entry };
}

/** The venue, at which canceling takes its time or something happens before it. */
const beforeCancel = (desk: PositionDesk, happens: () => unknown) =>
  changedVenue(desk.venue, {
    cancelOrder: async (reference, market) => {
      await happens();
      return desk.venue.cancelOrder(reference, market);
    },
  });

describe('a close on spot', () => {
  it('is placed however long the venue takes to give the coins free', async () => {
    const { desk } = await withPosition();
    const slow = beforeCancel(desk, () => desk.clock.advance(3_000));
    const order = await desk.execute(desk.signal({ action: 'close' }), slow);
    expect(order).toMatchObject({ state: 'filled', side: 'sell', amount: '2' });
    expect(desk.quantity()).toBe('0');
  });

  it.each([
    ['all of it', '2', { state: 'no_order', cause: { code: 'no_position' } }],
    ['a part of it', '0.5', { state: 'filled', amount: '1.5' }],
  ])('sells nothing that its stop has sold before it could be canceled: %s', async (_, sold, expected) => {
    const { desk, entry } = await withPosition();
    const stop = desk.venue.orders.find(({ request }) => request.type === 'stop');
    const fires = beforeCancel(desk, () => {
      if (stop === undefined || stop.filled !== '0') return;
      desk.clock.advance(1);
      stop.fills.push({
        tradeId: 's1',
        amount: amount(sold),
        price: stop.request.triggerPrice ?? ('95' as never),
        atMs: desk.clock.nowMs(),
      });
      stop.filled = amount(sold);
      if (sold === '2') stop.status = 'filled';
    });
    expect(await desk.execute(desk.signal({ action: 'close' }), fires)).toMatchObject(expected);
    expect(desk.quantity()).toBe('0');
    expect(desk.stored(entry.orderId).exits?.state).toBe('done');
  });

  it('waits until its stop is known to have ended, and the position stays protected', async () => {
    const { desk, entry } = await withPosition();
    desk.venue.faults = { cancel: () => ({ kind: 'lose_request' }) };
    const close = desk.signal({ action: 'close' });
    await expect(desk.execute(close)).rejects.toMatchObject({ code: 'release_pending' });
    expect(desk.restingOf(entry)).toEqual(['stop 2 95']);
    expect(desk.quantity()).toBe('2');
    desk.venue.faults = {};
    expect(await desk.execute(close)).toMatchObject({ state: 'filled', amount: '2' });
    expect([desk.quantity(), desk.restingOf(entry)]).toEqual(['0', []]);
  });

  it('finds the coins free although tracking looks after the bracket in between', async () => {
    const { desk, entry } = await withPosition();
    let restingAtSale: string[] | undefined;
    const tracked = changedVenue(desk.venue, {
      placeOrder: async (request, market) => {
        if (request.type === 'market') {
          await desk.track();
          restingAtSale = desk.restingOf(entry);
        }
        return desk.venue.placeOrder(request, market);
      },
    });
    expect(await desk.execute(desk.signal({ action: 'close' }), tracked)).toMatchObject({ state: 'filled' });
    expect([restingAtSale, desk.quantity()]).toEqual([[], '0']);
  });

  it.each(['reject', 'crash'])('that ends in a %s leaves the position protected again', async (how) => {
    const { desk, entry } = await withPosition();
    const failing = changedVenue(desk.venue, {
      placeOrder: async (request, market) => {
        if (request.type !== 'market') return desk.venue.placeOrder(request, market);
        if (how === 'reject') return { kind: 'rejected', evidence: { code: 'insufficient_funds', message: 'no' } };
        throw new TypeError('the process ends');
      },
    });
    const close = desk.signal({ action: 'close' });
    await desk.execute(close, failing).catch(() => undefined);
    expect([desk.restingOf(entry), desk.stored(entry.orderId).exits?.state]).toEqual([['stop 2 95'], 'protected']);
  });

  it('that was interrupted for good leaves the position bare for seconds only', async () => {
    const { desk, entry } = await withPosition();
    const crashes = { ...desk.orders, insertIntent: () => new Promise<never>(() => {}) } satisfies OrdersStore;
    void desk.executeWith(desk.signal({ action: 'close' }), { orders: crashes }).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect([desk.restingOf(entry), desk.stored(entry.orderId).exits?.state]).toEqual([[], 'waiting']);
    await desk.track();
    expect(desk.restingOf(entry)).toEqual([]);
    desk.clock.advance(10_000);
    await desk.track();
    expect([desk.restingOf(entry), desk.stored(entry.orderId).exits?.state]).toEqual([['stop 2 95'], 'protected']);
  });

  it('that a switch denies takes nothing off the position', async () => {
    const { desk, entry } = await withPosition();
    const by = { reason: 'test', by: 'risk', atMs: desk.clock.nowMs() };
    await createMemoryRisk(desk.tables).setSwitch('*', { state: 'halted', ...by });
    const order = await desk.execute(desk.signal({ action: 'close' }));
    expect(order).toMatchObject({ state: 'denied', cause: { code: 'switch_not_active' } });
    expect([desk.restingOf(entry), desk.stored(entry.orderId).exits?.state]).toEqual([['stop 2 95'], 'protected']);
  });

  it('does not take back that the position is not protected before it is gone', async () => {
    const { desk, entry } = await withPosition();
    for (const { request } of desk.venue.orders) desk.venue.cancel(request.clientOrderId);
    const refuses = { kind: 'reject', evidence: { code: 'invalid_order', message: 'no stops today' } } as const;
    desk.venue.faults = { place: ({ type }) => (type === 'stop' ? refuses : undefined) };
    await desk.track();
    expect(desk.stored(entry.orderId).exits?.state).toBe('failed');
    const states = new Set<string | undefined>();
    const watched = changedVenue(desk.venue, {
      placeOrder: async (request, market) => {
        states.add(desk.stored(entry.orderId).exits?.state);
        return desk.venue.placeOrder(request, market);
      },
    });
    await desk.execute(desk.signal({ action: 'close' }), watched);
    expect([...states, desk.quantity()]).toEqual(['failed', '0']);
  });

  it('that follows the entry at once leaves no stop for what was sold', async () => {
    const desk = createPositionDesk(btcUsdt);
    const entry = await desk.buy('2', { ...stopOnly, onFailure: 'close' });
    desk.clock.advance(2_000);
    await desk.execute(desk.signal({ action: 'close' }));
    expect([desk.quantity(), desk.restingOf(entry)]).toEqual(['0', []]);
    expect(desk.stored(entry.orderId).exits).toMatchObject({ state: 'done' });
  });

  it('of a part that follows the entry at once leaves a stop for the rest', async () => {
    const desk = createPositionDesk(btcUsdt);
    const entry = await desk.buy('2', stopOnly);
    await desk.execute(desk.signal({ action: 'close', size: { percentPosition: amount('50') } }));
    expect([desk.quantity(), desk.restingOf(entry)]).toEqual(['1', ['stop 1 95']]);
  });
});

it('what is bought after coins were sold that the desk had never bought gets its stop at first', async () => {
  const desk = createPositionDesk(btcUsdt);
  await desk.execute(desk.signal({ action: 'sell', size: { base: amount('1') } }));
  const entry = await desk.buy('1', stopOnly);
  expect([desk.quantity(), desk.restingOf(entry)]).toEqual(['0', ['stop 1 95']]);
});
