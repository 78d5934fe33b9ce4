/**
 * Rows as the change stream shows them. Read field by field and with patience: a row may have been written by a version of
 * Nightdesk before this one or after it, and what is new in it must keep nobody from being told the rest.
 */
import * as z from 'zod';
import { type Amount, isDecimal, type Notional, type Price } from '../money.ts';

const decimal = z.string().refine(isDecimal);
const cause = z.object({ code: z.string(), message: z.string() });

const orderImageSchema = z.object({
  orderId: z.string(),
  signalId: z.string(),
  source: z.string(),
  account: z.string(),
  venue: z.string(),
  symbol: z.string(),
  /** One of `orderStates`, or one that is not known here yet. */
  state: z.string(),
  version: z.int(),
  updatedAtMs: z.int(),
  type: z.string().optional(),
  role: z.string().optional(),
  side: z.string().optional(),
  amount: decimal.transform((text) => text as Amount).optional(),
  filled: decimal.transform((text) => text as Amount),
  price: decimal.transform((text) => text as Price).optional(),
  cost: decimal.transform((text) => text as Notional).optional(),
  fills: z
    .array(
      z.object({ amount: decimal.transform((text) => text as Amount), price: decimal.transform((t) => t as Price) }),
    )
    .catch([]),
  cause: cause.optional().catch(undefined),
  failedOverTo: z.string().optional(),
  exits: z.object({ state: z.string(), cause: cause.optional() }).optional().catch(undefined),
});
export type OrderImage = z.output<typeof orderImageSchema>;

const eventImageSchema = z.object({
  stream: z.string(),
  sequence: z.int(),
  type: z.string(),
  atMs: z.int(),
  /** JSON as the journal keeps it. */
  data: z.string().transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  }),
});
/** An event of the journal. */
export type EventImage = z.output<typeof eventImageSchema>;

/** Streams that are about an account are named `<kind>#<account>`. */
export const accountOfEvent = ({ stream }: EventImage): string => stream.slice(stream.indexOf('#') + 1);

/** A row is not of the form that it must have. Names the fields, not what is in them. */
export class ImageError extends Error {
  override readonly name = 'ImageError';

  constructor(what: string, fields: readonly string[]) {
    super(`${what} in the change stream cannot be read: ${fields.join(', ')}`);
  }
}

/** @throws ImageError */
export const readOrderImage = (row: unknown): OrderImage => readImage(orderImageSchema, row, 'an order');

/** @throws ImageError */
export const readEventImage = (row: unknown): EventImage => readImage(eventImageSchema, row, 'an event of the journal');

/** @throws ImageError */
export function readImage<Image>(schema: z.ZodType<Image>, row: unknown, what: string): Image {
  const result = schema.safeParse(row);
  if (result.success) return result.data;
  throw new ImageError(what, [...new Set(result.error.issues.map(({ path }) => path.join('.') || 'all of it'))]);
}
