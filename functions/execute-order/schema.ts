import type { SignalMessage } from '@nightdesk/core';
import * as z from 'zod';

/** Only `receive-signal` writes to the queue, and it checks all of a signal; this tells a damaged message from a whole one. */
const messageSchema = z.object({
  account: z.string(),
  leg: z.int().min(0),
  lane: z.string(),
  tried: z.array(z.string()).optional(),
  signal: z.looseObject({ signalId: z.string(), venue: z.string(), symbol: z.string(), expiresAtMs: z.int() }),
});

/** @throws Error when the body is not a message of the signals queue; it then ends in the dead-letter queue to be looked at */
export function parseMessage(body: string): SignalMessage {
  return messageSchema.parse(JSON.parse(body)) as unknown as SignalMessage;
}
