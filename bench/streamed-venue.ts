/** A venue that pushes recorded books, and a table for the quotes that are made of them, for measures that need no desk around them. */
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { tableSchemas } from '@nightdesk/core';
import { createLocalClient } from '@nightdesk/local/audit/local-tables.ts';
import { noWatchdog } from '@nightdesk/local/cloud/lambda/watchdog.ts';
import { createBybitSimulator } from '@nightdesk/local/simulators/bybit/simulator.ts';
import { startChild } from '@nightdesk/local/supervisor/child-process.ts';
import { openServices } from '@nightdesk/local/supervisor/services.ts';
import { scriptPath } from './child.ts';
import type { PushBooksInput, Pushed, PushOrder } from './processes/push-books.ts';

export interface StreamedVenue {
  /** Origin of HTTP and sockets. */
  url: string;
  /** Of spot markets. */
  symbols(count: number): string[];
  push(order: PushOrder): Promise<Pushed>;
  pushed(): Promise<Pushed>;
  stop(): Promise<void>;
}

const symbolsCount = 700;

/** What speaks for itself is Bybit's; the list of markets is a simulator's. */
export async function startStreamedVenue(): Promise<StreamedVenue> {
  const simulator = await createBybitSimulator({ seed: 1, accounts: [], symbolsCount });
  const listing = await fetch(`${simulator.url}/v5/market/instruments-info?category=spot&limit=1000`);
  type Listed = { result: { list: { baseCoin: string; quoteCoin: string; status: string }[] } };
  const { list } = ((await listing.json()) as Listed).result;
  const open = list.filter(({ status }) => status === 'Trading');
  const child = await startChild({
    ...{ name: 'push-books', arguments: [scriptPath('push-books.ts')], watchdog: noWatchdog, log: console.error },
    input: JSON.stringify({ upstreamUrl: simulator.url } satisfies PushBooksInput),
    onUnexpectedExit: (error) => console.error(error.message),
  });
  const url = String(child.ready.url);
  const ask = async (order?: PushOrder): Promise<Pushed> => {
    const init = order === undefined ? {} : { method: 'POST', body: JSON.stringify(order) };
    return (await (await fetch(`${url}/__push`, init)).json()) as Pushed;
  };
  return {
    url,
    symbols(count) {
      if (open.length < count) throw new Error(`there are only ${open.length} markets`);
      return open.slice(0, count).map(({ baseCoin, quoteCoin }) => `${baseCoin}/${quoteCoin}`);
    },
    ...{ push: ask, pushed: () => ask() },
    async stop() {
      await child.stop();
      await simulator.close();
    },
  };
}

export interface QuoteTable {
  url: string;
  table: string;
  close(): Promise<void>;
}

export async function openQuoteTable(): Promise<QuoteTable> {
  const services = await openServices({ paths: undefined, log: console.error });
  const table = 'quotes';
  const { partitionKey, sortKey } = tableSchemas.quotes;
  const client = createLocalClient(services.url);
  await client.send(
    new CreateTableCommand({
      ...{ TableName: table, BillingMode: 'PAY_PER_REQUEST' },
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [partitionKey, sortKey].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
    }),
  );
  client.destroy();
  return { url: services.url, table, close: () => services.close() };
}
