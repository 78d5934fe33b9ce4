/** A whole market: the matching engine with a market maker for every instrument that somebody uses. */
import { every, type VenueClock } from '../clock.ts';
import { approximate, type Decimal, decimal, decimalOfStatistic } from './decimal.ts';
import { fundingIntervalMs, fundingRateAt, nextFundingMs } from './funding.ts';
import { houseAccountId } from './ledger.ts';
import { MarketMaker } from './market-maker.ts';
import { MarketPast } from './market-past.ts';
import type { MarketState } from './market-state.ts';
import { MatchingEngine } from './matching-engine.ts';
import { PriceShifts } from './price-path.ts';
import type { EngineStore } from './store.ts';
import type { Booking, EngineEvent, Instrument, Order } from './types.ts';

/** How long a market goes on moving after somebody last looked at it. */
const idleMs = 30_000;
/** Turnover per minute, in market-maker levels. */
const levelsTradedPerMinute = 6;
/** How exactly orders end at their time. */
const expiryCheckMs = 500;

export interface SeededVenueOptions {
  instruments: ReadonlyMap<string, Instrument>;
  seed: number;
  clock: VenueClock;
  feeRate: Decimal;
  store: EngineStore;
  /** @default 250 */
  tickMs?: number | undefined;
  /** The time that the venue shows, by which orders end. @default the clock's */
  venueNowMs?(): number;
  onEvent(event: EngineEvent): void;
  hideFillUntilMs?(order: Readonly<Order>): number | undefined;
}

interface LiveMarket {
  readonly state: MarketState;
  readonly maker: MarketMaker;
  usedAtMs: number;
  watchers: number;
}

export class SeededVenue {
  readonly engine: MatchingEngine;
  readonly #options: SeededVenueOptions;
  readonly #live = new Map<string, LiveMarket>();
  readonly #pasts = new Map<string, MarketPast>();
  readonly #shifts = new PriceShifts();
  readonly #tickMs: number;
  readonly #stopTicking: () => void;
  readonly #stopExpiring: () => void;
  #nextFundingMs: number;

  constructor(options: SeededVenueOptions) {
    this.#options = options;
    this.#tickMs = options.tickMs ?? 250;
    const nowMs = () => options.clock.nowMs();
    this.#nextFundingMs = nextFundingMs(nowMs());
    this.engine = new MatchingEngine({ ...options, nowMs, markPrice: (id) => this.markPrice(id) });
    // What ended while nobody was here must not trade any more.
    const expire = () => {
      const venueNowMs = options.venueNowMs?.() ?? nowMs();
      this.engine.expireOrders(venueNowMs);
      this.engine.cancelTimers.fire(venueNowMs);
    };
    expire();
    this.#wakeMarketsWithOrders();
    this.#stopExpiring = every(options.clock, expiryCheckMs, expire);
    this.#stopTicking = every(options.clock, this.#tickMs, () => this.tick());
  }

  /** The market of an instrument, awake and up to date, with somebody to trade with. */
  use(instrumentId: string): MarketState {
    const live = this.#wake(instrumentId);
    const nowMs = this.#options.clock.nowMs();
    live.usedAtMs = nowMs;
    live.maker.advance(nowMs);
    live.maker.refill(nowMs);
    return live.state;
  }

  /** The market of an instrument as it is, if it is awake; looking does not wake it. */
  awake(instrumentId: string): MarketState | undefined {
    return this.#live.get(instrumentId)?.state;
  }

  /** Keeps a market moving until the returned function is called. */
  watch(instrumentId: string): () => void {
    this.use(instrumentId);
    const live = this.#wake(instrumentId);
    live.watchers += 1;
    return () => {
      live.watchers -= 1;
    };
  }

  /** Moves every market that is in use; the clock calls this. */
  tick(): void {
    const nowMs = this.#options.clock.nowMs();
    if (nowMs >= this.#nextFundingMs) {
      this.#nextFundingMs = nextFundingMs(nowMs);
      this.fund({});
    }
    for (const live of this.#live.values()) {
      const { resting, triggers, sliced } = live.state;
      const waiting = resting.size + triggers.size + sliced.size > 0;
      if (waiting || live.watchers > 0 || nowMs - live.usedAtMs < idleMs) live.maker.advance(nowMs);
    }
  }

  /** What candles, day statistics and past trades of an instrument are made from. */
  candleSource(instrumentId: string): MarketPast {
    let past = this.#pasts.get(instrumentId);
    if (past === undefined) {
      const instrument = this.#instrument(instrumentId);
      const { levelNotional, priceName = instrumentId } = instrument;
      past = new MarketPast({
        ...instrument,
        seed: this.#options.seed,
        name: priceName,
        quoteVolumePerMinute: levelNotional * levelsTradedPerMinute,
        shifts: () => this.#shifts.of(priceName),
      });
      this.#pasts.set(instrumentId, past);
    }
    return past;
  }

  /** What positions are valued by: the price that the market maker quotes around, on a tick. */
  markPrice(instrumentId: string): Decimal {
    const tick = approximate(this.#instrument(instrumentId).tickSize);
    const price = this.candleSource(instrumentId).path(this.#options.clock.nowMs());
    return decimalOfStatistic(Math.max(1, Math.round(price / tick)) * tick, 8);
  }

  /** Moves a price, and all that follow the same one, by a factor from now on. */
  shiftPrice(instrumentId: string, factor: number): void {
    const { priceName = instrumentId } = this.#instrument(instrumentId);
    this.#shifts.add(priceName, { sinceMs: this.#options.clock.nowMs(), factor });
    for (const [id, { maker }] of this.#live) {
      if ((this.#instrument(id).priceName ?? id) === priceName) maker.jump(this.#options.clock.nowMs());
    }
  }

  /** The rate at which the interval ends that a time falls into. */
  fundingRate(instrumentId: string, atMs: number): Decimal {
    return fundingRateAt(this.#options.seed, instrumentId, atMs);
  }

  /** Books a funding now: of one perpetual or of all with positions, at a given rate or at that of the interval just ended. */
  fund({ instrumentId, rate }: { instrumentId?: string | undefined; rate?: string | undefined }): Booking[] {
    const endedMs = nextFundingMs(this.#options.clock.nowMs()) - fundingIntervalMs;
    const held = this.engine.positions.all().map((position) => position.instrumentId);
    const instrumentIds = instrumentId === undefined ? new Set(held) : [instrumentId];
    return [...instrumentIds]
      .flatMap((id) => {
        const ownRate = rate === undefined ? this.fundingRate(id, endedMs) : decimal(rate);
        return this.engine.perpetuals.fund(id, ownRate);
      })
      .filter(({ accountId }) => accountId !== houseAccountId);
  }

  /** Forgets all orders, balances and markets. */
  reset(): void {
    this.#shifts.clear();
    this.#live.clear();
    this.engine.reset();
  }

  close(): void {
    this.#stopTicking();
    this.#stopExpiring();
    this.#options.store.close();
  }

  #instrument(instrumentId: string): Instrument {
    const instrument = this.#options.instruments.get(instrumentId);
    if (instrument === undefined) throw new Error(`no instrument ${instrumentId} in this venue`);
    return instrument;
  }

  #wake(instrumentId: string): LiveMarket {
    let live = this.#live.get(instrumentId);
    if (live === undefined) {
      const state = this.engine.market(instrumentId);
      const { seed } = this.#options;
      const options = { engine: this.engine, seed, tickMs: this.#tickMs };
      const maker = new MarketMaker(options, state, this.candleSource(instrumentId).path);
      live = { state, maker, usedAtMs: this.#options.clock.nowMs(), watchers: 0 };
      this.#live.set(instrumentId, live);
    }
    return live;
  }

  #wakeMarketsWithOrders(): void {
    for (const market of this.engine.markets()) this.#wake(market.instrument.id);
  }
}
