/** Uses a running cloud as its clients do: over HTTP. For the demo, tests and benchmarks. */
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Order, Role } from '@nightdesk/core';
import type { ReadyInfo } from './ready.ts';

export interface Answer<Body> {
  status: number;
  body: Body;
}

/** 202 and 200 carry a `signalId`, every other status an `error`. */
export interface SignalAnswer {
  signalId?: string;
  status?: 'accepted' | 'duplicate';
  /** How the signal was read, and names of keys that were left alone. */
  dialect?: string;
  unknownKeys?: string[];
  error?: { code: string; message: string; issues?: { path: string; message: string }[] };
}

export interface SignalState {
  signalId: string;
  status: 'accepted' | 'pending' | 'executed' | 'rejected';
  orders: Order[];
}

/** An order as the simulated venue knows it; amounts are decimal strings. */
export interface SimulatorOrder {
  account: string;
  symbol: string;
  clientOrderId: string;
  /** The venue's own number of the order. */
  orderId: number;
  status: string;
  side: string;
  origQty: string;
  executedQty: string;
  /** Venue time in epoch milliseconds, with decimals. */
  acceptedAtMs: number;
  fills: { price: string; qty: string; atMs: number }[];
}

export interface PostOptions {
  /** @default 'demo' */
  source?: string;
  /** How the source proves itself. @default 'token' */
  authentication?: 'token' | 'signing';
  headers?: Record<string, string>;
}

export interface DeskClient {
  /** Posts a signal; text goes out as it is, anything else as JSON. */
  postSignal(signal: unknown, options?: PostOptions): Promise<Answer<SignalAnswer>>;
  getSignal(signalId: string): Promise<Answer<SignalState>>;
  /** Waits until every order of a signal is at its venue or has a final word. @throws Error after `timeoutMs` (default 10 s) */
  waitForOrder(signalId: string, timeoutMs?: number): Promise<SignalState>;
  /** Calls any route of the API as a role. */
  call<Body>(method: string, path: string, options?: { role?: Role; body?: unknown }): Promise<Answer<Body>>;
  /** What a simulated venue says there is, whatever the desk believes. @default venue 'binance' */
  simulatorOrders(filter?: Partial<Record<'account' | 'symbol' | 'clientOrderId', string>>): Promise<SimulatorOrder[]>;
  /** Adds faults to the simulated venue. @throws Error when it does not understand one */
  setFaults(...faults: object[]): Promise<void>;
  clearFaults(): Promise<void>;
}

const defaultTimeoutMs = 10_000;
const pollEveryMs = 20;

/** @param venue the simulated venue whose orders and faults are meant */
export function createDeskClient(ready: ReadyInfo, venue = 'binance'): DeskClient {
  const simulator = ready.simulators[venue];
  if (simulator === undefined) throw new Error(`there is no simulated ${venue}`);

  const client: DeskClient = {
    postSignal(signal, { source = 'demo', authentication = 'token', headers = {} } = {}) {
      const body = typeof signal === 'string' ? signal : JSON.stringify(signal);
      const proof = prove(ready, { source, authentication, body });
      const url = `${ready.api}/signals/${source}${proof.path}`;
      return send(url, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...proof.headers, ...headers },
      });
    },
    getSignal: (signalId) => client.call('GET', `/signals/${encodeURIComponent(signalId)}`),
    async waitForOrder(signalId, timeoutMs = defaultTimeoutMs) {
      const endsAtMs = performance.now() + timeoutMs;
      for (;;) {
        const { status, body } = await client.getSignal(signalId);
        if (status === 200 && (body.status === 'executed' || body.status === 'rejected')) return body;
        if (performance.now() >= endsAtMs) {
          throw new Error(`signal ${signalId} has no order after ${timeoutMs} ms: ${status} ${JSON.stringify(body)}`);
        }
        await sleep(pollEveryMs);
      }
    },
    call: (method, path, { role = 'viewer', body } = {}) =>
      send(`${ready.api}${path}`, {
        method,
        headers: { authorization: `Bearer ${ready.tokens[role]}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    async simulatorOrders(filter = {}) {
      const query = new URLSearchParams(filter);
      const { body } = await send<{ orders: SimulatorOrder[] }>(`${simulator}/__sim/orders?${query}`);
      return body.orders;
    },
    async setFaults(...faults) {
      const answer = await send(`${simulator}/__sim/faults`, { method: 'POST', body: JSON.stringify(faults) });
      if (answer.status !== 200) throw new Error(`the faults were refused: ${JSON.stringify(answer.body)}`);
    },
    async clearFaults() {
      await send(`${simulator}/__sim/faults`, { method: 'DELETE' });
    },
  };
  return client;
}

function prove(
  ready: ReadyInfo,
  { source, authentication, body }: { source: string; authentication: 'token' | 'signing'; body: string },
): { path: string; headers: Record<string, string> } {
  const { token, secret } = ready.signals[source] ?? {};
  if (authentication === 'token') {
    if (token === undefined) throw new Error(`the source ${source} has no token`);
    return { path: `/${token}`, headers: {} };
  }
  if (secret === undefined) throw new Error(`the source ${source} has no signing secret`);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return {
    path: '',
    headers: { 'x-nightdesk-timestamp': timestamp, 'x-nightdesk-signature': `sha256=${signature}` },
  };
}

async function send<Body>(url: string, init: RequestInit = {}): Promise<Answer<Body>> {
  const response = await fetch(url, init);
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) as Body };
  } catch {
    throw new Error(`${init.method ?? 'GET'} ${new URL(url).origin} answered ${response.status} without JSON`);
  }
}
