/** What there is to stream, by the configuration and the markets as they are now. Read again every few seconds, without a restart. */
import type { LoadDeskConfig, MarketSummary, Telemetry } from '@nightdesk/aws';
import {
  type AccountId,
  type Clock,
  type DeskConfig,
  type MarketStreamPort,
  planStreams,
  type StreamFacts,
  type StreamIssue,
  type StreamUnit,
  type SymbolRanking,
  type VenueId,
} from '@nightdesk/core';

/** What was read of markets and rankings is good for this long; what a venue lists changes once an hour. */
const factsAgeMsMax = 60 * 60_000;
/** The same where something was not found in it: somebody may list it, or rank it, any minute. */
const doubtedAgeMsMax = 60_000;
/** Reasons of issues that another look may end. */
const doubts: ReadonlySet<StreamIssue['reason']> = new Set([
  'unknown_symbol',
  'inactive_market',
  'no_markets',
  'no_ranking',
]);
/** What could not be read of a venue is asked for again after this. */
const failedAgeMsMax = 10_000;

export interface DeskPlan {
  config: DeskConfig;
  /** In order of importance. */
  units: readonly StreamUnit[];
}

export interface DeskWatchDependencies {
  loadConfig: LoadDeskConfig;
  /** All that the venue lists, as of the last refresh. */
  listMarkets(venue: VenueId): Promise<readonly MarketSummary[]>;
  ranking(venue: VenueId): Promise<SymbolRanking | undefined>;
  /** What the venue streams. @throws Error where that cannot be told, such as of one that streams nothing */
  offersOf(venue: VenueId, config: DeskConfig): Promise<StreamOffers>;
  clock: Pick<Clock, 'nowMs'>;
  telemetry: Pick<Telemetry, 'info' | 'failure'>;
}

export type StreamOffers = Pick<MarketStreamPort, 'offers' | 'subscriptionsMax'>;

/** What is known of a venue. */
interface Facts {
  readAtMs: number;
  ageMsMax: number;
  /** Of the configuration, when it was read: with others it is read anew. */
  settings: string;
  markets: readonly MarketSummary[];
  ranking?: SymbolRanking | undefined;
  offers?: StreamOffers | undefined;
}

export class DeskWatch {
  readonly #dependencies: DeskWatchDependencies;
  readonly #facts = new Map<VenueId, Facts>();
  #plan: DeskPlan | undefined;
  /** Failures and issues that were told: each is told once, until it is another one. */
  readonly #told = new Map<string, string>();

  constructor(dependencies: DeskWatchDependencies) {
    this.#dependencies = dependencies;
  }

  /** Nothing until a configuration was read; after that, the last one that could be. */
  get plan(): DeskPlan | undefined {
    return this.#plan;
  }

  /** Reads what may have changed, and plans anew where something has. Rejects never. @returns whether there is another plan */
  async look(): Promise<boolean> {
    const config = await this.#readConfig();
    if (config === undefined) return false;
    const venues = venuesOf(config);
    const read = await Promise.all(venues.map((venue) => this.#readFacts(venue, config)));
    if (this.#plan?.config === config && !read.includes(true)) return false;
    for (const venue of this.#facts.keys()) if (!venues.includes(venue)) this.#facts.delete(venue);
    const { units, issues } = planStreams(config.collection, this.#factsFor(config));
    this.#plan = { config, units };
    this.#doubt(issues);
    this.#tellIssues(issues);
    return true;
  }

  #factsFor(config: DeskConfig): StreamFacts {
    const known = [...this.#facts];
    return {
      markets: new Map(known.map(([venue, { markets }]) => [venue, markets])),
      rankings: new Map(known.flatMap(([venue, { ranking }]) => (ranking ? [[venue, ranking]] : []))),
      venues: new Map(known.flatMap(([venue, { offers }]) => (offers ? [[venue, offers]] : []))),
      accounts: accountsOf(config),
      streamed: symbolsByVenue(this.#plan?.units ?? []),
    };
  }

  async #readConfig(): Promise<DeskConfig | undefined> {
    try {
      const config = await this.#dependencies.loadConfig();
      this.#told.delete('configuration');
      return config;
    } catch (error) {
      this.#tellFailure('configuration', 'the configuration cannot be read; the last one stays in use', error);
      return undefined;
    }
  }

  /** @returns whether something was read */
  async #readFacts(venue: VenueId, config: DeskConfig): Promise<boolean> {
    const { clock, listMarkets, ranking: rankingOf, offersOf } = this.#dependencies;
    const nowMs = clock.nowMs();
    const known = this.#facts.get(venue);
    const settings = JSON.stringify(config.exchanges[venue]);
    if (known !== undefined && known.settings === settings && nowMs - known.readAtMs < known.ageMsMax) return false;
    const what = [listMarkets(venue), rankingOf(venue), offersOf(venue, config)] as const;
    const [markets, ranking, offers] = await Promise.allSettled(what);
    const failed = [markets, ranking, offers].find((each) => each.status === 'rejected');
    if (failed === undefined) this.#told.delete(venue);
    else this.#tellFailure(venue, `what ${venue} streams cannot be told`, failed.reason);
    // What was known stays good: a market does not vanish because a table does not answer.
    this.#facts.set(venue, {
      ...{ readAtMs: nowMs, settings, ageMsMax: failed === undefined ? factsAgeMsMax : failedAgeMsMax },
      markets: resultOf(markets) ?? known?.markets ?? [],
      ranking: ranking.status === 'fulfilled' ? ranking.value : known?.ranking,
      offers: resultOf(offers) ?? known?.offers,
    });
    return true;
  }

  /** What was not found at a venue is looked for again soon. */
  #doubt(issues: readonly StreamIssue[]): void {
    for (const { venue, reason } of issues) {
      const known = this.#facts.get(venue);
      if (known !== undefined && doubts.has(reason)) known.ageMsMax = Math.min(known.ageMsMax, doubtedAgeMsMax);
    }
  }

  #tellIssues(issues: readonly StreamIssue[]): void {
    const text = JSON.stringify(issues);
    if (this.#told.get('issues') === text) return;
    this.#told.set('issues', text);
    const { telemetry } = this.#dependencies;
    for (const { reason, venue, symbol, message } of issues) telemetry.info(message, { reason, venue, symbol });
  }

  #tellFailure(about: string, message: string, error: unknown): void {
    const text = error instanceof Error ? error.message : '';
    if (this.#told.get(about) === text) return;
    this.#told.set(about, text);
    this.#dependencies.telemetry.failure(message, error);
  }
}

const isEnabled = ({ exchanges }: DeskConfig, venue: string): boolean => exchanges[venue]?.enabled === true;

/** Those that are streamed and not switched off. */
function venuesOf(config: DeskConfig): VenueId[] {
  const named = new Set(config.collection.streams.flatMap(({ venues }) => venues as VenueId[]));
  return [...named].filter((venue) => isEnabled(config, venue));
}

/** Paper accounts have no venue that could tell of their orders. */
const accountsOf = (config: DeskConfig): StreamFacts['accounts'] =>
  Object.entries(config.accounts).flatMap(([id, { exchange, mode }]) =>
    mode !== 'paper' && isEnabled(config, exchange) ? [{ account: id as AccountId, venue: exchange as VenueId }] : [],
  );

function symbolsByVenue(units: readonly StreamUnit[]): Map<VenueId, Set<string>> {
  const symbols = new Map<VenueId, Set<string>>();
  for (const unit of units) {
    if (unit.kind !== 'markets') continue;
    const ofVenue = symbols.get(unit.venue) ?? new Set();
    for (const { symbol } of unit.subscriptions) ofVenue.add(symbol);
    symbols.set(unit.venue, ofVenue);
  }
  return symbols;
}

const resultOf = <Value>(result: PromiseSettledResult<Value>): Value | undefined =>
  result.status === 'fulfilled' ? result.value : undefined;
