/** Tasks of the stream service at simulated venues, with tables, queues and files in memory. */
import type { DeskConfig, Market, VenueId } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { createVenueFleets } from '@nightdesk/functions/shared/venue-fleets.ts';
import { createPublisher } from '@nightdesk/stream/src/publish/create-publisher.ts';
import { createStreamService, type StreamService } from '@nightdesk/stream/src/service.ts';
import { createProcessGauges } from '@nightdesk/stream/src/status/process-gauges.ts';
import { createVenueStreams } from '@nightdesk/stream/src/venue-streams.ts';
import { realClock } from './clocks.ts';
import { deskConfig } from './desk-config.ts';
import { createFakeSecrets } from './fake-secrets.ts';
import { createMemoryCoordination } from './memory-coordination.ts';
import { createMemoryOrderNews, createMemoryQuotes, createMemoryTicks } from './memory-streams.ts';
import {
  credentialsOf,
  type SimulatedCustomer,
  type SimulatedVenue,
  type SimulatedVenueName,
  startSimulator,
} from './simulated-venues.ts';
import { createRecordingTelemetry } from './telemetry.ts';
import { openVenueLayer } from './venue-layer.ts';

type StreamSettings = Record<string, unknown>;

export interface StreamingDesk {
  readonly quotes: ReturnType<typeof createMemoryQuotes>;
  readonly news: ReturnType<typeof createMemoryOrderNews>;
  readonly telemetry: ReturnType<typeof createRecordingTelemetry>;
  readonly secrets: ReturnType<typeof createFakeSecrets>;
  readonly services: readonly StreamService[];
  readonly simulators: ReadonlyMap<SimulatedVenueName, SimulatedVenue>;
  /** Replaces `streams` of collection.yaml. */
  stream(...streams: StreamSettings[]): void;
  /** Starts one more task. */
  start(task: string): StreamService;
  /** Ends what still runs. */
  close(): Promise<void>;
}

const venueClock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  after(delayMs: number, action: () => void) {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** One account, `main`, at the first of the venues. */
export async function openStreamingDesk(
  ...venues: [SimulatedVenueName, ...SimulatedVenueName[]]
): Promise<StreamingDesk> {
  const clock = realClock;
  const customer: SimulatedCustomer = { name: 'main', venue: venues[0], balances: { BTC: '10', USDT: '1000000' } };
  const { directory } = await openVenueLayer();
  const started = await Promise.all(
    venues.map((venue) => startSimulator(venue, { customers: [customer], clock: venueClock, seed: 7 })),
  );
  const simulators = new Map(venues.map((venue, index) => [venue, started[index] as SimulatedVenue]));
  const markets = await readMarkets(simulators, directory);
  const configOf = (streams: readonly StreamSettings[]): DeskConfig =>
    deskConfig({
      exchanges: Object.fromEntries([...simulators].map(([venue, { url }]) => [venue, { baseUrl: url }])),
      accounts: {
        main: { exchange: venues[0], mode: 'sandbox' },
        second: { exchange: venues[0], mode: 'paper', paper: { balances: { USDT: '1' } } },
      },
      collection: { streams },
    });
  let config = configOf([]);
  const parts = {
    quotes: createMemoryQuotes(clock),
    news: createMemoryOrderNews(clock),
    telemetry: createRecordingTelemetry(),
    secrets: createFakeSecrets({ 'test/accounts/main/trading': JSON.stringify(credentialsOf(customer)) }),
  };
  const { quotes, news, telemetry, secrets } = parts;
  const coordination = createMemoryCoordination();
  const fleetOf = createVenueFleets({ store: coordination, egressName: 'test', clock, telemetry });
  const services: StreamService[] = [];
  const [monotonicMs, random] = [() => performance.now(), Math.random];
  const findMarket = async (venue: VenueId, symbol: string) =>
    markets.get(venue)?.find((each) => each.symbol === symbol);
  const archive = createMemoryTicks();
  return {
    ...{ ...parts, simulators, services },
    stream(...streams) {
      config = configOf(streams);
    },
    start(task) {
      const service = createStreamService({
        ...{ task, coordination, quotes, clock, monotonicMs, random, telemetry, gauges: createProcessGauges() },
        loadConfig: async () => config,
        listMarkets: async (venue) => markets.get(venue) ?? [],
        ranking: async () => undefined,
        createPublisher: (observer) => createPublisher({ quotes, news, archive, clock, monotonicMs, observer }),
        ...createVenueStreams({ directory, clock, random, fleetOf, findMarket, secrets, secretsPrefix: 'test' }),
      });
      services.push(service);
      service.start();
      return service;
    },
    async close() {
      await Promise.all(services.map((service) => service.stop()));
      await Promise.all(started.map((simulator) => simulator.close()));
    },
  };
}

async function readMarkets(
  simulators: ReadonlyMap<SimulatedVenueName, SimulatedVenue>,
  directory: string,
): Promise<Map<string, Market[]>> {
  const read = [...simulators].map(async ([name, { url }]) => {
    const exchangeConfig = { baseUrl: url, timeoutMs: 5_000 };
    const place = { venue: name as string as VenueId, directory, mode: 'sandbox', clock: realClock } as const;
    const venue = await createVenue({ ...place, exchangeConfig });
    return [name, await venue.fetchMarkets()] as const;
  });
  return new Map(await Promise.all(read));
}
