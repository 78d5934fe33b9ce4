/** DynamoDB's JSON protocol over HTTP: one target header in, one JSON text out. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestData } from 'dynalite/db/index.js';
import { bodyBytesMax, jsonTarget } from '../http.ts';
import type { Engine, Operation } from './engine.ts';
import { type ApiError, isApiError, protocolError } from './errors.ts';
import { findOperation, runOperation } from './operations.ts';
import { findStreamsOperation } from './streams/operations.ts';

const contentType = 'application/x-amz-json-1.0';

const apis: Readonly<Record<string, (operation: string) => Operation | undefined>> = {
  DynamoDB_20120810: findOperation,
  DynamoDBStreams_20120810: findStreamsOperation,
};

export function isDynamoDbRequest(request: IncomingMessage): boolean {
  return jsonTarget(request)?.prefix.startsWith('DynamoDB') ?? false;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  // As a string, head and body leave in one write.
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': randomUUID(),
  });
  response.end(text);
}

function parseBody(body: string): RequestData {
  try {
    const data: unknown = JSON.parse(body);
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as RequestData;
  } catch {
    // Answered below, together with JSON that is no object.
  }
  throw protocolError('SerializationException', 'the request body must be a JSON object');
}

function unknownOperation(target: string): ApiError {
  process.emitWarning(`the embedded DynamoDB has no operation ${target}`, { code: 'NIGHTDESK_UNKNOWN_OPERATION' });
  return protocolError('UnknownOperationException', `${target} is not an operation of the embedded DynamoDB`);
}

/** Collects the body by its events, which costs a fraction of iterating over the request. */
function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => {
      if (text.length + part.length <= bodyBytesMax) text += part;
      else reject(protocolError('RequestEntityTooLarge', `the request is longer than ${bodyBytesMax} bytes`, 413));
    });
    request.on('end', () => resolve(text));
    request.on('error', reject);
  });
}

async function answer(engine: Engine, request: IncomingMessage): Promise<unknown> {
  const body = await readText(request);
  const target = jsonTarget(request);
  const operation = target && apis[target.prefix]?.(target.operation);
  if (operation === undefined) throw unknownOperation(`${target?.prefix}.${target?.operation}`);
  return runOperation(engine, operation, parseBody(body));
}

/** Answers one request. What the caller did wrong is a 400 with the exception; anything else is a logged 500. */
export async function handleRequest(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    send(response, 200, await answer(engine, request));
  } catch (error) {
    if (isApiError(error)) {
      send(response, error.statusCode, error.body);
      return;
    }
    // The caller went away while sending; nobody is left to answer.
    if (request.destroyed && !request.complete) return;
    console.error(`the embedded DynamoDB failed on ${jsonTarget(request)?.operation}:`, error);
    send(response, 500, { __type: 'com.amazon.coral.service#InternalServerError', message: String(error) });
  }
}
