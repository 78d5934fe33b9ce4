/** An API Gateway HTTP API on loopback: routes requests to functions and their answers back. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudClock } from '../clock.ts';
import { preflightHeaders, replaceCorsHeaders } from './cors.ts';
import type { HttpApiDefinition, HttpApiRoute } from './definition.ts';
import { buildEvent, type HttpApiEvent } from './event.ts';
import { gatewayResponse, type HttpApiResponse, internalServerError, interpretPayload } from './response.ts';
import { matchRoute, type RouteMatch } from './routes.ts';

/** What Lambda's Invoke gives back: the payload as JSON text, and `functionError` when the function failed. */
export interface InvokeResult {
  readonly payload: string;
  readonly functionError?: string;
}

export interface HttpApiOptions {
  /** Runs a function; rejects with an error named as Lambda's own when the call is refused, e.g. throttled. */
  readonly invoke: (functionArn: string, event: HttpApiEvent) => Promise<InvokeResult>;
  readonly clock: CloudClock;
  readonly log: (message: string) => void;
  /** Loopback port; 0 picks a free one. @default 0 */
  readonly port?: number;
  /**
   * Takes the caller's address from the first entry of `X-Forwarded-For`, so that a test can play a caller from
   * elsewhere. Anyone can send that header, hence never on by itself.
   * @default false
   */
  readonly trustForwardedFor?: boolean;
}

export interface HttpApi {
  readonly url: string;
  close(): Promise<void>;
}

/** API Gateway's limits for HTTP APIs. */
const bodyBytesMax = 10 * 1024 * 1024;
const headerBytesMax = 10_240;

/** Longer than any client's own idle time, so that the server never closes a socket a client is about to reuse. */
const keepAliveTimeoutMs = 75_000;

const notFound = gatewayResponse(404, 'Not Found');
const badRequest = gatewayResponse(400, 'Bad Request');
const entityTooLarge = gatewayResponse(413, 'Request Entity Too Large');
const serviceUnavailable = gatewayResponse(503, 'Service Unavailable');

/** What becomes of a call that Lambda refuses to start, by the name of its error; any other becomes a 500. */
const lambdaRefusals: Readonly<Record<string, HttpApiResponse>> = {
  TooManyRequestsException: serviceUnavailable,
  RequestTooLargeException: entityTooLarge,
};

/** Starts listening on 127.0.0.1. @throws Error when the port is taken. */
export async function createHttpApi(definition: HttpApiDefinition, options: HttpApiOptions): Promise<HttpApi> {
  const server = createServer({ keepAliveTimeout: keepAliveTimeoutMs, maxHeaderSize: headerBytesMax });
  server.on('request', (request, response) => {
    const requestId = randomUUID();
    respond(definition, options, { request, requestId })
      .then((result) => send(response, requestId, result))
      .catch((error: unknown) => {
        options.log(`http-api: ${request.method} failed: ${error instanceof Error ? error.stack : String(error)}`);
        send(response, requestId, internalServerError);
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

interface Incoming {
  readonly request: IncomingMessage;
  readonly requestId: string;
}

/** Answers a preflight itself and adds the CORS headers of the API to every other answer. */
async function respond(
  definition: HttpApiDefinition,
  options: HttpApiOptions,
  incoming: Incoming,
): Promise<HttpApiResponse> {
  const { cors } = definition;
  if (cors === undefined) return forward(definition, options, incoming);

  const { method = '', headers } = incoming.request;
  const requestedMethod = headers['access-control-request-method'];
  const preflight = preflightHeaders(cors, { method, origin: headers.origin, requestedMethod });
  if (preflight !== undefined) return { status: 204, headers: preflight, body: '' };
  const result = await forward(definition, options, incoming);
  return { ...result, headers: replaceCorsHeaders(cors, headers.origin, result.headers) };
}

async function forward(
  definition: HttpApiDefinition,
  options: HttpApiOptions,
  { request, requestId }: Incoming,
): Promise<HttpApiResponse> {
  const method = request.method ?? '';
  const { path, query } = splitTarget(request.url ?? '/');
  if (path === undefined) return badRequest;
  const match = matchRoute(definition.routes, method, path);
  if (match === undefined) return notFound;
  const body = await readLimitedBody(request);
  if (body === undefined) return entityTooLarge;

  const event = buildEvent({
    accountId: match.route.accountId,
    apiId: definition.apiId,
    routeKey: match.route.routeKey,
    method,
    path,
    query,
    protocol: `HTTP/${request.httpVersion}`,
    rawHeaders: request.rawHeaders,
    pathParameters: match.pathParameters,
    sourceIp: sourceIp(request, options.trustForwardedFor ?? false),
    port: request.socket.localPort ?? 0,
    requestId,
    receivedMs: options.clock.nowMs(),
    body,
  });
  return callFunction(match, event, options);
}

async function callFunction(
  { route }: RouteMatch<HttpApiRoute>,
  event: HttpApiEvent,
  { invoke, clock, log }: HttpApiOptions,
): Promise<HttpApiResponse> {
  const timedOut = Promise.withResolvers<undefined>();
  const cancelTimeout = clock.after(route.timeoutMs, () => timedOut.resolve(undefined));
  try {
    const result = await Promise.race([invoke(route.functionArn, event), timedOut.promise]);
    if (result === undefined) {
      log(`http-api: ${route.routeKey} did not answer within ${route.timeoutMs} ms`);
      return serviceUnavailable;
    }
    if (result.functionError !== undefined) {
      log(`http-api: ${route.routeKey} failed (${result.functionError}), see the function's log`);
      return internalServerError;
    }
    const response = interpretPayload(result.payload);
    if (response === undefined) log(`http-api: ${route.routeKey} gave a malformed response`);
    return response ?? internalServerError;
  } catch (error) {
    const refusal = error instanceof Error ? lambdaRefusals[error.name] : undefined;
    if (refusal === undefined) throw error;
    log(`http-api: ${route.routeKey} was refused by Lambda: ${String(error)}`);
    return refusal;
  } finally {
    cancelTimeout();
  }
}

function send(response: ServerResponse, requestId: string, result: HttpApiResponse): void {
  const hasBody = result.status !== 204 && result.status !== 304;
  response.writeHead(result.status, {
    ...result.headers,
    'apigw-requestid': requestId,
    ...(hasBody && { 'content-length': Buffer.byteLength(result.body) }),
  });
  response.end(hasBody ? result.body : '');
}

function splitTarget(target: string): { path: string | undefined; query: string } {
  const mark = target.indexOf('?');
  const encodedPath = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark + 1);
  try {
    return { path: decodeURIComponent(encodedPath), query };
  } catch {
    // A stray percent sign: API Gateway refuses the request before it looks for a route.
    return { path: undefined, query };
  }
}

/**
 * The whole body, or `undefined` when it is longer than API Gateway takes. What comes after the limit is read and
 * dropped, since closing the socket on a client that is still sending would hide the answer from it.
 */
function readLimitedBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let sizeBytes = 0;
    request.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= bodyBytesMax) chunks.push(chunk);
      else chunks = [];
    });
    request.on('end', () => resolve(sizeBytes > bodyBytesMax ? undefined : Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

function sourceIp(request: IncomingMessage, trustForwardedFor: boolean): string {
  const forwarded = request.headers['x-forwarded-for'];
  const claimed = typeof forwarded === 'string' ? forwarded.split(',', 1)[0]?.trim() : undefined;
  if (trustForwardedFor && claimed) return claimed;
  return request.socket.remoteAddress ?? '127.0.0.1';
}
