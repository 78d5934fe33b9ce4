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

const unzip = promisify(gunzip);

/**
 * A connection idle for longer is not used again. While a Lambda sandbox is frozen nobody sees the venue close it, and
 * an order written to it would end without an answer.
 */
const idleMsMax = 10_000;
/** Largest answer read: Binance's exchangeInfo of all markets is about 15 MB. */
const answerBytesMax = 64 * 1024 * 1024;
const connectionsMax = 64;

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

export function createHttpTransport(clock: Clock): Transport {
  let agents = createAgents();
  let lastUsedMs = clock.nowMs();
  return async (url, request) => {
    const nowMs = clock.nowMs();
    if (nowMs - lastUsedMs > idleMsMax) agents = createAgents();
    lastUsedMs = nowMs;
    const answer = await exchange(url, request, agents);
    lastUsedMs = clock.nowMs();
    return answer;
  };
}

/** Agents close their idle sockets themselves, so those that are replaced need no closing and finish what they do. */
function createAgents() {
  const options = { keepAlive: true, timeout: idleMsMax, maxSockets: connectionsMax };
  return { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
}

function exchange(url: string, request: TransportRequest, agents: ReturnType<typeof createAgents>) {
  return new Promise<TransportAnswer>((resolve, reject) => {
    const secure = url.startsWith('https:');
    const options = {
      method: request.method,
      headers: { 'accept-encoding': 'gzip', ...request.headers },
      agent: secure ? agents['https:'] : agents['http:'],
      signal: request.signal,
    };
    const outgoing = (secure ? https : http).request(url, options, (incoming) => {
      readAnswer(incoming).then(resolve, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(request.body);
  });
}

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
