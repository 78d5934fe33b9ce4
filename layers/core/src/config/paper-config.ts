/** What a paper account is made with. */
import * as z from 'zod';
import { type Amount, amount, compare, isDecimal, isPositive } from '../money.ts';

const balance = z
  .string('write the number in quotes, e.g. "10000"')
  .refine((text) => isDecimal(text) && isPositive(text), 'must be a decimal number above zero, e.g. "10000"')
  .transform((text): Amount => amount(text));

/** A higher one is a percentage that was written for a share. */
const feeMax = '0.05';
const fee = z
  .string('write the number in quotes, e.g. "0.001"')
  .refine(
    (text) => isDecimal(text) && compare(text, feeMax) <= 0 && compare(text, `-${feeMax}`) >= 0,
    `must be a share, e.g. "0.001" for 0.1 %, of ${feeMax} at most`,
  )
  .optional();

export const paperSchema = z
  .strictObject({
    balances: z
      .record(z.string().regex(/^[A-Z0-9]{1,20}$/, 'must be the name of an asset, e.g. USDT'), balance)
      .refine(
        (balances) => Object.keys(balances).length > 0,
        'must name an asset to trade with, e.g. { USDT: "10000" }',
      )
      .describe('What the account begins with, by asset. Later changes have no effect on an account that has traded.'),
    latencyMs: z
      .int()
      .min(0)
      .max(2_000)
      .default(100)
      .describe('How long an order is under way before it meets the book of then, in milliseconds.'),
    makerFee: fee.describe("Share taken of what rested, instead of the exchange's; negative is a rebate."),
    takerFee: fee.describe("Share taken of what filled at once, instead of the exchange's."),
  })
  .describe('What a paper account begins with, and how it is served. Required with mode `paper`, refused with others.');

/** Only what `paperTogether` looks at. */
interface AccountSettings {
  mode: string;
  readOnlySecret: boolean;
  proxies?: readonly string[] | undefined;
  paper?: z.output<typeof paperSchema> | undefined;
}

/** Settings that belong to paper accounts, or cannot be theirs. */
export function paperTogether(
  { mode, readOnlySecret, proxies, paper }: AccountSettings,
  context: z.RefinementCtx,
): void {
  const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (mode !== 'paper') {
    if (paper !== undefined) refuse('paper', `belongs to accounts in mode paper, and this one is in mode ${mode}`);
    return;
  }
  if (paper === undefined) refuse('paper', 'is required in mode paper, e.g. { balances: { USDT: "10000" } }');
  if (readOnlySecret) refuse('readOnlySecret', 'a paper account has no keys');
  if (proxies !== undefined) refuse('proxies', "a paper account asks for public data through the exchange's proxies");
}
