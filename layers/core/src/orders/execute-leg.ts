/**
 * One leg of a signal becomes at most one order. First delivery, redelivery and recovery after a crash are this one
 * function: look at what is recorded, ask the venue where that is not enough, go on from there.
 */
import { VenueError } from '../errors.ts';
import { isOutage } from '../health/venue-health.ts';
import type { AccountId, IntentId } from '../ids.ts';
import { roundToStep } from '../money.ts';
import type { Market } from '../ports/market-data.ts';
import type { InsertOrderResult } from '../ports/stores.ts';
import type { Cause, ExecutionVenue } from '../ports/venue.ts';
import { firstUse, quoteDenial, standingDenial } from '../risk/gate.ts';
import { orderIdOf, type SignalMessage } from '../signals/signal.ts';
import { type Delivery, type ExecutionPolicy, type ExecutionPorts, standingOf } from './execution-ports.ts';
import { denialOf } from './leg-failure.ts';
import { finalStates, type Intent, type Order } from './order.ts';
import { placeRecorded, resolveOrder } from './resolve-order.ts';
import { sizeOrder } from './size-order.ts';

export interface LegResult {
  order: Order;
  /** False when an earlier delivery had already brought the order to where it is. */
  worked: boolean;
}

type Ports = ExecutionPorts & Delivery;

/** Reservations are multiples of this, in quote currency. */
const reservationStep = '0.00000001';

/**
 * @throws what a store, the credentials or the venue's price throw before an intent is recorded, where another try may
 *   mend it and comes before the signal is too old: the message is then to be delivered again. Otherwise that is recorded
 *   as the cause of a denial.
 */
export async function executeLeg(message: SignalMessage, policy: ExecutionPolicy, ports: Ports): Promise<LegResult> {
  const orderId = orderIdOf(message);
  const known = await ports.orders.get(orderId);
  if (known !== undefined) return resume(known, message, { policy, ports });

  /** Somebody else may have recorded something else first, and have come no further than that. */
  const conclude = async (denial: Omit<Denying, 'ports'>): Promise<LegResult> => {
    const order = await deny(message, orderId, { ...denial, ports });
    return { ...(await resume(order, message, { policy, ports })), worked: true };
  };
  const plan = await planOrDeny(message, orderId, { policy, ports });
  if (plan.kind === 'denied') return conclude(plan);
  const inserted = await insert(plan.intent, policy, ports);
  if (inserted.kind === 'denied') return conclude({ cause: inserted.denial });
  if (inserted.kind === 'exists') return resume(inserted.order, message, { policy, ports });
  const { venue, market } = plan;
  return { order: await placeRecorded(inserted.order, { venue, market, policy }, ports), worked: true };
}

/**
 * Records that a leg is not executed, for a cause that is known before there is anything to execute it with. Where the
 * leg already became an order, that stays as it is.
 */
export async function denyLeg(
  message: SignalMessage,
  cause: Cause,
  ports: Pick<ExecutionPorts, 'orders' | 'clock' | 'handOver'>,
): Promise<LegResult> {
  const orderId = orderIdOf(message);
  const known = await ports.orders.get(orderId);
  if (known !== undefined) return { order: await passOn(known, message, ports), worked: false };
  const order = await deny(message, orderId, { cause, ports });
  return { order: await passOn(order, message, ports), worked: true };
}

/** An order that is recorded is never placed from here: whether it was placed is the venue's to say. */
async function resume(order: Order, message: SignalMessage, { policy, ports }: Execution): Promise<LegResult> {
  await passOn(order, message, ports);
  if (finalStates.has(order.state) || order.state === 'open') return { order, worked: false };
  // Another venue than the order's would show that it does not have the order, and that says nothing.
  if (policy.account.venue !== order.venue) return { order, worked: false };
  const market = await ports.findMarket(order.venue, order.symbol);
  if (market === undefined) return { order, worked: false };
  const venue = await ports.openVenue(policy.account);
  return { order: await resolveOrder(order, { venue, market, policy }, ports), worked: true };
}

/**
 * Hands a leg over that is recorded to be somebody else's now. With every delivery, because what stopped the last one may
 * have stopped it before this; it takes effect once.
 */
async function passOn(order: Order, message: SignalMessage, ports: Pick<ExecutionPorts, 'handOver'>): Promise<Order> {
  if (order.failedOverTo !== undefined) await ports.handOver(message, order.failedOverTo);
  return order;
}

interface Execution {
  policy: ExecutionPolicy;
  ports: Ports;
}

type LegPlan =
  /** With `failedOverTo` where it is not executed here because somebody else is to. */
  | { kind: 'denied'; cause: Cause; failedOverTo?: AccountId }
  | { kind: 'planned'; intent: Intent; market: Market; venue: ExecutionVenue };

/** Nothing of the leg is recorded while it is planned, so whatever fails there may end in a denial. */
async function planOrDeny(message: SignalMessage, orderId: IntentId, execution: Execution): Promise<LegPlan> {
  try {
    return await planLeg(message, orderId, execution);
  } catch (error) {
    const { clock, retryPauseMs } = execution.ports;
    const { expiresAtMs } = execution.policy;
    const cause = denialOf(error, { atMs: clock.nowMs() + retryPauseMs, expiresAtMs });
    if (cause === undefined) throw error;
    return { kind: 'denied', cause };
  }
}

async function planLeg(message: SignalMessage, orderId: IntentId, execution: Execution): Promise<LegPlan> {
  const { policy, ports } = execution;
  const refusal = await refusalOf(message, policy, ports);
  if (refusal !== undefined) return { kind: 'denied', cause: refusal };
  if (policy.standIns.length === 0) return planHere(message, orderId, execution);
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

async function planHere(message: SignalMessage, orderId: IntentId, { policy, ports }: Execution): Promise<LegPlan> {
  const { signal } = message;
  const denied = (code: string, text: string): LegPlan => ({ kind: 'denied', cause: { code, message: text } });
  const market = await ports.findMarket(signal.venue, signal.symbol);
  if (!market?.active) return denied('market_unavailable', `${signal.symbol} is not trading at ${signal.venue}`);

  const unlimited = quoteDenial(market.quote, policy.limits);
  if (unlimited !== undefined) return { kind: 'denied', cause: unlimited };

  const venue = await ports.openVenue(policy.account);
  const { action: side, size, price: limitPrice } = signal;
  if (side !== 'buy' && side !== 'sell') return denied('not_supported', 'only buy and sell can be executed');
  if (size === undefined || !('base' in size || 'quote' in size)) return denied('not_supported', 'not yet');
  // A buying limit bounds what the order can cost; a selling one does not bound what it is worth.
  const priced = signal.type === 'market' || side === 'sell';
  const marketPrice = priced ? await venue.fetchPrice(market, side) : undefined;
  const sized = sizeOrder(
    { side, size, ...(limitPrice !== undefined && { limitPrice }), ...(marketPrice !== undefined && { marketPrice }) },
    market,
  );
  if (sized.kind === 'refused') return denied(sized.code, `${sized.field} ${sized.message}`);
  if (sized.kind === 'price_needed' || sized.notional === undefined) {
    return denied('price_missing', 'no price to value the order by');
  }
  const { source, signalId, venue: venueId, symbol, type, timeInForce, receivedAtMs } = signal;
  const intent: Intent = {
    ...{ orderId, signalId, source, account: message.account, venue: venueId, symbol, side, type, receivedAtMs },
    amount: sized.amount,
    // Upwards, and to a number of digits that the table can add up exactly.
    reserved: roundToStep(sized.notional, reservationStep, 'up'),
    ...(sized.price !== undefined && { price: sized.price }),
    ...(timeInForce !== undefined && { timeInForce }),
  };
  return { kind: 'planned', intent, market, venue };
}

/** What can be told against an order before anything is asked of a venue. */
async function refusalOf({ signal }: SignalMessage, policy: ExecutionPolicy, ports: Ports): Promise<Cause | undefined> {
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
  const rows = await Promise.all([ports.risk.get('*'), ports.risk.get(account.id)]);
  if (rows.every((row) => row?.by !== firstUse.by)) return undefined;
  return { code: 'switch_not_set', message: 'the account is live, and one of its switches was set by no person yet' };
}

/** Records the intent. The switch of an account that cannot lose money is created `active` on first use. */
async function insert(intent: Intent, policy: ExecutionPolicy, ports: Ports): Promise<InsertOrderResult> {
  const record = () =>
    ports.orders.insertIntent({ type: 'order.intended', atMs: ports.clock.nowMs(), intent }, policy.limits);
  const result = await record();
  const unset = result.kind === 'denied' && result.denial.code === 'switch_not_set';
  if (!unset || policy.account.mode === 'live') return result;
  const nowMs = ports.clock.nowMs();
  await Promise.all([ports.risk.ensure('*', nowMs), ports.risk.ensure(policy.account.id, nowMs)]);
  return record();
}

interface Denying {
  cause: Cause;
  failedOverTo?: AccountId;
  ports: Pick<ExecutionPorts, 'orders' | 'clock'>;
}

/** Records why there is no order here, unless something else is recorded already. */
async function deny(
  message: SignalMessage,
  orderId: IntentId,
  { cause, failedOverTo, ports }: Denying,
): Promise<Order> {
  const { signalId, source, venue, symbol, action, type, receivedAtMs } = message.signal;
  const side = action === 'buy' || action === 'sell' ? { side: action } : {};
  const intent = { orderId, signalId, source, account: message.account, venue, symbol, ...side, type, receivedAtMs };
  const { code, message: text } = cause;
  return ports.orders.insertDenied({
    type: 'order.denied',
    atMs: ports.clock.nowMs(),
    intent,
    cause: { code, message: text },
    ...(failedOverTo && { failedOverTo }),
  });
}
