/** What collecting works with. Everything that has a clock, a venue or a table in it is handed in. */
import type { JournalStreams, LoadDeskConfig, MarketSummary, Telemetry } from '@nightdesk/aws';
import type {
  CandleJobs,
  CandleStore,
  Clock,
  ColdStore,
  DeskConfig,
  Market,
  SeriesStore,
  VenueId,
  VenuePort,
} from '@nightdesk/core';
import type { SeriesRecords } from './series-records.ts';

/**
 * `live` brings what is new, and is waited for. `patient` brings what is missing of the past: it leaves the request limits to
 * others while those wait.
 */
export type Urgency = 'live' | 'patient';

export type CollectVenue = Pick<
  VenuePort,
  'fetchCandles' | 'fetchTrades' | 'fetchFundingHistory' | 'fetchTickers' | 'historyOf' | 'capabilities'
>;

export interface CollectDependencies {
  loadConfig: LoadDeskConfig | (() => Promise<DeskConfig>);
  candles: CandleStore;
  series: SeriesStore;
  cold: ColdStore;
  jobs: CandleJobs;
  journal: JournalStreams;
  findMarket(venue: VenueId, symbol: string): Promise<Market | undefined>;
  /** All that the venue lists, as of the last refresh. */
  listMarkets(venue: VenueId): Promise<readonly MarketSummary[]>;
  /** The venue without anybody's keys. */
  openVenue(venue: VenueId, config: DeskConfig, urgency: Urgency): Promise<CollectVenue>;
  clock: Clock;
  telemetry: Telemetry;
}

/** One job. */
export interface CollectRound extends CollectDependencies {
  config: DeskConfig;
  records: SeriesRecords;
  /** Nothing is begun any more that may not be over by then. */
  deadlineMs: number;
}

/** Time that one question to a venue may take, the wait for its turn and its timeout together. */
export const stepMsMax = 18_000;

/** Whether there is time for another step. */
export const hasTime = ({ clock, deadlineMs }: Pick<CollectRound, 'clock' | 'deadlineMs'>): boolean =>
  deadlineMs - clock.nowMs() > stepMsMax;

/** Works on entries side by side, at most `lanesMax` at once, in order of their beginning. */
export async function inLanes<Entry, Result>(
  entries: readonly Entry[],
  lanesMax: number,
  work: (entry: Entry) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(entries.length);
  const waiting = entries.entries();
  const lane = async () => {
    for (const [index, entry] of waiting) results[index] = await work(entry);
  };
  await Promise.all(Array.from({ length: Math.min(lanesMax, entries.length) }, lane));
  return results;
}
