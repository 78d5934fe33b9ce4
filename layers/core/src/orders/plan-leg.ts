/**
 * From a leg to the intents it is to become, or to the reason why there are none. Nothing of the leg is recorded while it is
 * planned, so whatever fails here may still end in a denial, or at another account.
 */
import { VenueError } from '../errors.ts';
import { isOutage } from '../health/venue-health.ts';
import type { AccountId, IntentId } from '../ids.ts';
import { roundToStep, zeroNotional } from '../money.ts';
import type { Market } from '../ports/market-data.ts';
import type { Cause, ExecutionVenue } from '../ports/venue.ts';
import { exposureStep, type IntentExposure } from '../risk/exposure.ts';
import { standingDenial } from '../risk/gate.ts';
import type { RiskRows } from '../risk/risk-state.ts';
import { firstUse } from '../risk/switches.ts';
import type { Signal, SignalMessage } from '../signals/signal.ts';
import { type Delivery, type ExecutionPolicy, type ExecutionPorts, standingOf } from './execution-ports.ts';
import { askGateFigures, type GateFigures, inOwnersCurrency, quoteRateOf } from './intent-gate.ts';
import { denialOf } from './leg-failure.ts';
import type { Intent } from './order.ts';
import { askFigures } from './plan-figures.ts';
import { type PlannedOrder, planOrders } from './plan-orders.ts';

export type LegPorts = ExecutionPorts & Delivery;

export interface Execution {
  policy: ExecutionPolicy;
  ports: LegPorts;
  /** Read ahead. Where they are absent, or let the intent not pass, they are read when it is recorded. */
  rows?: RiskRows;
}

/** Where a leg is executed, and with what. */
export interface LegPlace {
  market: Market;
  venue: ExecutionVenue;
}

export type LegPlan =
  /** With `failedOverTo` where it is not executed here because somebody else is to. */
  | { kind: 'denied'; cause: Cause; failedOverTo?: AccountId }
  /** Everything is as it was asked for. */
  | { kind: 'nothing'; cause: Cause }
  /** `reduce` comes before `entry`, and has to be filled first. */
  | ({ kind: 'planned'; entry: Intent; reduce?: PlannedOrder; figures: GateFigures } & LegPlace);

/** @throws what keeps it from being planned for now, where another try may mend it and comes before the signal is too old */
export async function planLeg(message: SignalMessage, orderId: IntentId, execution: Execution): Promise<LegPlan> {
  try {
    return await planSomewhere(message, orderId, execution);
  } catch (error) {
    const { clock, retryPauseMs } = execution.ports;
    const { expiresAtMs } = execution.policy;
    const cause = denialOf(error, { atMs: clock.nowMs() + retryPauseMs, expiresAtMs });
    if (cause === undefined) throw error;
    return { kind: 'denied', cause };
  }
}

async function planSomewhere(message: SignalMessage, orderId: IntentId, execution: Execution): Promise<LegPlan> {
  const { policy, ports } = execution;
  const refusal = await refusalOf(message, execution);
  if (refusal !== undefined) return { kind: 'denied', cause: refusal };
  if (policy.standIns.length === 0 || !mayGoElsewhere(message)) return planHere(message, orderId, execution);
  const { venue } = policy.account;
  if (await ports.isVenueFailing(venue)) {
    const handedOver = await planElsewhere(message, `${venue} does not answer`, execution);
    if (handedOver !== undefined) return handedOver;
  }
  try {
    return await planHere(message, orderId, execution);
  } catch (error) {
    // Nothing was recorded and nothing sent, so the leg is still free to go elsewhere.
    const handedOver =
      error instanceof VenueError && isOutage(error.code)
        ? await planElsewhere(message, error.message, execution)
        : undefined;
    if (handedOver === undefined) throw error;
    return handedOver;
  }
}

/** What is about a position means the one that the account has, which another account has not. */
const mayGoElsewhere = ({ signal: { action, target, reduceOnly, size } }: SignalMessage): boolean =>
  target === undefined &&
  (action === 'buy' || action === 'sell') &&
  reduceOnly !== true &&
  !(size !== undefined && 'percentPosition' in size);

/** Gives the leg to the first stand-in whose venue answers and trades the symbol; `undefined` where there is none. */
async function planElsewhere(
  { signal }: SignalMessage,
  reason: string,
  { policy, ports }: Execution,
): Promise<LegPlan | undefined> {
  for (const to of policy.standIns) {
    if (await ports.isVenueFailing(to.venue)) continue;
    const market = await ports.findMarket(to.venue, signal.symbol).catch(() => undefined);
    if (market?.active !== true) continue;
    const message = `${reason}; handed over to the account ${to.id} at ${to.venue}`;
    return { kind: 'denied', cause: { code: 'failed_over', message }, failedOverTo: to.id };
  }
  return undefined;
}

async function planHere(message: SignalMessage, orderId: IntentId, execution: Execution): Promise<LegPlan> {
  const { policy, ports, rows } = execution;
  const { signal } = message;
  const denied = (code: string, text: string): LegPlan => ({ kind: 'denied', cause: { code, message: text } });
  const market = await ports.findMarket(signal.venue, signal.symbol);
  if (!market?.active) return denied('market_unavailable', `${signal.symbol} is not trading at ${signal.venue}`);

  const worth = await quoteRateOf(market.quote, policy, ports);
  if ('denial' in worth && opensOnly(signal)) return { kind: 'denied', cause: worth.denial };
  const venue = await ports.openVenue(policy.account);
  const abilities = venue.abilitiesOf(market);
  const figures = await askFigures(signal, { market, venue, policy, ports });
  const plan = planOrders(signal, figures, { market, abilities });
  if (plan.kind !== 'orders') return plan;
  const { orders } = plan;
  const [reduce, entry] = orders.length === 2 ? orders : [undefined, ...orders];
  // Nobody is to be kept in a position because nothing tells what it is worth.
  const isUnvalued = 'denial' in worth;
  if (isUnvalued && entry.terms.reduceOnly !== true) return { kind: 'denied', cause: worth.denial };
  const [refused, asked] = await Promise.all([
    settleMarket(entry, { market, venue }),
    askGateFigures(entry, { market, venue, policy, ports }),
  ]);
  if (refused !== undefined) return { kind: 'denied', cause: refused };
  const valued = { market, mode: policy.account.mode, rate: isUnvalued ? '1' : worth.rate };
  return {
    ...{ kind: 'planned', market, venue, entry: intentOf(entry, { message, orderId }, valued) },
    ...(reduce && { reduce }),
    figures: { ...asked, ...(rows && { rows }) },
  };
}

/** True where whatever is ordered may open a position. A share of a position may be one of what is against it. */
const opensOnly = ({ action, target, reduceOnly, size }: Signal): boolean =>
  target === undefined &&
  (action === 'buy' || action === 'sell') &&
  reduceOnly !== true &&
  !(size !== undefined && 'percentPosition' in size);

/** Contracts are traded with one position per market, and with the leverage and margin that the signal wants. */
async function settleMarket(entry: PlannedOrder, { market, venue }: LegPlace): Promise<Cause | undefined> {
  if (market.kind === 'spot') return undefined;
  const { leverage, marginMode } = entry;
  const settings = {
    ...(leverage !== undefined && { leverage }),
    ...(marginMode !== undefined && { marginMode }),
    positionMode: 'one_way' as const,
  };
  const outcome = await venue.prepareMarket(settings, market);
  if (outcome.kind === 'unknown') {
    const { code, message } = outcome.cause;
    throw new VenueError(market.venue, `could not be set up for ${market.symbol}: ${message}`, { code });
  }
  return outcome.kind === 'refused' ? outcome.cause : undefined;
}

/** What tells the worth of an order in the owner's currency, and what it is counted under. */
export interface IntentWorth {
  market: Pick<Market, 'kind' | 'base'>;
  mode: IntentExposure['mode'];
  /** One unit of the market's quote currency in the owner's. */
  rate: string;
}

export function intentOf(
  planned: PlannedOrder,
  { message, orderId }: { message: SignalMessage; orderId: IntentId },
  { market, mode, rate }: IntentWorth,
): Intent {
  const { signalId, source, venue, symbol, receivedAtMs } = message.signal;
  const { role, side, amount, terms, notional, handling, exitPlan, leverage, marginMode } = planned;
  // Upwards, and to a number of digits that the table can add up exactly.
  const reserved = roundToStep(inOwnersCurrency(notional, rate), exposureStep, 'up');
  return {
    ...{ orderId, signalId, source, account: message.account, venue, symbol, side, amount, receivedAtMs },
    ...terms,
    ...(role === 'reduce' && { role }),
    reserved,
    exposure: { mode, asset: market.base, notional: opens(planned, market) ? reserved : zeroNotional },
    ...(handling !== undefined && { handling }),
    ...(leverage !== undefined && { leverage }),
    ...(marginMode !== undefined && { marginMode }),
    ...(exitPlan !== undefined && { exitPlan }),
  };
}

/** What is sold on spot was there before. */
const opens = ({ side, terms }: PlannedOrder, { kind }: Pick<Market, 'kind'>): boolean =>
  terms.reduceOnly !== true && !(kind === 'spot' && side === 'sell');

/** What can be told against an order before anything is asked of a venue. */
async function refusalOf({ signal }: SignalMessage, { policy, ports, rows }: Execution): Promise<Cause | undefined> {
  const { account, expiresAtMs } = policy;
  if (ports.clock.nowMs() > expiresAtMs) {
    const trouble = (await ports.isVenueFailing(account.venue)) ? `, and ${account.venue} does not answer` : '';
    return { code: 'stale_signal', message: `the signal was too old when its turn came${trouble}` };
  }
  if (account.venue !== signal.venue) {
    const message = `the signal is for ${signal.venue}, and the account ${account.id} is at ${account.venue} by now`;
    return { code: 'market_unavailable', message };
  }
  const denial = standingDenial(standingOf(policy));
  if (denial !== undefined || account.mode !== 'live') return denial;
  // Once a person has set a switch it is never taken back to this, so it may be read ahead of the transaction.
  const both = await Promise.all([rows?.all ?? ports.risk.get('*'), rows?.account ?? ports.risk.get(account.id)]);
  if (both.every((row) => row?.by !== firstUse.by)) return undefined;
  return { code: 'switch_not_set', message: 'the account is live, and one of its switches was set by no person yet' };
}
