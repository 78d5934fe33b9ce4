/** What Nightdesk has to know of a venue's streams of markets beyond what ccxt tells. */
import type { Market, MarketStreamKind, VenueId } from '@nightdesk/core';
import type { CallParameters } from '../venue-client.ts';

/**
 * How it is known that a book is the venue's:
 * - `chained`: each update names the one before it, and ccxt refuses one that does not follow;
 * - `counted`: updates are numbered one by one, and a snapshot begins anew; ccxt looks at no number;
 * - `summed`: each update carries a CRC-32 of what the book is after it;
 * - `trusted`: ccxt's own checks, where its class has any, are all there is.
 */
export type BookRule = 'chained' | 'counted' | 'summed' | 'trusted';

export interface BookStreamTraits {
  rule: BookRule;
  /** Levels of each side that ccxt is asked for where so many are published; `undefined` takes its own default. */
  levels(depth: number, timesThin: number): number | undefined;
  /** What an update is applied to is asked for over HTTP, so few books at a time can begin. */
  beginsByRequest: boolean;
  /**
   * How a book is fetched anew: `anew` subscribes once more, where an answer begins a new book; `again` unsubscribes first;
   * `reconnect` opens another connection, where nothing else surely keeps updates of the old book out of the new one.
   */
  resync: 'anew' | 'again' | 'reconnect';
  /** How many decimals a checksum writes prices and amounts with. */
  decimals?(market: Market): { price: number; amount: number };
}

/** How ccxt is asked for a stream, where that is not by the name of its kind. */
export interface WatchWords {
  /** A method of ccxt's that takes a list of markets. */
  method: string;
  parameters?: CallParameters;
  /** Where in the venue's own words what ccxt leaves out is found: of funding, `rate`, `nextAt` and `mark`. */
  fields?: Readonly<Record<string, string>>;
}

export interface UnsubscribeWords {
  /** The venue's name of a stream. @param levels of books, as they were asked for */
  topic(subscription: {
    kind: MarketStreamKind;
    market: Market;
    levels?: number;
    interval?: string;
  }): string | undefined;
  /** The message that ends these streams; all are of one kind. */
  request(topics: readonly string[], id: number, kind: MarketStreamKind): unknown;
}

/** What the venue says of a message that subscribes. */
export interface SubscribeAnswer {
  /** Of that message. */
  id: string;
  /** Of which of its markets this is said; absent where it is of all. */
  symbol?: string;
  /** Absent where it was taken. */
  refusal?: string;
}

export interface StreamTraits {
  /** Subscriptions that one connection takes. */
  subscriptionsMax: number;
  /** Markets that one message subscribes. */
  symbolsPerMessageMax: number;
  /** Messages that may be sent over one connection in a second, rather fewer than the venue takes. */
  messagesPerSecondMax: number;
  books: BookStreamTraits;
  watches: Partial<Record<MarketStreamKind, WatchWords>>;
  /**
   * Reads that a subscription was taken, and a refusal where ccxt does not tell whose it is; nothing of any other message. It sees every
   * message, so it has to be quick. Absent where it is not known how the venue answers.
   */
  answerOf?(message: unknown): SubscribeAnswer | undefined;
  /** Absent where ccxt's own way is used, if it has one. */
  unsubscribe?: UnsubscribeWords;
  /** ccxt options, over those of `VenueTraits`. */
  options: Readonly<Record<string, unknown>>;
  /** Objects among its options in which ccxt keeps what it has asked for, and which may be emptied at any time. */
  optionsThatGrow: readonly string[];
}

export const defaultStreamTraits: StreamTraits = {
  subscriptionsMax: 100,
  symbolsPerMessageMax: 20,
  messagesPerSecondMax: 2,
  books: { rule: 'trusted', levels: () => undefined, beginsByRequest: false, resync: 'reconnect' },
  watches: {},
  options: {},
  optionsThatGrow: [],
};

const atLeast =
  (offered: readonly number[]) =>
  (depth: number): number | undefined =>
    offered.find((levels) => levels >= depth) ?? offered.at(-1);

/**
 * A larger snapshot weighs more: 5 of 6,000 a minute for 100 levels, 25 for 500, 50 for 1,000
 * (https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints). So most books begin with
 * 100, and those that move through that often get more.
 */
const binanceLevels = [100, 500, 1_000] as const;

/** ccxt's words of `@…` streams, by kind. */
const binanceTopics: Readonly<Record<MarketStreamKind, string>> = {
  books: '@depth@100ms',
  trades: '@trade',
  tickers: '@ticker',
  candles: '@kline_',
  funding: '@markPrice@1s',
  liquidations: '@forceOrder',
};

const perTypeOfMarket = (value: number) =>
  Object.fromEntries(['spot', 'margin', 'future', 'delivery', 'option', 'optionMarket'].map((type) => [type, value]));

/**
 * 1,024 streams a connection and five messages a second at spot, 200 and ten at futures, pings and pongs counted
 * (https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams).
 */
const binance: StreamTraits = {
  subscriptionsMax: 200,
  symbolsPerMessageMax: 50,
  messagesPerSecondMax: 3,
  books: {
    rule: 'chained',
    levels: (depth, timesThin) =>
      binanceLevels[Math.min(binanceLevels.findIndex((levels) => levels >= 2 * depth) + timesThin, 2)] ?? 1_000,
    beginsByRequest: true,
    resync: 'anew',
  },
  watches: {
    tickers: { method: 'watchTickers', parameters: { name: 'ticker' } },
    funding: { method: 'watchMarkPrices', fields: { rate: 'r', nextAt: 'T', mark: 'p' } },
  },
  /** `{"result":null,"id":1}`; https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams. */
  answerOf(message) {
    const { id, result } = (message ?? {}) as { id?: unknown; result?: unknown };
    return id !== undefined && result === null ? { id: String(id) } : undefined;
  },
  unsubscribe: {
    topic: ({ kind, market, interval = '' }) => `${market.venueSymbol.toLowerCase()}${binanceTopics[kind]}${interval}`,
    request: (params, id) => ({ method: 'UNSUBSCRIBE', params, id }),
  },
  options: {
    // ccxt would open another connection for each subscription.
    streamLimits: perTypeOfMarket(1),
    subscriptionLimitByStream: perTypeOfMarket(1_000_000),
    watchOrderBookRate: '100',
  },
  optionsThatGrow: ['streamBySubscriptionsHash', 'numSubscriptionsByStream'],
};

const bybitTopics: Readonly<Record<MarketStreamKind, string>> = {
  books: 'orderbook.',
  trades: 'publicTrade.',
  tickers: 'tickers.',
  candles: 'kline.',
  funding: 'tickers.',
  liquidations: 'allLiquidation.',
};

/** Ten topics in a message at spot, which has the least; https://bybit-exchange.github.io/docs/v5/ws/connect. */
const bybit: StreamTraits = {
  subscriptionsMax: 300,
  symbolsPerMessageMax: 10,
  messagesPerSecondMax: 5,
  books: { rule: 'counted', levels: atLeast([50, 200, 1_000]), beginsByRequest: false, resync: 'again' },
  watches: {
    funding: { method: 'watchTickers', fields: { rate: 'fundingRate', nextAt: 'nextFundingTime', mark: 'markPrice' } },
  },
  /** `{"success":true,"op":"subscribe","req_id":"1"}`; https://bybit-exchange.github.io/docs/v5/ws/connect. */
  answerOf(message) {
    const { op, success, req_id } = (message ?? {}) as { op?: unknown; success?: unknown; req_id?: unknown };
    return op === 'subscribe' && success === true ? { id: String(req_id) } : undefined;
  },
  unsubscribe: {
    topic: ({ kind, market, levels, interval }) =>
      [`${bybitTopics[kind]}${levels ?? interval ?? ''}`.replace(/\.$/, ''), market.venueSymbol].join('.'),
    request: (args, id) => ({ op: 'unsubscribe', req_id: String(id), args }),
  },
  options: {},
  optionsThatGrow: [],
};

const krakenChannels: Readonly<Record<MarketStreamKind, string>> = {
  books: 'book',
  trades: 'trade',
  tickers: 'ticker',
  candles: 'ohlc',
  funding: '',
  liquidations: '',
};

/** Of checksums: as many decimals as the pair's own definition says, which may be more than its steps have. */
function krakenDecimals({ definition, priceStep, amountStep }: Market): { price: number; amount: number } {
  const { info } = JSON.parse(definition) as { info?: { pair_decimals?: unknown; lot_decimals?: unknown } };
  const read = (told: unknown, step: string | undefined) =>
    Number(told ?? (step?.split('.')[1] ?? '').replace(/0+$/, '').length);
  return { price: read(info?.pair_decimals, priceStep), amount: read(info?.lot_decimals, amountStep) };
}

/**
 * One answer for each pair; ccxt reads a refusal as one of the whole message, of which it does not know what it was. What names no pair,
 * such as that there were too many messages, is left to it.
 * https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/trade
 */
function krakenAnswer(message: unknown): SubscribeAnswer | undefined {
  const { method, success, error, symbol, result, req_id } = (message ?? {}) as Record<string, unknown>;
  if (method !== 'subscribe' || req_id === undefined) return undefined;
  const told = success === true ? (result as { symbol?: unknown } | undefined)?.symbol : symbol;
  if (typeof told !== 'string') return undefined;
  return { id: String(req_id), symbol: told, ...(success !== true && { refusal: String(error) }) };
}

/** https://docs.kraken.com/exchange/guides/websockets/book-checksum-v2 */
const kraken: StreamTraits = {
  subscriptionsMax: 200,
  symbolsPerMessageMax: 25,
  messagesPerSecondMax: 3,
  books: {
    rule: 'summed',
    levels: atLeast([10, 25, 100, 500, 1_000]),
    beginsByRequest: false,
    resync: 'again',
    decimals: krakenDecimals,
  },
  watches: { candles: { method: 'watchOHLCV' } },
  answerOf: krakenAnswer,
  unsubscribe: {
    topic: ({ market, levels, interval }) =>
      JSON.stringify({
        symbol: market.symbol,
        ...(levels !== undefined && { depth: levels }),
        ...(interval && { interval: Number(interval) }),
      }),
    request: (topics, id, kind) => {
      const streams = topics.map((topic) => JSON.parse(topic) as { symbol: string });
      const params = { ...streams[0], channel: krakenChannels[kind], symbol: streams.map(({ symbol }) => symbol) };
      return { method: 'unsubscribe', params, req_id: id };
    },
  },
  options: {},
  optionsThatGrow: [],
};

const traits: Readonly<Record<string, StreamTraits>> = {
  ...{ binance, binanceus: binance, binanceusdm: binance, binancecoinm: binance },
  ...{ bybit, bybiteu: bybit, bybitid: bybit },
  kraken,
};

export const streamTraitsOf = (venue: VenueId): StreamTraits =>
  Object.hasOwn(traits, venue) ? (traits[venue] ?? defaultStreamTraits) : defaultStreamTraits;
