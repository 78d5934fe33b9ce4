/** What every part of the embedded cloud shares: how a request finds its service and how an answer is sent. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * One emulated AWS service behind the single local endpoint. The endpoint asks each service in turn whether a
 * request is its own, by headers and path only, so the body is still unread when `handle` runs.
 */
export interface AwsService {
  /** Name in AWS's own spelling of the SDK package, e.g. `dynamodb`, `sqs`, `secretsmanager`. */
  readonly name: string;
  matches(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void | Promise<void>;
  close?(): Promise<void>;
}

/** Largest body any emulated JSON service accepts: SQS and DynamoDB batch calls stay below it. */
export const bodyBytesMax = 16 * 1024 * 1024;

/** Reads a whole request body. @throws Error when it is longer than `bodyBytesMax`. */
export async function readBody(request: IncomingMessage, bytesMax = bodyBytesMax): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > bytesMax) throw new Error(`request body is longer than ${bytesMax} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** The operation of an AWS JSON request: `DynamoDB_20120810.GetItem` has prefix `DynamoDB_20120810`. */
export function jsonTarget(request: IncomingMessage): { prefix: string; operation: string } | undefined {
  const target = request.headers['x-amz-target'];
  if (typeof target !== 'string') return undefined;
  const dot = target.lastIndexOf('.');
  return dot < 0 ? undefined : { prefix: target.slice(0, dot), operation: target.slice(dot + 1) };
}

/** The service a request is signed for, taken from the credential scope of its Signature Version 4 header. */
export function signedService(request: IncomingMessage): string | undefined {
  const scope = /Credential=[^/]+\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/.exec(request.headers.authorization ?? '');
  return scope?.[1];
}

export interface JsonAnswer {
  status: number;
  /** `undefined` sends an empty body. */
  body: unknown;
  /** @default 'application/x-amz-json-1.0' */
  contentType?: string;
}

export function sendJson(
  response: ServerResponse,
  { status, body, contentType = 'application/x-amz-json-1.0' }: JsonAnswer,
): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** An error in the shape the AWS JSON protocols use; `type` is the bare exception name. */
export function sendJsonError(
  response: ServerResponse,
  { status, type, message }: { status: number; type: string; message: string },
): void {
  response.setHeader('x-amzn-errortype', type);
  sendJson(response, { status, body: { __type: type, message } });
}
