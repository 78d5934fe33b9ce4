/** What the kill switch asks of the function that cancels, and what that answers. */
import { type AccountId, type CancelReport, cancelResults, type IntentId } from '@nightdesk/core';
import * as z from 'zod';

const timeMs = z.number().int().positive();
const text = z.string().min(1);

const cancelRequestSchema = z.strictObject({
  accounts: z.array(text),
  /** Becomes the cause of the orders that it ends. */
  reason: text,
  /** Exits that protect a position, too. */
  cancelExits: z.boolean(),
  /** Since when no intent is recorded any more; UTC epoch milliseconds. */
  inForceAtMs: timeMs,
  /** When the report is due, whatever has been answered by then; UTC epoch milliseconds. */
  deadlineMs: timeMs,
});
export type CancelOrdersRequest = z.output<typeof cancelRequestSchema>;

/** The report, with times of the clock where it has times since the call. */
export type OpenCanceled = Omit<CancelReport, 'inForceAfterMs' | 'lastAnswerAfterMs'> & {
  /** When a venue answered last; absent where none was asked. UTC epoch milliseconds. */
  answeredAtMs?: number;
};

const account = text.transform((id) => id as AccountId);

const openCanceledSchema = z.strictObject({
  orders: z.array(
    z.strictObject({
      account,
      orderId: text.transform((id) => id as IntentId),
      symbol: text,
      outcome: z.enum(cancelResults),
      message: z.string().exactOptional(),
    }),
  ),
  keptExits: z.number().int().nonnegative(),
  failures: z.array(z.strictObject({ account, message: z.string() })),
  answeredAtMs: timeMs.exactOptional(),
});

/** @throws Error naming the field */
export const parseCancelRequest = (event: unknown): CancelOrdersRequest => cancelRequestSchema.parse(event);

/** @throws Error naming the field */
export const parseOpenCanceled = (answer: unknown): OpenCanceled => openCanceledSchema.parse(answer);
