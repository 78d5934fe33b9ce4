/** Has a venue cancel an account's orders unless it is told again in time. */
import type { DeadManOutcome } from '@nightdesk/core';
import type { VenueContext } from './ask-venue.ts';
import { offers } from './venue-client.ts';

/** Only where it was looked at how the venue's switch works: those of some wait for streams to break, or cannot be taken back. */
export const hasDeadManSwitch = ({ session, traits }: VenueContext): boolean =>
  traits.deadMan !== undefined && offers(session.client, 'cancelAllOrdersAfter');

const secondMs = 1_000;

/** It is a call like an order's: one that leaves late would put off when the orders end, or take back what was set meanwhile. */
export async function setDeadManSwitch(context: VenueContext, afterMs: number): Promise<DeadManOutcome> {
  const { session, traits, venue } = context;
  const { deadMan } = traits;
  const refuse = (message: string): DeadManOutcome => ({ kind: 'refused', cause: { code: 'not_supported', message } });
  if (deadMan === undefined || !hasDeadManSwitch(context)) return refuse(`${venue} has no dead man's switch`);
  if (!Number.isSafeInteger(afterMs) || afterMs < 0) return refuse('the time must be whole milliseconds, zero or more');
  // ccxt cuts to whole seconds, and no seconds would take the switch back.
  const wantedMs = afterMs === 0 ? 0 : Math.max(deadMan.afterMsMin, Math.ceil(afterMs / secondMs) * secondMs);
  if (wantedMs > deadMan.afterMsMax) return refuse(`${venue} waits ${deadMan.afterMsMax} ms at most, not ${wantedMs}`);
  const result = await session.call('order', () => session.useAny().cancelAllOrdersAfter(wantedMs));
  if (result.kind === 'answered') return { kind: 'set' };
  const { meaning, cause } = result.failure;
  return { kind: meaning === 'rejected' ? 'refused' : 'unknown', cause };
}
