/** Public topics: books, trades, tickers, candles. Each subscription has its own, which begins with a snapshot. */
import { every, type VenueClock } from '../clock.ts';
import type { Trade } from '../engine/types.ts';
import { spanAt } from '../shared/candle-spans.ts';
import { onTick } from '../shared/market-figures.ts';
import { BookStream } from './book-stream.ts';
import { candleAt, intervalOf } from './candle-routes.ts';
import type { SymbolSpec } from './catalog.ts';
import type { BybitVenue } from './context.ts';
import { BybitError, type Category } from './errors.ts';
import { streamedTicker, streamedTrade } from './market-view.ts';

export type Publish = (message: Readonly<Record<string, unknown>>) => void;
/** Starts a topic and returns what ends it. */
type Producer = (publish: Publish) => () => void;

const tickerPeriodMs = 100;
const candlePeriodMs = 1_000;
const bookDepths: Readonly<Record<string, { depth: number; periodMs: number }>> = {
  '1': { depth: 1, periodMs: 10 },
  '50': { depth: 50, periodMs: 20 },
  '200': { depth: 200, periodMs: 100 },
  '500': { depth: 500, periodMs: 100 },
  '1000': { depth: 1_000, periodMs: 200 },
};

export class PublicStreams {
  readonly #venue: BybitVenue;
  readonly #clock: VenueClock;
  readonly #tradeListeners = new Map<string, Set<(trade: Trade) => void>>();
  /** By market and topic. */
  readonly #books = new Map<string, BookStream>();

  constructor(options: { venue: BybitVenue; clock: VenueClock }) {
    this.#venue = options.venue;
    this.#clock = options.clock;
  }

  onTrade(trade: Trade): void {
    for (const listener of this.#tradeListeners.get(trade.instrumentId) ?? []) listener(trade);
  }

  /** What produces a topic such as `orderbook.50.BTCUSDT`; `undefined` when there is no such topic. */
  producer(category: Category, topic: string): Producer | undefined {
    const [kind, ...rest] = topic.split('.');
    const spec = this.#venue.catalog.find(category, rest.at(-1) ?? '');
    if (spec === undefined) return undefined;
    const start = this.#starter(kind ?? '', rest, { topic, spec });
    if (start === undefined) return undefined;
    return (publish) => {
      const endWatching = this.#venue.market.watch(spec.id);
      const end = start(publish);
      return () => {
        end();
        endWatching();
      };
    };
  }

  #starter(kind: string, rest: readonly string[], { topic, spec }: Topic): Producer | undefined {
    const nowMs = () => Math.floor(this.#venue.nowMs());
    const [detail = ''] = rest;
    if (rest.length === 1) {
      if (kind === 'publicTrade') return (publish) => this.#trades({ topic, spec }, publish);
      if (kind === 'tickers') return (publish) => this.#ticker({ topic, spec }, publish);
      // Nobody is liquidated here, so that these stay silent.
      return kind === 'allLiquidation' || kind === 'liquidation' ? () => () => undefined : undefined;
    }
    if (kind === 'kline' && rest.length === 2 && isKnownInterval(detail)) {
      return (publish) => this.#candles({ topic, spec }, detail, publish);
    }
    const size = bookDepths[detail];
    if (kind !== 'orderbook' || rest.length !== 2 || size === undefined) return undefined;
    return (publish) => {
      const market = this.#venue.market.use(spec.id);
      const { books } = this.#venue;
      const key = `${spec.id} ${topic}`;
      const stream = this.#books.get(key);
      if (stream?.isOf(market) === true) return stream.listen(publish);
      const begun = new BookStream({ ...{ topic, spec, market, books, nowMs, clock: this.#clock }, ...size });
      this.#books.set(key, begun);
      return begun.listen(publish);
    };
  }

  #trades({ topic, spec }: Topic, publish: Publish): () => void {
    const listeners = this.#tradeListeners.get(spec.id) ?? new Set();
    this.#tradeListeners.set(spec.id, listeners);
    const listener = (trade: Trade) => {
      publish({ topic, type: 'snapshot', ts: Math.floor(trade.atMs), data: [streamedTrade(trade, spec)] });
    };
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Spot sends the whole each time, contracts only what changed. */
  #ticker({ topic, spec }: Topic, publish: Publish): () => void {
    let last: Record<string, unknown> | undefined;
    const send = () => {
      const ticker: Record<string, unknown> = streamedTicker(this.#venue, spec);
      const before = last;
      const changed = Object.entries(ticker).filter(([name, value]) => before?.[name] !== value);
      if (changed.length === 0) return;
      last = ticker;
      const ts = Math.floor(this.#venue.nowMs());
      const whole = before === undefined || spec.category === 'spot';
      const data = whole ? ticker : { symbol: spec.symbol, ...Object.fromEntries(changed) };
      publish({ topic, type: whole ? 'snapshot' : 'delta', data, cs: ts, ts });
    };
    send();
    return every(this.#clock, tickerPeriodMs, send);
  }

  #candles({ topic, spec }: Topic, interval: string, publish: Publish): () => void {
    let openMs = spanAt(intervalOf(interval), this.#venue.nowMs()).openMs;
    const send = (atMs: number, confirm: boolean) => {
      const span = spanAt(intervalOf(interval), atMs);
      const candle = candleAt(this.#venue, spec, span);
      const price = (value: number) => onTick(spec, value).toFixed();
      const ts = Math.floor(this.#venue.nowMs());
      const { open, high, low, close } = candle;
      const data = {
        ...{ start: span.openMs, end: span.endMs - 1, interval, confirm, timestamp: ts },
        ...{ open: price(open), close: price(close), high: price(high), low: price(low) },
        ...{ volume: candle.baseVolume.toFixed(4), turnover: candle.quoteVolume.toFixed(4) },
      };
      publish({ topic, data: [data], ts, type: 'snapshot' });
    };
    const tick = () => {
      const span = spanAt(intervalOf(interval), this.#venue.nowMs());
      if (span.openMs > openMs) send(openMs, true);
      openMs = span.openMs;
      send(openMs, false);
    };
    tick();
    return every(this.#clock, candlePeriodMs, tick);
  }
}

interface Topic {
  readonly topic: string;
  readonly spec: SymbolSpec;
}

function isKnownInterval(name: string): boolean {
  try {
    return intervalOf(name) !== '';
  } catch (error) {
    if (error instanceof BybitError) return false;
    throw error;
  }
}
