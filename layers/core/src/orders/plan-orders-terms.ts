/**
 * The terms that an order goes to the venue with: prices on the market's steps, and only what the venue, or Nightdesk in its
 * place, can keep. The policy of the roundings:
 *
 * - limits as in size-order.ts: a buyer's down, a seller's up;
 * - triggers: an order that opens is triggered no earlier than asked for, one that only reduces no later;
 * - distances of trailing stops: an order that opens trails no closer than asked for, one that only reduces no farther;
 * - what an iceberg shows: down.
 */
import { type Amount, compare, isPositive, type Price, roundToStep } from '../money.ts';
import type { Market, Side } from '../ports/market-data.ts';
import type { OrderAbilities, OrderTerms, Trail } from '../ports/venue.ts';
import { denied, type PlanDenial } from './plan-orders-types.ts';
import { refusePrice, roundLimit, smallestAmountOf, unitNameOf } from './size-order.ts';

export interface TermsContext {
  side: Side;
  /** Whether the order only makes a position smaller. */
  reduces: boolean;
  market: Market;
}

export type RoundedTerms = { kind: 'terms'; terms: OrderTerms } | PlanDenial;

/** Brings what a signal asks for to the market's steps. */
export function roundTerms(wanted: OrderTerms, context: TermsContext): RoundedTerms {
  const { market, side, reduces } = context;
  const { type, price, triggerPrice, trail, timeInForce, goodTillMs } = wanted;
  // The native schema asks for these; a message may be older than it, and an order without them would be another one.
  if ((type === 'limit' || type === 'stop_limit') && price === undefined) {
    return denied('price_missing', 'price', `is missing; a ${type} order needs one`);
  }
  if (triggered.has(type) && type !== 'trailing_stop' && triggerPrice === undefined) {
    return denied('price_missing', 'triggerPrice', `is missing; a ${type} order needs one`);
  }
  if (type === 'trailing_stop' && trail === undefined) {
    return denied('price_missing', 'trailPercent', 'is missing; a trailing_stop order needs it or trailAmount');
  }
  const limit = price && roundLimit(price, side, market);
  if (limit !== undefined && !isPositive(limit)) return refusePriceField('price', market);
  const trigger = triggerPrice && roundTrigger(triggerPrice, type, context);
  if (trigger !== undefined && !isPositive(trigger)) return refusePriceField('triggerPrice', market);
  const distance = trail && roundTrail(trail, context);
  if (distance !== undefined && 'distance' in distance && !isPositive(distance.distance)) {
    return refusePriceField('trailAmount', market);
  }
  const shown = wanted.displayAmount && roundToStep(wanted.displayAmount, market.amountStep, 'down');
  if (shown !== undefined && compare(shown, smallestAmountOf(market)) < 0) {
    const message = `is ${wanted.displayAmount} ${unitNameOf(market)}; ${market.symbol} shows ${smallestAmountOf(market)} or more`;
    return denied('amount_below_minimum', 'displaySize', message);
  }
  const terms: OrderTerms = {
    type,
    ...(limit !== undefined && { price: limit }),
    ...(trigger !== undefined && { triggerPrice: trigger }),
    ...(distance !== undefined && { trail: distance }),
    ...(timeInForce !== undefined && { timeInForce }),
    ...(goodTillMs !== undefined && { goodTillMs }),
    ...(reduces && { reduceOnly: true }),
    ...(shown !== undefined && { displayAmount: shown }),
  };
  return { kind: 'terms', terms };
}

function refusePriceField(field: string, market: Market): PlanDenial {
  const { code, message } = refusePrice(field, market);
  return denied(code, field, message);
}

/** Whether the price has to rise to the trigger: to a buying stop, and to whatever waits to sell at a better price. */
export const isTriggeredRising = (type: OrderTerms['type'], side: Side): boolean =>
  (type === 'stop' || type === 'stop_limit') === (side === 'buy');

function roundTrigger(trigger: Price, type: OrderTerms['type'], { side, reduces, market }: TermsContext): Price {
  const later = isTriggeredRising(type, side) ? 'up' : 'down';
  const earlier = later === 'up' ? 'down' : 'up';
  return roundToStep(trigger, market.priceStep, reduces ? earlier : later);
}

function roundTrail(trail: Trail, { reduces, market }: TermsContext): Trail {
  if ('percent' in trail) return trail;
  return { distance: roundToStep(trail.distance, market.priceStep, reduces ? 'down' : 'up') };
}

const triggered: ReadonlySet<OrderTerms['type']> = new Set(['stop', 'stop_limit', 'take_profit', 'trailing_stop']);

/** True for an order that waits for a price before it works. */
export const hasTrigger = ({ type }: Pick<OrderTerms, 'type'>): boolean => triggered.has(type);

/** The kind of order that one with a trigger becomes when it is reached; any other stays what it is. */
export const triggeredType = ({ type, price }: Pick<OrderTerms, 'type' | 'price'>): 'market' | 'limit' =>
  type === 'market' || price === undefined ? 'market' : 'limit';

/** An iceberg that shows all of itself is a plain order. */
export function showingPart(terms: OrderTerms, whole: Amount): OrderTerms {
  const { displayAmount, ...rest } = terms;
  return displayAmount !== undefined && compare(displayAmount, whole) >= 0 ? rest : terms;
}

/** `asked` names the signal's field behind `reduceOnly`, which is not always the field of that name. */
export interface AbilityContext {
  market: Market;
  abilities: OrderAbilities;
  asked: { reduceOnly: string };
}

/**
 * Who keeps the order: the venue, or Nightdesk where only its trigger is beyond the venue. A date that ends an order is kept
 * by Nightdesk wherever the venue cannot. All else that a venue cannot keep is denied.
 */
export function chooseHandling(
  terms: OrderTerms,
  { market, abilities, asked }: AbilityContext,
): PlanDenial | { kind: 'handled'; handling?: 'emulated' } {
  const unable = (field: string, what: string): PlanDenial =>
    denied('not_supported', field, `cannot be kept: ${market.venue} has no ${what} on ${market.symbol}`);
  const emulated = hasTrigger(terms) && !abilities.types.has(terms.type);
  const working = emulated ? triggeredType(terms) : terms.type;
  if (!abilities.types.has(working)) return unable('type', `${working} orders`);
  const { timeInForce = 'GTC' } = terms;
  const kept = timeInForce === 'GTC' || timeInForce === 'GTD' || abilities.timesInForce.has(timeInForce);
  if (!kept) return unable('timeInForce', `${timeInForce} orders`);
  if (terms.displayAmount !== undefined && !abilities.iceberg) return unable('displaySize', 'iceberg orders');
  if (terms.reduceOnly === true && market.kind !== 'spot' && !abilities.reduceOnly) {
    return unable(asked.reduceOnly, 'reduce-only orders, and any other could open a position');
  }
  return { kind: 'handled', ...(emulated && { handling: 'emulated' as const }) };
}
