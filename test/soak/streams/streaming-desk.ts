/** A desk with two tasks of the stream service, at three simulated venues, and what the soak asks of all of them. */
import { paginateListTables } from '@aws-sdk/client-dynamodb';
import { createMarketLister, createQuotesRepository, systemClock } from '@nightdesk/aws';
import type { QuoteStore, QuoteView, StreamTaskStatus, VenueId } from '@nightdesk/core';
import { createLocalClient } from '@nightdesk/local/audit/local-tables.ts';
import type { BookState } from '@nightdesk/local/simulators/shared/book-history.ts';
import { startConfiguredDesk } from '../../support/configured-desk.ts';
import type { Desk } from '../../support/desk.ts';
import { nameAtVenue } from '../../support/simulated-venues.ts';
import { type VenueName, venueNames } from '../markets.ts';

/** A market that is streamed. */
export interface StreamedMarket {
  venue: VenueName;
  symbol: string;
  /** The venue's own name of it. */
  name: string;
}

export interface BookQuestion {
  symbol: string;
  sequence?: number;
  atMs?: number;
  /** The newest so many. */
  limit?: number;
}

export interface StreamingDesk {
  readonly desk: Desk;
  readonly markets: readonly StreamedMarket[];
  /** The table of quotes, read past the API. */
  readonly quotes: QuoteStore;
  /** Calls a control call of a simulated venue. @throws Error when it refuses */
  control<Body>(venue: VenueName, method: string, path: string, body?: unknown): Promise<Body>;
  /** `GET /quotes`; none where there is no quote. */
  readQuotes(symbol: string): Promise<QuoteView[]>;
  /** `GET /streams`. */
  readStreams(): Promise<StreamTaskStatus[]>;
  /** What the venue's books were; each question's answers newest first. */
  truthOf(venue: VenueName, questions: readonly BookQuestion[]): Promise<BookState[][]>;
  /** Streams these from now on, as an owner who saves collection.yaml. */
  stream(markets: readonly StreamedMarket[]): void;
  close(): Promise<void>;
}

export interface StreamingOptions {
  /** Of all venues together. */
  symbols: number;
  seed: number;
}

export const accountOf: Readonly<Record<VenueName, string>> = { binance: 'bin1', kraken: 'kra1', bybit: 'byb1' };
/** These are among those that are streamed, and traded. */
export const tradedSymbols = ['BTC/USDT', 'ETH/USDT', 'SOL/USDT', 'XRP/USDT'];
const tasks = 2;

export async function startStreamingDesk({ symbols, seed }: StreamingOptions): Promise<StreamingDesk> {
  const accounts = Object.values(accountOf);
  const demo = { authentication: ['token', 'signing'], accounts, defaultAccount: accounts[0] };
  const atVenues = venueNames.map((venue) => [accountOf[venue], { exchange: venue, mode: 'sandbox' }]);
  // JSON is YAML as well.
  const configured = await startConfiguredDesk(
    {
      exchanges: JSON.stringify(Object.fromEntries(venueNames.map((venue) => [venue, {}]))),
      accounts: JSON.stringify(Object.fromEntries(atVenues)),
      sources: JSON.stringify({ demo }),
    },
    accounts,
    { streams: true, streamTasks: tasks, simulators: { seed } },
  );
  const { desk } = configured;
  const client = createLocalClient(desk.ready.aws);
  const control: StreamingDesk['control'] = async (venue, method, path, body) => {
    const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const answer = await fetch(`${desk.cloud.ready.simulators[venue]}/__sim/${path}`, init);
    if (!answer.ok) throw new Error(`simulated ${venue}: ${method} ${path} answered ${await answer.text()}`);
    return (await answer.json()) as never;
  };
  const stream: StreamingDesk['stream'] = (wanted) => {
    const streams = [...Map.groupBy(wanted, ({ venue }) => venue)].map(([venue, some]) => ({
      ...{
        venues: [venue],
        symbols: some.map(({ symbol }) => symbol),
        kinds: ['books'],
        depth: 10,
        quotesPerSecond: 1,
      },
    }));
    configured.save('collection', JSON.stringify({ collections: [], streams }));
  };
  const tables: string[] = [];
  for await (const page of paginateListTables({ client }, {})) tables.push(...(page.TableNames ?? []));
  const table = (part: string) => tables.find((name) => name.includes(`-data-${part}`)) ?? '';
  const lister = createMarketLister(client, table('MarketsTable'));
  const markets = await Promise.all(
    venueNames.map(async (venue) => {
      type Listed = { markets: { symbol: string; kind: string }[] };
      const { markets: listed } = await control<Listed>(venue, 'GET', 'markets');
      const names = new Set(listed.filter(({ kind }) => kind === 'spot').map(({ symbol }) => symbol));
      const open = (await lister(venue as VenueId)).filter(({ kind, active }) => kind === 'spot' && active);
      const known = open.map(({ symbol }) => ({ venue, symbol, name: nameAtVenue(venue, symbol) }));
      return chosen(
        known.filter(({ name }) => names.has(name)),
        Math.floor(symbols / venueNames.length),
      );
    }),
  );
  return {
    ...{ desk, control, stream, markets: markets.flat() },
    quotes: createQuotesRepository(client, table('QuotesTable'), systemClock),
    async readQuotes(symbol) {
      const path = `/quotes?symbol=${encodeURIComponent(symbol)}`;
      const { status, body } = await desk.call<{ quotes: QuoteView[] }>('GET', path);
      if (status === 404) return [];
      if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
      return body.quotes;
    },
    readStreams: async () => (await desk.call<{ tasks: StreamTaskStatus[] }>('GET', '/streams')).body.tasks ?? [],
    async truthOf(venue, questions) {
      if (questions.length === 0) return [];
      type Answers = { answers: (BookState[] | null)[] };
      const { answers } = await control<Answers>(venue, 'POST', 'books', questions);
      return answers.map((states) => states ?? []);
    },
    async close() {
      client.destroy();
      await configured.close();
    },
  };
}

/** Those that are traded, and others from all over the list. */
function chosen(markets: readonly StreamedMarket[], count: number): StreamedMarket[] {
  const traded = markets.filter(({ symbol }) => tradedSymbols.includes(symbol));
  const others = markets.filter((market) => !traded.includes(market));
  const step = Math.max(1, others.length / Math.max(1, count - traded.length));
  const spread = Array.from({ length: others.length }, (_, index) => others[Math.floor(index * step)]);
  return [...traded, ...spread.filter((market) => market !== undefined)].slice(0, count);
}
