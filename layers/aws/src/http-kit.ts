/** The shared kit of HTTP functions: one shape of answer, one shape of error, metrics written at the end. */
import middy from '@middy/core';
import { metricNames, RequestError } from '@nightdesk/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Telemetry } from './telemetry.ts';

export interface HttpAnswer {
  status: number;
  body: unknown;
}

export type HttpHandler = (event: APIGatewayProxyEventV2) => Promise<HttpAnswer>;

/** A Lambda handler from a function that answers, or throws a `RequestError`. Anything else thrown is a 500 that says nothing. */
export function httpFunction(handler: HttpHandler, telemetry: Telemetry) {
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use(answerErrors(telemetry))
    .use(writeMetrics(telemetry))
    .handler(async (event) => toResponse(await handler(event)));
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
