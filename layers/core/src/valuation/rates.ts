/**
 * What one unit of an asset is worth in the owner's currency, by what is traded at the account's own venue.
 *
 * - Worth is found along markets: from an asset to one of the other side of its market, and so on, until a currency that counts
 *   one to one. The way with the fewest markets is taken; of several the one on spot markets only; then the one whose thinnest
 *   market was traded most in 24 hours, in the owner's currency; then the one whose first market's symbol sorts first.
 * - The price of a market is the mid of its best prices. Where one of them is missing, or they are further apart than a tenth
 *   of the ask, it is the latest trade, as long as that lies between them.
 * - What cannot be priced has no rate: absent is not zero.
 */
import {
  add,
  compare,
  divideBy,
  isPositive,
  isQuantity,
  minimum,
  type Notional,
  type Price,
  price,
  roundToStep,
  scaleBy,
  subtract,
  zeroNotional,
} from '../money.ts';
import type { Market, Ticker } from '../ports/market-data.ts';

export interface RateQuote {
  market: Pick<Market, 'symbol' | 'base' | 'quote' | 'kind'>;
  ticker: Ticker;
}

export interface OwnersCurrency {
  currency: string;
  /** Currencies that count one to one in it. */
  alike: readonly string[];
}

export interface RatesContext extends OwnersCurrency {
  nowMs: number;
  /**
   * How old, or how far ahead of the own clock, a ticker may be that tells its time.
   *
   * @default tickerAgeMsMax
   */
  ageMsMax?: number;
}

/** Rates by asset: what one unit is worth in the owner's currency. */
export type Rates = Readonly<Record<string, Price>>;

/** Tickers change with trades, which are minutes apart in small markets. */
export const tickerAgeMsMax = 600_000;
/** Most markets on the way from an asset to the owner's currency. */
export const hopsMax = 3;
/** Best prices further apart than this share of the ask say nothing about the price. */
const spreadShareMax = '0.1';
/** No asset costs more or less of another: a figure beyond is a defect, and would make results too long to calculate with. */
const priceMax = '1000000000000000000';
const priceMin = '0.000000000000000001';
/** Rates are rounded to this, half to even. */
const rateStep = '0.000000000000000000000001';
/** What most assets without a market in an owner's currency are traded for. */
const bridges = ['USDT', 'USD', 'USDC', 'BTC', 'ETH'];

/**
 * Names, as charts write them (`BTCUSDT`), of the markets that may tell what `assets` are worth: each against everything that
 * counts as the owner's currency, either way round, and against the assets that most others are traded for. Without repeats;
 * many of them will not be there.
 */
export function conversionNames(assets: readonly string[], { currency, alike }: OwnersCurrency): string[] {
  const targets = [...new Set([currency, ...alike])];
  const between = bridges.filter((asset) => !targets.includes(asset));
  const foreign = [...new Set(assets)].filter((asset) => !targets.includes(asset));
  const names = [...new Set([...foreign, ...(foreign.length === 0 ? [] : between)])].flatMap((asset) =>
    targets.flatMap((target) => [`${asset}${target}`, `${target}${asset}`]),
  );
  const bridged = foreign.flatMap((asset) =>
    between.filter((bridge) => bridge !== asset).map((bridge) => `${asset}${bridge}`),
  );
  return [...new Set([...names, ...bridged])];
}

/** One unit of `from` is `rate` of `to`; in 24 hours `volume` of `to` went over it. */
interface Hop {
  from: string;
  to: string;
  rate: Price;
  volume: Notional;
  isSpot: boolean;
  symbol: string;
}

interface Path {
  /** In the owner's currency. */
  rate: Price;
  /** Of the thinnest market, in the owner's currency; zero where one does not tell, absent where the path has no market. */
  volume?: Notional;
  isSpot: boolean;
  symbol: string;
}

/**
 * Rates of everything that the quotes lead to the owner's currency, that currency and its like included as `1`. Markets with
 * an expiry are left out, since their prices are not those of today.
 */
export function ratesFrom(quotes: readonly RateQuote[], context: RatesContext): Record<string, Price> {
  const hops = quotes.flatMap((quote) => hopsOf(quote, context));
  const own: Path = { rate: price('1'), isSpot: true, symbol: '' };
  const known = new Map([context.currency, ...context.alike].map((asset) => [asset, own]));
  for (let hopCount = 1; hopCount <= hopsMax; hopCount++) {
    const found = new Map<string, Required<Path>>();
    for (const hop of hops) {
      const rest = known.get(hop.to);
      if (rest === undefined || known.has(hop.from)) continue;
      const path = pathOver(hop, rest);
      const other = found.get(hop.from);
      if (isPositive(path.rate) && (other === undefined || isBetter(path, other))) found.set(hop.from, path);
    }
    for (const [asset, path] of found) known.set(asset, path);
  }
  return Object.fromEntries([...known].map(([asset, { rate }]) => [asset, rate]));
}

/** A market leads both ways. */
function hopsOf({ market, ticker }: RateQuote, context: RatesContext): Hop[] {
  const { symbol, base, quote, kind } = market;
  if (kind !== 'spot' && kind !== 'perpetual') return [];
  const rate = priceOf(ticker, context);
  if (rate === undefined) return [];
  const { quoteVolume } = ticker;
  const volume = quoteVolume !== undefined && isAboveZero(quoteVolume) ? quoteVolume : zeroNotional;
  const of = { isSpot: kind === 'spot', symbol };
  return [
    { ...of, from: base, to: quote, rate, volume },
    { ...of, from: quote, to: base, rate: divideBy(price('1'), rate), volume: divideBy(volume, rate) },
  ];
}

function pathOver({ rate, volume, isSpot, symbol }: Hop, rest: Path): Required<Path> {
  const traded = scaleBy(volume, rest.rate);
  return {
    rate: roundToStep(scaleBy(rate, rest.rate), rateStep, 'halfEven'),
    volume: rest.volume === undefined ? traded : minimum(traded, rest.volume),
    isSpot: isSpot && rest.isSpot,
    symbol,
  };
}

function isBetter(path: Required<Path>, other: Required<Path>): boolean {
  if (path.isSpot !== other.isSpot) return path.isSpot;
  const byVolume = compare(path.volume, other.volume);
  return byVolume === 0 ? path.symbol < other.symbol : byVolume > 0;
}

const isAboveZero = (text: string): boolean => isQuantity(text) && isPositive(text);

const isSane = (text: string): boolean =>
  isAboveZero(text) && compare(text, priceMax) <= 0 && compare(text, priceMin) >= 0;

/**
 * What a market's ticker says that one unit of base costs; `undefined` where a price of it is zero, negative or no number,
 * where it is too old or from the future, and where the best bid is above the best ask.
 */
export function priceOf(
  { bid, ask, last, atMs }: Ticker,
  { nowMs, ageMsMax = tickerAgeMsMax }: Pick<RatesContext, 'nowMs' | 'ageMsMax'>,
): Price | undefined {
  if ([bid, ask, last].some((told) => told !== undefined && !isSane(told))) return undefined;
  if (atMs !== undefined && !(Math.abs(nowMs - atMs) <= ageMsMax)) return undefined;
  if (bid === undefined || ask === undefined) return last;
  if (compare(bid, ask) > 0) return undefined;
  const isNarrow = compare(subtract(ask, bid), scaleBy(ask, spreadShareMax)) <= 0;
  if (isNarrow) return scaleBy(add(bid, ask), '0.5');
  const isBetween = last !== undefined && compare(bid, last) <= 0 && compare(last, ask) <= 0;
  return isBetween ? last : undefined;
}

/** A rate, also where an asset is called like something that every object has. */
export const ownersRate = (rates: Rates, asset: string): Price | undefined =>
  Object.hasOwn(rates, asset) ? rates[asset] : undefined;

/** What an amount of an asset is worth in the owner's currency; `undefined` where nothing tells. */
export function ownersWorth(rates: Rates, asset: string, size: string): Notional | undefined {
  const rate = ownersRate(rates, asset);
  return rate === undefined ? undefined : scaleBy(size as Notional, rate);
}
