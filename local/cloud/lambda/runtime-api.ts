/** The HTTP side of the Lambda Runtime API, one server per sandbox, as Lambda gives each of its own. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from '../http.ts';

/** AWS's limit on what a synchronous invocation takes or answers, in bytes. */
export const payloadBytesMax = 6 * 1024 * 1024;

/** What the sandbox needs to run one invocation. */
export interface Invocation {
  requestId: string;
  /** JSON text. */
  payload: string;
  /** JSON text that a header can hold. */
  clientContext: string | undefined;
}

/** What the runtime client reports. Bodies are JSON text, errors in AWS's `{ errorType, errorMessage, trace }`. */
export interface RuntimeEvents {
  /** The runtime is ready for an invocation. */
  onNext(): void;
  onResponse(requestId: string, payload: string): void;
  onError(requestId: string, payload: string): void;
  onInitError(payload: string): void;
}

export interface RuntimeApi {
  /** `host:port` for `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  /** Answers the runtime's waiting question for the next invocation. @throws Error when the runtime has not asked, or a header cannot be sent. */
  send(invocation: Invocation, headers: { arn: string; deadlineMs: number }): void;
  /** Names who hears the runtime; to be called before the sandbox is started. */
  subscribe(listener: RuntimeEvents): void;
  close(): void;
}

const prefix = '/2018-06-01/runtime/';

export async function startRuntimeApi(): Promise<RuntimeApi> {
  let events: RuntimeEvents | undefined;
  let waiting: ServerResponse | undefined;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.startsWith(prefix) ? request.url.slice(prefix.length) : '';
    if (path === 'invocation/next') {
      waiting = response;
      events?.onNext();
      return;
    }
    const body = await readBody(request);
    response.writeHead(202, { 'content-length': 0 }).end();
    if (path === 'init/error') return events?.onInitError(body.toString());
    const [, requestId = '', outcome] = path.split('/');
    if (outcome === 'error') return events?.onError(requestId, body.toString());
    if (body.length > payloadBytesMax) return events?.onError(requestId, responseTooLarge(body.length));
    events?.onResponse(requestId, body.toString());
  }

  const server = createServer((request, response) => {
    // A request that breaks off means that the process died, which its exit reports.
    handle(request, response).catch(() => response.destroy());
  });
  // The connection rests while a handler runs, however long that is.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    subscribe(listener) {
      events = listener;
    },
    send(invocation, { arn, deadlineMs }) {
      if (waiting === undefined) throw new Error('the sandbox is not waiting for an invocation');
      waiting.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(invocation.payload),
        'lambda-runtime-aws-request-id': invocation.requestId,
        'lambda-runtime-deadline-ms': deadlineMs,
        'lambda-runtime-invoked-function-arn': arn,
        ...(invocation.clientContext === undefined
          ? {}
          : { 'lambda-runtime-client-context': invocation.clientContext }),
      });
      waiting.end(invocation.payload);
      waiting = undefined;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function responseTooLarge(bytes: number): string {
  const errorMessage = `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${payloadBytesMax} bytes).`;
  return JSON.stringify({ errorType: 'Function.ResponseSizeTooLarge', errorMessage });
}
