/** A receive-signal function with everything around it in memory. */
import { createHmac } from 'node:crypto';
import { httpFunction } from '@nightdesk/aws';
import { type DeskConfig, type SignalQueue, type SignalsStore, secretNames } from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/receive-signal/handler.ts';
import type { Context } from 'aws-lambda';
import { type ApiRequest, apiEvent } from '../../support/api-events.ts';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { createFakeSecrets, type FakeSecrets } from '../../support/fake-secrets.ts';
import { btcUsdt, btcUsdtPerpetual, ethUsdt } from '../../support/markets.ts';
import { createMemorySignalQueue, type MemorySignalQueue } from '../../support/memory-signal-queue.ts';
import { createMemoryMarkets, createMemorySignals, MemoryTables } from '../../support/memory-stores.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';

const prefix = 'nightdesk/test';
export const token = 'the-token-of-demo';
export const signingSecret = 'the-signing-secret-of-demo';

export interface Receiver {
  clock: ManualClock;
  tables: MemoryTables;
  queue: MemorySignalQueue;
  secrets: FakeSecrets;
  telemetry: RecordingTelemetry;
  /** Stand in for the stores from the next request on. */
  ports: { signals: SignalsStore; queue: SignalQueue };
  /** Everything that was answered, to be searched for secrets. */
  answers: string[];
  /** Sends a request to the function. */
  send(request: Partial<ApiRequest>): Promise<Answer>;
  /** Posts a body with the token in the path. */
  post(body: unknown, request?: Partial<ApiRequest>): Promise<Answer>;
}

export interface Answer {
  status: number;
  body: { signalId?: string; status?: string; duplicateRule?: string; error?: AnsweredError };
}

export interface AnsweredError {
  code: string;
  message: string;
  issues?: { path: string; message: string }[];
}

export function createReceiver(config: DeskConfig = deskConfig()): Receiver {
  const tables = new MemoryTables();
  for (const market of [btcUsdt, ethUsdt, btcUsdtPerpetual]) {
    tables.markets.set(`${market.venue} ${market.symbol}`, market);
  }
  const clock = createManualClock();
  const queue = createMemorySignalQueue(clock);
  const telemetry = createRecordingTelemetry();
  const secrets = createFakeSecrets({
    [secretNames.source(prefix, 'demo', 'token')]: token,
    [secretNames.source(prefix, 'demo', 'signing')]: signingSecret,
  });
  const receiver: Receiver = {
    ...{ clock, tables, queue, secrets, telemetry },
    ports: { signals: createMemorySignals(tables), queue },
    answers: [],
    async send(request) {
      const handler = createHandler({
        ...{ ...receiver.ports, secrets, secretsPrefix: prefix, clock, telemetry },
        markets: createMemoryMarkets(tables),
        loadConfig: async () => config,
      });
      const event = apiEvent({ routeKey: 'POST /signals/{source}', pathParameters: { source: 'demo' }, ...request });
      // Middy reads the time left of a context, and sets no timer where there is none.
      const response = await httpFunction(handler, telemetry)(event, {} as Context);
      receiver.answers.push(JSON.stringify(response));
      return { status: response.statusCode ?? 0, body: JSON.parse(response.body ?? '') as Answer['body'] };
    },
    post(body, request) {
      const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
      const routeKey = 'POST /signals/{source}/{token}';
      return receiver.send({ routeKey, pathParameters: { source: 'demo', token }, body: text, ...request });
    },
  };
  return receiver;
}

/** A queue that takes nothing. */
export const deafQueue: SignalQueue = { send: () => Promise.reject(new Error('the queue does not answer')) };

/** Headers of a request signed at `atMs`. */
export function signed(body: string, atMs: number, secret = signingSecret): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1000));
  const digest = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { 'x-nightdesk-timestamp': timestamp, 'x-nightdesk-signature': `sha256=${digest}` };
}

/** A native signal sent `ageMs` ago by the receiver's clock. */
export function nativeSignal({ clock }: Receiver, changes: object = {}, ageMs = 0): object {
  const sentAt = new Date(clock.nowMs() - ageMs).toISOString();
  return { symbol: 'BTC/USDT', action: 'buy', size: { base: '0.5' }, sentAt, ...changes };
}

/** A TradingView alert sent `ageMs` ago by the receiver's clock. */
export function alert({ clock }: Receiver, changes: object = {}, ageMs = 0): object {
  const timenow = new Date(clock.nowMs() - ageMs).toISOString();
  return { ticker: 'BTCUSDT', exchange: 'FAKE', action: 'buy', contracts: '0.5', timenow, ...changes };
}

/** What is kept and sent of all signals so far. */
export const traces = ({ tables, queue }: Receiver) => ({
  messages: queue.waiting.length,
  signals: tables.signals.size,
  windows: tables.windows.size,
  events: tables.journal.size,
});

export const nothing = { messages: 0, signals: 0, windows: 0, events: 0 };
