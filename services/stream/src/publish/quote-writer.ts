/** Writes quotes of all connections of this task, in batches of whatever is due. */
import type { Clock, LiveQuote, QuoteStore } from '@nightdesk/core';
import type { PublishObserver } from './publisher.ts';
import type { QuoteMarket, QuoteWork } from './quote-market.ts';

/** As many rows as DynamoDB takes in one request. */
const batchSize = 25;
/** Batches at once. */
const batchesMax = 8;
/** While a batch is under way, what comes within this time goes together; milliseconds. A tenth of how soon a quote is to be readable. */
const gatherMs = 10;
/** How exactly it is known when a market is due that waits for its pace; milliseconds. */
const slotMs = 10;
/** Furthest that is looked ahead for the next slot: a second. */
const slotsAhead = 100;

export interface QuoteWriterOptions {
  quotes: Pick<QuoteStore, 'write' | 'remove'>;
  clock: Clock;
  /** A clock that never goes back; milliseconds. */
  monotonicMs(): number;
  observer: PublishObserver;
}

const nameOf = ({ venue, symbol }: Pick<LiveQuote, 'venue' | 'symbol'>): string => `${venue} ${symbol}`;

interface Started<Work> {
  market: QuoteMarket;
  work: Work;
}
type Write = Extract<QuoteWork, { do: 'write' }>;
type Removal = Extract<QuoteWork, { do: 'remove' }>;

/**
 * What it holds are markets, each once, and no quotes: what comes faster than it can be written is replaced by what is newer, in the market
 * itself. Of a market only one work is under way, so nothing older ever comes after something newer.
 */
export class QuoteWriter {
  readonly #options: QuoteWriterOptions;
  /** Those with something to be done now, in the order in which they got it. */
  readonly #due = new Set<QuoteMarket>();
  /** Those with something to be done later, by when. */
  readonly #slots = new Map<number, Set<QuoteMarket>>();
  readonly #slotOf = new Map<QuoteMarket, number>();
  #underWay = 0;
  #isGathering = false;
  #wakeSlot: number | undefined;
  #lastSlot: number;
  #isEnded = false;
  #whenIdle: (() => void)[] = [];

  constructor(options: QuoteWriterOptions) {
    this.#options = options;
    this.#lastSlot = this.#slotAt(options.monotonicMs());
  }

  /** Something about the market has changed. */
  touch(market: QuoteMarket): void {
    const { nextMs } = market;
    if (nextMs === undefined || this.#isEnded) return;
    if (nextMs > this.#options.monotonicMs()) {
      this.#await(market, nextMs);
    } else {
      this.#due.add(market);
      this.#gather();
    }
  }

  /** The market is not to be written any more, ever. */
  forget(market: QuoteMarket): void {
    market.retire();
    this.#due.delete(market);
    this.#leaveSlot(market);
  }

  /** Resolves once nothing is due and nothing under way. */
  async idle(): Promise<void> {
    if (this.#due.size === 0 && this.#underWay === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle.push(resolve);
    });
  }

  end(): void {
    this.#isEnded = true;
    this.#due.clear();
    this.#slots.clear();
    this.#slotOf.clear();
    this.#tellIdle();
  }

  #slotAt(ms: number): number {
    return Math.ceil(ms / slotMs);
  }

  /** What was to be done is not any more: the market is as it was written, or came to be held back. */
  #awaitAgain(market: QuoteMarket): void {
    if (market.nextMs !== undefined) this.#await(market, market.nextMs);
  }

  #await(market: QuoteMarket, atMs: number): void {
    // Slots that have passed while nobody waited for any have nothing in them.
    if (this.#slots.size === 0) this.#lastSlot = Math.floor(this.#options.monotonicMs() / slotMs);
    const slot = Math.max(this.#slotAt(atMs), this.#lastSlot + 1);
    if (this.#slotOf.get(market) === slot) return;
    this.#leaveSlot(market);
    const markets = this.#slots.get(slot) ?? new Set();
    this.#slots.set(slot, markets.add(market));
    this.#slotOf.set(market, slot);
    this.#wakeAt(Math.min(slot, this.#lastSlot + slotsAhead));
  }

  #leaveSlot(market: QuoteMarket): void {
    const slot = this.#slotOf.get(market);
    if (slot === undefined) return;
    this.#slotOf.delete(market);
    const markets = this.#slots.get(slot);
    markets?.delete(market);
    if (markets?.size === 0) this.#slots.delete(slot);
  }

  /** Wakes for the next slot that somebody waits for, and looks at least every second as long as somebody does. */
  #tick(): void {
    let next = this.#lastSlot + 1;
    while (!this.#slots.has(next) && next < this.#lastSlot + slotsAhead) next += 1;
    this.#wakeAt(next);
  }

  /** A later waking that was planned comes to nothing. */
  #wakeAt(slot: number): void {
    if (this.#wakeSlot !== undefined && this.#wakeSlot <= slot) return;
    this.#wakeSlot = slot;
    const { clock, monotonicMs } = this.#options;
    void clock.sleep(Math.max(0, slot * slotMs - monotonicMs())).then(() => {
      if (this.#wakeSlot !== slot) return;
      this.#wakeSlot = undefined;
      this.#passSlots();
      if (this.#slots.size > 0) this.#tick();
    });
  }

  #passSlots(): void {
    const from = this.#lastSlot + 1;
    this.#lastSlot = Math.max(this.#lastSlot, Math.floor(this.#options.monotonicMs() / slotMs));
    for (let slot = from; slot <= this.#lastSlot; slot += 1) {
      for (const market of [...(this.#slots.get(slot) ?? [])]) {
        this.#leaveSlot(market);
        this.touch(market);
      }
    }
  }

  /** The first goes at once, with what came in the same frames. */
  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    void this.#options.clock.sleep(this.#underWay === 0 ? 0 : gatherMs).then(() => {
      this.#isGathering = false;
      this.#startBatches();
    });
  }

  #startBatches(): void {
    while (this.#due.size > 0 && this.#underWay < batchesMax) {
      const { writes, removals } = this.#takeBatch();
      if (writes.length > 0) void this.#run(writes, () => this.#write(writes));
      if (removals.length > 0) void this.#run(removals, () => this.#remove(removals));
    }
    this.#tellIdle();
  }

  #takeBatch(): { writes: Started<Write>[]; removals: Started<Removal>[] } {
    const nowMs = this.#options.monotonicMs();
    const [writes, removals]: [Started<Write>[], Started<Removal>[]] = [[], []];
    for (const market of this.#due) {
      const count = writes.length + removals.length;
      if (count >= batchSize || (market.goesAlone && count > 0)) break;
      this.#due.delete(market);
      const work = market.begin(nowMs);
      if (work?.do === 'write') writes.push({ market, work });
      else if (work !== undefined) removals.push({ market, work });
      else this.#awaitAgain(market);
      if (work !== undefined && market.goesAlone) break;
    }
    return { writes, removals };
  }

  /** @param put puts them into their rows, and returns the markets that it could not */
  async #run(started: readonly Started<QuoteWork>[], put: () => Promise<ReadonlySet<QuoteMarket>>): Promise<void> {
    this.#underWay += 1;
    let failed: ReadonlySet<QuoteMarket>;
    try {
      failed = await put();
    } catch (error) {
      failed = new Set(started.map(({ market }) => market));
      this.#options.observer.failed(`quotes of ${failed.size} markets could not be put into the table`, error);
    }
    this.#underWay -= 1;
    const nowMs = this.#options.monotonicMs();
    this.#report(
      started.filter(({ market }) => !failed.has(market)),
      nowMs,
    );
    for (const { market } of started) {
      if (failed.has(market)) market.failed(nowMs);
      else market.done(nowMs);
      this.touch(market);
    }
    // Those that found all batches taken have waited for one to be over.
    if (this.#due.size >= batchSize) this.#startBatches();
    else if (this.#due.size > 0) this.#gather();
    this.#tellIdle();
  }

  async #write(writes: readonly Started<Write>[]): Promise<ReadonlySet<QuoteMarket>> {
    const { quotes, clock, observer } = this.#options;
    const all = writes.map(({ work }) => work.quote);
    const left = new Set((await quotes.write(all, clock.nowMs())).map(nameOf));
    if (left.size > 0) observer.failed(`the table did not take ${left.size} quotes for now`, undefined);
    return new Set(writes.filter(({ work }) => left.has(nameOf(work.quote))).map(({ market }) => market));
  }

  async #remove(removals: readonly Started<Removal>[]): Promise<ReadonlySet<QuoteMarket>> {
    const rows = removals.map(({ market, work }) => ({ ...market.options, connection: work.connection }));
    await this.#options.quotes.remove(rows);
    return new Set();
  }

  /** By venue and by what they are made of. What was only written again took no time that anybody waited. */
  #report(started: readonly Started<QuoteWork>[], nowMs: number): void {
    const { observer } = this.#options;
    const groups = Map.groupBy(started, ({ market }) => `${market.options.source} ${market.options.venue}`);
    for (const members of groups.values()) {
      const delays = members.flatMap(({ work }) =>
        work.do === 'write' && work.readyMs !== undefined ? [Math.max(0, nowMs - work.readyMs)] : [],
      );
      const conflated = members.reduce((sum, { market }) => sum + market.takeConflated(), 0);
      const [first] = members;
      if (first === undefined) continue;
      const { venue, source } = first.market.options;
      if (delays.length > 0) observer.published(venue, source, delays);
      if (conflated > 0) observer.conflated(venue, conflated);
    }
  }

  #tellIdle(): void {
    if (!this.#isEnded && (this.#due.size > 0 || this.#underWay > 0)) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
