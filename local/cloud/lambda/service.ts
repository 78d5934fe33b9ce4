/** Lambda's HTTP API, of which the desk uses `Invoke` only (REST, version 2015-03-31). */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AwsService, readBody, sendJson } from '../http.ts';
import { invalidParameter, invalidPayload, LambdaError } from './errors.ts';
import type { InvokeRequest, Lambda } from './index.ts';

const apiPrefix = '/2015-03-31/';
const invokePath = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

type Invoker = Pick<Lambda, 'invoke' | 'invokeAsync' | 'settings'>;

export function createInvokeService(lambda: Invoker): AwsService {
  return {
    name: 'lambda',
    matches: (request) => request.url?.startsWith(apiPrefix) ?? false,
    async handle(request, response) {
      try {
        await invoke(lambda, request, response);
      } catch (error) {
        if (!(error instanceof LambdaError)) throw error;
        response.setHeader('x-amzn-errortype', error.name);
        const body = { ...error.details, Message: error.message, message: error.message };
        sendJson(response, { status: error.status, body, contentType: jsonType });
      }
    },
  };
}

const jsonType = 'application/json';

async function invoke(lambda: Invoker, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://lambda');
  const path = invokePath.exec(pathname);
  if (path?.[1] === undefined || request.method !== 'POST') {
    console.error(`Lambda: ${request.method} ${pathname} is not emulated, only Invoke`);
    throw new LambdaError('UnknownOperationException', 404, {
      message: `${request.method} ${pathname} is not emulated`,
    });
  }
  const qualifier = searchParams.get('Qualifier');
  const functionName = decodeURIComponent(path[1]) + (qualifier === null ? '' : `:${qualifier}`);
  const call = { functionName, payload: await readPayload(request), ...readClientContext(request) };
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';

  if (type === 'DryRun') {
    lambda.settings(functionName);
    response.writeHead(204, { 'x-amzn-requestid': randomUUID() }).end();
  } else if (type === 'Event') {
    const requestId = lambda.invokeAsync(call);
    response.writeHead(202, { 'x-amzn-requestid': requestId, 'content-length': 0 }).end();
  } else if (type === 'RequestResponse') {
    await answer(lambda, call, { request, response });
  } else {
    throw invalidParameter(`InvocationType ${type} is not one of RequestResponse, Event, DryRun`);
  }
}

async function answer(
  lambda: Invoker,
  call: InvokeRequest,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const { status, payload, functionError, logTail, requestId } = await lambda.invoke(call);
  const wantsLog = request.headers['x-amz-log-type'] === 'Tail';
  response.writeHead(status, {
    'content-type': jsonType,
    'content-length': Buffer.byteLength(payload),
    'x-amzn-requestid': requestId,
    'x-amz-executed-version': '$LATEST',
    ...(functionError === undefined ? {} : { 'x-amz-function-error': functionError }),
    ...(wantsLog ? { 'x-amz-log-result': Buffer.from(logTail).toString('base64') } : {}),
  });
  response.end(payload);
}

/** A call without a body hands the function an empty object. */
async function readPayload(request: IncomingMessage): Promise<string> {
  const payload = (await readBody(request)).toString();
  if (payload === '') return '{}';
  try {
    JSON.parse(payload);
  } catch (error) {
    throw invalidPayload(error instanceof Error ? error.message : String(error));
  }
  return payload;
}

function readClientContext(request: IncomingMessage): { clientContext?: string } {
  const header = request.headers['x-amz-client-context'];
  return typeof header === 'string' ? { clientContext: Buffer.from(header, 'base64').toString() } : {};
}
