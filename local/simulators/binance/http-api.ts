/** The REST side: reads a request, lets the faults interfere, dispatches it, sends the answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { VenueClock } from '../clock.ts';
import type { BinanceVenue } from './context.ts';
import { dispatch, type VenueAnswer } from './dispatch.ts';
import { BinanceError } from './errors.ts';
import { Params } from './params.ts';
import { type Interference, requestFaults } from './request-faults.ts';
import { restPayload } from './signature.ts';

const bodyBytesMax = 1024 * 1024;

export interface HttpApiOptions {
  venue: BinanceVenue;
  clock: VenueClock;
  counts: RequestCounts;
}

/** How often each endpoint was asked and which statuses it answered with. */
export class RequestCounts {
  readonly #byEndpoint = new Map<string, Map<string, number>>();

  count(endpoint: string, outcome: string): void {
    const outcomes = this.#byEndpoint.get(endpoint) ?? new Map<string, number>();
    this.#byEndpoint.set(endpoint, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1));
  }

  report(): Record<string, Record<string, number>> {
    return Object.fromEntries([...this.#byEndpoint].map(([key, outcomes]) => [key, Object.fromEntries(outcomes)]));
  }

  reset(): void {
    this.#byEndpoint.clear();
  }
}

/** Reads a whole body as text. @throws Error when it is longer than a megabyte. */
export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyBytesMax) throw new Error(`request body is longer than ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export async function handleHttp(options: HttpApiOptions, request: IncomingMessage, response: ServerResponse) {
  const { venue, clock, counts } = options;
  const { path, query } = splitUrl(request.url ?? '/');
  const method = request.method ?? 'GET';
  const body = await readText(request);
  const params = parseParams(query, body);
  const apiKey = request.headers['x-mbx-apikey']?.toString();
  const account = venue.accounts.byKey(apiKey)?.id;
  const symbol = params instanceof Params ? params.peek('symbol') : undefined;
  const faults = requestFaults(venue.faults, { method, path, account, symbol });
  const finish = (answer: Interference) => {
    counts.count(`${method} ${path}`, typeof answer === 'object' ? String(answer.status) : 'dropped');
    send(response, answer);
  };

  await wait(clock, faults.delayBeforeMs);
  if (faults.before !== undefined) return finish(faults.before);
  const address = request.socket.remoteAddress ?? 'unknown';
  const payload = restPayload(query, body);
  const answer =
    params instanceof Params
      ? dispatch(venue, { method, path, params, payload, apiKey, address, slicing: faults.slicing })
      : errorAnswer(params);
  await wait(clock, faults.delayAfterMs);
  finish(faults.after ?? answer);
}

function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

function parseParams(query: string, body: string): Params | BinanceError {
  try {
    return Params.parse(query, body);
  } catch (error) {
    if (error instanceof BinanceError) return error;
    throw error;
  }
}

function errorAnswer(error: BinanceError): VenueAnswer {
  return { status: error.status, headers: {}, body: JSON.stringify({ code: error.code, msg: error.message }) };
}

function wait(clock: VenueClock, delayMs: number): Promise<void> | undefined {
  if (delayMs <= 0) return undefined;
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}

function send(response: ServerResponse, answer: Interference): void {
  if (typeof answer !== 'object') {
    response.socket?.destroy();
    return;
  }
  const contentType = answer.body.startsWith('<') ? 'text/html' : 'application/json;charset=UTF-8';
  response.writeHead(answer.status, { 'Content-Type': contentType, ...answer.headers });
  response.end(answer.body);
}
