/** The prices of an order: plain ones, and distances such as `+100` and `-0.5%` where an order follows the market. */
import { type Decimal, decimal, zero } from '../engine/decimal.ts';
import type { Distance, Side, Trigger } from '../engine/types.ts';
import type { PairSpec } from './catalog.ts';
import { invalidPrice } from './errors.ts';
import type { Params } from './params.ts';

/** What an order is to trade at and wait for. */
export interface ReadPrices {
  readonly price?: Decimal;
  readonly trigger?: Trigger;
}

const percent = decimal('100');
const percentDecimals = 4;

/** With a trigger `price` is the trigger's and `price2` the limit. */
export function readPrices(
  params: Params,
  { spec, type, side }: { spec: PairSpec; type: string; side: Side },
): ReadPrices {
  if (type === 'market') return {};
  if (type.startsWith('trailing-stop')) return readTrailing(params, { spec, type, side });
  const first = readPrice(params, 'price', spec);
  if (type === 'limit' || type === 'iceberg') return { price: first };
  const risesToFire = type.startsWith('stop-loss') === (side === 'buy');
  const trigger: Trigger = { price: first, when: risesToFire ? 'at-or-above' : 'at-or-below' };
  return { trigger, ...(type.endsWith('-limit') && { price: readPrice(params, 'price2', spec) }) };
}

/** @throws KrakenError when it is missing, relative (`+5`, `#5`, `5%`) or has too many decimals. */
export function readPrice(params: Params, name: string, spec: PairSpec): Decimal {
  if (!/^[\d.]+$/.test(params.required(name))) throw invalidPrice('Invalid price argument');
  const price = params.decimal(name) ?? zero;
  if (price.lte(zero)) throw invalidPrice('Invalid price argument');
  checkDecimals(price, spec);
  return price;
}

/** How far a trailing trigger stays behind: always with a plus, the side says the direction. @throws KrakenError */
export function readTrailingOffset(params: Params, name: string, spec: PairSpec): Distance {
  const offset = readDistance(params, name, spec);
  if (params.required(name).startsWith('-') || offset.amount.lte(zero)) throw invalidPrice('Invalid price argument');
  return offset;
}

/** A distance as Kraken shows it: `+100.0` or `-0.5000%`. */
export function distanceText({ amount, unit }: Distance, spec: PairSpec): string {
  const sign = amount.lt(zero) ? '-' : '+';
  if (unit === 'share') return `${sign}${amount.abs().times(percent).toFixed(percentDecimals)}%`;
  return `${sign}${amount.abs().toFixed(spec.priceDecimals)}`;
}

function readTrailing(params: Params, { spec, type, side }: { spec: PairSpec; type: string; side: Side }): ReadPrices {
  const offset = readTrailingOffset(params, 'price', spec);
  const limit = type === 'trailing-stop' ? undefined : readDistance(params, 'price2', spec);
  return {
    trigger: {
      // Where it stands is for the market to say.
      price: zero,
      when: side === 'buy' ? 'at-or-above' : 'at-or-below',
      trailing: { offset, ...(limit && { limit }) },
    },
  };
}

/** An amount or a percentage with its sign. @throws KrakenError when it has no sign or is no number. */
function readDistance(params: Params, name: string, spec: PairSpec): Distance {
  // A plus sign that was not encoded arrives as a space.
  const match = /^([ +-])(\d{1,12}(?:\.\d{1,10})?)(%?)$/.exec(params.required(name));
  if (match === null) throw invalidPrice('Invalid price argument');
  const [, sign, digits = '0', unit] = match;
  const amount = decimal(sign === '-' ? `-${digits}` : digits);
  if (unit === '%') return { amount: amount.div(percent), unit: 'share' };
  checkDecimals(amount, spec);
  return { amount, unit: 'price' };
}

function checkDecimals(price: Decimal, spec: PairSpec): void {
  if (price.round(spec.priceDecimals, 0).eq(price)) return;
  throw invalidPrice(`${spec.wsname} price can only be specified up to ${spec.priceDecimals} decimals.`);
}
