/** Requests as API Gateway hands them to a function (payload format 2.0). */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

export interface ApiRequest {
  /** Method and path template, e.g. `GET /orders/{id}`. */
  routeKey: string;
  pathParameters?: Record<string, string>;
  query?: Record<string, string>;
  /** Names in lower case, as the gateway gives them. */
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** @default '203.0.113.7' */
  sourceIp?: string;
  /** @default 'request-1' */
  requestId?: string;
}

/** A body given as bytes is base64-encoded, as the gateway does with types it does not know as text. */
export function apiEvent(request: ApiRequest): APIGatewayProxyEventV2 {
  const { routeKey, pathParameters, query, headers = {}, body } = request;
  const { sourceIp = '203.0.113.7', requestId = 'request-1' } = request;
  const [method = 'GET', template = '/'] = routeKey.split(' ');
  const path = template.replace(/\{(\w+)\}/g, (_match, name: string) => pathParameters?.[name] ?? '');
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    headers,
    ...(pathParameters && { pathParameters }),
    ...(query && { queryStringParameters: query }),
    requestContext: {
      ...{ accountId: '000000000000', apiId: 'local', domainName: 'localhost', domainPrefix: 'local' },
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: 'test' },
      ...{ requestId, routeKey, stage: '$default', time: '21/Nov/2026:00:00:00 +0000', timeEpoch: 0 },
    },
    isBase64Encoded: Buffer.isBuffer(body),
    ...(body !== undefined && { body: Buffer.isBuffer(body) ? body.toString('base64') : body }),
  };
}
