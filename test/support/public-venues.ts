/** Simulated venues for public data: each of ccxt's ids that speak a protocol there is a simulator of, with limits as in life. */

import { realLimits as binanceLimits } from '../../local/simulators/binance/limits.ts';
import { createBinanceSimulator } from '../../local/simulators/binance/simulator.ts';
import { realLimits as bybitLimits } from '../../local/simulators/bybit/limits.ts';
import { createBybitSimulator } from '../../local/simulators/bybit/simulator.ts';
import type { VenueClock } from '../../local/simulators/clock.ts';
import { realLimits as krakenLimits } from '../../local/simulators/kraken/limits.ts';
import { createKrakenSimulator } from '../../local/simulators/kraken/simulator.ts';
import type { QuietCandles } from '../../local/simulators/shared/candle-pages.ts';
import type { SimulatedVenue } from './simulated-venues.ts';

/**
 * In ccxt `binanceus`, `binanceusdm` and `binancecoinm` extend `binance`, `bybiteu` and `bybitid` extend `bybit`, with the same
 * paths under another host.
 */
const families = {
  binance: 'binance',
  binanceus: 'binance',
  binanceusdm: 'binance',
  kraken: 'kraken',
  bybit: 'bybit',
  bybiteu: 'bybit',
  bybitid: 'bybit',
} as const;

export type PublicVenueId = keyof typeof families;

export const publicVenueIds = Object.keys(families) as PublicVenueId[];

/** Five at once, of all three protocols. */
export const fivePublicVenues = [
  'binance',
  'binanceus',
  'kraken',
  'bybit',
  'bybiteu',
] as const satisfies PublicVenueId[];

/** Request weight per minute and address: api.binance.us allows a fifth, as its exchangeInfo says and ccxt's `rateLimit` of 50. */
const weightPerMinuteOfUs = 1_200;

export interface PublicVenueOptions {
  clock: VenueClock;
  /** @default one of its own for each id */
  seed?: number;
  /** Listed, spot or perpetuals, whichever the id is for. @default 220 */
  symbolsCount?: number;
  /** @default as the venue is known to do; what Bybit's other hosts do is not known, and `bybiteu` leaves them out */
  quietCandles?: QuietCandles;
}

/** Every market's own trades move its prices on request only: nobody trades at these. */
const tickMs = 60_000;

export function startPublicVenue(id: PublicVenueId, options: PublicVenueOptions): Promise<SimulatedVenue> {
  const { clock, symbolsCount = 220, seed = 100 + publicVenueIds.indexOf(id) } = options;
  const quietCandles = options.quietCandles ?? (id === 'bybiteu' ? 'left-out' : 'shown');
  const terms = { clock, seed, symbolsCount, quietCandles, tickMs, accounts: [] };
  const family = families[id];
  if (family === 'kraken') return createKrakenSimulator({ ...terms, limits: krakenLimits });
  if (family === 'bybit') return createBybitSimulator({ ...terms, limits: bybitLimits });
  const perpetualsCount = id === 'binanceusdm' ? symbolsCount : undefined;
  // Coins are invented for the spot market first; not each of them is traded against USDT.
  const spotCount = id === 'binanceusdm' ? symbolsCount * 6 : symbolsCount;
  const limits = id === 'binanceus' ? { ...binanceLimits, weightPerMinute: weightPerMinuteOfUs } : binanceLimits;
  return createBinanceSimulator({ ...terms, symbolsCount: spotCount, perpetualsCount, limits });
}

/** A client of ccxt's own class for the id, with nothing changed but the addresses. */
export function redirect(urls: unknown, url: string): void {
  const { api } = urls as { api: Record<string, unknown> };
  for (const [name, value] of Object.entries(api)) {
    if (typeof value === 'string') api[name] = value.replace(/^https:\/\/[^/]+/, url);
  }
}
