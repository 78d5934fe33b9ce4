import type { MarketSummary, Telemetry } from '@nightdesk/aws';
import {
  type CandleJobs,
  type Clock,
  canonicalJson,
  type DeskConfig,
  dueJobs,
  metricNames,
  planRecords,
  rankedSelections,
  type SeriesRecord,
  type SeriesStore,
  type SymbolRanking,
  seriesKeyOf,
  type VenueId,
  VersionConflictError,
  type Wanted,
  wantedSeries,
} from '@nightdesk/core';

export interface PlanCandlesDependencies {
  loadConfig(): Promise<DeskConfig>;
  series: Pick<SeriesStore, 'list' | 'venues' | 'save' | 'ranking' | 'closeIncident'>;
  /** All that the venue lists, as of the last refresh. */
  listMarkets(venue: VenueId): Promise<readonly MarketSummary[]>;
  jobs: CandleJobs;
  clock: Clock;
  telemetry: Telemetry;
}

export interface CandlePlanSummary {
  /** Series that are collected. */
  series: number;
  jobs: number;
}

/** What was read of markets and rankings is good for this long; what a venue lists changes once an hour. */
const factsAgeMsMax = 10 * 60_000;
/** What others write into the records, such as how far a backfill has come, is known this late at the latest. */
const recordsAgeMsMax = 2 * 60_000;
const savesAtOnce = 8;

/** What a process remembers between two minutes. Nothing of it has to be right: it is read again when it is old or in doubt. */
interface Memory {
  facts: Map<VenueId, { readAtMs: number; markets: readonly MarketSummary[]; ranking?: SymbolRanking }>;
  records: Map<VenueId, { readAtMs: number; byKey: Map<string, SeriesRecord> }>;
  /** When jobs were handed out last. Without it, all that may be due is; queues take none of it twice. */
  plannedAtMs: Map<VenueId, number>;
  /** Of what was planned last; another one makes everything be read again. */
  config?: string;
  issues?: string;
}

/** Has collected what is due. A venue that cannot be read leaves the others alone, and is thrown at the end. */
export function createHandler(dependencies: PlanCandlesDependencies) {
  const memory: Memory = { facts: new Map(), records: new Map(), plannedAtMs: new Map() };
  return async (): Promise<CandlePlanSummary> => {
    const { clock, jobs } = dependencies;
    const config = await dependencies.loadConfig();
    forgetIfChanged(config, memory);
    const nowMs = clock.nowMs();
    const venues = await venuesOf(config, dependencies);
    const read = await Promise.allSettled(venues.map((venue) => readVenue(venue, { memory, dependencies, config })));
    const known = venues.filter((_, index) => read[index]?.status === 'fulfilled');
    const { wanted, begun } = await plan(config, known, { memory, dependencies });
    const due = known.flatMap((venue) => jobsOf(venue, wanted, { memory, nowMs }));
    await jobs.send(due);
    // A series that begins now has no candle yet: its lane is due in the next minute, wherever it is in its turn.
    for (const venue of known) {
      if (begun.has(venue)) memory.plannedAtMs.delete(venue);
      else memory.plannedAtMs.set(venue, nowMs);
    }
    report(
      known.flatMap((venue) => recordsOf(venue, memory)),
      wanted,
      { memory, dependencies },
    );
    const failed = read.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return { series: wanted.series.length, jobs: due.length };
  };
}

interface Planning {
  memory: Memory;
  dependencies: PlanCandlesDependencies;
}

const recordsOf = (venue: VenueId, { records }: Memory): SeriesRecord[] => [
  ...(records.get(venue)?.byKey.values() ?? []),
];

function jobsOf(venue: VenueId, wanted: Wanted, { memory, nowMs }: { memory: Memory; nowMs: number }) {
  const lastPlannedMs = plannedMsOf(venue, memory, nowMs);
  const ofVenue = { ...wanted, ranked: wanted.ranked.filter((ranked) => ranked === venue) };
  const rankings = rankingsOf([venue], memory);
  const time = { nowMs, rankings, ...(lastPlannedMs !== undefined && { lastPlannedMs }) };
  return dueJobs(recordsOf(venue, memory), ofVenue, time);
}

/**
 * What somebody wrote into a record since it was read may have been due while nobody knew of it, such as a series that is to be tried
 * again. What was handed out then is handed out again, and the queues take none of it twice.
 */
function plannedMsOf(venue: VenueId, { plannedAtMs, records }: Memory, nowMs: number): number | undefined {
  const lastMs = plannedAtMs.get(venue);
  const isNews = records.get(venue)?.readAtMs === nowMs;
  return lastMs === undefined || !isNews ? lastMs : lastMs - recordsAgeMsMax;
}

function forgetIfChanged({ collection, exchanges }: DeskConfig, memory: Memory): void {
  const config = canonicalJson({ collection, exchanges });
  if (memory.config === config) return;
  memory.config = config;
  memory.facts.clear();
  memory.records.clear();
  delete memory.issues;
}

const isEnabled = ({ exchanges }: DeskConfig, venue: VenueId): boolean => exchanges[venue]?.enabled === true;

/** Also those that nobody wants any more: what they have is still sealed. */
async function venuesOf(config: DeskConfig, { series }: PlanCandlesDependencies): Promise<VenueId[]> {
  const wanted = config.collection.collections.flatMap(({ venues }) => venues as VenueId[]);
  const ranked = rankedSelections(config.collection).flatMap(({ venues }) => venues);
  const all = new Set([...wanted, ...ranked, ...(await series.venues())]);
  return [...all].filter((venue) => isEnabled(config, venue)).sort();
}

async function readVenue(
  venue: VenueId,
  { memory, dependencies, config }: Planning & { config: DeskConfig },
): Promise<void> {
  const { series, clock, listMarkets } = dependencies;
  const nowMs = clock.nowMs();
  const isYoung = (readAtMs: number | undefined, ageMsMax: number) =>
    readAtMs !== undefined && nowMs - readAtMs < ageMsMax;
  const isCollected = config.collection.collections.some(({ venues }) => venues.some((name) => name === venue));
  const isWanted = isCollected || isRanked(venue, config);
  await Promise.all([
    isYoung(memory.records.get(venue)?.readAtMs, recordsAgeMsMax)
      ? undefined
      : series.list(venue).then((records) => memory.records.set(venue, { readAtMs: nowMs, byKey: byKeyOf(records) })),
    !isWanted || isYoung(memory.facts.get(venue)?.readAtMs, factsAgeMsMax)
      ? undefined
      : Promise.all([listMarkets(venue), series.ranking(venue)]).then(([markets, ranking]) => {
          // Before the first refresh, and the first look at what is traded most, the next minute may know more.
          const isWhole = markets.length > 0 && (ranking !== undefined || !isRanked(venue, config));
          memory.facts.set(venue, { readAtMs: isWhole ? nowMs : 0, markets, ...(ranking && { ranking }) });
        }),
  ]);
}

const byKeyOf = (records: readonly SeriesRecord[]): Map<string, SeriesRecord> =>
  new Map(records.map((record) => [seriesKeyOf(record.series), record]));

const isRanked = (venue: VenueId, { collection }: DeskConfig): boolean =>
  rankedSelections(collection).some(({ venues }) => venues.includes(venue));

const rankingsOf = (venues: readonly VenueId[], { facts }: Memory): Map<VenueId, SymbolRanking> =>
  new Map(
    venues.flatMap((venue) => {
      const ranking = facts.get(venue)?.ranking;
      return ranking === undefined ? [] : [[venue, ranking] as const];
    }),
  );

/** Makes the records those that are wanted, as far as venues could be read. */
async function plan(
  config: DeskConfig,
  venues: readonly VenueId[],
  { memory, dependencies }: Planning,
): Promise<{ wanted: Wanted; begun: ReadonlySet<VenueId> }> {
  const isKnown = (name: string) => venues.some((venue) => venue === name);
  const ofKnown = <Entry extends { venues: string[] }>(entries: readonly Entry[]): Entry[] =>
    entries.map((each) => ({ ...each, venues: each.venues.filter(isKnown) }));
  const { collections, streams } = config.collection;
  const markets = new Map(venues.map((venue) => [venue, memory.facts.get(venue)?.markets ?? []]));
  const before = venues.flatMap((venue) => recordsOf(venue, memory));
  const facts = { markets, rankings: rankingsOf(venues, memory), records: before };
  const wanted = wantedSeries({ collections: ofKnown(collections), streams: ofKnown(streams) }, facts);
  const changed = planRecords(before, wanted, dependencies.clock.nowMs());
  await endIncidents(changed, { memory, dependencies });
  await saveAll(changed, { memory, dependencies });
  const begun = changed.filter(({ version, status }) => version === 0 && status === 'collected');
  return { wanted, begun: new Set(begun.map(({ series }) => series.venue)) };
}

/**
 * Of a venue of which nothing is collected any more nobody would find out that it answers again: its incident would last for ever, and
 * explain whatever is missing of its past.
 */
async function endIncidents(changed: readonly SeriesRecord[], { memory, dependencies }: Planning): Promise<void> {
  const next = new Map(changed.map((record) => [seriesKeyOf(record.series), record.status]));
  for (const venue of new Set(changed.map(({ series }) => series.venue))) {
    const isCollected = ({ series, status }: SeriesRecord) => (next.get(seriesKeyOf(series)) ?? status) === 'collected';
    if ([...recordsOf(venue, memory), ...changed].some((each) => each.series.venue === venue && isCollected(each)))
      continue;
    await dependencies.series.closeIncident(venue, dependencies.clock.nowMs());
  }
}

/** Who was changed by somebody else meanwhile is read, and planned, again in the next minute. */
async function saveAll(changed: readonly SeriesRecord[], { memory, dependencies }: Planning): Promise<void> {
  const waiting = changed.values();
  const lane = async () => {
    for (const record of waiting) await saveOne(record, { memory, dependencies });
  };
  await Promise.all(Array.from({ length: savesAtOnce }, lane));
}

async function saveOne(record: SeriesRecord, { memory, dependencies }: Planning): Promise<void> {
  const { venue } = record.series;
  const known = memory.records.get(venue);
  if (known === undefined) return;
  try {
    known.byKey.set(seriesKeyOf(record.series), await dependencies.series.save(record));
  } catch (error) {
    if (!(error instanceof VersionConflictError)) throw error;
    known.readAtMs = 0;
  }
}

function report(
  records: readonly SeriesRecord[],
  { issues }: Wanted,
  { memory, dependencies: { telemetry, clock } }: Planning,
): void {
  const collected = records.filter(({ status }) => status === 'collected');
  const failing = collected.filter(({ failure }) => failure !== undefined && failure.sinceMs < clock.nowMs());
  const open = records.reduce((sum, { totals }) => sum + totals.missing.open, 0);
  telemetry.count(metricNames.seriesPlanned, collected.length);
  telemetry.count(metricNames.seriesFailing, failing.length);
  telemetry.count(metricNames.gapsOpen, open);
  const told = canonicalJson(issues);
  // Once, and not every minute.
  if (memory.issues === told) return;
  memory.issues = told;
  for (const { reason, venue, symbol, message } of issues) telemetry.info(message, { reason, venue, symbol });
}
