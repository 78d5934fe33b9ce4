/** The markets of all instruments, each made when it is first asked for. */
import type { Decimal } from './decimal.ts';
import { createMarketState, type MarketState } from './market-state.ts';
import type { Instrument } from './types.ts';

export interface MarketsOptions {
  instruments: ReadonlyMap<string, Instrument>;
  nowMs(): number;
  /** What positions are valued by; absent takes the last trade's price. */
  markPrice?(instrumentId: string): Decimal;
}

export class Markets {
  readonly #options: MarketsOptions;
  readonly #markets = new Map<string, MarketState>();

  constructor(options: MarketsOptions) {
    this.#options = options;
  }

  /** @throws Error for an unknown instrument. */
  of(instrumentId: string): MarketState {
    const existing = this.#markets.get(instrumentId);
    if (existing !== undefined) return existing;
    const { instruments, nowMs, markPrice } = this.#options;
    const instrument = instruments.get(instrumentId);
    if (instrument === undefined) throw new Error(`no instrument ${instrumentId} in this engine`);
    const market = createMarketState(instrument, nowMs(), () => markPrice?.(instrumentId));
    this.#markets.set(instrumentId, market);
    return market;
  }

  /** The markets that somebody has used. */
  all(): IterableIterator<MarketState> {
    return this.#markets.values();
  }

  clear(): void {
    this.#markets.clear();
  }
}
