import type { ReconciliationMessage } from '@nightdesk/aws';
import * as z from 'zod';

const messageSchema = z.object({ account: z.string().min(1), plannedAtMs: z.int() });

/** @throws Error when the body is not a message of the reconciliations queue; it then ends in the dead-letter queue to be looked at */
export function parseMessage(body: string): ReconciliationMessage {
  return messageSchema.parse(JSON.parse(body)) as ReconciliationMessage;
}
