/** Every kind of order: kept by the venue as decided, or refused before anything is sent. */
import {
  add,
  amount,
  type OrderRequest,
  type OrderType,
  type Price,
  price,
  type TimeInForce,
  timesInForce,
} from '@nightdesk/core';
import { expect, it } from 'vitest';
import { waitFor } from '../../support/waiting.ts';
import type { VenueBench } from './venue-bench.ts';

/** Far enough to rest through a test, and near enough for a venue to take. */
const below = price('0.93');
const above = price('1.07');

type WaitingType = Exclude<OrderType, 'market' | 'limit'>;
const waitingTypes: readonly WaitingType[] = ['stop', 'stop_limit', 'take_profit', 'trailing_stop'];

export function termsContract(bench: VenueBench): void {
  for (const type of waitingTypes) waitingContract(bench, type);

  it.each(timesInForce)('keeps a resting order that is %s, or refuses it unsent', async (timeInForce) => {
    if (timeInForce === 'IOC' || timeInForce === 'FOK') return;
    const request = await resting(bench, timeInForce);
    const isKept = bench.venue.abilitiesOf(bench.market).timesInForce.has(timeInForce);
    if (isKept) expect(await bench.accepted(request)).toMatchObject({ status: 'open', filled: '0' });
    else await expectUnsent(bench, request);
  });

  it('takes an order at market for no other than one that fills at once', async () => {
    const request = bench.order({ timeInForce: 'PO' });
    expect((await bench.place(request)).kind).toBe('rejected');
    expect(await bench.harness.countOrders(request.clientOrderId)).toBe(0);
  });

  bench.testOf('reduce_only')('opens nothing by an order that may only reduce', async () => {
    if (!bench.venue.abilitiesOf(bench.market).reduceOnly) return;
    const [position] = await bench.venue.fetchPositions([bench.market]);
    const side = position?.side === 'long' ? 'buy' : 'sell';
    const outcome = await bench.place(bench.order({ side, reduceOnly: true }));
    if (outcome.kind === 'accepted') expect(outcome.order.filled).toBe('0');
    else expect(outcome.kind).toBe('rejected');
  });

  bench.testOf('settings')('refuses settings that the market does not have', async () => {
    const { leverage, marginMode } = bench.venue.abilitiesOf(bench.market);
    if (!leverage) await expectUnsent(bench, bench.order({ leverage: '2' }));
    if (!marginMode) await expectUnsent(bench, bench.order({ marginMode: 'cross' }));
  });
}

async function resting(bench: VenueBench, timeInForce: TimeInForce): Promise<OrderRequest> {
  const goodTill = timeInForce === 'GTD' ? { goodTillMs: Date.now() + 3_600_000 } : {};
  return bench.order({ type: 'limit', price: await bench.priceAt(price('0.9')), timeInForce, ...goodTill });
}

function waitingContract(bench: VenueBench, type: WaitingType): void {
  const test = bench.testOf(type);

  test(`keeps a ${type} order until it is canceled, or refuses it unsent`, async () => {
    const request = await waiting(bench, type);
    if (!bench.venue.abilitiesOf(bench.market).types.has(type)) return expectUnsent(bench, request);
    const placed = await bench.accepted(request);
    expect(placed).toMatchObject({ status: 'open', filled: '0', amount: request.amount, fills: [] });
    const { venueOrderId } = placed;
    const { triggerPrice, price: limit } = request;
    const shown = { venueOrderId, ...(triggerPrice && { triggerPrice }), ...(limit && { price: limit }) };
    for (const reference of [{ type }, { type, venueOrderId }]) {
      expect(await bench.find(request, reference)).toMatchObject({
        kind: 'found',
        order: { status: 'open', ...shown },
      });
    }
    const listed = await bench.venue.fetchOpenOrders(bench.market);
    expect(listed.find((order) => order.venueOrderId === venueOrderId)).toMatchObject({ side: 'sell' });
    expect(await bench.cancel(request, { type })).toMatchObject({
      ...{ kind: 'canceled', order: { venueOrderId, status: 'canceled', filled: '0' } },
    });
    expect(await bench.find(request, { type })).toMatchObject({ kind: 'found', order: { status: 'canceled' } });
  });

  bench.testOf('trigger_steps')(`refuses a ${type} order whose trigger is between the venue's steps`, async () => {
    const request = await waiting(bench, type);
    if (request.triggerPrice === undefined) return;
    const between = add(request.triggerPrice, price('0.0000000001'));
    const outcome = await bench.place({ ...request, triggerPrice: between });
    expect(outcome.kind).toBe('rejected');
    expect(await bench.harness.countOrders(request.clientOrderId)).toBe(0);
  });

  test(`works a ${type} order under the same ids when the price gets there`, async () => {
    const { movePrice } = bench.harness;
    if (movePrice === undefined || !bench.canDo(type)) return;
    const request = await waiting(bench, type);
    const { venueOrderId } = await bench.accepted(request);
    const rises = type === 'take_profit';
    await movePrice(rises ? 1.1 : 0.9);
    await waitFor(async () => {
      const found = await bench.find(request, { type });
      expect(found).toMatchObject({ kind: 'found', order: { venueOrderId } });
      // It may meet an empty book on the way, and end with less than the whole.
      expect(found).not.toMatchObject({ order: { status: 'open' } });
    });
    await movePrice(1 / (rises ? 1.1 : 0.9));
  });
}

/** An order to sell that waits for another price. */
export async function waiting(bench: VenueBench, type: WaitingType): Promise<OrderRequest> {
  const at = (factor: Price) => bench.priceAt(factor);
  if (type === 'trailing_stop') return bench.order({ side: 'sell', type, trail: { percent: '5' } });
  if (type === 'take_profit') return bench.order({ side: 'sell', type, triggerPrice: await at(above) });
  const triggerPrice = await at(below);
  // Low enough to fill when the price has gone through the trigger.
  const limit = type === 'stop_limit' ? { price: await at(price('0.85')) } : {};
  return bench.order({ side: 'sell', type, triggerPrice, ...limit });
}

async function expectUnsent(bench: VenueBench, request: OrderRequest): Promise<void> {
  expect(await bench.place(request)).toMatchObject({ kind: 'rejected', evidence: { code: 'not_supported' } });
  expect(await bench.harness.countOrders(request.clientOrderId)).toBe(0);
}

/** Above zero, and nothing that a venue would take for an amount of its own. */
export const twice = (size: string) => add(amount(size), amount(size));
