/** What plans and collects candles, over stores in memory, venues with a tape and a clock that is moved by hand. */
import type { MarketSummary } from '@nightdesk/aws';
import {
  type CandleJob,
  type CandleSeries,
  type CandleStore,
  createCandleReader,
  type DeskConfig,
  type Market,
  type SeriesRecord,
  type Span,
  streams,
  type VenueId,
} from '@nightdesk/core';
import { createHandler as createCollector } from '@nightdesk/functions/collect-candles/handler.ts';
import { createHandler as createPlanner } from '@nightdesk/functions/plan-candles/handler.ts';
import { createManualClock, type ManualClock } from './clocks.ts';
import { deskConfig } from './desk-config.ts';
import { btcUsdt } from './markets.ts';
import { createMemoryCandleJobs, createMemoryCandles, createMemoryCold, createMemorySeries } from './memory-candles.ts';
import { createMemoryJournalStreams } from './memory-journal-streams.ts';
import { MemoryTables } from './memory-stores.ts';
import { TapeVenue, type TapeVenueOptions } from './tape-venue.ts';
import { createRecordingTelemetry } from './telemetry.ts';

const minuteMs = 60_000;
/** Jobs of one minute; more of them mean that one sends itself for ever. */
const jobsMax = 5_000;
/** What an invocation has, as in the infrastructure. */
const invocationMs = 120_000;

export interface CollectingDeskOptions {
  startMs?: number;
  /** As in config/collection.yaml. */
  collection: Record<string, unknown>;
  symbols: readonly string[];
  venues?: readonly string[];
  tape?: Partial<Omit<TapeVenueOptions, 'venue' | 'nowMs'>>;
}

export const dayStartMs = Date.UTC(2026, 10, 21);

export function openCollectingDesk(options: CollectingDeskOptions) {
  const { startMs = dayStartMs, symbols, venues: names = ['fake'] } = options;
  const clock: ManualClock = createManualClock(startMs);
  const tables = new MemoryTables();
  const telemetry = createRecordingTelemetry();
  const venues = new Map(
    names.map((venue) => [venue, new TapeVenue({ venue, nowMs: clock.nowMs, ...options.tape })] as const),
  );
  const stores = {
    candles: createMemoryCandles(),
    series: createMemorySeries(),
    cold: createMemoryCold(),
    jobs: createMemoryCandleJobs(clock),
    journal: createMemoryJournalStreams(tables),
  };
  const written: { lanes: number; blocks: number } = { lanes: 0, blocks: 0 };
  /** Of when rows of lanes were read, in order. */
  const lanesRead: Span[] = [];
  const candles: CandleStore = {
    ...stores.candles,
    async readLane(lane, span, ...rest) {
      lanesRead.push(span);
      return stores.candles.readLane(lane, span, ...rest);
    },
    async writeLane(...row) {
      written.lanes += 1;
      return stores.candles.writeLane(...row);
    },
    async writeBlock(...block) {
      written.blocks += 1;
      return stores.candles.writeBlock(...block);
    },
  };
  const configOf = (collection: Record<string, unknown>): DeskConfig =>
    deskConfig({ exchanges: Object.fromEntries(names.map((name) => [name, {}])), collection });
  const state = { config: configOf(options.collection), listed: [...symbols] };
  const marketsOf = (venue: VenueId): Market[] => state.listed.map((symbol) => marketOf(symbol, venue));
  const shared = {
    loadConfig: async () => state.config,
    listMarkets: async (venue: VenueId): Promise<MarketSummary[]> => marketsOf(venue),
    ...{ clock, telemetry },
  };
  const parts = { ...stores, candles, ...shared };
  const openVenue = async (venue: VenueId) => {
    const found = venues.get(venue);
    if (found === undefined) throw new Error(`no venue ${venue}`);
    return found;
  };
  const findMarket = async (venue: VenueId, symbol: string) =>
    marketsOf(venue).find((market) => market.symbol === symbol);
  const newPlanner = () => createPlanner(parts);
  const newCollector = () => createCollector({ ...parts, openVenue, findMarket });
  const running = { plan: newPlanner(), collect: newCollector() };
  const reader = createCandleReader({ ...stores, candles });

  /** Delivers one job as a queue does. @returns what it threw */
  async function deliver(job: CandleJob, leftMs = invocationMs): Promise<unknown> {
    try {
      await running.collect(JSON.stringify(job), { deadlineMs: clock.nowMs() + leftMs });
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async function work(): Promise<void> {
    const { waiting, waitingBackfills } = stores.jobs;
    for (let count = 0; count < jobsMax; count += 1) {
      const job = waiting.shift() ?? waitingBackfills.shift();
      if (job === undefined) return;
      const error = await deliver(job);
      if (error !== undefined) throw error;
    }
    throw new Error(`after ${jobsMax} jobs there are more`);
  }

  return {
    ...{ clock, telemetry, stores, venues, written, lanesRead, deliver, work },
    venue: (name = 'fake') => venues.get(name) as TapeVenue,
    plan: () => running.plan(),
    /** Forgets all that a process remembers. */
    restart(): void {
      running.plan = newPlanner();
      running.collect = newCollector();
    },
    setCollection(collection: Record<string, unknown>): void {
      state.config = configOf(collection);
    },
    list: (symbol: string) => void state.listed.push(symbol),
    delist(symbol: string): void {
      state.listed = state.listed.filter((listed) => listed !== symbol);
    },
    /** Minutes of the clock, each planned and worked through. */
    async pass(minutes: number): Promise<void> {
      for (let minute = 0; minute < minutes; minute += 1) {
        const nextMs = (Math.floor(clock.nowMs() / minuteMs) + 1) * minuteMs + 15_000;
        clock.advance(nextMs - clock.nowMs());
        await running.plan();
        await work();
      }
    },
    async record(symbol: string, part = '1m', venue = 'fake'): Promise<SeriesRecord> {
      const found = (await stores.series.list(venue as VenueId)).find(
        ({ series }) =>
          series.symbol === symbol && (series.kind === 'candles' ? series.timeframe : series.kind) === part,
      );
      if (found === undefined) throw new Error(`no series of ${symbol}`);
      return found;
    },
    async opens(symbol: string, span: Span, venue = 'fake'): Promise<number[]> {
      const found: number[] = [];
      for await (const columns of reader.read(seriesOf(symbol, venue), span)) found.push(...columns.openMs);
      return found;
    },
    /** As it is read; `undefined` where there is none. */
    async volumeAt(symbol: string, openMs: number, venue = 'fake'): Promise<number | undefined> {
      for await (const columns of reader.read(seriesOf(symbol, venue), { fromMs: openMs, toMs: openMs + minuteMs })) {
        return columns.volume[columns.openMs.indexOf(openMs)];
      }
      return undefined;
    },
    gaps: (symbol: string, span: Span, venue = 'fake') => reader.gapsIn(seriesOf(symbol, venue), span, clock.nowMs()),
    told: (symbol: string, venue = 'fake', part = '1m') =>
      (tables.journal.get(streams.series(`${venue}#${symbol}#${part}`)) ?? []).map(({ type, data }) => ({
        type,
        data,
      })),
    tables,
  };
}

export type CollectingDesk = ReturnType<typeof openCollectingDesk>;

export const seriesOf = (symbol: string, venue = 'fake', timeframe = '1m'): CandleSeries => ({
  ...{ kind: 'candles', venue: venue as VenueId, symbol, timeframe },
});

function marketOf(symbol: string, venue: VenueId): Market {
  const [base = '', rest = ''] = symbol.split('/');
  const [quote = '', settle] = rest.split(':');
  const kind = settle === undefined ? 'spot' : 'perpetual';
  const contract = settle === undefined ? {} : { settle, contractType: 'linear' as const };
  return { ...btcUsdt, venue, symbol, venueSymbol: symbol.replace('/', ''), base, quote, kind, ...contract };
}
