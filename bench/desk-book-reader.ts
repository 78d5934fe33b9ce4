/** The books of a venue as a task of the stream service reads them: checked, counted, and published to the table of quotes. */
import { createQuotesRepository } from '@nightdesk/aws';
import type { Clock, DeskConfig, MarketUnit, PlannedSubscription, VenueId } from '@nightdesk/core';
import { createMarketStreams, createVenue } from '@nightdesk/exchange';
import { createLocalClient } from '@nightdesk/local/audit/local-tables.ts';
import { createPublisher } from '@nightdesk/stream/src/publish/create-publisher.ts';
import { StreamMeter } from '@nightdesk/stream/src/status/stream-meter.ts';
import { openMarketRunner } from '@nightdesk/stream/src/units/market-runner.ts';
import type { BookReader, ReadBooksInput } from './processes/read-books.ts';

const venue = 'bybit' as VenueId;
/** As in collection.yaml where nothing else is said. */
const subscribed = { kind: 'books', depth: 10, quoteEveryMs: 1_000, files: false } as const;

const clock: Clock = {
  nowMs: () => Date.now(),
  sleep: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
};
const monotonicMs = () => performance.now();

export async function openDeskReader({ url, symbols, directory, aws }: ReadBooksInput): Promise<BookReader> {
  if (aws === undefined) throw new Error('there is no table to publish to');
  const exchangeConfig = { baseUrl: url, timeoutMs: 30_000 };
  const options = { ...{ venue, directory, exchangeConfig, clock }, mode: 'live' as const };
  const markets = await (await createVenue(options)).fetchMarkets();
  const failures: string[] = [];
  const telemetry = {
    info: () => undefined,
    failure: (what: string, error: unknown) => failures.push(`${what}: ${String(error)}`),
  };
  const meter = new StreamMeter({ telemetry, clock, monotonicMs });
  const publisher = createPublisher({
    ...{ clock, monotonicMs, observer: meter },
    quotes: createQuotesRepository(createLocalClient(aws.url), aws.table, clock),
    news: { send: async () => undefined },
    archive: { write: async () => ({ bytes: 0 }) },
  });
  const subscriptions = symbols.map((symbol): PlannedSubscription => ({ symbol, ...subscribed }));
  const unit: MarketUnit = { kind: 'markets', id: `${venue}#markets#0`, venue, subscriptions };
  const openPort = async () => ({
    port: await createMarketStreams({ ...options, markets }),
    learn: async () => undefined,
  });
  // The runner tells the meter of every update, and the meter keeps a minute of them: those before are counted here.
  let updates = 0;
  const update = meter.update.bind(meter);
  meter.update = (...told) => {
    updates += 1;
    update(...told);
  };
  const ended = { config: {} as DeskConfig, onEnd: ({ reason }: { reason: string }) => failures.push(reason) };
  await openMarketRunner(unit, ended, { ...{ openPort, publisher, meter, monotonicMs }, connection: 'bench' });
  return {
    updates: () => updates,
    counts() {
      const [books] = meter.figures().filter(({ kind }) => kind === 'books');
      const befell = Object.entries(books?.incidents ?? {}).filter(([kind]) => kind !== 'connected');
      return {
        ...{ updates, seen: updates, written: books?.written ?? 0 },
        incidents: [...befell.map(([kind, count]) => `${count} ${kind}`), ...failures],
      };
    },
  };
}
