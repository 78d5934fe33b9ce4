/**
 * A desk that collects at simulated venues, without a cloud: the real planner and collector, ccxt's own classes, the request limits
 * that all functions share, and stores in memory. Time passes faster than the machine's.
 */
import {
  type CandleJob,
  type CandleStore,
  type Clock,
  canonicalJson,
  createCandleReader,
  type DeskConfig,
  type Market,
  seriesKeyOf,
  type VenueId,
  type VenuePort,
} from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { createHandler as createCollecting } from '@nightdesk/functions/collect-candles/handler.ts';
import { announcingFleets, yieldingFleets } from '@nightdesk/functions/collect-candles/yielding.ts';
import { createHandler as createPlanning } from '@nightdesk/functions/plan-candles/handler.ts';
import { createVenueFleets } from '@nightdesk/functions/shared/venue-fleets.ts';
import { deskConfig } from '../../support/desk-config.ts';
import {
  createMemoryCandleJobs,
  createMemoryCandles,
  createMemoryCold,
  createMemorySeries,
} from '../../support/memory-candles.ts';
import { createMemoryCoordination } from '../../support/memory-coordination.ts';
import { createMemoryJournalStreams } from '../../support/memory-journal-streams.ts';
import { MemoryTables } from '../../support/memory-stores.ts';
import { createRecordingTelemetry } from '../../support/telemetry.ts';
import { openVenueLayer } from '../../support/venue-layer.ts';
import type { RunningVenue } from './venues.ts';

export interface CollectingOptions {
  venues: readonly RunningVenue[];
  /** Of each venue. */
  symbolsCount: number;
  every: string;
  clock: Clock;
}

/** As Lambda has it: the time of an invocation, how many there are at once, and how often a message is delivered. */
const invocationMs = 120_000;
const concurrency = { waiting: 10, waitingBackfills: 5 } as const;
const redeliverMs = 5_000;
const deliveriesMax = 5;
const pollMs = 1_000;

/** Jobs of one group are done one after the other. */
const groupOf = (job: CandleJob): string =>
  canonicalJson('lane' in job ? job.lane : 'series' in job ? job.series : { venue: job.venue });

export type CollectingDesk = Awaited<ReturnType<typeof openCollectingDesk>>;

export async function openCollectingDesk({ venues, symbolsCount, every, clock }: CollectingOptions) {
  const telemetry = createRecordingTelemetry();
  const coordination = createMemoryCoordination();
  const tables = new MemoryTables();
  const stores = {
    candles: createMemoryCandles({ copies: false }),
    series: createMemorySeries(),
    cold: createMemoryCold(),
  };
  const jobs = createMemoryCandleJobs(clock);
  const ports = await openPorts(venues, { clock, telemetry, coordination });
  const markets = new Map<VenueId, Market[]>();
  for (const { venue } of venues) markets.set(venue, await ports.live(venue).fetchMarkets());
  const symbolsOf = (venue: VenueId): string[] => collectable(markets.get(venue) ?? [], symbolsCount);
  const config = configFor(venues, symbolsOf, every);
  const listMarkets = async (venue: VenueId) => markets.get(venue) ?? [];
  const common = { loadConfig: async () => config, ...stores, jobs, clock, telemetry, listMarkets };
  const plan = createPlanning(common);
  const collect = createCollecting({
    ...{ ...common, journal: createMemoryJournalStreams(tables) },
    findMarket: async (venue, symbol) => markets.get(venue)?.find((market) => market.symbol === symbol),
    openVenue: async (venue, _config, urgency) => ports[urgency](venue),
  });
  const queues = createQueues(jobs, { clock, collect });
  return {
    ...{
      stores,
      telemetry,
      tables,
      markets,
      symbolsOf,
      reader: createCandleReader({ ...stores, candles: withKnownLanes(stores.candles) }),
    },
    /** Plans each minute and does what is planned, until a time, or until something is so. */
    async runTo(atMs: number, isOver: () => Promise<boolean> = async () => false): Promise<void> {
      const workers = queues.start();
      for (let minuteMs = nextMinute(clock.nowMs()); minuteMs <= atMs; minuteMs += 60_000) {
        await clock.sleep(Math.max(0, minuteMs - clock.nowMs()));
        if (await isOver()) break;
        await plan();
      }
      await queues.drain();
      await workers.stop();
    },
    /** Series of which the period is not complete yet, or of which something is still looked for, each in words. */
    async incompleteIn(period: string): Promise<string[]> {
      const records = (await Promise.all(venues.map(({ venue }) => stores.series.list(venue)))).flat();
      const known = new Map(records.map((record) => [seriesKeyOf(record.series), record]));
      const wanted = venues.flatMap(({ venue }) => symbolsOf(venue).map((symbol) => ({ venue, symbol })));
      return wanted.flatMap(({ venue, symbol }) => {
        const key = seriesKeyOf({ kind: 'candles', venue, symbol, timeframe: '1m' });
        const record = known.get(key);
        if (record === undefined) return [`${key} is not collected`];
        const { sealed, totals, failure } = record;
        if (sealed !== undefined && sealed >= period && totals.missing.open === 0) return [];
        return [
          `${key}: sealed is ${sealed ?? 'nothing'}, ${totals.missing.open} open${failure ? `, ${JSON.stringify(failure)}` : ''}`,
        ];
      });
    },
    failures: queues.failures,
    jobsDone: queues.done,
  };
}

/** For who reads everything once it has come to rest: the store copies all series of a lane for each of them. */
function withKnownLanes(candles: CandleStore): CandleStore {
  const known = new Map<string, ReturnType<CandleStore['readLane']>>();
  return {
    ...candles,
    // All of its series at once, of which each reader takes its own.
    readLane(lane, span) {
      const key = canonicalJson([lane, span]);
      const rows = known.get(key) ?? candles.readLane(lane, span);
      known.set(key, rows);
      return rows;
    },
  };
}

const nextMinute = (atMs: number): number => (Math.floor(atMs / 60_000) + 1) * 60_000;

interface Shared {
  clock: Clock;
  telemetry: ReturnType<typeof createRecordingTelemetry>;
  coordination: ReturnType<typeof createMemoryCoordination>;
}

async function openPorts(venues: readonly RunningVenue[], { clock, telemetry, coordination: store }: Shared) {
  const { directory } = await openVenueLayer();
  const fleetOf = createVenueFleets({ store, egressName: 'soak', clock, telemetry });
  const fleets = {
    live: announcingFleets(fleetOf, { store, clock, telemetry }),
    patient: yieldingFleets(fleetOf, { store, clock, telemetry }),
  };
  const open = async (urgency: keyof typeof fleets) => {
    const ports = new Map<VenueId, VenuePort>();
    for (const { venue, url } of venues) {
      const exchangeConfig = { baseUrl: url, timeoutMs: 3_000, connectionsMax: 16 };
      const options = { directory, mode: 'live' as const, exchangeConfig, clock, fleet: fleets[urgency](venue) };
      ports.set(venue, await createVenue({ venue, ...options }));
    }
    return (venue: VenueId): VenuePort => {
      const port = ports.get(venue);
      if (port === undefined) throw new Error(`there is no venue ${venue}`);
      return port;
    };
  };
  return { live: await open('live'), patient: await open('patient') };
}

/** From all over what is listed, which begins with what is traded most and ends with what is hardly traded at all. */
function collectable(markets: readonly Market[], count: number): string[] {
  const open = markets
    .filter(({ active, kind }) => active && (kind === 'spot' || kind === 'perpetual'))
    .filter(({ contractType = 'linear' }) => contractType === 'linear');
  const step = open.length / Math.min(count, open.length);
  return Array.from({ length: Math.min(count, open.length) }, (_, index) => open[Math.floor(index * step)]).flatMap(
    (market) => (market === undefined ? [] : [market.symbol]),
  );
}

function configFor(
  venues: readonly RunningVenue[],
  symbolsOf: (venue: VenueId) => string[],
  every: string,
): DeskConfig {
  const collections = venues.map(({ name, venue }) => ({ venues: [name], symbols: symbolsOf(venue), every }));
  const exchanges = Object.fromEntries(venues.map(({ name, url }) => [name, { baseUrl: url }]));
  return deskConfig({ exchanges: { fake: {}, ...exchanges }, collection: { collections } });
}

type Collect = ReturnType<typeof createCollecting>;

/** Delivers as the FIFO queues would, and hands back what fails. */
function createQueues(
  queues: Pick<ReturnType<typeof createMemoryCandleJobs>, 'waiting' | 'waitingBackfills'>,
  { clock, collect }: { clock: Clock; collect: Collect },
) {
  const busy = new Set<string>();
  const failures: string[] = [];
  const done = { count: 0 };
  let isOver = false;

  const takeFrom = (queue: CandleJob[]): CandleJob | undefined => {
    const index = queue.findIndex((job) => !busy.has(groupOf(job)));
    return index < 0 ? undefined : queue.splice(index, 1)[0];
  };
  async function deliver(job: CandleJob): Promise<void> {
    for (let delivery = 1; delivery <= deliveriesMax; delivery += 1) {
      try {
        return await collect(JSON.stringify(job), { deadlineMs: clock.nowMs() + invocationMs });
      } catch (error) {
        failures.push(`${JSON.stringify(job)}: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
        await clock.sleep(redeliverMs);
      }
    }
  }
  async function work(queue: CandleJob[]): Promise<void> {
    while (!isOver) {
      const job = takeFrom(queue);
      if (job === undefined) {
        await clock.sleep(pollMs);
        continue;
      }
      const group = groupOf(job);
      busy.add(group);
      await deliver(job).finally(() => busy.delete(group));
      done.count += 1;
    }
  }
  return {
    ...{ failures, done },
    start() {
      isOver = false;
      const workers = (['waiting', 'waitingBackfills'] as const).flatMap((name) =>
        Array.from({ length: concurrency[name] }, () => work(queues[name])),
      );
      return {
        async stop(): Promise<void> {
          isOver = true;
          await Promise.all(workers);
        },
      };
    },
    async drain(): Promise<void> {
      while (queues.waiting.length + queues.waitingBackfills.length + busy.size > 0) await clock.sleep(pollMs);
    },
  };
}
