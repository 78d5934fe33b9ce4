/** The line between a sandbox and the venue, and what can go wrong on it and at its other end. */
import {
  type Amount,
  amount,
  type ExecutionVenue,
  type Market,
  notionalOf,
  type OrderRequest,
  price,
  roundToStep,
} from '@nightdesk/core';
import type { PlaceFault } from '../support/fake-venue.ts';
import type { Desk } from './desk.ts';
import type { PlacementFault } from './fault-plan.ts';
import { clockErrorMsMax, type Sandbox } from './sandbox.ts';

/**
 * Kept between the venue's last act on a call and the end of its settling time: whoever asks may have a clock that is
 * ahead by the largest error, while the clock of who called was behind by as much.
 */
const clockMarginMs = 2 * clockErrorMsMax + 1;

/** How soon it is decided what becomes of the rest of a partly filled order. */
const fateMsMax = 4_000;

const placementFaults: readonly PlacementFault[] = [
  'fail_before_accept',
  'lose_answer',
  'delay_effect',
  'reject',
  'partial_fill',
];

/** The venue as `sandbox` reaches it. */
export function reachVenue(desk: Desk, port: ExecutionVenue, sandbox: Sandbox): ExecutionVenue {
  const { run, venue } = desk;
  const nowMs = () => run.time.nowMs();
  return {
    settlingMs: port.settlingMs,
    fetchPrice(market, side) {
      return sandbox.callVenue(`venue.fetchPrice ${market.symbol}`, () => {
        const hasNoPrice = run.faults.strikes('no_price');
        venue.faults = { fetchPrice: () => hasNoPrice };
        return port.fetchPrice(market, side);
      });
    },
    placeOrder(request, market) {
      const id = request.clientOrderId;
      const actsUntilMs = nowMs() + port.settlingMs - clockMarginMs;
      desk.venueActsUntilMs.set(id, Math.max(desk.venueActsUntilMs.get(id) ?? 0, actsUntilMs));
      return sandbox.callVenue(`venue.placeOrder ${id}`, () => {
        const fault = drawPlaceFault(desk, request, market);
        if (fault !== undefined) run.trace.add('venue', `${fault.kind} for ${id}`);
        venue.faults = { place: () => fault };
        return port.placeOrder(request, market);
      });
    },
    findOrder(reference, market) {
      const id = reference.clientOrderId;
      return sandbox.callVenue(`venue.findOrder ${id}`, () => {
        const isSettling = nowMs() < (desk.venueActsUntilMs.get(id) ?? 0);
        if (run.faults.strikes('no_answer')) venue.faults = { find: () => ({ kind: 'no_answer' }) };
        else if (isSettling && run.faults.strikes('stale_replica')) venue.faults = { find: () => ({ kind: 'absent' }) };
        else venue.faults = {};
        return port.findOrder(reference, market);
      });
    },
  };
}

function drawPlaceFault(
  { run, venue, venueActsUntilMs }: Desk,
  request: OrderRequest,
  market: Market,
): PlaceFault | undefined {
  const kind = run.faults.draw(...placementFaults);
  switch (kind) {
    case 'delay_effect': {
      const delayMsMax = (venueActsUntilMs.get(request.clientOrderId) ?? 0) - run.time.nowMs();
      // At any time, and often at the last possible moment.
      return { kind, delayMs: run.dice.between(run.dice.pick([1, delayMsMax]), Math.max(delayMsMax, 1)) };
    }
    case 'reject':
      return { kind, evidence: { code: 'insufficient_funds', message: 'the balance is too small' } };
    case 'partial_fill': {
      // The rest follows, or never will, while the answer that shows a part may still be on its way.
      const fate = run.dice.pick<'fillRest' | 'cancel'>(['fillRest', 'cancel']);
      run.time.after(run.dice.between(0, fateMsMax), () => venue[fate](request.clientOrderId));
      return { kind, filled: someOf(request.amount, { market, tenths: run.dice.between(0, 9) }) };
    }
    case 'fail_before_accept':
    case 'lose_answer':
      return { kind };
    default:
      return undefined;
  }
}

/** So many tenths of an amount, rounded down to the market's steps. */
function someOf(whole: Amount, { market, tenths }: { market: Market; tenths: number }): Amount {
  return roundToStep(amount(notionalOf(whole, price(`0.${tenths}`))), market.amountStep, 'down');
}
