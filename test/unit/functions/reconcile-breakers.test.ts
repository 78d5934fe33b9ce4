import { metricNames, type OrderEvent } from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/reconcile-balances/handler.ts';
import { expect, it } from 'vitest';
import { createReconcileDesk, type ReconcileDesk } from '../../support/reconcile-desk.ts';

const breaking = (action: string) =>
  createReconcileDesk({ risk: { breakers: { drift: { limit: '100', action, cancelOrders: true } } } });
const rests = { side: 'buy', size: '2', limit: '90' } as const;
const storedOf = (desk: ReconcileDesk, { orderId }: { orderId: string }) => desk.tables.orders.get(orderId);
const breakerOf = async (desk: ReconcileDesk) => (await desk.books.get('main' as never))?.breakers.drift;

/** Has the breaker trip at a look that dies as soon as it asks for so many orders to be canceled. */
async function tripAndDie(desk: ReconcileDesk, afterWishes: number): Promise<void> {
  desk.venue.account.drift({ asset: 'BTC', amount: '-3' });
  await desk.nextLook();
  desk.clock.advance(60_000);
  const { ports, ...rest } = desk.dependencies();
  let wishes = 0;
  const apply: typeof ports.orders.apply = async (order, event: OrderEvent) => {
    if (event.type === 'order.cancel_requested' && ++wishes > afterWishes) throw new Error('the machine is gone');
    return ports.orders.apply(order, event);
  };
  const dying = { ...ports, orders: { ...ports.orders, apply } };
  const message = JSON.stringify({ account: 'main', plannedAtMs: desk.clock.nowMs() });
  const look = createHandler({ ...rest, ports: dying })(message, { deadlineMs: desk.clock.nowMs() + 50_000 });
  await expect(look).rejects.toThrow('the machine is gone');
}

it.each([
  ['reducing', 0],
  ['reducing', 1],
  ['halted', 1],
  ['alarm', 0],
])(
  'cancels at the next look what the one that tripped (%s) died before it asked for, with %i orders asked',
  async (action, asked) => {
    const desk = await breaking(action);
    await desk.look();
    const [first, second] = [await desk.place(rests), await desk.place(rests)];
    await tripAndDie(desk, asked);
    expect(desk.tables.risk.get('main')?.state).toBe(action === 'alarm' ? 'active' : action);
    expect(await breakerOf(desk)).toMatchObject({ isCanceling: true });
    await desk.nextLook();
    await desk.track();
    const states = [first, second].map((order) => storedOf(desk, order));
    expect(states).toMatchObject([{ state: 'canceled' }, { state: 'canceled' }]);
    expect(states[1]?.cause?.message).toMatch(/^breaker drift: what nothing explains/);
    await desk.nextLook();
    expect((await breakerOf(desk))?.isCanceling).toBeUndefined();
    expect(desk.eventsOf().filter(({ type }) => type === 'breaker.tripped').length).toBe(1);
  },
);

it('leaves alone what was ordered after the switch was set, and what is open once a person let trading go on', async () => {
  const desk = await breaking('alarm');
  await desk.look();
  await desk.place(rests);
  await tripAndDie(desk, 0);
  desk.clock.advance(1);
  const later = await desk.place(rests);
  await desk.nextLook();
  expect(storedOf(desk, later)).toMatchObject({ state: 'open' });

  const halted = await breaking('halted');
  await halted.look();
  const order = await halted.place(rests);
  await tripAndDie(halted, 0);
  halted.clock.advance(1);
  await halted.setSwitch('active', 'risk');
  await halted.nextLook();
  expect(storedOf(halted, order)).toMatchObject({ state: 'open' });
  expect((await breakerOf(halted))?.isCanceling).toBeUndefined();
});

it('counts breakers that see nothing once that has lasted, at every look', async () => {
  const breakers = { latency: { milliseconds: 1_000 }, drawdown: { limit: '50%' } };
  const desk = await createReconcileDesk({ risk: { breakers } });
  await desk.look();
  const counted = () => desk.telemetry.counts.get(metricNames.breakersBlind);
  for (let minute = 1; minute < 5; minute++) await desk.nextLook();
  expect(counted()).toBeUndefined();
  await desk.nextLook();
  await desk.nextLook();
  expect(counted()).toBe(2);
  expect(desk.eventsOf().filter(({ type }) => type === 'breaker.blind')).toMatchObject([
    { data: { breaker: 'latency' } },
  ]);
});
