import { amount, price, SecretUnavailableError, type VenuePort } from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/reconcile-balances/handler.ts';
import { expect, it } from 'vitest';
import { createReconcileDesk, type ReconcileDesk, shown } from '../../support/reconcile-desk.ts';

const drift = { limit: '100', action: 'reducing', cancelOrders: true };
const breaking = () => createReconcileDesk({ risk: { breakers: { drift } } });
const stateOf = (desk: ReconcileDesk, { orderId }: { orderId: string }) => desk.tables.orders.get(orderId)?.state;

async function trip(desk: ReconcileDesk): Promise<void> {
  desk.venue.account.drift({ asset: 'BTC', amount: '-3' });
  await desk.nextLook();
  await desk.nextLook();
}

it('cancels open orders where a breaker is told to, and sets the switch first', async () => {
  const desk = await breaking();
  await desk.look();
  const resting = await desk.place({ side: 'buy', size: '2', limit: '90' });
  const other = await desk.place({ side: 'sell', size: '2', limit: '110' });
  await trip(desk);
  expect(desk.tables.risk.get('main')).toMatchObject({ state: 'reducing', by: 'breaker:drift' });
  expect([stateOf(desk, resting), stateOf(desk, other)]).toEqual(['canceled', 'canceled']);
  expect(desk.tables.orders.get(resting.orderId)?.cause?.message).toMatch(/^breaker drift: /);
});

it('leaves it to tracking to cancel what the venue would not', async () => {
  const desk = await breaking();
  await desk.look();
  const resting = await desk.place({ side: 'buy', size: '2', limit: '90' });
  desk.venue.faults = { cancel: () => ({ kind: 'lose_request' }) };
  await trip(desk);
  expect(desk.tables.orders.get(resting.orderId)).toMatchObject({ state: 'open', cancel: { reason: /^breaker/ } });
  desk.venue.faults = {};
  await desk.track();
  expect(stateOf(desk, resting)).toBe('canceled');
});

it('sets the switch at the next look where the one that tripped died before it could', async () => {
  const desk = await breaking();
  await desk.look();
  desk.venue.account.drift({ asset: 'BTC', amount: '-3' });
  await desk.nextLook();
  desk.clock.advance(60_000);
  const { ports, ...rest } = desk.dependencies();
  const dying = { ...ports, risk: { ...ports.risk, tighten: () => Promise.reject(new Error('the machine is gone')) } };
  const message = JSON.stringify({ account: 'main', plannedAtMs: desk.clock.nowMs() });
  const look = createHandler({ ...rest, ports: dying })(message, { deadlineMs: desk.clock.nowMs() + 50_000 });
  await expect(look).rejects.toThrow('the machine is gone');
  expect(desk.tables.risk.get('main')?.state).toBe('active');
  await desk.nextLook();
  expect(desk.tables.risk.get('main')).toMatchObject({ state: 'reducing', by: 'breaker:drift' });
  expect(desk.eventsOf().filter(({ type }) => type === 'breaker.tripped').length).toBe(1);
});

it('books a fill that the venue tells as a trade and hides in the order, and tells it as missed', async () => {
  const desk = await createReconcileDesk();
  await desk.look();
  const order = await desk.place({ side: 'buy', size: '2', limit: '90' });
  desk.venue.fillSome(order.orderId, amount('1'));
  const unfilled = {
    venueOrderId: order.venueOrderId as never,
    status: 'open' as const,
    filled: amount('0'),
    fills: [],
  };
  const hiding = new Proxy<VenuePort>(desk.venue, {
    get: (target, key) => {
      if (key === 'findOrder') return async () => ({ kind: 'found', order: unfilled });
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  await desk.nextLook(hiding);
  expect([desk.quantityOf('BTC/USDT'), stateOf(desk, order)]).toEqual(['1', 'open']);
  expect(desk.told()).toEqual([`missed_fill ${order.orderId}`]);
  expect(shown(await desk.nextLook(hiding))).toEqual([]);
  expect(desk.told().length).toBe(1);
});

it('leaves accounts alone that are configured no more, or whose exchange is disabled', async () => {
  const desk = await createReconcileDesk();
  const { loadConfig, ...rest } = desk.dependencies();
  const config = await loadConfig();
  const fake = config.exchanges.fake;
  if (fake === undefined) throw new Error('there is no exchange');
  const disabled = { ...config, exchanges: { fake: { ...fake, enabled: false } } };
  const message = (account: string) => JSON.stringify({ account, plannedAtMs: desk.clock.nowMs() });
  const at = { deadlineMs: desk.clock.nowMs() + 50_000 };
  await createHandler({ ...rest, loadConfig })(message('gone'), at);
  await createHandler({ ...rest, loadConfig: async () => disabled })(message('main'), at);
  expect(await desk.books.get('main' as never)).toBeUndefined();
  await expect(createHandler({ ...rest, loadConfig })('{"account":1}', at)).rejects.toThrow();
});

it('has not been answered where the account’s secret cannot be used', async () => {
  const desk = await createReconcileDesk();
  const { ports, ...rest } = desk.dependencies();
  const locked = {
    ...ports,
    openVenue: () => Promise.reject(new SecretUnavailableError('main/trading', 'is missing')),
  };
  const message = JSON.stringify({ account: 'main', plannedAtMs: desk.clock.nowMs() });
  await createHandler({ ...rest, ports: locked })(message, { deadlineMs: desk.clock.nowMs() + 50_000 });
  const books = await desk.books.get('main' as never);
  expect(books).toMatchObject({ status: 'unanswered', cause: { code: 'secret_unavailable' } });
});

it('values a short contract at its size, and nothing of what was sold on spot beyond what the desk had', async () => {
  const desk = await createReconcileDesk();
  await desk.place({ symbol: 'BTC/USDT:USDT', side: 'sell', size: '2' });
  await desk.place({ side: 'sell', size: '2' });
  await desk.look();
  desk.venue.setPrice('BTC/USDT', price('110'));
  await desk.nextLook();
  expect(desk.tables.positions.get('main BTC/USDT:USDT')?.exposure?.notional).toBe('219.99');
  expect(desk.tables.positions.get('main BTC/USDT')?.exposure?.notional ?? '0').toBe('0');
});
