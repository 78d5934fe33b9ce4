/** Venues tell that an order has ended before they tell of its last trades. */
import { type AccountId, amount, type IntentId, price, settledAfterMs, tradesAwaitedMs } from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/track-orders/handler.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { createMemoryOrders, createMemoryPositions, createMemoryRisk } from '../../support/memory-stores.ts';
import { OrderLab } from '../../support/order-lab.ts';
import { intent } from '../../support/orders.ts';
import { createRecordingTelemetry } from '../../support/telemetry.ts';

const config = deskConfig();
const id = intent.orderId;
let lab: OrderLab;
let isListed: boolean;

beforeEach(async () => {
  lab = new OrderLab();
  isListed = true;
  await lab.place({ type: 'limit', price: price('90') });
});

const track = () =>
  createHandler({
    loadConfig: async () => config,
    liveTrading: false,
    telemetry: createRecordingTelemetry(),
    ports: {
      orders: createMemoryOrders(lab.tables),
      positions: createMemoryPositions(lab.tables),
      risk: createMemoryRisk(lab.tables),
      clock: lab.clock,
      findMarket: async () => (isListed ? lab.market : undefined),
      openVenue: async () => lab.context.venue,
    },
  })(lab.clock.nowMs() + 45_000);

const listed = async () =>
  (await createMemoryOrders(lab.tables).listOpen(intent.account, 10)).map(({ orderId }) => orderId);
const held = () => lab.tables.positions.get(`${intent.account} BTC/USDT`)?.quantity;

/** The owner cancels at the venue, whose list of trades lags: the fill of before shows only from then on. */
async function endWith(lateMs: number): Promise<void> {
  lab.venue.cancel(id);
  await track();
  expect(lab.stored()).toMatchObject({ state: 'canceled', filled: '0' });
  lab.clock.advance(lateMs);
  const [truth] = lab.venue.ordersWith(id);
  if (truth === undefined) throw new Error('the venue has the order');
  truth.fills.push({ tradeId: 'late', amount: amount('0.5'), price: price('90'), atMs: lab.clock.nowMs() });
  truth.filled = amount('0.5');
}

describe('a fill that is told after the cancellation', () => {
  it.each([1_000, 20_000, 59_000])('is taken in when it comes %i ms later, and is in the position', async (lateMs) => {
    await endWith(lateMs);
    lab.clock.advance(5_000);
    await track();
    lab.clock.advance(settledAfterMs);
    await track();
    expect(lab.stored()).toMatchObject({ state: 'canceled', filled: '0.5', fills: [{ tradeId: 'late' }] });
    expect(held()).toBe('0.5');
  });

  it('is asked for until a minute later, and no longer', async () => {
    lab.venue.cancel(id);
    await track();
    expect(await listed()).toEqual([id]);
    lab.clock.advance(settledAfterMs - 1);
    await track();
    expect(await listed()).toEqual([id]);
    lab.clock.advance(settledAfterMs);
    await track();
    expect(await listed()).toEqual([]);
    expect(lab.typesOf().at(-1)).toBe('order.settled');
    const calls = lab.calls.get('findOrder');
    await track();
    expect(lab.calls.get('findOrder')).toBe(calls);
  });

  it('is waited for while the venue does not answer, and given up in the end', async () => {
    lab.venue.cancel(id);
    await track();
    lab.venue.faults = { find: () => ({ kind: 'no_answer' }) };
    lab.clock.advance(5 * settledAfterMs);
    await track();
    expect(await listed()).toEqual([id]);
    lab.clock.advance(tradesAwaitedMs);
    await track();
    expect(await listed()).toEqual([]);
  });

  it('is given up where the market is gone', async () => {
    lab.venue.cancel(id);
    await track();
    isListed = false;
    lab.clock.advance(settledAfterMs);
    await track();
    expect(await listed()).toEqual([id]);
    lab.clock.advance(tradesAwaitedMs);
    await track();
    expect(await listed()).toEqual([]);
  });

  it('gives the position its protection back, whose bracket was over', async () => {
    const orders = createMemoryOrders(lab.tables);
    const onFailure = 'keep' as const;
    const exitPlan = { takeProfits: [], stopLoss: { level: { price: price('80') } }, onFailure };
    const bracket = 'nd2' as IntentId;
    await lab.place({ orderId: bracket, type: 'limit', price: price('90'), exitPlan, account: 'main' as AccountId });
    lab.venue.cancel(bracket);
    await track();
    expect(lab.stored(bracket)).toMatchObject({ state: 'canceled', exits: { state: 'done' } });
    const [truth] = lab.venue.ordersWith(bracket);
    if (truth === undefined) throw new Error('the venue has the order');
    truth.fills.push({ tradeId: 'late', amount: amount('0.5'), price: price('90'), atMs: lab.clock.nowMs() });
    truth.filled = amount('0.5');
    lab.clock.advance(settledAfterMs);
    await track();
    await track();
    expect(lab.stored(bracket)).toMatchObject({ filled: '0.5', exits: { state: 'protected' } });
    const open = await orders.listOpen(intent.account, 10);
    expect(open.find(({ role }) => role === 'stop_loss')).toMatchObject({ amount: '0.5', state: 'open' });
  });
});
