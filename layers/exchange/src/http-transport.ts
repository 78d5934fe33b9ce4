/**
 * The HTTP client that ccxt sends through, in the shape of its `fetchImplementation`.
 *
 * ccxt would use `fetch`. This is Node's plain client instead, because the timeout then covers the body too (ccxt stops
 * its timer once the headers are there), because an idle connection is dropped by age, and because a first request
 * costs 13 ms instead of 24 in a new process. It follows no redirect and repeats nothing: a repeated order is two orders.
 */
import http from 'node:http';
import https from 'node:https';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Clock } from '@nightdesk/core';
import { ConnectionGate } from './connection-gate.ts';
import { createProxyAgent, type ProxyCredentials } from './proxy-agent.ts';
import { ProxyRotation } from './proxy-rotation.ts';
import { currentCall, NotSentError } from './venue-call.ts';

const unzip = promisify(gunzip);

/**
 * A connection idle for longer is not used again. While a Lambda sandbox is frozen nobody sees the venue close it, and
 * an order written to it would end without an answer.
 */
const idleMsMax = 10_000;
/** Largest answer read: Binance's exchangeInfo of all markets is about 15 MB. */
const answerBytesMax = 64 * 1024 * 1024;
const connectionsStandard = 5;

export interface TransportRequest {
  method: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
  signal: AbortSignal;
}

export interface TransportAnswer {
  status: number;
  statusText: string;
  headers: http.IncomingHttpHeaders;
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

export type Transport = (url: string, request: TransportRequest) => Promise<TransportAnswer>;

/** The request had no connection to leave by. */
class NotConnectedError extends NotSentError {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

export interface TransportOptions {
  /** Requests under way at once; a further one waits for its turn. @default 5 */
  connectionsMax?: number | undefined;
  /** Used in turn, one per request. Absent connects to the venue directly. */
  proxies?: readonly string[] | undefined;
  proxyCredentials?: ProxyCredentials | undefined;
}

/**
 * The returned function throws a `NotSentError` for a request that certainly did not leave, with the code `proxy_refused`
 * where no proxy gave a connection.
 */
export function createHttpTransport(clock: Clock, options: TransportOptions = {}): Transport {
  const gate = new ConnectionGate(options.connectionsMax ?? connectionsStandard);
  const openRoutes = () =>
    options.proxies === undefined ? openDirect() : openProxied(options.proxies, { ...options, rotation });
  const rotation = new ProxyRotation(options.proxies ?? [], clock);
  let routes = openRoutes();
  let lastUsedMs = clock.nowMs();
  return (url, request) =>
    gate.run(request.signal, async () => {
      const nowMs = clock.nowMs();
      currentCall.getStore()?.requireInTime(nowMs);
      if (nowMs - lastUsedMs > idleMsMax) routes = openRoutes();
      lastUsedMs = nowMs;
      const answer = await routes(url, request);
      lastUsedMs = clock.nowMs();
      return answer;
    });
}

/** Agents close their idle sockets themselves, so those that are replaced need no closing and finish what they do. */
function openDirect(): Transport {
  const options = { keepAlive: true, timeout: idleMsMax };
  const agents = { http: new http.Agent(options), https: new https.Agent(options) };
  return (url, request) => exchange(url, request, url.startsWith('https:') ? agents.https : agents.http);
}

/** Tries one proxy after the other, since a proxy that refuses has sent nothing. */
function openProxied(
  proxies: readonly string[],
  { rotation, proxyCredentials }: { rotation: ProxyRotation; proxyCredentials?: ProxyCredentials | undefined },
): Transport {
  const agents = new Map<string, Promise<http.Agent>>();
  const agentOf = (proxy: string): Promise<http.Agent> => {
    const agent = agents.get(proxy) ?? createProxyAgent(proxy, { idleMsMax, credentials: proxyCredentials });
    agents.set(proxy, agent);
    return agent;
  };
  return async (url, request) => {
    const refusals: string[] = [];
    for (const proxy of rotation.order()) {
      try {
        const answer = await exchange(url, request, await agentOf(proxy));
        rotation.worked(proxy);
        return answer;
      } catch (error) {
        if (!(error instanceof NotConnectedError)) throw error;
        rotation.refused(proxy);
        refusals.push(`the proxy ${proxy} gave no connection: ${error.reason}`);
        if (request.signal.aborted) break;
      }
    }
    throw new NotSentError(refusals.join('; ') || `none of ${proxies.length} proxies was tried`, 'proxy_refused');
  };
}

function exchange(url: string, request: TransportRequest, agent: http.Agent): Promise<TransportAnswer> {
  return new Promise((resolve, reject) => {
    const options = {
      method: request.method,
      headers: { ...withoutEncoding(request.headers), 'accept-encoding': 'gzip' },
      agent,
      signal: request.signal,
    };
    const { request: open } = url.startsWith('https:') ? https : http;
    const outgoing = open(url, options, (incoming) => {
      readAnswer(incoming).then(resolve, reject);
    });
    // Nothing of a request is written before it has a socket, and an agent has one once the proxy has given it.
    let connected = false;
    outgoing.once('socket', () => {
      connected = true;
    });
    outgoing.on('error', (error) => reject(connected ? error : new NotConnectedError(error.message)));
    // Node tells of an abort only once there is a socket to close.
    const giveUp = () => connected || reject(new NotConnectedError('it took too long'));
    request.signal.addEventListener('abort', giveUp, { once: true });
    outgoing.end(request.body);
  });
}

/** Some venues' classes ask for whatever ccxt can unpack, by a name in other letters. Here it is gzip or nothing. */
const withoutEncoding = (headers: TransportRequest['headers']): TransportRequest['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'accept-encoding'));

async function readAnswer(incoming: http.IncomingMessage): Promise<TransportAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > answerBytesMax) throw new Error(`the answer is longer than ${answerBytesMax} bytes`);
    chunks.push(chunk);
  }
  const raw = Buffer.concat(chunks);
  const zipped = incoming.headers['content-encoding'] === 'gzip' && raw.length > 0;
  const body = zipped ? await unzip(raw, { maxOutputLength: answerBytesMax }) : raw;
  return {
    status: incoming.statusCode ?? 0,
    statusText: incoming.statusMessage ?? '',
    headers: incoming.headers,
    text: async () => body.toString('utf8'),
    arrayBuffer: async () => new Uint8Array(body).buffer,
  };
}
