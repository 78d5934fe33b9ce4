/** The stream service, as a process or a test runs it: what is there to do, who does it, and what comes of it. */
import type { LoadDeskConfig, MarketSummary, Telemetry } from '@nightdesk/aws';
import {
  type Clock,
  type ConfiguredAccount,
  type CoordinationStore,
  type DeskConfig,
  type MarketUnit,
  type QuoteStore,
  type StreamUnit,
  type SymbolRanking,
  takeTurn,
  type VenueId,
} from '@nightdesk/core';
import type { Health } from './health/health-server.ts';
import { judgeHealth } from './health/judge-health.ts';
import { DeskWatch, type StreamOffers } from './plan/desk-watch.ts';
import type { Publisher, PublishObserver } from './publish/publisher.ts';
import { type Pulse, startPulse } from './pulse.ts';
import { RosterLoop } from './roster/roster-loop.ts';
import type { ProcessGauges } from './status/process-gauges.ts';
import { StreamMeter } from './status/stream-meter.ts';
import { StreamReport } from './status/stream-report.ts';
import { type AccountOpening, openAccountRunner } from './units/account-runner.ts';
import { type MarketOpening, openMarketRunner } from './units/market-runner.ts';
import { UnitKeeper } from './units/unit-keeper.ts';
import type { RunnerEnd, UnitRunner } from './units/unit-runner.ts';

/** How often it is looked whether the configuration has changed. How old the answer may be is the stage's choice. */
const lookEveryMs = 2_000;
const statusEveryMs = 2_000;
const metricsEveryMs = 10_000;
/** How long a task that ends waits for others to take its units over, ... */
export const drainMsMax = 25_000;
const drainLookMs = 50;
/** ... and for what its connections and its publisher still write. What starts it must let it have both. */
export const closeMsMax = 10_000;
/** Of which so much is left for what ends after the files are written. */
const closingMs = 1_000;

export interface StreamServiceDependencies {
  /** Tells this task apart from all others, those before it included. */
  task: string;
  loadConfig: LoadDeskConfig;
  listMarkets(venue: VenueId): Promise<readonly MarketSummary[]>;
  ranking(venue: VenueId): Promise<SymbolRanking | undefined>;
  coordination: CoordinationStore;
  quotes: Pick<QuoteStore, 'writeStatus'>;
  createPublisher(observer: PublishObserver): Publisher;
  /** What a venue streams. @throws Error where that cannot be told, such as of one that streams nothing */
  offersOf(venue: VenueId, config: DeskConfig): Promise<StreamOffers>;
  /** The streams of a venue's markets, constructed anew for each unit. */
  openMarkets(unit: MarketUnit, config: DeskConfig): Promise<MarketOpening>;
  openAccount(account: ConfiguredAccount): Promise<AccountOpening>;
  clock: Clock;
  /** A clock that never goes back; milliseconds. */
  monotonicMs(): number;
  /** From 0 to 1. */
  random(): number;
  telemetry: Telemetry;
  gauges: ProcessGauges;
}

export interface StreamService {
  start(): void;
  /** Hands its units on, as far as others are there to take them, writes what it has, and leaves. Bounded in time. Never rejects. */
  stop(): Promise<void>;
  health(): Health;
}

export function createStreamService(dependencies: StreamServiceDependencies): StreamService {
  return new Service(dependencies);
}

class Service implements StreamService {
  readonly #dependencies: StreamServiceDependencies;
  readonly #watch: DeskWatch;
  readonly #meter: StreamMeter;
  readonly #publisher: Publisher;
  readonly #keeper: UnitKeeper;
  readonly #roster: RosterLoop;
  readonly #report: StreamReport;
  readonly #startedMs: number;
  #pulses: Pulse[] = [];
  #stopping: Promise<void> | undefined;
  #isEnding = false;
  #connections = 0;

  constructor(dependencies: StreamServiceDependencies) {
    const { clock, monotonicMs, random, telemetry, coordination: store, task } = dependencies;
    this.#dependencies = dependencies;
    this.#startedMs = monotonicMs();
    this.#watch = new DeskWatch(dependencies);
    this.#meter = new StreamMeter({ telemetry, clock, monotonicMs });
    this.#publisher = dependencies.createPublisher(this.#meter);
    this.#keeper = new UnitKeeper({
      ...{ clock, monotonicMs, random, open: (unit, config, onEnd) => this.#open(unit, { config, onEnd }) },
      onFailure: ({ id }, error) => this.#meter.failed(`the unit ${id} has to be opened anew`, error),
    });
    this.#roster = new RosterLoop({
      ...{ task, store, takeTurn, clock, monotonicMs },
      units: () => this.#watch.plan?.units,
      running: () => this.#keeper.running(),
      keep: (mine, owned) => this.#keep(mine, owned),
      onFailure: (error) => this.#meter.failed('the roster does not answer; what is going goes on', error),
    });
    const [units, roster, meter] = [this.#keeper, this.#roster, this.#meter];
    this.#report = new StreamReport({ ...dependencies, units, roster, meter });
  }

  start(): void {
    const { clock } = this.#dependencies;
    const every = (everyMs: number, turn: () => Promise<void> | void, what: string): Pulse =>
      startPulse({ everyMs, clock, turn, onFailure: (error) => this.#meter.failed(what, error) });
    this.#pulses = [
      every(lookEveryMs, () => this.#look(), 'what there is to stream cannot be told'),
      every(statusEveryMs, () => this.#report.writeStatus(), 'the status cannot be written'),
      every(metricsEveryMs, () => this.#report.tellMetrics(), 'metrics cannot be told'),
    ];
    this.#roster.start();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  health(): Health {
    const { triedAtMs, beatenAtMs } = this.#roster;
    return judgeHealth({
      ...{ triedAtMs, beatenAtMs, startedMs: this.#startedMs },
      nowMs: this.#dependencies.monotonicMs(),
    });
  }

  async #look(): Promise<void> {
    // While units are handed on, what they are stays as it is.
    if (!this.#roster.isDraining && (await this.#watch.look())) this.#roster.hurry();
  }

  #keep(mine: readonly string[], owned: readonly string[]): void {
    const { plan } = this.#watch;
    // A beat that is still under way must not open anew what was ended.
    if (plan === undefined || this.#isEnding) return;
    const ids = new Set(mine);
    this.#keeper.keep(
      plan.units.filter(({ id }) => ids.has(id)),
      plan.config,
      new Set(owned),
    );
  }

  #open(unit: StreamUnit, opening: { config: DeskConfig; onEnd(end: RunnerEnd): void }): Promise<UnitRunner> {
    const { openMarkets, openAccount, monotonicMs, task } = this.#dependencies;
    const shared = { publisher: this.#publisher, meter: this.#meter, monotonicMs };
    if (unit.kind === 'account') return openAccountRunner(unit, opening, { ...shared, openPort: openAccount });
    this.#connections += 1;
    const connection = `${unit.id}@${task}.${this.#connections}`;
    return openMarketRunner(unit, opening, { ...shared, openPort: openMarkets, connection });
  }

  async #stop(): Promise<void> {
    const { telemetry, clock } = this.#dependencies;
    const failed = (error: unknown) => telemetry.failure('the service did not end as it should', error);
    const sinceMs = this.#dependencies.monotonicMs();
    this.#roster.drain();
    telemetry.info('the service hands its units on', { units: this.#keeper.count });
    await this.#untilHandedOn(sinceMs);
    telemetry.info('the service ends', { units: this.#keeper.count, drainedMs: this.#drainedMs(sinceMs) });
    const endsAtMs = this.#dependencies.monotonicMs() + closeMsMax;
    const ends = async () => {
      this.#isEnding = true;
      // Whoever is left takes over at once what was not handed on, while the rest is written here.
      await Promise.all([this.#roster.leave(), this.#keeper.endAll()]);
      await this.#publisher.close(Math.max(0, endsAtMs - closingMs - this.#dependencies.monotonicMs()));
      await Promise.all(this.#pulses.map((pulse) => pulse.end()));
    };
    await Promise.race([ends().catch(failed), clock.sleep(closeMsMax)]);
    telemetry.flush();
  }

  /** Until others have all of it, nobody else is there, or the time is over. */
  async #untilHandedOn(sinceMs: number): Promise<void> {
    const { clock } = this.#dependencies;
    while (this.#drainedMs(sinceMs) < drainMsMax) {
      const isTold = (this.#roster.beatenAtMs ?? -Infinity) >= sinceMs && this.#roster.last !== undefined;
      // A task of which all the others end as well would be waited for in vain.
      const isAlone = isTold && this.#roster.last?.staying.length === 0;
      // What is not connected is no better off for being waited for, such as an account whose key is refused everywhere.
      if (isAlone || !this.#keeper.statuses().some(({ isOpen }) => isOpen)) return;
      await clock.sleep(drainLookMs);
    }
  }

  #drainedMs(sinceMs: number): number {
    return Math.round(this.#dependencies.monotonicMs() - sinceMs);
  }
}
