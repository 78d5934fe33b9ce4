/** The native signal: strict, unknown keys refused. Other senders' formats are mapped onto it before it is checked. */
import * as z from 'zod';
import { type Issue, RequestError } from '../errors.ts';
import { issuesOf } from '../issues.ts';
import { type Amount, add, amount, compare, isPositive, isQuantity } from '../money.ts';
import { orderTypes, timesInForce } from '../ports/venue.ts';
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

/** A share of something: above zero, at most `max` percent. */
const percent = (max: string) =>
  decimal.refine((text) => !isQuantity(text) || compare(text, max) <= 0, `must be at most ${max}`);

export const sizeUnits = ['base', 'quote', 'percentEquity', 'percentPosition', 'riskPercent', 'contracts'] as const;
const size = z
  .strictObject({
    base: decimal.optional(),
    quote: decimal.optional(),
    /** Of the account's equity; above 100 takes leverage. */
    percentEquity: percent('10000').optional(),
    percentPosition: percent('100').optional(),
    /** Of the account's equity, lost when the stop-loss is reached. */
    riskPercent: percent('100').optional(),
    contracts: decimal.optional(),
  })
  .refine((value) => Object.values(value).filter((member) => member !== undefined).length === 1, {
    message: `must hold exactly one of ${sizeUnits.join(', ')}`,
  });

const takeProfit = z
  .strictObject({ percent: decimal.optional(), price: decimal.optional(), portion: decimal.optional() })
  .refine(({ percent, price }) => (percent === undefined) !== (price === undefined), {
    message: 'must hold exactly one of percent and price',
  });

const stopLoss = z
  .strictObject({
    percent: decimal.optional(),
    price: decimal.optional(),
    trailPercent: percent('99').optional(),
    trailAmount: decimal.optional(),
    breakEven: flag.optional(),
  })
  .refine(({ percent, price }) => percent === undefined || price === undefined, {
    message: 'must hold percent or price, not both',
  })
  .refine(({ trailPercent, trailAmount }) => trailPercent === undefined || trailAmount === undefined, {
    message: 'must hold trailPercent or trailAmount, not both',
  })
  .refine((value) => [value.percent, value.price, value.trailPercent, value.trailAmount].some((given) => given), {
    message: 'must hold one of percent, price, trailPercent and trailAmount',
  });

const targetsMax = 8;

const nativeFields = z.strictObject({
  id: text(128).optional(),
  /** May only be left out to cancel: then everything of the account is meant. */
  symbol: text(64).optional(),
  venue: text(32).optional(),
  account: text(32).optional(),
  accounts: z.array(text(32)).min(1).max(16).optional(),
  action: z.enum(['buy', 'sell', 'close', 'cancel'], 'must be one of buy, sell, close, cancel').optional(),
  target: z.enum(['long', 'short', 'flat'], 'must be one of long, short, flat').optional(),
  /** Which order to cancel. */
  orderId: text(64).optional(),
  size: size.optional(),
  type: z.enum(orderTypes, `must be one of ${orderTypes.join(', ')}`).default('market'),
  price: decimal.optional(),
  triggerPrice: decimal.optional(),
  trailPercent: percent('99').optional(),
  trailAmount: decimal.optional(),
  timeInForce: z.enum(timesInForce, `must be one of ${timesInForce.join(', ')}`).optional(),
  /** When a `GTD` order ends. */
  expireAt: instant.optional(),
  /** Iceberg: how much the book shows, in the unit of amounts of the market. */
  displaySize: decimal.optional(),
  reduceOnly: flag.optional(),
  leverage: decimal.optional(),
  marginMode: z.enum(['cross', 'isolated'], 'must be cross or isolated').optional(),
  takeProfit: z.array(takeProfit).min(1).max(targetsMax).optional(),
  stopLoss: stopLoss.optional(),
  confidence: z
    .string('must be a number from 0 to 1')
    .refine((value) => isQuantity(value) && compare(value, '0') >= 0 && compare(value, '1') <= 0, {
      message: 'must be a number from 0 to 1',
    })
    .optional(),
  sentAt: instant.optional(),
  maxLagSeconds: wholeNumber(1, 3600).optional(),
  comment: text(256).optional(),
});

export type NativeSignal = z.output<typeof nativeFields>;
type Refuse = (path: string, message: string) => void;

const nativeSchema = nativeFields.superRefine((signal, context) => {
  const refuse: Refuse = (path, message) => context.addIssue({ code: 'custom', path: path.split('.'), message });
  checkIntention(signal, refuse);
  if (signal.action === 'cancel') checkCancel(signal, refuse);
  else checkTerms(signal, refuse);
  checkExits(signal, refuse);
});

/** What is wanted, of which market and of how much. */
function checkIntention(signal: NativeSignal, refuse: Refuse): void {
  const { action, target, size: wanted } = signal;
  if ((action === undefined) === (target === undefined)) refuse('action', 'give exactly one of action and target');
  if (signal.symbol === undefined && action !== 'cancel') refuse('symbol', 'is missing');
  if (signal.account !== undefined && signal.accounts !== undefined) {
    refuse('accounts', 'give account or accounts, not both');
  }
  if (new Set(signal.accounts).size !== (signal.accounts?.length ?? 0)) refuse('accounts', 'names an account twice');
  if (signal.orderId !== undefined && action !== 'cancel') refuse('orderId', 'only goes with action "cancel"');
  if (wanted === undefined && (action === 'buy' || action === 'sell')) {
    refuse('size', `is missing; give one of ${sizeUnits.join(', ')}, e.g. {"base":"0.01"}`);
  }
  if (wanted !== undefined && (action === 'cancel' || target === 'flat'))
    refuse('size', 'has no meaning here; leave it out');
  if (wanted?.percentPosition !== undefined && target !== undefined) {
    refuse('size.percentPosition', 'has no meaning with a target; leave it out');
  }
  if (wanted?.riskPercent !== undefined && signal.stopLoss === undefined) {
    refuse('stopLoss', 'is missing; size.riskPercent is measured against it');
  }
  if (wanted?.riskPercent !== undefined && action === 'close') refuse('size.riskPercent', 'has no meaning for a close');
}

const withTrigger: ReadonlySet<string> = new Set(['stop', 'stop_limit', 'take_profit']);

/** Which fields each type of order takes. */
function checkTerms(signal: NativeSignal, refuse: Refuse): void {
  const { type, price, triggerPrice, timeInForce, trailPercent, trailAmount } = signal;
  if ((type === 'limit' || type === 'stop_limit') && price === undefined)
    refuse('price', `a ${type} order needs a price`);
  if ((type === 'market' || type === 'stop' || type === 'trailing_stop') && price !== undefined) {
    refuse('price', `a ${type} order takes no price${type === 'market' ? '; use type "limit"' : ''}`);
  }
  if (withTrigger.has(type) && triggerPrice === undefined)
    refuse('triggerPrice', `a ${type} order needs a triggerPrice`);
  if ((type === 'market' || type === 'limit') && triggerPrice !== undefined) {
    refuse('triggerPrice', `a ${type} order takes none; use stop, stop_limit or take_profit`);
  }
  const trails = [trailPercent, trailAmount].filter((given) => given !== undefined).length;
  if (type === 'trailing_stop' && trails !== 1)
    refuse('trailPercent', 'a trailing_stop needs exactly one of trailPercent and trailAmount');
  if (type !== 'trailing_stop' && trails > 0) refuse('trailPercent', 'only goes with type "trailing_stop"');
  if (price === undefined && timeInForce !== undefined) refuse('timeInForce', 'an order without a price takes none');
  if (withTrigger.has(type) && timeInForce === 'PO')
    refuse('timeInForce', 'an order with a trigger cannot be post-only');
  if ((timeInForce === 'GTD') !== (signal.expireAt !== undefined)) {
    refuse('expireAt', 'goes with timeInForce "GTD", and "GTD" needs it');
  }
  if (signal.displaySize !== undefined && type !== 'limit') refuse('displaySize', 'only goes with type "limit"');
}

const notForCancel = [
  'price',
  'triggerPrice',
  'trailPercent',
  'trailAmount',
  'timeInForce',
  'expireAt',
  'displaySize',
  'reduceOnly',
  'leverage',
  'marginMode',
  'takeProfit',
  'stopLoss',
] as const;

function checkCancel(signal: NativeSignal, refuse: Refuse): void {
  for (const field of notForCancel) if (signal[field] !== undefined) refuse(field, 'has no meaning for a cancel');
  if (signal.type !== 'market') refuse('type', 'has no meaning for a cancel');
}

/** Exits go with what opens a position. */
function checkExits(signal: NativeSignal, refuse: Refuse): void {
  const { takeProfit: targets = [], stopLoss: stop, action, target } = signal;
  if (targets.length === 0 && stop === undefined) return;
  const field = targets.length > 0 ? 'takeProfit' : 'stopLoss';
  if (action === 'close' || target === 'flat' || signal.reduceOnly === true) {
    refuse(field, 'goes with orders that open a position only');
  }
  const portions = targets.map(({ portion }) => portion).filter((portion) => portion !== undefined);
  if (portions.length > 0 && portions.length < targets.length) {
    refuse('takeProfit', 'give every target a portion, or none');
  }
  // What is no number has been refused already, by its own name.
  if (portions.every(isQuantity) && compare(sumOf(portions), '1') > 0)
    refuse('takeProfit', 'the portions add up to more than 1');
  if (stop?.breakEven === true && targets.length === 0) refuse('stopLoss.breakEven', 'needs a takeProfit');
}

const sumOf = (values: readonly string[]): string =>
  values.reduce<Amount>((total, value) => add(total, amount(value)), amount('0'));

/** @returns the signal, or what is wrong with it, one issue per field */
export function readNative(
  body: RawObject,
): { signal: NativeSignal; issues?: never } | { signal?: never; issues: Issue[] } {
  const result = nativeSchema.safeParse(body);
  return result.success ? { signal: result.data } : { issues: issuesOf(result.error) };
}

/** @throws RequestError `invalid_signal` with one issue per field. */
export function parseNative(body: RawObject): NativeSignal {
  const { signal, issues } = readNative(body);
  if (signal !== undefined) return signal;
  throw invalidSignal(issues);
}

/** The refusal of a signal that has these faults. */
export function invalidSignal(issues: Issue[]): RequestError {
  const causes = issues.map(({ path, message }) => `${path || 'body'} ${message}`).join('; ');
  return new RequestError('invalid_signal', `the signal is not valid: ${causes}`, issues);
}
