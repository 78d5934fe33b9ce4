/** A ccxt market in Nightdesk's words. What cannot be said for certain is not said: such a market is skipped. */
import {
  type Amount,
  amount,
  amountUnitOf,
  isPositive,
  type Market,
  type MarketKind,
  notional,
  price,
  type VenueId,
} from '@nightdesk/core';
import { type ContractTerms, fromContracts } from './contract-amounts.ts';
import { Fields, UnparsableAnswerError } from './fields.ts';

export interface SkippedMarket {
  symbol: string;
  reason: string;
}

export interface MappedMarkets {
  markets: Market[];
  skipped: SkippedMarket[];
}

/** ccxt's `precisionMode`. https://docs.ccxt.com/#/?id=precision-mode */
export const precisionModes = { decimalPlaces: 2, significantDigits: 3, tickSize: 4 } as const;

/**
 * Where prices have a number of significant digits, their step depends on the price. This is the finest one those
 * venues take; a price that is too fine for its size is refused before it is sent (place-order.ts).
 */
const significantDigitsStep = '0.00000001';

const kinds: Readonly<Record<string, MarketKind>> = {
  spot: 'spot',
  swap: 'perpetual',
  future: 'future',
  option: 'option',
};

/** Maps what `fetchMarkets` returned. */
export function mapMarkets(venue: VenueId, answer: readonly unknown[], precisionMode: number): MappedMarkets {
  const mapped: MappedMarkets = { markets: [], skipped: [] };
  for (const value of answer) {
    try {
      mapped.markets.push(mapMarket(venue, value, precisionMode));
    } catch (error) {
      if (!(error instanceof UnparsableAnswerError)) throw error;
      mapped.skipped.push({ symbol: symbolOf(value), reason: error.message });
    }
  }
  return mapped;
}

/** @throws UnparsableAnswerError when a field that matters is missing or makes no sense. */
export function mapMarket(venue: VenueId, value: unknown, precisionMode: number): Market {
  const fields = new Fields('market', value);
  const kind = kinds[fields.text('type')];
  if (kind === undefined) throw new UnparsableAnswerError('market', 'type', 'no kind that is traded here');
  const terms = kind === 'spot' ? {} : contractOf(fields);
  const expiryMs = kind === 'future' || kind === 'option' ? fields.timeMs('expiry') : undefined;
  return {
    venue,
    symbol: fields.text('symbol'),
    venueSymbol: fields.text('id'),
    kind,
    base: fields.text('base'),
    quote: fields.text('quote'),
    ...terms,
    ...(expiryMs !== undefined && { expiryMs }),
    // ccxt leaves `active` out where the venue lists only markets that trade.
    active: fields.optionalFlag('active') ?? true,
    amountStep: fromContracts(step(fields, 'amount', precisionMode), terms),
    priceStep: price(step(fields, 'price', precisionMode)),
    ...limits(fields, terms),
    ...feesOf(fields),
    definition: JSON.stringify(value),
  };
}

function contractOf(market: Fields): ContractTerms & { settle: string } {
  const settle = market.text('settle');
  const contractSize = amount(market.quantity('contractSize'));
  if (!isPositive(contractSize)) throw new UnparsableAnswerError('market', 'contractSize', 'no size above zero');
  const isInverse = market.optionalFlag('inverse') === true;
  const contractType = market.optionalFlag('linear') === true ? 'linear' : isInverse ? 'inverse' : 'quanto';
  return { settle, contractType, contractSize };
}

function step(market: Fields, what: 'amount' | 'price', precisionMode: number): string {
  const text = market.optionalFields('precision')?.optionalDecimal(what);
  if (text === undefined) throw new UnparsableAnswerError('market', `precision.${what}`, 'nothing');
  if (precisionMode === precisionModes.tickSize) {
    if (!isPositive(text)) throw new UnparsableAnswerError('market', `precision.${what}`, 'no step above zero');
    return text;
  }
  if (precisionMode === precisionModes.significantDigits && what === 'price') return significantDigitsStep;
  const places = Number(text);
  if (!Number.isInteger(places) || Math.abs(places) > 28) {
    throw new UnparsableAnswerError('market', `precision.${what}`, 'no number of decimal places');
  }
  return `1e${-places}`;
}

function feesOf(market: Fields): Pick<Market, 'fees'> {
  const [maker, taker] = [market.optionalDecimal('maker'), market.optionalDecimal('taker')];
  return maker === undefined || taker === undefined ? {} : { fees: { maker, taker } };
}

/** Zero as a limit is how venues spell "none". */
function limits(market: Fields, terms: ContractTerms): Pick<Market, 'amountMin' | 'amountMax' | 'notionalMin'> {
  const all = market.optionalFields('limits');
  const read = (name: string, bound: string): string | undefined => {
    const text = all?.optionalFields(name)?.optionalDecimal(bound);
    return text !== undefined && isPositive(text) ? text : undefined;
  };
  const amountLimit = (bound: string): Amount | undefined => {
    const text = read('amount', bound);
    return text === undefined ? undefined : fromContracts(text, terms);
  };
  const [amountMin, amountMax, notionalMin] = [amountLimit('min'), amountLimit('max'), read('cost', 'min')];
  return {
    ...(amountMin !== undefined && { amountMin }),
    ...(amountMax !== undefined && { amountMax }),
    // Of a number of contracts, the worth in quote currency cannot be told.
    ...(notionalMin !== undefined && amountUnitOf(terms) === 'base' && { notionalMin: notional(notionalMin) }),
  };
}

function symbolOf(value: unknown): string {
  const symbol = (value as { symbol?: unknown } | null)?.symbol;
  return typeof symbol === 'string' ? symbol : '(none)';
}
