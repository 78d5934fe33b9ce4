/**
 * A leg that places nothing of its own: it cancels orders, or changes one. What came of it is recorded as the leg's own row,
 * under the id that its order would have had, so that a leg whose row is known is done. Until then every delivery looks at the
 * orders anew: both commands are states and not steps, and may be repeated.
 */
import { VenueError } from '../errors.ts';
import type { Cause } from '../ports/venue.ts';
import { orderIdOf, type SignalMessage } from '../signals/signal.ts';
import { executeAmend } from './amend-command.ts';
import { executeCancel } from './cancel-command.ts';
import type { ExecutionPolicy } from './execution-ports.ts';
import { denialOf } from './leg-failure.ts';
import type { DeniedIntent, Order } from './order.ts';
import type { LegPorts } from './plan-leg.ts';

/**
 * - `done`: carried out, and what came of it;
 * - `denied`: not carried out, and why;
 * - `pending`: the venue has not told all of it yet; `cause` says what is known.
 */
export type CommandOutcome = { kind: 'done' | 'denied' | 'pending'; cause: Cause };

export interface Command {
  message: SignalMessage;
  policy: ExecutionPolicy;
  ports: LegPorts;
}

/** True for a leg that is executed here instead of being planned. */
export const isCommand = ({ signal: { action } }: SignalMessage): boolean => action === 'cancel' || action === 'amend';

/**
 * Carries out a leg whose action is `cancel` or `amend`.
 *
 * @throws VenueError and what the stores and the credentials throw, where the message is to be delivered again: what is in doubt
 *   is asked about until the signal is too old, and then recorded as what is known
 */
export async function executeCommand(
  message: SignalMessage,
  policy: ExecutionPolicy,
  ports: LegPorts,
): Promise<{ order: Order; worked: boolean }> {
  const known = await ports.orders.get(orderIdOf(message));
  if (known !== undefined) return { order: known, worked: false };
  const outcome = await outcomeOf({ message, policy, ports });
  const isLast = ports.clock.nowMs() + ports.retryPauseMs > policy.expiresAtMs;
  if (outcome.kind === 'pending' && !isLast) {
    const { code, message: text } = outcome.cause;
    throw new VenueError(policy.account.venue, text, { code });
  }
  return { order: await record(outcome, { message, policy, ports }), worked: true };
}

async function outcomeOf(command: Command): Promise<CommandOutcome> {
  const { message, policy, ports } = command;
  const { signal } = message;
  const { account, expiresAtMs } = policy;
  if (account.venue !== signal.venue) {
    const text = `the signal is for ${signal.venue}, and the account ${account.id} is at ${account.venue} by now`;
    return { kind: 'denied', cause: { code: 'market_unavailable', message: text } };
  }
  try {
    return signal.action === 'amend' ? await executeAmend(command) : await executeCancel(command);
  } catch (error) {
    const cause = denialOf(error, { atMs: ports.clock.nowMs() + ports.retryPauseMs, expiresAtMs });
    if (cause === undefined) throw error;
    return { kind: 'denied', cause };
  }
}

function record(outcome: CommandOutcome, { message, ports }: Command): Promise<Order> {
  const { signalId, source, venue, symbol, type, receivedAtMs } = message.signal;
  const orderId = orderIdOf(message);
  const intent: DeniedIntent = {
    orderId,
    signalId,
    source,
    account: message.account,
    venue,
    symbol,
    type,
    receivedAtMs,
  };
  const event = outcome.kind === 'denied' ? ('order.denied' as const) : ('order.concluded' as const);
  return ports.orders.insertDenied({ type: event, atMs: ports.clock.nowMs(), intent, cause: outcome.cause });
}
