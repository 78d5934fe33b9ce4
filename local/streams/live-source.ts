/** Where the figures of streams are read: the API of a desk, or the table of one that is deployed. */
import { paginateListTables } from '@aws-sdk/client-dynamodb';
import { createDynamoDbClient, createQuotesRepository } from '@nightdesk/aws';
import { type QuoteView, quoteView, type StreamTaskStatus, type VenueId } from '@nightdesk/core';
import { readStateFile } from '../cloud/state-file.ts';
import type { ReadyInfo } from '../supervisor/ready.ts';
import { statePaths } from '../supervisor/state-directory.ts';
import type { Place } from './options.ts';
import { StreamsError } from './streams-error.ts';

/** What `GET /streams` answers. */
export interface StreamsAnswer {
  /** By the clock of whoever answers; UTC epoch milliseconds. */
  atMs: number;
  tasks: StreamTaskStatus[];
}

export interface LiveSource {
  status(): Promise<StreamsAnswer>;
  /** @throws StreamsError where there is none */
  quotes(symbol: string, venue?: string): Promise<QuoteView[]>;
  close(): void;
}

/** The API answers within 30 s. */
const answerMsMax = 35_000;

/** @throws StreamsError when there is no such desk */
export async function openSource(place: Place): Promise<LiveSource> {
  switch (place.kind) {
    case 'api':
      return overApi(place.api, place.token);
    case 'local': {
      const ready = readStateFile(statePaths(place.stateDirectory).ready) as ReadyInfo | undefined;
      if (ready !== undefined) return overApi(ready.api, ready.tokens.viewer);
      throw new StreamsError(
        `no desk is running from ${place.stateDirectory}: start one with npm start, or name a deployed one with --stage`,
      );
    }
    case 'stage':
      return inTable(place.stage, place.quotesTable);
  }
}

function overApi(api: string, token: string): LiveSource {
  const ask = async <Answer>(path: string): Promise<Answer> => {
    const { status, text } = await send(`${api.replace(/\/+$/, '')}${path}`, token);
    if (status === 200) return JSON.parse(text) as Answer;
    throw new StreamsError(refusal(status, text));
  };
  return {
    status: () => ask<StreamsAnswer>('/streams'),
    async quotes(symbol, venue) {
      const parameters = new URLSearchParams({ symbol, ...(venue !== undefined && { venue }) });
      return (await ask<{ quotes: QuoteView[] }>(`/quotes?${parameters}`)).quotes;
    },
    close() {},
  };
}

async function send(url: string, token: string): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${token}` },
      // Another address must not be told the token.
      redirect: 'error',
      signal: AbortSignal.timeout(answerMsMax),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new StreamsError(
      `${new URL(url).origin} was not reached: ${cause instanceof Error ? cause.message : 'unknown'}`,
    );
  }
}

function refusal(status: number, text: string): string {
  try {
    const { error } = JSON.parse(text) as {
      error?: { message?: string; issues?: { path: string; message: string }[] };
    };
    const issues = (error?.issues ?? []).map(({ path, message }) => `  ${path}: ${message}`);
    return [`the desk answered ${status}: ${error?.message ?? text}`, ...issues].join('\n');
  } catch {
    return `the desk answered ${status}: ${text}`;
  }
}

async function inTable(stage: string, given: string | undefined): Promise<LiveSource> {
  const client = createDynamoDbClient();
  const clock = { nowMs: Date.now };
  const store = createQuotesRepository(client, given ?? (await tableOf(stage, client)), clock);
  return {
    status: async () => ({ atMs: clock.nowMs(), tasks: await store.readStatus() }),
    async quotes(symbol, venue) {
      const found = await store.read(symbol, venue as VenueId | undefined);
      if (found.length === 0) {
        throw new StreamsError(`there is no quote of ${symbol}: \`streams\` of collection.yaml says what is streamed`);
      }
      const heard = await store.heard(found.map(({ connection }) => connection));
      return found.map((quote) => quoteView(quote, heard.get(quote.connection), clock.nowMs()));
    },
    close: () => client.destroy(),
  };
}

/** By the name that CloudFormation gives: stack, logical id, something of its own. */
async function tableOf(stage: string, client: ReturnType<typeof createDynamoDbClient>): Promise<string> {
  const prefix = `nightdesk-${stage}-data-QuotesTable`;
  const found: string[] = [];
  for await (const page of paginateListTables({ client }, {})) {
    found.push(...(page.TableNames ?? []).filter((name) => name.startsWith(prefix)));
  }
  const [name, ...others] = found;
  if (name === undefined) throw new StreamsError(`there is no table ${prefix}…: is the stage deployed here?`);
  if (others.length === 0) return name;
  throw new StreamsError(`${found.join(' and ')} could both be meant: name one with --quotes-table`);
}
