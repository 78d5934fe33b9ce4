/** Streams from simulated venues that fail in all the ways of streams, and judges what is published and what became of every fill. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamTaskStatus } from '@nightdesk/core';
import { createDice, type Dice } from '../dice.ts';
import { venueNames } from '../markets.ts';
import { type Compared, compareQuotes, nothingCompared } from './compare-books.ts';
import { changeWeather, clearWeather, type Struck } from './frame-weather.ts';
import { ReasonBook, type Reasons } from './incident-reasons.ts';
import { type FillsVerdict, judgeFills } from './judge-fills.ts';
import { killTask, type Takeover, takeoverMsMax } from './kill-task.ts';
import { compareThirds, type MemoryOverTime, residentMbOf } from './memory.ts';
import { type StreamedMarket, type StreamingDesk, startStreamingDesk } from './streaming-desk.ts';
import { movePrices, type Trading, trade } from './trade.ts';

export interface StreamsSoakOptions {
  minutes: number;
  /** Of all venues together. */
  symbols: number;
  seed: number;
  log(message: string): void;
}

export interface StreamsSoakReport extends Omit<StreamsSoakOptions, 'log'> {
  seconds: number;
  /** Until nine in ten quotes could be read after collection.yaml was saved, while everything ran. */
  begunMs: number;
  compared: Compared;
  fills: FillsVerdict;
  refused: string[];
  takeovers: Takeover[];
  /** Of the task that nobody killed; absent where the run was too short to tell. */
  memory?: MemoryOverTime | undefined;
  struck: Struck;
  /** What the tasks told of at the end, by what befell. */
  incidents: Record<string, number>;
  /** Why, as far as it was seen. */
  reasons: Reasons;
  updatesPerSecond: number;
}

const weatherMs = 20_000;
const tradeMs = 2_000;
const movesMs = 5_000;
const memoryMs = 5_000;
/** Tasks tell what befell last every two seconds. */
const reasonsMs = 2_000;
/** In which all books are looked at once. */
const sweepMs = 10_000;
const lookEveryMs = 1_000;
const begunMsMax = 120_000;
/** Sockets that fell silent before are found out, and connected again, within this. */
const fairMs = 45_000;
/** Violations that are logged as they are found; all are in the report. */
const toldMax = 20;
/** What a process needs to begin does not count. */
const settledShare = 0.1;
const agreedMsMax = 120_000;
const killsAt = [1 / 3, 2 / 3];

export async function runStreamsSoak(options: StreamsSoakOptions): Promise<StreamsSoakReport> {
  const begunAt = performance.now();
  const { symbols, seed, minutes, log } = options;
  const streaming = await startStreamingDesk({ symbols, seed });
  try {
    log(`a desk with ${streaming.markets.length} markets is ready`);
    const begunMs = await begin(streaming);
    log(`nine in ten quotes can be read ${Math.round(begunMs)} ms after they were asked for`);
    const run = new Run(streaming, options);
    await run.during(minutes * 60_000);
    const fills = await run.settle();
    const tasks = await streaming.readStreams();
    const { compared, trading, takeovers, memory, struck } = run;
    return {
      ...{ minutes, symbols, seed, begunMs, compared, fills, takeovers, struck, refused: trading.refused },
      ...{ memory: compareThirds(memory), incidents: incidentsOf(tasks), updatesPerSecond: rateOf(tasks) },
      reasons: run.reasons.reasons,
      seconds: Math.round((performance.now() - begunAt) / 1_000),
    };
  } finally {
    await streaming.close();
  }
}

/** Saves the configuration while everything runs, and waits for the quotes of it. */
async function begin(streaming: StreamingDesk): Promise<number> {
  const { markets } = streaming;
  const savedAt = performance.now();
  streaming.stream(markets);
  const there = new Set<StreamedMarket>();
  while (there.size < markets.length * 0.9) {
    if (performance.now() - savedAt > begunMsMax) {
      throw new Error(`${there.size} of ${markets.length} markets have quotes after ${begunMsMax} ms`);
    }
    for (const market of markets.filter((each) => !there.has(each))) {
      const quotes = await streaming.quotes.read(market.symbol);
      if (quotes.some(({ venue }) => venue === market.venue)) there.add(market);
    }
    await sleep(200);
  }
  return performance.now() - savedAt;
}

class Run {
  readonly compared = nothingCompared();
  readonly trading: Trading = { signals: [], refused: [] };
  readonly takeovers: Takeover[] = [];
  readonly memory: number[] = [];
  readonly struck: Struck = {};
  readonly reasons = new ReasonBook();
  readonly #streaming: StreamingDesk;
  readonly #options: StreamsSoakOptions;
  readonly #dice: Record<'weather' | 'trades' | 'moves', Dice>;
  #endsAtMs = 0;
  /** Violations that were logged already. */
  #told = 0;
  /** No new faults while a task is killed. */
  #isFair = false;

  constructor(streaming: StreamingDesk, options: StreamsSoakOptions) {
    this.#streaming = streaming;
    this.#options = options;
    const dice = (stream: number) => createDice(options.seed, stream);
    this.#dice = { weather: dice(1), trades: dice(2), moves: dice(3) };
  }

  async during(forMs: number): Promise<void> {
    const beganMs = performance.now();
    this.#endsAtMs = beganMs + forMs;
    const keptSinceMs = await this.#keepBooks();
    const streaming = this.#streaming;
    await Promise.all([
      this.#every(weatherMs, async () => {
        if (!this.#isFair) await changeWeather(streaming, this.#dice.weather, this.struck);
      }),
      this.#every(tradeMs, () => trade(streaming, this.#dice.trades, this.trading)),
      this.#every(movesMs, () => movePrices(streaming, this.#dice.moves)),
      this.#every(reasonsMs, async () => this.reasons.add(await streaming.readStreams())),
      this.#every(memoryMs, async () => this.#sample(beganMs + forMs * settledShare)),
      this.#compare(keptSinceMs),
      ...killsAt.map((share) => this.#kill(beganMs + forMs * share)),
    ]);
  }

  /** In fair weather every order gets its last word, and every fill is known. */
  async settle(): Promise<FillsVerdict> {
    await clearWeather(this.#streaming, this.struck);
    const endsAtMs = performance.now() + agreedMsMax;
    for (;;) {
      const verdict = await judgeFills(this.#streaming, this.trading);
      if (verdict.violations.length === 0 || performance.now() > endsAtMs) return verdict;
      await sleep(lookEveryMs);
    }
  }

  async #every(everyMs: number, act: () => Promise<void>): Promise<void> {
    while (performance.now() < this.#endsAtMs) {
      const startedAt = performance.now();
      await act();
      await sleep(Math.max(0, Math.min(everyMs - (performance.now() - startedAt), this.#endsAtMs - performance.now())));
    }
  }

  async #keepBooks(): Promise<number> {
    for (const venue of venueNames) {
      const own = this.#streaming.markets.filter((market) => market.venue === venue);
      await this.#streaming.truthOf(
        venue,
        own.map(({ name }) => ({ symbol: name, limit: 1 })),
      );
    }
    return Date.now();
  }

  async #compare(keptSinceMs: number): Promise<void> {
    const { markets } = this.#streaming;
    const perLook = Math.ceil((markets.length * lookEveryMs) / sweepMs);
    let at = 0;
    await this.#every(lookEveryMs, async () => {
      const some = markets.slice(at, at + perLook);
      at = at + perLook >= markets.length ? 0 : at + perLook;
      await compareQuotes(this.#streaming, some, { keptSinceMs, into: this.compared });
      if (at === 0) this.#tell();
    });
  }

  #tell(): void {
    const { equal, stale, absent, untold, violations } = this.compared;
    for (const violation of violations.slice(this.#told, toldMax)) this.#options.log(`wrong: ${violation}`);
    this.#told = violations.length;
    const leftS = Math.round((this.#endsAtMs - performance.now()) / 1_000);
    this.#options.log(
      `${leftS} s left: ${equal} equal, ${stale} stale, ${absent} absent, ${untold} untold, ${violations.length} wrong; ${this.trading.signals.length} signals`,
    );
  }

  async #kill(atMs: number): Promise<void> {
    await sleep(Math.max(0, atMs - performance.now()));
    // What was taken over is known by its quotes, which a fault of that moment would hold up: how soon books are back then is another question.
    this.#isFair = true;
    await clearWeather(this.#streaming, this.struck);
    await sleep(fairMs);
    const takeover = await killTask(this.#streaming, this.#streaming.markets).finally(() => {
      this.#isFair = false;
    });
    this.takeovers.push(takeover);
    this.#options.log(`a task was killed: ${JSON.stringify(takeover)}`);
  }

  /** The first task is the one that is killed. */
  #sample(fromMs: number): void {
    const survivor = this.#streaming.desk.cloud.services().find(({ number }) => number > 1);
    const residentMb = survivor === undefined ? undefined : residentMbOf(survivor.pid);
    if (residentMb !== undefined && performance.now() >= fromMs) this.memory.push(residentMb);
  }
}

function incidentsOf(tasks: readonly StreamTaskStatus[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { incidents } of tasks.flatMap(({ streams }) => streams)) {
    for (const [kind, count] of Object.entries(incidents)) counts[kind] = (counts[kind] ?? 0) + count;
  }
  return counts;
}

const rateOf = (tasks: readonly StreamTaskStatus[]): number =>
  Math.round(tasks.flatMap(({ streams }) => streams).reduce((sum, { updatesPerSecond }) => sum + updatesPerSecond, 0));

/** What must not be: empty where everything holds. */
export function violationsOf({ compared, fills, takeovers, memory, refused, minutes }: StreamsSoakReport): string[] {
  const slow = takeovers.filter(({ takenOverMs }) => takenOverMs > takeoverMsMax);
  const grows = memory !== undefined && memory.lastMb > memory.firstMb * 1.2 + 10;
  return [
    ...compared.violations,
    ...(compared.equal === 0 ? ['no quote was compared'] : []),
    ...(compared.untold > compared.equal * 0.02 ? [`${compared.untold} quotes could not be compared`] : []),
    ...fills.violations,
    ...(fills.fills === 0 ? ['nothing was filled'] : []),
    ...refused.map((what) => `a signal was refused: ${what}`),
    ...slow.map(({ takenOverMs }) => `what a killed task had was taken over after ${takenOverMs} ms`),
    ...(takeovers.length < killsAt.length ? [`${takeovers.length} tasks were killed`] : []),
    ...(grows && minutes >= 10 ? [`memory has grown from ${memory.firstMb} to ${memory.lastMb} MB`] : []),
  ];
}
