/**
 * A real HTTP server that answers as a venue's documentation says it would: a table of routes, a check of each request's
 * signature, and the ways in which a venue fails. What it was sent is kept, so that finding an order works.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RecordedRequest {
  /** In capitals. */
  method: string;
  /** Without the query. */
  path: string;
  /** Path and query exactly as they came, which is what venues sign. */
  target: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface RecordedAnswer {
  /** @default 200 */
  status?: number;
  /** Sent as JSON, and as it is where it is a text. */
  body: unknown;
  headers?: Record<string, string>;
}

/** What may go wrong with a request, once it is known that the venue would take it. */
export type RecordedFault =
  /** The connection ends, and the venue has done nothing. */
  | { kind: 'drop-request' }
  /** The venue has done it, and the connection ends without an answer. */
  | { kind: 'drop-answer' }
  /** An error instead of doing it, or after having done it. */
  | { kind: 'error-before' | 'error-after'; answer: RecordedAnswer }
  /** An answer that is no JSON. */
  | { kind: 'garbage' };

export interface RecordedVenueOptions {
  /** By method and path, e.g. `GET /api/v1/order`; a path that ends in `*` stands for all that begin alike. */
  routes: Readonly<Record<string, (request: RecordedRequest) => RecordedAnswer>>;
  /** The venue's refusal of a request whose signature is missing or wrong; `undefined` lets it pass. */
  refuse?: (request: RecordedRequest) => RecordedAnswer | undefined;
}

export interface RecordedVenue {
  url: string;
  /** Every request so far, in order. */
  requests: RecordedRequest[];
  /** Until they are cleared, requests of this route (as in `routes`; `GET *` is every question) end so. */
  inject(route: string, fault: RecordedFault): void;
  clearFaults(): void;
  close(): Promise<void>;
}

export async function startRecordedVenue({ routes, refuse }: RecordedVenueOptions): Promise<RecordedVenue> {
  const faults = new Map<string, RecordedFault>();
  const requests: RecordedRequest[] = [];
  const server = createServer((incoming, response) => void serve(incoming, response));

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming);
    requests.push(request);
    const fault = find(Object.fromEntries(faults), request);
    if (fault?.kind === 'drop-request') return void response.destroy();
    if (fault?.kind === 'error-before') return send(response, fault.answer);
    const route = find(routes, request);
    const missing = { status: 404, body: `no route ${request.method} ${request.path} in this test` };
    const answer = refuse?.(request) ?? route?.(request) ?? missing;
    if (fault?.kind === 'drop-answer') return void response.destroy();
    if (fault?.kind === 'error-after') return send(response, fault.answer);
    send(response, fault?.kind === 'garbage' ? { body: '<html>Bad gateway</html>' } : answer);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    inject: (route, fault) => void faults.set(route, fault),
    clearFaults: () => faults.clear(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function find<Value>(table: Readonly<Record<string, Value>>, { method, path }: RecordedRequest): Value | undefined {
  const route = `${method} ${path}`;
  const key = Object.keys(table).find((name) =>
    name.endsWith('*') ? route.startsWith(name.slice(0, -1)) : name === route,
  );
  return key === undefined ? undefined : table[key];
}

async function read(incoming: IncomingMessage): Promise<RecordedRequest> {
  const target = incoming.url ?? '/';
  const { pathname, searchParams } = new URL(target, 'http://127.0.0.1');
  let body = '';
  for await (const chunk of incoming) body += chunk;
  return {
    method: incoming.method ?? 'GET',
    path: pathname,
    target,
    query: searchParams,
    headers: incoming.headers,
    body,
  };
}

function send(response: ServerResponse, { status = 200, body, headers }: RecordedAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** The one price at which a recorded venue buys and sells any amount. */
export interface RecordedQuote {
  bid: number;
  ask: number;
}

export interface IncomingOrder {
  side: 'buy' | 'sell';
  /** Absent on a market order. */
  price?: number;
  immediate?: boolean;
  postOnly?: boolean;
}

/** What becomes of an order at once: it fills, waits in the book, or ends unfilled. */
export function fateOf(
  { side, price, immediate, postOnly }: IncomingOrder,
  quote: RecordedQuote,
): 'fills' | 'rests' | 'ends' {
  const reaches = price === undefined || (side === 'buy' ? price >= quote.ask : price <= quote.bid);
  if (reaches) return postOnly ? 'ends' : 'fills';
  return immediate ? 'ends' : 'rests';
}
