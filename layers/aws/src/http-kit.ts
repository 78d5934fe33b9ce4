/** The shared kit of HTTP functions: one shape of answer, one shape of error, metrics written at the end. */
import middy from '@middy/core';
import { metricNames, RequestError } from '@nightdesk/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Telemetry } from './telemetry.ts';

export interface HttpAnswer {
  status: number;
  body: unknown;
}

/** An answer whose body is made already: text that is no JSON, or bytes that are compressed. */
export interface HttpContent {
  status: number;
  /** Names in lower case; `content-type` has to be one of them. */
  headers: Readonly<Record<string, string>>;
  /** Bytes travel in base64, a third more, and arrive as bytes: an answer of a function may have 6 MB of text in all. */
  content: string | Buffer;
}

export type HttpHandler = (event: APIGatewayProxyEventV2) => Promise<HttpAnswer>;
export type HttpContentHandler = (event: APIGatewayProxyEventV2) => Promise<HttpAnswer | HttpContent>;

/** A Lambda handler from a function that answers, or throws a `RequestError`. Anything else thrown is a 500 that says nothing. */
export function httpFunction(handler: HttpContentHandler, telemetry: Telemetry) {
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use(answerErrors(telemetry))
    .use(writeMetrics(telemetry))
    .handler(async (event) => {
      const answer = await handler(event);
      return 'content' in answer ? toContentResponse(answer) : toResponse(answer);
    });
}

function toContentResponse({ status, headers, content }: HttpContent): APIGatewayProxyStructuredResultV2 {
  const isBytes = Buffer.isBuffer(content);
  return {
    statusCode: status,
    headers: { 'cache-control': 'no-store', ...headers },
    body: isBytes ? content.toString('base64') : content,
    isBase64Encoded: isBytes,
  };
}

function toResponse({ status, body }: HttpAnswer): APIGatewayProxyStructuredResultV2 {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return { statusCode: status, headers, body: JSON.stringify(body) };
}

/** Turns what was thrown into the contract's error shape. */
export function answerErrors(telemetry: Telemetry): middy.MiddlewareObj {
  return {
    onError(request) {
      const thrown = request.error;
      const known = thrown instanceof RequestError;
      if (!known) {
        telemetry.failure('request failed', thrown);
        telemetry.count(metricNames.requestsFailed);
      }
      const error = known ? thrown : new RequestError('internal', 'the request failed; the log has the details');
      const { status, code, message, issues } = error;
      request.response = toResponse({
        status,
        body: { error: { code, message, ...(issues.length > 0 && { issues }) } },
      });
    },
  };
}

/** Writes the metrics of an invocation whether it worked or not. */
export function writeMetrics(telemetry: Telemetry): middy.MiddlewareObj {
  return { after: () => telemetry.flush(), onError: () => telemetry.flush() };
}

/** The body as text, whatever encoding the gateway chose. */
export function bodyText(event: APIGatewayProxyEventV2): string {
  const body = event.body ?? '';
  return event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
}
