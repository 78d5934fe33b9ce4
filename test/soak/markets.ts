/** What the soak trades: accounts at each simulated venue, and markets under the desk's names and the venue's. */

export const venueNames = ['binance', 'kraken', 'bybit'] as const;
export type VenueName = (typeof venueNames)[number];

export interface SoakMarket {
  /** Unified symbol. */
  symbol: string;
  /** The venue's own name of it. */
  name: string;
  kind: 'spot' | 'perpetual';
  /** A usual size, worth some hundred dollars, in base asset. */
  size: number;
  sizeDecimals: number;
  priceDecimals: number;
}

export interface SoakVenue {
  venue: VenueName;
  /** Kraken's keys want rising nonces, so each of its accounts is one lane only: it has more of them. */
  accounts: readonly string[];
  markets: readonly SoakMarket[];
  /** The requests that place, cancel and change orders, for the `match` of a fault. */
  requests: Readonly<Record<'place' | 'cancel' | 'amend', { method: string; path: string }>>;
}

const bitcoin = { size: 0.01, sizeDecimals: 3, priceDecimals: 1 };
const ether = { size: 0.2, sizeDecimals: 2, priceDecimals: 2 };
const solana = { size: 4, sizeDecimals: 1, priceDecimals: 2 };
const ripple = { size: 200, sizeDecimals: 1, priceDecimals: 4 };

const spot = (coinNames: Readonly<Record<string, string>>, quote = 'USDT'): SoakMarket[] =>
  Object.entries({ BTC: bitcoin, ETH: ether, SOL: solana, XRP: ripple }).map(([coin, figures]) => ({
    ...{ symbol: `${coin}/${quote}`, name: `${coinNames[coin] ?? coin}${quote}`, kind: 'spot' as const, ...figures },
  }));

const perpetuals = (): SoakMarket[] =>
  spot({}).map((market) => ({ ...market, symbol: `${market.symbol}:USDT`, kind: 'perpetual' as const }));

export const soakVenues: readonly SoakVenue[] = [
  {
    ...{ venue: 'binance', accounts: ['bin1', 'bin2'], markets: spot({}) },
    requests: {
      place: { method: 'POST', path: '/api/v3/order' },
      cancel: { method: 'DELETE', path: '/api/v3/order' },
      amend: { method: 'PUT', path: '/api/v3/order/amend/keepPriority' },
    },
  },
  {
    ...{ venue: 'kraken', accounts: ['kra1', 'kra2', 'kra3'], markets: spot({ BTC: 'XBT' }, 'USDT') },
    requests: {
      place: { method: 'POST', path: '/0/private/AddOrder' },
      cancel: { method: 'POST', path: '/0/private/CancelOrder' },
      amend: { method: 'POST', path: '/0/private/AmendOrder' },
    },
  },
  {
    ...{ venue: 'bybit', accounts: ['byb1', 'byb2'], markets: [...spot({}), ...perpetuals()] },
    requests: {
      place: { method: 'POST', path: '/v5/order/create' },
      cancel: { method: 'POST', path: '/v5/order/cancel' },
      amend: { method: 'POST', path: '/v5/order/amend' },
    },
  },
];

/** Which venue an account is at. @throws Error for an account that the soak does not have */
export function venueOf(account: string): SoakVenue {
  const venue = soakVenues.find(({ accounts }) => accounts.includes(account));
  if (venue === undefined) throw new Error(`there is no account ${account}`);
  return venue;
}

/** Prices as of some moment, by venue and unified symbol. */
export type Prices = ReadonlyMap<string, number>;
export const priceKey = (venue: VenueName, symbol: string): string => `${venue} ${symbol}`;
