/** The native signal: strict, unknown keys refused. Other senders' formats are mapped onto it before it is checked. */
import * as z from 'zod';
import { type Issue, RequestError } from '../errors.ts';
import { issuesOf } from '../issues.ts';
import { isPositive, isQuantity } from '../money.ts';
import type { RawObject } from './body.ts';

const decimal = z
  .string('must be a decimal number, e.g. "0.01"')
  .refine(isQuantity, 'must be a decimal number, e.g. "0.01"')
  .refine((text) => !isQuantity(text) || isPositive(text), 'must be above zero');

const text = (lengthMax: number) => z.string('must be text').min(1, 'must not be empty').max(lengthMax);

/** Whole number in text, because bodies keep the digits they were written with. */
const wholeNumber = (min: number, max: number) =>
  z
    .string(`must be a whole number from ${min} to ${max}`)
    .regex(/^\d{1,9}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

/** ISO 8601 with time zone, or epoch seconds or milliseconds. */
const instant = z.string('must be a time such as "2026-11-21T00:00:00Z"').transform((value, context) => {
  const epoch = /^\d{10}$/.test(value) ? Number(value) * 1000 : /^\d{13}$/.test(value) ? Number(value) : undefined;
  const zoned = z.iso.datetime({ offset: true }).safeParse(value).success;
  const atMs = epoch ?? (zoned ? Date.parse(value) : Number.NaN);
  if (!Number.isNaN(atMs)) return { text: value, atMs };
  context.addIssue({ code: 'custom', message: 'must be a time with zone, such as "2026-11-21T00:00:00Z"' });
  return z.NEVER;
});

const flag = z.union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })], 'must be true or false');

export const sizeUnits = ['base', 'quote', 'percentEquity', 'percentPosition', 'riskPercent', 'contracts'] as const;
const sizeFields = Object.fromEntries(sizeUnits.map((unit) => [unit, decimal.optional()])) as Record<
  (typeof sizeUnits)[number],
  z.ZodOptional<typeof decimal>
>;
const size = z
  .strictObject(sizeFields)
  .refine((value) => Object.values(value).filter((member) => member !== undefined).length === 1, {
    message: `must hold exactly one of ${sizeUnits.join(', ')}`,
  });

const nativeSchema = z
  .strictObject({
    id: text(128).optional(),
    symbol: text(64),
    venue: text(32).optional(),
    account: text(32).optional(),
    accounts: z.array(text(32)).min(1).max(16).optional(),
    action: z.enum(['buy', 'sell', 'close', 'cancel']).optional(),
    target: z.enum(['long', 'short', 'flat']).optional(),
    size: size.optional(),
    type: z.enum(['market', 'limit', 'stop', 'stop_limit', 'take_profit', 'trailing_stop']).default('market'),
    price: decimal.optional(),
    triggerPrice: decimal.optional(),
    timeInForce: z.enum(['GTC', 'IOC', 'FOK', 'PO']).optional(),
    reduceOnly: flag.optional(),
    leverage: decimal.optional(),
    marginMode: z.enum(['cross', 'isolated']).optional(),
    takeProfit: z
      .array(z.strictObject({ percent: decimal.optional(), price: decimal.optional(), portion: decimal.optional() }))
      .optional(),
    stopLoss: z.strictObject({ percent: decimal.optional(), price: decimal.optional() }).optional(),
    confidence: decimal.optional(),
    sentAt: instant.optional(),
    maxLagSeconds: wholeNumber(1, 3600).optional(),
    comment: text(256).optional(),
  })
  .superRefine((signal, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if ((signal.action === undefined) === (signal.target === undefined))
      refuse('action', 'give exactly one of action and target');
    if (signal.account !== undefined && signal.accounts !== undefined)
      refuse('accounts', 'give account or accounts, not both');
    if (signal.type === 'limit' && signal.price === undefined) refuse('price', 'a limit order needs a price');
    if (signal.type === 'market' && signal.price !== undefined)
      refuse('price', 'a market order takes no price; use type "limit"');
    if (signal.type === 'market' && signal.timeInForce !== undefined)
      refuse('timeInForce', 'a market order takes none');
    if (new Set(signal.accounts).size !== (signal.accounts?.length ?? 0)) refuse('accounts', 'names an account twice');
    if (signal.size === undefined && (signal.action === 'buy' || signal.action === 'sell')) {
      refuse('size', `is missing; give one of ${sizeUnits.join(', ')}, e.g. {"base":"0.01"}`);
    }
  });

export type NativeSignal = z.output<typeof nativeSchema>;

/** @throws RequestError `invalid_signal` with one issue per field. */
export function parseNative(body: RawObject): NativeSignal {
  const result = nativeSchema.safeParse(body);
  if (result.success) return result.data;
  const issues = issuesOf(result.error);
  throw new RequestError('invalid_signal', `the signal is not valid: ${issues.map(describe).join('; ')}`, issues);
}

const describe = (issue: Issue): string => `${issue.path || 'body'} ${issue.message}`;

/** A signal this desk can act on: what is left of the native signal once everything else was refused. */
export type SupportedSignal = NativeSignal & {
  action: 'buy' | 'sell';
  type: 'market' | 'limit';
  size: { base: string } | { quote: string };
};

/**
 * Refuses by name what the desk cannot do, rather than leaving it out of the order.
 *
 * @throws RequestError `unsupported` naming each field.
 */
export function requireSupported(signal: NativeSignal): SupportedSignal {
  const issues: Issue[] = [];
  const refuse = (path: string, message: string) => void issues.push({ path, message });
  if (signal.action !== 'buy' && signal.action !== 'sell')
    refuse(signal.action ? 'action' : 'target', 'only buy and sell can be executed');
  if (signal.type !== 'market' && signal.type !== 'limit') refuse('type', 'only market and limit orders can be placed');
  if (signal.size && signal.size.base === undefined && signal.size.quote === undefined) {
    refuse(`size.${Object.keys(signal.size)[0]}`, 'only base and quote sizes can be executed');
  }
  const unsupported = [
    'triggerPrice',
    'reduceOnly',
    'leverage',
    'marginMode',
    'takeProfit',
    'stopLoss',
    'confidence',
  ] as const;
  for (const field of unsupported) {
    if (signal[field] !== undefined && signal[field] !== false) refuse(field, 'is not supported; leave it out');
  }
  if (issues.length > 0) {
    throw new RequestError('unsupported', `this desk cannot do that: ${issues.map(describe).join('; ')}`, issues);
  }
  return signal as SupportedSignal;
}
