import type { CancelOutcome } from '@nightdesk/core';
import { expect } from 'vitest';
import type { VenueBench } from './venue-bench.ts';

/** What cancelling an order ends in. */
export function cancelContract(bench: VenueBench): void {
  const test = bench.testOf('cancel');

  test('cancels an order that rests, and shows it as canceled from then on', async () => {
    const request = await bench.restingOrder();
    const { venueOrderId } = await bench.accepted(request);
    const canceled = { venueOrderId, status: 'canceled', filled: '0' };
    expect(await bench.cancel(request, { venueOrderId })).toMatchObject({ kind: 'canceled', order: canceled });
    expect(await bench.find(request)).toMatchObject({ kind: 'found', order: canceled });
  });

  test('cancels an order of which only our id is known', async () => {
    const request = await bench.restingOrder();
    await bench.accepted(request);
    expect(await bench.cancel(request)).toMatchObject({
      kind: 'canceled',
      order: { clientOrderId: request.clientOrderId, status: 'canceled' },
    });
  });

  test('has nothing to cancel of an order that is filled, and shows it', async () => {
    const request = bench.order();
    const { venueOrderId } = await bench.accepted(request);
    for (const reference of [{}, { venueOrderId }]) {
      const outcome = await bench.cancel(request, reference);
      expect(outcome).toMatchObject({ kind: 'not_open', order: { status: 'filled', filled: request.amount } });
    }
  });

  test('shows an order that is canceled already as it is', async () => {
    const request = await bench.restingOrder();
    const { venueOrderId } = await bench.accepted(request);
    await bench.cancel(request, { venueOrderId });
    expectEnded(await bench.cancel(request, { venueOrderId }));
  });

  test('has nothing to cancel of an order that was never placed', async () => {
    const outcome = await bench.cancel(bench.order());
    expect(outcome).toMatchObject({ kind: 'not_open', evidence: { code: 'order_not_found' } });
  });

  test('does not know of a cancellation whose answer was lost, and finds the order canceled', async () => {
    const request = await bench.restingOrder();
    const { venueOrderId } = await bench.accepted(request);
    await bench.harness.inject('lose_cancel_answer');
    expect(await bench.cancel(request, { venueOrderId })).toMatchObject({ kind: 'unknown' });
    await bench.harness.clearFaults();
    expect(await bench.find(request)).toMatchObject({ kind: 'found', order: { status: 'canceled' } });
    expectEnded(await bench.cancel(request, { venueOrderId }));
  });

  test('does not know of a cancellation whose request was lost, and cancels when told again', async () => {
    const request = await bench.restingOrder();
    const { venueOrderId } = await bench.accepted(request);
    await bench.harness.inject('lose_cancel_request');
    expect(await bench.cancel(request, { venueOrderId })).toMatchObject({ kind: 'unknown' });
    await bench.harness.clearFaults();
    expect(await bench.find(request)).toMatchObject({ kind: 'found', order: { status: 'open' } });
    expect(await bench.cancel(request, { venueOrderId })).toMatchObject({ kind: 'canceled' });
  });
}

/** Some venues refuse to cancel an order once more, others take it for done. */
function expectEnded(outcome: CancelOutcome): void {
  expect(['canceled', 'not_open']).toContain(outcome.kind);
  expect(outcome).toMatchObject({ order: { status: 'canceled' } });
}
