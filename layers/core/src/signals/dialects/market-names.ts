/** How senders write markets and venues. */
import type { MarketKind } from '../../ports/market-data.ts';
import { lookUp } from './dialect.ts';

/** A market as its sender named it, without what says its kind and its venue. */
export interface NamedMarket {
  symbol: string;
  kind?: MarketKind;
  /** Before a colon, as charts write it: `BINANCE:BTCUSDT.P`. */
  venue?: string;
}

/**
 * Endings that say that a market is a perpetual: TradingView's `.P`, OKX's `-SWAP`, and what other venues and services
 * write. `PERP` without a separator only counts behind a dollar, because a coin is called that too.
 */
const perpetualEnding = /(?:\.P|\.PERP|[-_](?:SWAP|PERP|PERPETUAL)|(?<=USD[TC]?)(?:PERP|SWAP))$/i;
/** A venue before a colon; a unified symbol has a slash before its colon, and is none. */
const venuePrefix = /^([A-Za-z][\w.-]*):(.+)$/;

/**
 * Takes a market's name apart.
 *
 * @param kind what else is known of the market; the name's own ending wins
 */
export function readMarket(text: string, kind?: MarketKind): NamedMarket {
  const [, venue, rest = text] = venuePrefix.exec(text) ?? [];
  const named = rest.replace(perpetualEnding, '');
  const known = named === rest ? kind : 'perpetual';
  // A unified symbol names one market by itself, and without a settlement currency that is a spot market.
  const symbol = known === 'perpetual' && !named.includes(':') ? named.replace('/', '') : named;
  return { symbol, ...(known && { kind: known }), ...(venue !== undefined && { venue }) };
}

/** Names of exchanges as TradingView and the services built on it write them, where that is not the venue's id in lower case. */
const venueIds: Readonly<Record<string, string>> = {
  ASCENDEX: 'ascendex',
  BINANCE_FUTURES: 'binance',
  BINANCEFUTURES: 'binance',
  BINANCE_US: 'binanceus',
  BITGETFUTURES: 'bitget',
  BYBIT_SPOT: 'bybit',
  BYBITSPOT: 'bybit',
  COINBASE_PRO: 'coinbase',
  COINBASEPRO: 'coinbase',
  COINBASEADVANCED: 'coinbase',
  CRYPTO_COM: 'cryptocom',
  'CRYPTO.COM': 'cryptocom',
  DYDXV4: 'dydx',
  DYDX_V4: 'dydx',
  GATE_IO: 'gate',
  'GATE.IO': 'gate',
  GATEIO: 'gate',
  HUOBI: 'htx',
  OKEX: 'okx',
  WOONETWORK: 'woo',
  WOO_X: 'woo',
};

/** The venue's id: BINANCE, BYBIT, OKX, KRAKEN, COINBASE, KUCOIN, BITFINEX, BITGET, MEXC and all others are it in lower case. */
export const venueOf = (exchange: string): string => {
  const upper = exchange.trim().toUpperCase();
  return lookUp(venueIds, upper) ?? upper.toLowerCase();
};
