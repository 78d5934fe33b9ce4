/** The trading half of a venue's port on a client that a test scripts, or on ccxt's own with its requests caught. */
import { LocalBudget, type Market, type TradingPort, type VenueId } from '@nightdesk/core';
import { createTrading } from '@nightdesk/exchange/trading.ts';
import { traitsOf, type VenueTraits } from '@nightdesk/exchange/traits/index.ts';
import type { VenueClient } from '@nightdesk/exchange/venue-client.ts';
import { VenueSession } from '@nightdesk/exchange/venue-session.ts';
import { createManualClock } from '../../support/clocks.ts';

export const nowMs = 1_795_000_000_000;

/** What the client of a test answers; every method that is not given is one that the venue does not have. */
export type ScriptedClient = { has: Record<string, unknown> } & Record<string, unknown>;

/** @param wordings with which the venue's errors are read, as its traits have them */
export function tradingOn(
  client: object,
  venue: string,
  traits: Partial<VenueTraits> = {},
): TradingPort & { nowMs: number } {
  const clock = createManualClock(nowMs);
  const all = { ...traitsOf(venue as VenueId), ...traits };
  const budget = new LocalBudget({ limits: [], clock });
  const context = { clock, budget, refusals: [], wordings: all.wordings, risingNonces: false, aheadMs: 0 };
  // A scripted client has only the few members that are called.
  const session = new VenueSession(client as VenueClient, { ...context, originalUrl: (url) => url }, []);
  return { ...createTrading({ venue: venue as VenueId, session, traits: all }), nowMs };
}

/** Rounds to no steps, and says that it can change and look up orders. */
export const scripted = (methods: Record<string, unknown>, has: Record<string, unknown> = {}): ScriptedClient => ({
  options: {},
  setMarkets: () => {},
  amountToPrecision: (_symbol: string, text: string) => text,
  priceToPrecision: (_symbol: string, text: string) => text,
  ...methods,
  has: { ...Object.fromEntries(Object.keys(methods).map((name) => [name, true])), ...has },
});

/** An error as ccxt has it, told by its name. It counts as the venue's word, as nothing was sent through the network here. */
export function venueError(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** A market as ccxt has it, by what orders read of it. */
export function ccxtMarket(kind: 'spot' | 'linear' | 'inverse', info: object = {}): Record<string, unknown> {
  const isContract = kind !== 'spot';
  const symbol = { spot: 'BTC/USDT', linear: 'BTC/USDT:USDT', inverse: 'BTC/USD:BTC' }[kind];
  return {
    ...{ id: 'BTCUSDT', symbol, active: true, info, base: 'BTC', quote: 'USDT', baseId: 'BTC', quoteId: 'USDT' },
    ...(isContract && { settle: kind === 'linear' ? 'USDT' : 'BTC', contractSize: 1, subType: kind }),
    ...{ type: isContract ? 'swap' : 'spot', spot: !isContract, swap: isContract, contract: isContract },
    ...{ linear: kind === 'linear', inverse: kind === 'inverse', future: false, option: false },
    ...{ precision: { amount: '0.001', price: '0.01' }, limits: {} },
  };
}

/** The desk's market of the same. */
export const withDefinition = (market: Market, definition: object): Market => ({
  ...market,
  definition: JSON.stringify(definition),
});
