/** The dead man's switch of an account, as its owner asks for it. */
import * as z from 'zod';

/** It is renewed every minute: one renewal may be late or lost before the exchange cancels everything. */
const secondsMin = 120;

export const deadManSchema = z
  .strictObject({
    seconds: z
      .int()
      .min(secondsMin, `must be ${secondsMin} or more: it is renewed every minute, and one renewal may be lost`)
      .max(3_600)
      .default(150)
      .describe('After how long without a renewal the exchange cancels all orders of the account, stops included.'),
    kinds: z
      .array(z.enum(['spot', 'perpetual', 'future', 'option']))
      .min(1)
      .refine((kinds) => new Set(kinds).size === kinds.length, 'names a kind twice')
      .optional()
      .describe("Kinds of markets, where the exchange keeps one switch for each; absent is the exchange's usual one."),
  })
  .describe(
    'Has the exchange itself cancel all orders of the account when the desk stops renewing this. It also cancels what protects positions (docs/risk.md).',
  );

export type DeadManConfig = z.output<typeof deadManSchema>;

/** Orders of paper accounts rest inside the desk: nobody else could cancel them. */
export function deadManTogether(
  { mode, deadMan }: { mode: string; deadMan?: DeadManConfig | undefined },
  context: z.RefinementCtx,
): void {
  if (mode !== 'paper' || deadMan === undefined) return;
  const message = 'a paper account has no exchange that could cancel its orders';
  context.addIssue({ code: 'custom', path: ['deadMan'], message });
}
