/** Changing one order by signal: as it stands where that can be, else by canceling it and placing the rest anew. */

import type { Cause, OrderChange } from '../ports/venue.ts';
import { standingDenial } from '../risk/gate.ts';
import { marketDenial } from '../risk/market-check.ts';
import { amendmentContext, amendRecorded } from './amend.ts';
import { askSwitches } from './ask-switches.ts';
import type { Command, CommandOutcome } from './execute-command.ts';
import { standingOf } from './execution-ports.ts';
import { askMarket, quoteRateOf } from './intent-gate.ts';
import type { Order } from './order.ts';
import { isAsWanted, planAmendment } from './plan-amendment.ts';
import { isGivingWayTo, type ReplaceOutcome, replacementIdOf, replaceRecorded } from './replace-order.ts';
import type { OrderContext } from './resolve-order.ts';

const outcome = (kind: CommandOutcome['kind'], code: string, message: string): CommandOutcome => ({
  kind,
  cause: { code, message },
});

export async function executeAmend(command: Command): Promise<CommandOutcome> {
  const { message, policy, ports } = command;
  const { orderId, change, symbol, signalId, receivedAtMs } = message.signal;
  if (orderId === undefined || change === undefined) {
    return outcome('denied', 'not_supported', 'an amendment names an order and what is to be different about it');
  }
  const order = await ports.orders.get(orderId);
  if (order === undefined || order.account !== message.account || order.symbol !== symbol) {
    return outcome(
      'denied',
      'order_not_found',
      `${orderId} is no order of the account ${message.account} in ${symbol}`,
    );
  }
  if (order.parentId !== undefined) {
    const text = `${orderId} is an exit of ${order.parentId}, which keeps it as that was planned`;
    return outcome('denied', 'not_supported', text);
  }
  const market = await ports.findMarket(order.venue, order.symbol);
  if (market === undefined || order.venue !== policy.account.venue) {
    return outcome('denied', 'market_unavailable', `${order.symbol} cannot be reached at ${order.venue}`);
  }
  // What only shrinks a position reserves nothing, so nothing has to tell what it is worth.
  const worth = order.reduceOnly === true ? { rate: '1' } : await quoteRateOf(market.quote, policy, ports);
  if ('denial' in worth) return { kind: 'denied', cause: worth.denial };
  const { rate } = worth;
  const context: OrderContext = { market, policy, venue: await ports.openVenue(policy.account), rate };
  const replacementId = replacementIdOf(orderId, signalId);
  const isReplacing = isGivingWayTo(order, replacementId);
  const replacement = { amendId: signalId, change, receivedAtMs, reserved: order.reserved };
  if ((await ports.orders.get(replacementId)) !== undefined) {
    return saidOf(await replaceRecorded(order, replacement, { context, ports }));
  }
  const isStale = ports.clock.nowMs() > policy.expiresAtMs;
  if (isStale && order.amendment === undefined && !isReplacing) {
    return outcome('denied', 'stale_signal', 'the signal was too old when its turn came');
  }
  return amendOrReplace(order, { command, context, isReplacing });
}

interface Amending {
  command: Command;
  context: OrderContext;
  /** An earlier delivery has canceled it, or asked for that, and what takes its place is missing. */
  isReplacing: boolean;
}

async function amendOrReplace(order: Order, { command, context, isReplacing }: Amending): Promise<CommandOutcome> {
  const { message, ports } = command;
  const { change = {}, signalId: amendId, receivedAtMs } = message.signal;
  // As it was before it was canceled: what it was to become has not changed.
  const before: Order = isReplacing ? { ...order, state: 'open' } : order;
  const plan = planAmendment(before, change, await amendmentContext(order, context));
  if (plan.kind === 'nothing') return outcome('done', 'amended', `${order.orderId} is as wanted: ${termsOf(order)}`);
  if (plan.kind === 'price_needed') {
    return outcome('denied', 'price_missing', `what ${order.orderId} would be worth cannot be told`);
  }
  if (plan.kind === 'refused') {
    return { kind: 'denied', cause: isReplacing ? afterCancel(order, plan.cause) : plan.cause };
  }
  if (plan.kind === 'replace' || isReplacing) {
    const reserved = plan.kind === 'replace' ? plan.reserved : order.reserved;
    const replacement = { amendId, change: plan.change, reserved, receivedAtMs };
    return saidOf(await replaceRecorded(order, replacement, { context, ports }));
  }
  const denial = (await switchDenial(order, command)) ?? (await collarDenial(order, plan.change, { command, context }));
  if (denial !== undefined) return { kind: 'denied', cause: denial };
  const amended = await amendRecorded(order, change, { context, ports });
  const isPending = amended.amendment !== undefined || amended.state === 'intended' || amended.state === 'unknown';
  if (isPending) {
    return outcome('pending', 'amend_pending', `the venue has not shown yet whether ${order.orderId} was changed`);
  }
  if (isAsWanted(amended, plan.change)) {
    return outcome('done', 'amended', `${order.orderId} was changed: ${termsOf(amended)}`);
  }
  const { code, message: text } = amended.cause ?? { code: 'not_amended', message: `the order is ${amended.state}` };
  return outcome('denied', code, `${order.orderId} was not changed: ${text}`);
}

/** A change lets an order trade where it would not have, so the switches have their say. It reserves no more than before. */
async function switchDenial(order: Order, { policy, ports }: Command): Promise<Cause | undefined> {
  const standing = standingDenial(standingOf(policy));
  if (standing !== undefined) return standing;
  return askSwitches(order.account, order, ports.risk);
}

/** Another price may be a slip of the pen, as that of a new order may. Not asked again for a change that is under way. */
async function collarDenial(
  order: Order,
  { price }: OrderChange,
  { command: { policy, ports }, context }: Pick<Amending, 'command' | 'context'>,
): Promise<Cause | undefined> {
  if (price === undefined || order.reduceOnly === true || order.amendment !== undefined) return undefined;
  const figures = await askMarket(context, ports);
  return marketDenial({ ...order, price }, { limits: policy.limits, ...figures, nowMs: ports.clock.nowMs() });
}

const afterCancel = ({ orderId }: Order, { code, message }: Cause): Cause => ({
  code,
  message: `${orderId} was canceled, and nothing took its place: ${message}`,
});

function saidOf(result: ReplaceOutcome): CommandOutcome {
  const { orderId } = result.order;
  switch (result.kind) {
    case 'replaced':
      return outcome('done', 'replaced', `${orderId} was canceled, and ${result.replacement.orderId} took its place`);
    case 'pending':
      return outcome(
        'pending',
        'amend_pending',
        `${orderId} is being replaced, and the venue has not told all of it yet`,
      );
    case 'refused':
      return { kind: 'denied', cause: result.cause };
    case 'ended':
      return { kind: 'denied', cause: afterEnd(result.order, result.cause) };
  }
}

const afterEnd = (order: Order, cause: Cause): Cause =>
  order.state === 'canceled'
    ? afterCancel(order, cause)
    : {
        code: `order_${order.state}`,
        message: `${order.orderId} is ${order.state}, and nothing of it is left to change`,
      };

const termsOf = ({ amount, price, triggerPrice }: Order): string =>
  Object.entries({ amount, price, triggerPrice })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
    .join(', ');
