/** How each kind of stream is asked for: which of ccxt's methods the venue has, and with which arguments. */
import type { MarketKind, MarketStreamKind } from '@nightdesk/core';
import type { StreamTraits } from '../traits/stream-traits.ts';
import { type CallParameters, offers, type VenueClient } from '../venue-client.ts';
import { methodOf, type StreamVenueClient } from './stream-client.ts';

export interface WatchPlan {
  method: string;
  /** It takes a list of markets; otherwise one. */
  takesMany: boolean;
  parameters: CallParameters;
  /** Where in the venue's own words what ccxt leaves out is found. */
  fields: Readonly<Record<string, string>>;
}

/** Of many first: one message subscribes them all. */
const methods: Readonly<Record<MarketStreamKind, readonly [many: string, one: string]>> = {
  books: ['watchOrderBookForSymbols', 'watchOrderBook'],
  trades: ['watchTradesForSymbols', 'watchTrades'],
  tickers: ['watchTickers', 'watchTicker'],
  candles: ['watchOHLCVForSymbols', 'watchOHLCV'],
  funding: ['watchFundingRates', 'watchFundingRate'],
  liquidations: ['watchLiquidationsForSymbols', 'watchLiquidations'],
};

/** What is asked again and again where there is no stream. */
export const pollMethods: Readonly<Partial<Record<MarketStreamKind, string>>> = {
  books: 'fetchOrderBook',
  trades: 'fetchTrades',
  tickers: 'fetchTicker',
  candles: 'fetchOHLCV',
  funding: 'fetchFundingRate',
};

/** Spot markets pay no funding and liquidate nobody; what expires pays none either. */
const isThere = (kind: MarketStreamKind, market: MarketKind): boolean =>
  kind === 'funding' ? market === 'perpetual' : kind !== 'liquidations' || market !== 'spot';

/** @returns nothing where the venue streams no such thing of such markets */
export function planWatch(
  client: StreamVenueClient,
  { watches }: StreamTraits,
  { kind, market }: { kind: MarketStreamKind; market: MarketKind },
): WatchPlan | undefined {
  if (!isThere(kind, market)) return undefined;
  const words = watches[kind];
  const [many, one] = methods[kind];
  const method = words?.method ?? [many, one].find((name) => offers(client, name));
  if (method === undefined || methodOf(client, method) === undefined) return undefined;
  return { method, takesMany: method !== one, parameters: words?.parameters ?? {}, fields: words?.fields ?? {} };
}

export function offerOf(
  client: StreamVenueClient,
  traits: StreamTraits,
  wanted: { kind: MarketStreamKind; market: MarketKind },
): 'streamed' | 'polled' | 'absent' {
  if (planWatch(client, traits, wanted) !== undefined) return 'streamed';
  const method = pollMethods[wanted.kind];
  return isThere(wanted.kind, wanted.market) && method !== undefined && isOffered(client, method) ? 'polled' : 'absent';
}

/** Put together from other answers will do as well. */
const isOffered = (client: VenueClient, method: string): boolean => Boolean(client.has[method]);

/** Asks for these streams. The promise is that of the first update; it is rejected with the socket, too. */
export async function watch(
  client: StreamVenueClient,
  { method, takesMany, parameters }: WatchPlan,
  { kind, symbols, timeframe, levels }: WatchedStreams,
): Promise<unknown> {
  const call = methodOf(client, method);
  if (call === undefined) throw new Error(`there is no ${method}`);
  const [one = ''] = symbols;
  if (kind === 'books') return call(takesMany ? symbols : one, levels, parameters);
  if (kind === 'tickers' || kind === 'funding') return call(takesMany ? symbols : one, parameters);
  if (kind === 'candles') {
    const rest = [undefined, undefined, parameters];
    return takesMany
      ? call(
          symbols.map((symbol) => [symbol, timeframe]),
          ...rest,
        )
      : call(one, timeframe, ...rest);
  }
  return call(takesMany ? symbols : one, undefined, undefined, parameters);
}

export interface WatchedStreams {
  kind: MarketStreamKind;
  symbols: readonly string[];
  timeframe?: string | undefined;
  levels?: number | undefined;
}
