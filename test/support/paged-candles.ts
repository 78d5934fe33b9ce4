/** A venue that tells candles in pages, as venues do: from a time on, of a span, or only the latest; and not always well. */
import {
  type Candle,
  type CandleQuery,
  type HistoryTerms,
  nextOpenTime,
  openTimeOf,
  price,
  VenueError,
} from '@nightdesk/core';
import type { CandleSource } from '@nightdesk/functions/shared/walk-candles.ts';

export type PageStyle =
  /** The first from a time on. */
  | 'start'
  /** Those between a time and as many candles later as are asked for. */
  | 'span'
  /** Only the last ones there are, whatever is asked for. */
  | 'latest'
  /** Of those from a time on, the last. */
  | 'newest';

export interface PagedCandlesOptions {
  /** Open times in order, of `timeframe`. */
  opensMs: readonly number[];
  timeframe: string;
  style: PageStyle;
  /** Most in an answer. */
  pageSize: number;
  terms?: HistoryTerms;
  timeframes?: readonly string[];
  /** What becomes of an answer, by how many came before it. */
  distort?(page: Candle[], asked: number): Candle[];
}

export class PagedCandles implements CandleSource {
  readonly questions: CandleQuery[] = [];
  readonly capabilities: CandleSource['capabilities'];
  readonly #options: PagedCandlesOptions;

  constructor(options: PagedCandlesOptions) {
    this.#options = options;
    const timeframes = [...(options.timeframes ?? [options.timeframe])];
    this.capabilities = { methods: {}, requiredCredentials: [], timeframes, rateLimitMs: 1 };
  }

  historyOf() {
    const { terms = { pageSize: this.#options.pageSize, reach: 'all' } } = this.#options;
    return { candles: terms, trades: {}, funding: {} };
  }

  async fetchCandles(_market: unknown, query: CandleQuery): Promise<Candle[]> {
    const { timeframe, sinceMs = 0, limit } = query;
    if (!this.capabilities.timeframes.includes(timeframe)) throw new VenueError('fake', `no candles of ${timeframe}`);
    const { distort = (page) => page, pageSize } = this.#options;
    const size = Math.min(limit, pageSize);
    this.questions.push(query);
    const page = this.#page(this.#candlesOf(timeframe), { timeframe, sinceMs, limit: size });
    return distort(page, this.questions.length - 1);
  }

  #page(candles: Candle[], { timeframe, sinceMs = 0, limit }: CandleQuery): Candle[] {
    const from = candles.filter(({ openTimeMs }) => openTimeMs >= sinceMs);
    const { style, pageSize } = this.#options;
    if (style === 'start') return from.slice(0, limit);
    if (style === 'newest') return from.slice(-limit);
    if (style === 'latest') return candles.slice(-pageSize).filter(({ openTimeMs }) => openTimeMs >= sinceMs);
    let endMs = sinceMs;
    for (let count = 0; count < limit; count += 1) endMs = nextOpenTime(timeframe, endMs);
    return from.filter(({ openTimeMs }) => openTimeMs < endMs);
  }

  #candlesOf(timeframe: string): Candle[] {
    const opens = new Set(this.#options.opensMs.map((openMs) => openTimeOf(timeframe, openMs)));
    return [...opens].map((openMs) => candleAt(openMs));
  }
}

/** Tells candles of different times apart by their prices. */
export function candleAt(openTimeMs: number, close = price(String(1 + (openTimeMs % 1_000_003)))): Candle {
  const prices = { open: close, high: close, low: close, close };
  return { openTimeMs, ...prices };
}
