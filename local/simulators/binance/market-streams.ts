/** What each market stream sends, and when. */
import { every, type VenueClock } from '../clock.ts';
import { candleOf } from '../engine/candles.ts';
import { fixed } from '../engine/decimal.ts';
import type { Trade } from '../engine/types.ts';
import { isInterval, spanAt } from '../shared/candle-spans.ts';
import type { SymbolSpec } from './catalog.ts';
import type { BinanceVenue } from './context.ts';
import { startDepthStream } from './depth-stream.ts';
import { bookSide, candleView, tickerFigures, topOfBook } from './market-view.ts';

export type Publish = (event: unknown) => void;
/** Begins to publish; the returned function ends it. */
export type Producer = (publish: Publish) => () => void;

export interface MarketStreamsOptions {
  venue: BinanceVenue;
  clock: VenueClock;
}

const tickerPeriodMs = 1000;
const bookTickerPeriodMs = 100;
const candlePeriodMs = 1000;

export class MarketStreams {
  readonly #venue: BinanceVenue;
  readonly #clock: VenueClock;
  readonly #tradeListeners = new Map<string, Set<(trade: Trade) => void>>();

  constructor(options: MarketStreamsOptions) {
    this.#venue = options.venue;
    this.#clock = options.clock;
  }

  onTrade(trade: Trade): void {
    for (const listener of this.#tradeListeners.get(trade.instrumentId) ?? []) listener(trade);
  }

  /** How to produce a stream such as `btcusdt@depth@100ms`; `undefined` when there is no such stream. */
  producer(name: string): Producer | undefined {
    if (name === '!ticker@arr') return (publish) => this.#allTickers(publish, (spec) => this.#ticker(spec));
    if (name === '!miniTicker@arr') return (publish) => this.#allTickers(publish, (spec) => this.#miniTicker(spec));
    const [symbol = '', channel = '', speed] = name.split('@');
    const spec = this.#venue.catalog.find('spot', symbol.toUpperCase());
    if (spec === undefined) return undefined;
    const start = this.#channel(spec, channel, speed);
    if (start === undefined) return undefined;
    return (publish) => {
      const stopWatching = this.#venue.market.watch(spec.id);
      const stop = start(publish);
      return () => {
        stop();
        stopWatching();
      };
    };
  }

  #channel(spec: SymbolSpec, channel: string, speed: string | undefined): Producer | undefined {
    const depthLevels = /^depth(5|10|20)?$/.exec(channel);
    if (depthLevels !== null) {
      const periodMs = speed === '100ms' ? 100 : 1000;
      const levels = depthLevels[1];
      return (publish) =>
        levels === undefined
          ? this.#depthDifferences(spec, periodMs, publish)
          : this.#depthSnapshots(spec, { periodMs, levels: Number(levels) }, publish);
    }
    const interval = channel.startsWith('kline_') ? channel.slice('kline_'.length) : undefined;
    if (interval !== undefined && isInterval(interval)) return (publish) => this.#candles(spec, interval, publish);
    const periodic: Record<string, () => unknown> = {
      ticker: () => this.#ticker(spec),
      miniTicker: () => this.#miniTicker(spec),
    };
    const event = periodic[channel];
    if (event !== undefined) return (publish) => every(this.#clock, tickerPeriodMs, () => publish(event()));
    if (channel === 'bookTicker') return (publish) => this.#bookTicker(spec, publish);
    if (channel === 'trade') return (publish) => this.#trades(spec, (trade) => publish(tradeEvent(spec, trade)));
    if (channel === 'aggTrade') return (publish) => this.#trades(spec, (trade) => publish(aggregateEvent(spec, trade)));
    return undefined;
  }

  #nowMs(): number {
    return Math.floor(this.#venue.nowMs());
  }

  #depthDifferences(spec: SymbolSpec, periodMs: number, publish: Publish): () => void {
    const market = this.#venue.market.use(spec.id);
    const nowMs = () => this.#nowMs();
    const { books } = this.#venue;
    return startDepthStream({ market, symbol: spec.symbol, books, clock: this.#clock, periodMs, nowMs }, publish);
  }

  #depthSnapshots(spec: SymbolSpec, options: { periodMs: number; levels: number }, publish: Publish): () => void {
    return every(this.#clock, options.periodMs, () => {
      const market = this.#venue.market.use(spec.id);
      const bids = bookSide(market, 'buy', options.levels);
      const asks = bookSide(market, 'sell', options.levels);
      this.#venue.books.note(market, { sequence: market.book.updateId, atMs: this.#nowMs() });
      publish({ lastUpdateId: market.book.updateId, bids, asks });
    });
  }

  #trades(spec: SymbolSpec, listener: (trade: Trade) => void): () => void {
    const listeners = this.#tradeListeners.get(spec.id) ?? new Set();
    this.#tradeListeners.set(spec.id, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** The open candle every second, and each candle once more when it has closed. */
  #candles(spec: SymbolSpec, interval: string, publish: Publish): () => void {
    let openMs = spanAt(interval, this.#nowMs()).openMs;
    const send = (atMs: number) => {
      const span = spanAt(interval, atMs);
      const candle = candleOf(this.#venue.market.candleSource(spec.id), span, this.#nowMs());
      const [t, o, h, l, c, v, T, q, n, V, Q] = candleView(candle);
      const { tradeCount, firstTradeId } = candle;
      // Where nobody traded Binance says -1 for both.
      const [f, L] = tradeCount === 0 ? [-1, -1] : [firstTradeId, firstTradeId + tradeCount - 1];
      const k = { t, T, s: spec.symbol, i: interval, f, L, o, c, h, l, v, n, x: candle.closed, q, V, Q, B: '0' };
      publish({ e: 'kline', E: this.#nowMs(), s: spec.symbol, k });
    };
    return every(this.#clock, candlePeriodMs, () => {
      const current = spanAt(interval, this.#nowMs()).openMs;
      if (current !== openMs) send(openMs);
      openMs = current;
      send(current);
    });
  }

  #bookTicker(spec: SymbolSpec, publish: Publish): () => void {
    let last = '';
    return every(this.#clock, bookTickerPeriodMs, () => {
      const u = this.#venue.market.use(spec.id).book.updateId;
      const top = topOfBook(this.#venue, spec, this.#nowMs());
      const best = { s: spec.symbol, b: top.bid, B: top.bidQuantity, a: top.ask, A: top.askQuantity };
      const text = JSON.stringify(best);
      if (text !== last) publish({ u, ...best });
      last = text;
    });
  }

  /** As at Binance only symbols that moved are in it: those that are awake. */
  #allTickers(publish: Publish, view: (spec: SymbolSpec) => unknown): () => void {
    return every(this.#clock, tickerPeriodMs, () => {
      const awake = this.#venue.catalog.list('spot').filter(({ id }) => this.#venue.market.awake(id) !== undefined);
      if (awake.length > 0) publish(awake.map(view));
    });
  }

  #ticker(spec: SymbolSpec) {
    const nowMs = this.#nowMs();
    const { top, ...figures } = tickerFigures(this.#venue, spec, nowMs);
    return {
      e: '24hrTicker',
      E: nowMs,
      s: spec.symbol,
      p: figures.change,
      P: figures.changePercent,
      w: figures.weightedAverage,
      x: figures.open,
      c: top.last,
      Q: top.lastQuantity,
      b: top.bid,
      B: top.bidQuantity,
      a: top.ask,
      A: top.askQuantity,
      o: figures.open,
      h: figures.high,
      l: figures.low,
      v: figures.baseVolume,
      q: figures.quoteVolume,
      O: figures.openTime,
      C: figures.closeTime,
      F: 0,
      L: figures.tradeCount,
      n: figures.tradeCount,
    };
  }

  #miniTicker(spec: SymbolSpec) {
    const { E, s, c, o, h, l, v, q } = this.#ticker(spec);
    return { e: '24hrMiniTicker', E, s, c, o, h, l, v, q };
  }
}

function tradeEvent(spec: SymbolSpec, trade: Trade) {
  const T = Math.floor(trade.atMs);
  const amounts = { p: fixed(trade.price), q: fixed(trade.quantity) };
  return { e: 'trade', E: T, s: spec.symbol, t: trade.id, ...amounts, T, m: trade.takerSide === 'sell', M: true };
}

function aggregateEvent(spec: SymbolSpec, trade: Trade) {
  const T = Math.floor(trade.atMs);
  const ids = { a: trade.id, f: trade.id, l: trade.id };
  const amounts = { p: fixed(trade.price), q: fixed(trade.quantity) };
  return { e: 'aggTrade', E: T, s: spec.symbol, ...ids, ...amounts, T, m: trade.takerSide === 'sell', M: true };
}
