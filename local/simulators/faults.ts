/** The faults that a test can ask a simulated venue for. Knows no venue's format. */
import { z } from 'zod';

const match = z
  .strictObject({
    method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
    /** Exact path; a `*` at the end stands for anything. */
    path: z.string().startsWith('/'),
    account: z.string().min(1),
    symbol: z.string().min(1),
    /** Of frames: the venue's own name of the stream. */
    channel: z.string().min(1),
  })
  .partial();

const hourMs = 3_600_000;
const durationMs = z.number().int().positive().max(hourMs);
const dayMs = 24 * hourMs;
const timeMs = z.number().int().nonnegative();

/** When a fault strikes: by default every matching request, until it is cleared. */
const schedule = {
  match: match.default({}),
  /** Strikes the n-th, 2n-th, … matching request. */
  every: z.number().int().positive().default(1),
  probability: z.number().min(0).max(1).default(1),
  /** Makes `probability` repeatable. */
  seed: z.number().int().default(1),
  /** How often it strikes at most. */
  count: z.number().int().positive().optional(),
  /** When it begins, by the simulator's clock. @default at once */
  beginsAtMs: timeMs.optional(),
  /** How long it is active. */
  forMs: z.number().int().positive().max(dayMs).optional(),
};
const stage = z.enum(['before', 'after']);

const share = z.number().gt(0).max(1);
/** Which candles are struck: a share of those that open within a time, and every time the same ones. */
const candles = { share: share.default(0.05), from: timeMs.optional(), to: timeMs.optional() };

const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('drop-request'), ...schedule }),
  z.strictObject({ kind: z.literal('drop-answer'), ...schedule }),
  z.strictObject({
    kind: z.literal('error-before'),
    status: z.number().int().min(400).max(599).default(503),
    body: z.string().optional(),
    ...schedule,
  }),
  z.strictObject({
    kind: z.literal('error-after'),
    status: z.number().int().min(500).max(599).default(504),
    body: z.string().optional(),
    ...schedule,
  }),
  z.strictObject({ kind: z.literal('delay'), delayMs: durationMs, when: stage.default('before'), ...schedule }),
  z.strictObject({
    kind: z.literal('rate-limit'),
    status: z.union([z.literal(429), z.literal(418)]).default(429),
    retryAfterSeconds: z.number().int().positive().max(259_200).default(1),
    ...schedule,
  }),
  z.strictObject({
    kind: z.literal('garbage'),
    when: stage.default('after'),
    body: z.string().default('<html><body>upstream gateway</body></html>'),
    ...schedule,
  }),
  z.strictObject({
    kind: z.literal('partial-fill'),
    /** Share of the order that trades at once, and again every `everyMs`. */
    ratio: z
      .string()
      .regex(/^0\.\d{1,6}$/, 'must be a decimal string between 0 and 1 such as "0.4"')
      .refine((text) => Number(text) > 0, 'must be above 0'),
    everyMs: durationMs.default(500),
    ...schedule,
  }),
  z.strictObject({
    kind: z.literal('fill-first'),
    /** Share of what is left of the order that trades before the request cancels or changes it. */
    ratio: z
      .string()
      .regex(/^(0\.\d{1,6}|1)$/, 'must be a decimal string above 0 and up to 1 such as "0.4"')
      .refine((text) => Number(text) > 0, 'must be above 0'),
    ...schedule,
  }),
  z.strictObject({ kind: z.literal('hide-fill'), hideMs: durationMs, ...schedule }),
  z.strictObject({
    kind: z.literal('outage'),
    status: z.union([z.literal(502), z.literal(503)]).default(503),
    ...schedule,
  }),
  z.strictObject({
    kind: z.literal('short-page'),
    /** Of the rows of an answer, what is left; one at least. */
    share: share.default(0.5),
    lose: z.enum(['newest', 'oldest']).default('newest'),
    ...schedule,
  }),
  z.strictObject({ kind: z.literal('disordered-page'), ...schedule }),
  z.strictObject({ kind: z.literal('missing-candles'), ...candles, ...schedule }),
  z.strictObject({
    kind: z.literal('bad-candle'),
    what: z.enum(['high-below-low', 'zero-price', 'negative-volume', 'misaligned', 'duplicate']),
    ...candles,
    ...schedule,
  }),
  z.strictObject({ kind: z.literal('revised-candle'), ...candles, ...schedule }),
  z.strictObject({
    kind: z.literal('stale-last'),
    /** How old what is shown is: a candle that has closed since is shown as it was then. */
    lagMs: durationMs.default(10_000),
    ...schedule,
  }),
  z.strictObject({ kind: z.literal('drop-frame'), ...schedule }),
  z.strictObject({ kind: z.literal('reorder-frames'), ...schedule }),
  z.strictObject({ kind: z.literal('corrupt-frame'), ...schedule }),
  z.strictObject({
    kind: z.literal('silence'),
    /** @default until the connection is closed */
    silentMs: durationMs.optional(),
    ...schedule,
  }),
  z.strictObject({ kind: z.literal('disconnect'), ...schedule }),
  z.strictObject({
    kind: z.literal('skew-clock'),
    skewMs: z.number().int().min(-hourMs).max(hourMs),
    forMs: schedule.forMs,
  }),
  z.strictObject({ kind: z.literal('refuse-connections'), forMs: durationMs }),
  z.strictObject({
    kind: z.literal('disconnect-streams'),
    /** How long new streams are refused as well. */
    forMs: schedule.forMs,
  }),
]);

export type Fault = z.output<typeof faultSchema>;
export type FaultKind = Fault['kind'];
export type ScheduledFault = Extract<Fault, { every: number }>;

/** The faults were not understood; `issues` name each field. */
export class FaultInputError extends Error {
  override readonly name = 'FaultInputError';
  readonly issues: readonly { field: string; message: string }[];

  constructor(issues: readonly { field: string; message: string }[]) {
    super(issues.map(({ field, message }) => `${field}: ${message}`).join('; '));
    this.issues = issues;
  }
}

/** @throws FaultInputError naming each wrong field. */
export function parseFaults(input: unknown): Fault[] {
  // Checked by shape first: a union over both shapes would lose the names of the fields.
  const list = z
    .array(faultSchema)
    .min(1)
    .max(50)
    .safeParse(Array.isArray(input) ? input : [input]);
  if (list.success) return list.data;
  throw new FaultInputError(
    list.error.issues.map((issue) => {
      const path = Array.isArray(input) ? issue.path : issue.path.slice(1);
      return { field: path.length === 0 ? '(body)' : path.join('.'), message: issue.message };
    }),
  );
}
