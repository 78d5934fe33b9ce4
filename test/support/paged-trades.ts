/** A venue that tells trades in pages, as venues do: from a time on, of a window, behind an id, or only the latest. */
import {
  amount,
  type HistoryTerms,
  type MarketHistory,
  type PublicTrade,
  price,
  type TradeQuery,
} from '@nightdesk/core';

export interface PagedTradesOptions {
  trades: readonly PublicTrade[];
  style: 'start' | 'latest' | 'newest';
  /** Most in an answer. */
  pageSize: number;
  terms: HistoryTerms;
  /** How many of an answer are told, by how many answers came before it. @default all */
  keep?(asked: number): number;
}

export class PagedTrades {
  readonly questions: TradeQuery[] = [];
  readonly #options: PagedTradesOptions;

  constructor(options: PagedTradesOptions) {
    this.#options = options;
  }

  historyOf(): MarketHistory {
    return { candles: {}, trades: this.#options.terms, funding: {} };
  }

  async fetchTrades(_market: unknown, query: TradeQuery): Promise<PublicTrade[]> {
    const { keep = () => Number.POSITIVE_INFINITY, pageSize, style } = this.#options;
    const asked = this.questions.length;
    this.questions.push(query);
    const size = Math.min(query.limit, pageSize);
    const from = this.#from(query);
    const page = style === 'start' ? from.slice(0, size) : from.slice(-size);
    return page.slice(0, Math.max(1, keep(asked)));
  }

  #from({ sinceMs = 0, afterId }: TradeQuery): PublicTrade[] {
    const { trades, terms, style, pageSize } = this.#options;
    if (terms.goesOnById && afterId !== undefined) {
      return trades.filter(({ tradeId }) => Number(tradeId) > Number(afterId));
    }
    const shown = style === 'latest' ? trades.slice(-pageSize) : trades;
    const untilMs = sinceMs + (terms.spanMsMax ?? Number.POSITIVE_INFINITY);
    return shown.filter(({ atMs }) => atMs >= sinceMs && atMs <= untilMs);
  }
}

/** Trades at these times, numbered from 1 on. */
export const tradesAt = (timesMs: readonly number[], { withIds = true } = {}): PublicTrade[] =>
  timesMs.map((atMs, index) => ({
    ...(withIds && { tradeId: String(index + 1) }),
    ...{ side: 'buy' as const, price: price('100'), amount: amount(withIds ? String(index + 1) : '1'), atMs },
  }));
