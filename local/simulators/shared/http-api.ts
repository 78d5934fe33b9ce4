/** The REST side of a venue: reads a request, lets the faults interfere, has it answered, sends the answer. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { VenueClock } from '../clock.ts';
import type { FaultBoard } from '../fault-board.ts';
import type { RequestCounts } from './request-counts.ts';
import { type Interference, type RequestEffects, requestFaults, type TroubleWords } from './request-faults.ts';
import type { VenueAnswer } from './venue-answer.ts';

const bodyBytesMax = 1024 * 1024;

/** One request as it came in. */
export interface RawRequest {
  method: string;
  path: string;
  /** Without the question mark. */
  query: string;
  body: string;
  headers: IncomingHttpHeaders;
  /** Where it came from. */
  address: string;
}

/** What faults match a request by, and the way to its answer. */
export interface ReadRequest {
  account: string | undefined;
  symbol: string | undefined;
  /** Carries the request out. Everything happens before it returns, so an answer is only ever late, never early. */
  answer(effects: RequestEffects): VenueAnswer;
}

/** How one venue understands requests. */
export interface HttpDialect {
  readonly troubleWords: TroubleWords;
  /** Understands a request without acting on it. */
  read(request: RawRequest): ReadRequest;
}

export interface HttpApiOptions {
  dialect: HttpDialect;
  faults: FaultBoard;
  clock: VenueClock;
  counts: RequestCounts;
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
  const { dialect, clock, counts } = options;
  const { path, query } = splitUrl(request.url ?? '/');
  const method = request.method ?? 'GET';
  const body = await readText(request);
  const address = request.socket.remoteAddress ?? 'unknown';
  const read = dialect.read({ method, path, query, body, headers: request.headers, address });
  const { account, symbol } = read;
  const faults = requestFaults(options.faults, { method, path, account, symbol }, dialect.troubleWords);
  const finish = (answer: Interference) => {
    const outcome = typeof answer === 'object' ? (answer.outcome ?? String(answer.status)) : 'dropped';
    counts.count(`${method} ${path}`, outcome);
    send(response, answer);
  };

  await wait(clock, faults.delayBeforeMs);
  if (faults.before !== undefined) return finish(faults.before);
  const answer = read.answer(faults.effects);
  await wait(clock, faults.delayAfterMs);
  finish(faults.after ?? answer);
}

function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
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
