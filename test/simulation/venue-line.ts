/** The line between a sandbox and a venue, and what can go wrong on it and at its other end. */
import {
  type AccountId,
  type Amount,
  amount,
  type Market,
  notionalOf,
  type OrderReference,
  type OrderRequest,
  price,
  roundToStep,
  VenueError,
  type VenueProbe,
} from '@nightdesk/core';
import type { WatchedVenue } from '@nightdesk/functions/shared/venue-watch.ts';
import type { CancelFault, FakeVenue, PlaceFault } from '../support/fake-venue.ts';
import { type Desk, venueOf } from './desk.ts';
import type { PlacementFault } from './fault-plan.ts';
import { outageAt } from './outages.ts';
import { clockErrorMsMax, type Sandbox } from './sandbox.ts';
import { venueIdOf } from './settings.ts';

/**
 * Kept between the venue's last act on a call and the end of its settling time: whoever asks may have a clock that is
 * ahead by the largest error, while the clock of who called was behind by as much.
 */
const clockMarginMs = 2 * clockErrorMsMax + 1;

/** How soon it is decided what becomes of the rest of a partly filled order. */
const fateMsMax = 4_000;

/** How late a venue tells of a trade that came before the end of its order. */
const lateFillMsMax = 40_000;

const placementFaults: readonly PlacementFault[] = [
  'fail_before_accept',
  'lose_answer',
  'delay_effect',
  'reject',
  'partial_fill',
];

/** A venue as `sandbox` reaches it. */
export function reachVenue(desk: Desk, account: AccountId, { port, sandbox }: Line): WatchedVenue {
  const id = venueIdOf(desk.settings, account);
  const { run, outages, venueActsUntilMs } = desk;
  const venue = venueOf(desk, account);
  const nowMs = () => run.time.nowMs();
  const timeout = { code: 'timeout', message: 'no answer in time' };
  const unanswered = { kind: 'unknown', cause: timeout } as const;
  const noAnswer = (): never => {
    throw new VenueError(id, timeout.message, { code: timeout.code });
  };

  /** Puts a call through, unless the venue is out. `lost` is what the caller makes of no answer. */
  async function put<Result>(hop: string, ask: () => Promise<Result>, lost: () => Result): Promise<Result> {
    const outage = outageAt(outages, id, nowMs());
    if (outage?.kind === 'silent') {
      await sandbox.callVenue(`${id}.${hop}`, async () => 'no answer');
      await sandbox.clock.sleep(outage.answerMs);
      return lost();
    }
    const answer = await sandbox.callVenue(`${id}.${hop}`, ask);
    if (outage?.kind !== 'answers_lost' && outage?.kind !== 'answers_late') return answer;
    await sandbox.clock.sleep(outage.answerMs);
    return outage.kind === 'answers_lost' ? lost() : answer;
  }

  return {
    settlingMs: port.settlingMs,
    wallets: port.wallets,
    fetchPrice(market, side) {
      const hasNoPrice = run.faults.strikes('no_price');
      const ask = async () => {
        if (outageAt(outages, id, nowMs())?.kind === 'no_prices') return noAnswer();
        venue.faults = { fetchPrice: () => hasNoPrice };
        return port.fetchPrice(market, side);
      };
      return put(`fetchPrice ${market.symbol}`, ask, noAnswer);
    },
    placeOrder(request, market) {
      const { clientOrderId } = request;
      const actsUntilMs = nowMs() + port.settlingMs - clockMarginMs;
      venueActsUntilMs.set(clientOrderId, Math.max(venueActsUntilMs.get(clientOrderId) ?? 0, actsUntilMs));
      const ask = () => {
        const fault = drawPlaceFault(desk, venue, { request, market });
        if (fault !== undefined) run.trace.add(id, `${fault.kind} for ${clientOrderId}`);
        venue.faults = { place: () => fault };
        return port.placeOrder(request, market);
      };
      return put(`placeOrder ${clientOrderId}`, ask, () => unanswered);
    },
    findOrder(reference, market) {
      const { clientOrderId } = reference;
      const ask = () => {
        const isSettling = nowMs() < (venueActsUntilMs.get(clientOrderId) ?? 0);
        if (run.faults.strikes('no_answer')) venue.faults = { find: () => ({ kind: 'no_answer' }) };
        else if (isSettling && run.faults.strikes('stale_replica')) venue.faults = { find: () => ({ kind: 'absent' }) };
        else venue.faults = {};
        return port.findOrder(reference, market);
      };
      return put(`findOrder ${clientOrderId}`, ask, () => unanswered);
    },
    abilitiesOf: (market) => port.abilitiesOf(market),
    cancelOrder(reference, market) {
      const ask = () => {
        const fault = drawCancelFault(desk, reference, market);
        if (fault !== undefined) run.trace.add(id, `${fault.kind} for ${reference.clientOrderId}`);
        venue.faults = { cancel: () => fault };
        return port.cancelOrder(reference, market);
      };
      return put(`cancelOrder ${reference.clientOrderId}`, ask, () => unanswered);
    },
    amendOrder(reference, change, market) {
      const ask = () => {
        const fault = run.faults.draw('lose_request', 'lose_answer');
        venue.faults = { amend: () => (fault === undefined ? undefined : { kind: fault }) };
        return port.amendOrder(reference, change, market);
      };
      return put(`amendOrder ${reference.clientOrderId}`, ask, () => unanswered);
    },
    prepareMarket: (settings, market) =>
      put(
        'prepareMarket',
        () => port.prepareMarket(settings, market),
        () => unanswered,
      ),
    fetchTicker: (market) => put(`fetchTicker ${market.symbol}`, () => port.fetchTicker(market), noAnswer),
    fetchBalances: (kind) => put('fetchBalances', () => port.fetchBalances(kind), noAnswer),
    fetchPositions: (markets) => put('fetchPositions', () => port.fetchPositions(markets), noAnswer),
    fetchOpenOrders: (which) => put('fetchOpenOrders', () => port.fetchOpenOrders(which), noAnswer),
    async probe() {
      const askedAtMs = nowMs();
      const lost = (): VenueProbe => ({ status: 'unreachable', latencyMs: nowMs() - askedAtMs, cause: timeout });
      return put('probe', () => port.probe(), lost);
    },
  };
}

interface Line {
  port: WatchedVenue;
  sandbox: Sandbox;
}

function drawPlaceFault(
  { run, venueActsUntilMs }: Desk,
  venue: FakeVenue,
  { request, market }: { request: OrderRequest; market: Market },
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

/**
 * What is told late of an exit may have been sold again by then, which nobody can prevent: so that strikes only orders that open
 * positions.
 */
function drawCancelFault(
  { run, tables }: Desk,
  { clientOrderId, amount: whole }: OrderReference,
  market: Market,
): CancelFault | undefined {
  const kind = run.faults.draw('late_fill', 'lose_request', 'lose_answer');
  if (kind !== 'late_fill') return kind && { kind };
  const { role = 'entry', reduceOnly } = tables.orders.get(clientOrderId) ?? {};
  if (role !== 'entry' || reduceOnly === true) return undefined;
  const size = someOf(whole, { market, tenths: run.dice.between(1, 5) });
  return { kind, size, delayMs: run.dice.between(1, lateFillMsMax) };
}

/** So many tenths of an amount, rounded down to the market's steps. */
function someOf(whole: Amount, { market, tenths }: { market: Market; tenths: number }): Amount {
  return roundToStep(amount(notionalOf(whole, price(`0.${tenths}`))), market.amountStep, 'down');
}
