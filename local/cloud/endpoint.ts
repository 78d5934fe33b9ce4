/** The one AWS endpoint of the embedded cloud: hands each request to the emulated service it is meant for. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { localPlace } from '../assembly/pseudo-parameters.ts';
import { type AwsService, sendJsonError, signedService } from './http.ts';
import { isQueryRequest, queryAnswer, queryError, readQuery, sendXml } from './query-protocol.ts';

export interface AwsEndpointOptions {
  /** Asked in this order; the first whose `matches` says yes gets the request. */
  readonly services: readonly AwsService[];
  readonly log: (message: string) => void;
  /** Loopback port; 0 picks a free one. @default 0 */
  readonly port?: number;
}

export interface AwsEndpoint {
  /** Value for `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** Stops listening, then closes every service. */
  close(): Promise<void>;
}

/** Longer than the SDK keeps an idle socket, so that the server never closes one the SDK is about to reuse. */
const keepAliveTimeoutMs = 75_000;

/** Starts listening on 127.0.0.1. @throws Error when the port is taken. */
export async function createAwsEndpoint({ services, log, port = 0 }: AwsEndpointOptions): Promise<AwsEndpoint> {
  const candidates = [...services, createSecurityTokenService(log), presence];
  async function dispatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const service = candidates.find((candidate) => candidate.matches(request));
    await (service ? service.handle(request, response) : refuseUnknownOperation(request, response, log));
  }
  const server = createServer({ keepAliveTimeout: keepAliveTimeoutMs }, (request, response) => {
    dispatch(request, response).catch((error: unknown) => {
      log(`aws: ${describeCall(request)} failed: ${error instanceof Error ? error.stack : String(error)}`);
      if (response.headersSent) response.destroy();
      else
        sendJsonError(response, {
          status: 500,
          type: 'InternalServerError',
          message: 'the embedded cloud failed, see its log',
        });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise<void>((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
      });
      server.closeAllConnections();
      await closed;
      await Promise.all(services.map((service) => service.close?.()));
    },
  };
}

/**
 * Answers a call that nothing here emulates. It is an error, never an empty success: code that relies on a missing
 * service must fail here and not in the cloud.
 */
async function refuseUnknownOperation(
  request: IncomingMessage,
  response: ServerResponse,
  log: (message: string) => void,
): Promise<void> {
  const query = await readQuery(request);
  const isQuery = isQueryRequest(request);
  const action = isQuery ? query.get('Action') : undefined;
  const call = `${signedService(request) ?? 'unsigned'} ${action ?? describeCall(request)}`;
  const message = `the embedded cloud does not emulate ${call}`;
  log(`aws: NOT EMULATED: ${call}`);
  if (isQuery) sendXml(response, 400, queryError('UnknownOperationException', message));
  else sendJsonError(response, { status: 400, type: 'UnknownOperationException', message });
}

/** Whoever only wants to know whether somebody is here, such as the command line. */
const presence: AwsService = {
  name: 'presence',
  matches: (request) => request.method === 'GET' && request.url === '/' && signedService(request) === undefined,
  async handle(_request, response) {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"embeddedCloud":"nightdesk"}');
  },
};

/** AWS STS as far as tools ask it who they are. */
function createSecurityTokenService(log: (message: string) => void): AwsService {
  return {
    name: 'sts',
    matches: (request) => signedService(request) === 'sts',
    async handle(request, response) {
      const action = (await readQuery(request)).get('Action');
      if (action === 'GetCallerIdentity') {
        sendXml(response, 200, callerIdentity());
        return;
      }
      log(`aws: NOT EMULATED: sts ${action}`);
      const message = `the embedded cloud does not emulate sts ${action}`;
      sendXml(response, 400, queryError('UnknownOperationException', message));
    },
  };
}

function callerIdentity(): string {
  const { accountId } = localPlace;
  return queryAnswer({
    action: 'GetCallerIdentity',
    xmlns: 'https://sts.amazonaws.com/doc/2011-06-15/',
    result: `<Arn>arn:aws:iam::${accountId}:root</Arn><UserId>${accountId}</UserId><Account>${accountId}</Account>`,
  });
}

/** Names a call for the log. The query is left out, since it can hold tokens. */
function describeCall(request: IncomingMessage): string {
  const target = request.headers['x-amz-target'];
  return typeof target === 'string' ? target : `${request.method} ${request.url?.split('?', 1)[0]}`;
}
