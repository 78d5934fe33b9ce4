/** Changing an order that rests, and setting a market up. */
import { type OrderChange, type OrderRequest, price } from '@nightdesk/core';
import { expect, it } from 'vitest';
import { twice, waiting } from './terms-contract.ts';
import type { VenueBench } from './venue-bench.ts';

export function amendContract(bench: VenueBench): void {
  const canAmend = () => bench.venue.abilitiesOf(bench.market).amends;
  const test = (name: string, run: () => Promise<void>) =>
    bench.testOf('amend')(name, async () => (canAmend() ? run() : undefined));
  const lower = async (): Promise<OrderChange> => ({ price: await bench.priceAt(price('0.85')) });

  it('says that it changes nothing in place where it does not', async () => {
    if (canAmend()) return;
    const request = await bench.restingOrder();
    await bench.accepted(request);
    const outcome = await amend(bench, request, await lower());
    expect(outcome).toMatchObject({ kind: 'not_amended', evidence: { code: 'not_supported' } });
  });

  test('changes price and amount of an order that rests, under the same ids, and once more the same', async () => {
    const request = await bench.restingOrder();
    const { venueOrderId } = await bench.accepted(request);
    const change = { ...(await lower()), amount: twice(request.amount) };
    const amended = { kind: 'amended', order: { venueOrderId, status: 'open', filled: '0', ...change } };
    expect(await amend(bench, request, change)).toMatchObject(amended);
    expect(await amend(bench, request, change)).toMatchObject(amended);
    expect(await bench.find(request)).toMatchObject({ kind: 'found', order: { venueOrderId, ...change } });
    expect(await bench.harness.countOrders(request.clientOrderId)).toBe(1);
  });

  test('changes the trigger of an order that waits', async () => {
    if (!bench.canDo('stop')) return;
    const request = await waiting(bench, 'stop');
    const { venueOrderId } = await bench.accepted(request);
    const change = { triggerPrice: await bench.priceAt(price('0.9')) };
    const outcome = await bench.venue.amendOrder({ ...bench.referenceOf(request), type: 'stop' }, change, bench.market);
    expect(outcome).toMatchObject({ kind: 'amended', order: { venueOrderId, status: 'open', ...change } });
    await bench.cancel(request, { type: 'stop' });
  });

  test('leaves an order that has ended as it is, and shows it', async () => {
    const request = bench.order();
    await bench.accepted(request);
    const outcome = await amend(bench, request, { amount: twice(request.amount) });
    expect(outcome).toMatchObject({ kind: 'not_amended', order: { status: 'filled', filled: request.amount } });
  });

  test('has nothing to change of an order that was never placed', async () => {
    expect(await amend(bench, bench.order(), await lower())).toMatchObject({ kind: 'not_amended' });
  });

  test('leaves an order as it is where the venue refuses the change', async () => {
    const request = await bench.restingOrder();
    await bench.accepted(request);
    const tiny = { amount: bench.order().amount, price: bench.market.priceStep };
    const outcome = await amend(bench, request, tiny);
    if (outcome.kind === 'amended') expect(outcome.order.price).toBe(tiny.price);
    else expect(outcome).toMatchObject({ kind: 'not_amended', order: { status: 'open', price: request.price } });
  });

  test('does not know of a change whose answer was lost, and finds it made', async () => {
    const request = await bench.restingOrder();
    await bench.accepted(request);
    const change = await lower();
    await bench.harness.inject('lose_amend_answer');
    expect(await amend(bench, request, change)).toMatchObject({ kind: 'unknown' });
    await bench.harness.clearFaults();
    expect(await bench.find(request)).toMatchObject({ kind: 'found', order: change });
    expect(await amend(bench, request, change)).toMatchObject({ kind: 'amended', order: change });
  });

  test('does not know of a change whose request was lost, and makes it when told again', async () => {
    const request = await bench.restingOrder();
    await bench.accepted(request);
    const change = await lower();
    await bench.harness.inject('lose_amend_request');
    expect(await amend(bench, request, change)).toMatchObject({ kind: 'unknown' });
    await bench.harness.clearFaults();
    expect(await bench.find(request)).toMatchObject({ kind: 'found', order: { price: request.price } });
    expect(await amend(bench, request, change)).toMatchObject({ kind: 'amended', order: change });
  });
}

const amend = (bench: VenueBench, request: OrderRequest, change: OrderChange) =>
  bench.venue.amendOrder(bench.referenceOf(request), change, bench.market);

/** What an account keeps per contract. */
export function prepareContract(bench: VenueBench): void {
  it('has no leverage or margin mode on spot', async () => {
    if (bench.market.kind !== 'spot') return;
    for (const settings of [{ leverage: '2' }, { marginMode: 'cross' as const }]) {
      expect(await bench.venue.prepareMarket(settings, bench.market)).toMatchObject({
        ...{ kind: 'refused', cause: { code: 'not_supported' } },
      });
    }
  });

  bench.testOf('settings')('has one position per market on spot, where there are none', async () => {
    if (bench.market.kind !== 'spot') return;
    expect(await bench.venue.prepareMarket({ positionMode: 'one_way' }, bench.market)).toEqual({ kind: 'ready' });
  });

  bench.testOf('prepare')('sets the leverage of a contract, again and again, and one position per market', async () => {
    if (bench.market.kind === 'spot') return;
    for (const leverage of ['3', '3', '5', '3']) {
      const settings = { leverage, positionMode: 'one_way' as const };
      expect(await bench.venue.prepareMarket(settings, bench.market)).toEqual({ kind: 'ready' });
    }
  });

  bench.testOf('prepare')('has one margin mode or says that it has not, and never a third', async () => {
    const { marginMode } = bench.venue.abilitiesOf(bench.market);
    if (!marginMode) return;
    const outcomes = await Promise.all(
      (['cross', 'isolated'] as const).map((mode) => bench.venue.prepareMarket({ marginMode: mode }, bench.market)),
    );
    expect(outcomes).toContainEqual({ kind: 'ready' });
    for (const outcome of outcomes) {
      if (outcome.kind !== 'ready') expect(outcome).toMatchObject({ kind: 'refused', cause: { code: 'margin_mode' } });
    }
  });
}
