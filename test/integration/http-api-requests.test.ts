import { request as httpRequest } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createMovableClock } from '../../local/cloud/clock.ts';
import { readHttpApiDefinition } from '../../local/cloud/http-api/definition.ts';
import type { HttpApiEvent } from '../../local/cloud/http-api/event.ts';
import { createHttpApi, type HttpApi, type HttpApiOptions } from '../../local/cloud/http-api/http-api.ts';
import type { ResolvedResource } from '../../local/cloud/resolved-resource.ts';

const functionArn = 'arn:aws:lambda:eu-central-1:000000000000:function:receive-signal';
const startMs = Date.UTC(2026, 2, 12, 19, 3, 58);

let api: HttpApi | undefined;

afterEach(async () => {
  await api?.close();
  api = undefined;
});

function resource(kind: string, physicalId: string, properties: Record<string, unknown>): ResolvedResource {
  return { logicalId: `Test${kind}`, type: `AWS::ApiGatewayV2::${kind}`, physicalId, properties };
}

function resources(overrides: { api?: object; route?: object; integration?: object; stage?: object } = {}) {
  const route = { Target: 'integrations/i1', AuthorizationType: 'NONE', ...overrides.route };
  return [
    resource('Api', 'api1', { Name: 'desk', ProtocolType: 'HTTP', ...overrides.api }),
    resource('Stage', '$default', { StageName: '$default', AutoDeploy: true, ...overrides.stage }),
    resource('Integration', 'i1', {
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: functionArn,
      PayloadFormatVersion: '2.0',
      ...overrides.integration,
    }),
    resource('Route', 'r1', { RouteKey: 'POST /signals/{source}/{token}', ...route }),
    resource('Route', 'r2', { RouteKey: 'ANY /any/{proxy+}', ...route }),
  ];
}

interface Setup extends Partial<HttpApiOptions> {
  readonly cors?: object;
  readonly integration?: object;
}

/** Starts an API whose function records its event and answers with `answer`. */
async function start(answer: unknown, setup: Setup = {}) {
  const { cors, integration, ...options } = setup;
  const events: HttpApiEvent[] = [];
  const lines: string[] = [];
  const definition = readHttpApiDefinition(
    resources({ ...(cors && { api: { CorsConfiguration: cors } }), ...(integration && { integration }) }),
  );
  api = await createHttpApi(definition, {
    clock: createMovableClock(startMs),
    log: (message) => lines.push(message),
    invoke: async (_arn, event) => {
      events.push(event);
      return { payload: JSON.stringify(answer) };
    },
    ...options,
  });
  return { url: api.url, events, lines };
}

test('the event has every field of payload format 2.0', async () => {
  const { url, events } = await start({ statusCode: 202 });
  const response = await fetch(`${url}/signals/tv%20one/t%C3%B6ken?a=1&a=2&b=x%20y&c`, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'tests', cookie: 'k=v; m=n' },
    body: '{"symbol":"BTC/USDT"}',
  });
  expect(response.status).toBe(202);
  const [event] = events;
  expect(event).toMatchObject({
    version: '2.0',
    routeKey: 'POST /signals/{source}/{token}',
    rawPath: '/signals/tv one/töken',
    rawQueryString: 'a=1&a=2&b=x%20y&c',
    cookies: ['k=v', 'm=n'],
    queryStringParameters: { a: '1,2', b: 'x y', c: '' },
    pathParameters: { source: 'tv one', token: 'töken' },
    body: '{"symbol":"BTC/USDT"}',
    isBase64Encoded: false,
    headers: { 'user-agent': 'tests', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' },
    requestContext: {
      apiId: 'api1',
      stage: '$default',
      routeKey: 'POST /signals/{source}/{token}',
      time: '12/Mar/2026:19:03:58 +0000',
      timeEpoch: startMs,
      http: {
        method: 'POST',
        path: '/signals/tv one/töken',
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: 'tests',
      },
    },
  });
  expect(event?.headers).not.toHaveProperty('cookie');
  expect(response.headers.get('apigw-requestid')).toBe(event?.requestContext.requestId);
});

test('absent parts of a request are absent from the event', async () => {
  const { url, events } = await start({ statusCode: 200 });
  await fetch(`${url}/any/x`);
  for (const field of ['cookies', 'queryStringParameters', 'body']) expect(events[0]).not.toHaveProperty(field);
  expect(events[0]).toMatchObject({ rawQueryString: '', isBase64Encoded: false });
});

test('repeated headers are joined by a comma', async () => {
  const { url, events } = await start({ statusCode: 200 });
  await new Promise((resolve) => {
    const outgoing = httpRequest(`${url}/any/x`, { headers: { 'X-Twice': ['one', 'two'] } }, resolve);
    outgoing.end();
  });
  expect(events[0]?.headers['x-twice']).toBe('one,two');
});

test.each([
  ['text/plain', false],
  ['application/xml', false],
  ['application/problem+json', false],
  ['application/x-www-form-urlencoded', true],
  ['image/png', true],
])('a body of type %s reaches the function as base64: %s', async (contentType, isBase64Encoded) => {
  const { url, events } = await start({ statusCode: 200 });
  await fetch(`${url}/any/x`, { method: 'POST', headers: { 'content-type': contentType }, body: 'a=b' });
  expect(events[0]).toMatchObject({ isBase64Encoded, body: isBase64Encoded ? 'YT1i' : 'a=b' });
});

test('a caller cannot choose its source address, unless the API is told to believe it', async () => {
  const headers = { 'x-forwarded-for': '52.89.214.238' };
  const careful = await start({ statusCode: 200 });
  await fetch(`${careful.url}/any/x`, { headers });
  expect(careful.events[0]?.requestContext.http.sourceIp).toBe('127.0.0.1');
  expect(careful.events[0]?.headers['x-forwarded-for']).toBe('52.89.214.238, 127.0.0.1');
  await api?.close();

  const trusting = await start({ statusCode: 200 }, { trustForwardedFor: true });
  await fetch(`${trusting.url}/any/x`, { headers });
  expect(trusting.events[0]?.requestContext.http.sourceIp).toBe('52.89.214.238');
});

test('status, headers, cookies and a base64 body are sent as the function says', async () => {
  const { url } = await start({
    statusCode: 201,
    headers: { 'Content-Type': 'image/png', 'X-Count': 3 },
    cookies: ['a=1; Secure', 'b=2'],
    body: Buffer.from([0, 255, 7]).toString('base64'),
    isBase64Encoded: true,
  });
  const response = await fetch(`${url}/any/x`);
  expect(response.status).toBe(201);
  expect(response.headers.get('content-type')).toBe('image/png');
  expect(response.headers.get('x-count')).toBe('3');
  expect(response.headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2']);
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 7]);
});

test('an answer without statusCode is the JSON body of a 200', async () => {
  const { url } = await start({ message: 'hello' });
  const response = await fetch(`${url}/any/x`);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual({ message: 'hello' });
});

test('a path without a route gets 404 and no function runs', async () => {
  const { url, events } = await start({ statusCode: 200 });
  const response = await fetch(`${url}/nowhere`);
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({ message: 'Not Found' });
  expect(events).toEqual([]);
});

test.each([
  ['a status that is no number', { statusCode: 'fine' }],
  ['a body that is an object', { statusCode: 200, body: { a: 1 } }],
  ['a header that is a list', { statusCode: 200, headers: { a: ['b'] } }],
  ['a header with a line break', { statusCode: 200, headers: { a: 'b\nc' } }],
])('%s in the answer gets 500', async (_what, answer) => {
  const { url } = await start(answer);
  const response = await fetch(`${url}/any/x`);
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ message: 'Internal Server Error' });
});

test('a function that fails gets 500 and its error stays out of the answer', async () => {
  const payload = '{"errorMessage":"inner detail"}';
  const { url } = await start({}, { invoke: async () => ({ payload, functionError: 'Unhandled' }) });
  const response = await fetch(`${url}/any/x`);
  expect(response.status).toBe(500);
  expect(await response.text()).toBe('{"message":"Internal Server Error"}');
});

test('a throttled function gets 503', async () => {
  const throttled = Object.assign(new Error('Rate Exceeded.'), { name: 'TooManyRequestsException' });
  const { url, lines } = await start({}, { invoke: () => Promise.reject(throttled) });
  expect((await fetch(`${url}/any/x`)).status).toBe(503);
  expect(lines.join()).toContain('Rate Exceeded.');
});

test.each([
  [undefined, 30_000],
  [5_000, 5_000],
])('with TimeoutInMillis %s a silent function gets 503 after %s ms', async (configuredMs, timeoutMs) => {
  const clock = createMovableClock(startMs);
  const invoked = Promise.withResolvers<void>();
  const { url } = await start(undefined, {
    clock,
    ...(configuredMs && { integration: { TimeoutInMillis: configuredMs } }),
    invoke: () => {
      invoked.resolve();
      return new Promise(() => {});
    },
  });
  const answered: number[] = [];
  const response = fetch(`${url}/any/x`).then((result) => answered.push(result.status));
  await invoked.promise;
  clock.advance(timeoutMs - 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(answered).toEqual([]);
  clock.advance(1);
  await response;
  expect(answered).toEqual([503]);
});

test('a body over 10 MiB gets 413 and one of exactly 10 MiB passes', async () => {
  const { url, events } = await start({ statusCode: 200 });
  const post = (bytes: number) => fetch(`${url}/any/x`, { method: 'POST', body: Buffer.alloc(bytes, 'x') });
  expect((await post(10 * 1024 * 1024)).status).toBe(200);
  const refused = await post(10 * 1024 * 1024 + 1);
  expect(refused.status).toBe(413);
  expect(await refused.json()).toEqual({ message: 'Request Entity Too Large' });
  expect(events).toHaveLength(1);
});

const cors = {
  AllowOrigins: ['https://desk.example'],
  AllowMethods: ['GET', 'POST'],
  AllowHeaders: ['authorization'],
  ExposeHeaders: ['x-count'],
  MaxAge: 300,
  AllowCredentials: true,
};

test('a preflight is answered without running a function', async () => {
  const { url, events } = await start({ statusCode: 200 }, { cors });
  const preflight = (origin: string) =>
    fetch(`${url}/any/x`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });

  const allowed = await preflight('https://desk.example');
  expect(allowed.status).toBe(204);
  expect(Object.fromEntries(allowed.headers)).toMatchObject({
    'access-control-allow-origin': 'https://desk.example',
    'access-control-allow-methods': 'GET,POST',
    'access-control-allow-headers': 'authorization',
    'access-control-allow-credentials': 'true',
    'access-control-max-age': '300',
  });
  expect((await preflight('https://other.example')).headers.get('access-control-allow-origin')).toBeNull();
  expect(events).toEqual([]);
});

test("the API's CORS headers replace those of the function", async () => {
  const { url } = await start({ statusCode: 200, headers: { 'access-control-allow-origin': '*' } }, { cors });
  const response = await fetch(`${url}/any/x`, { headers: { origin: 'https://desk.example' } });
  expect(response.headers.get('access-control-allow-origin')).toBe('https://desk.example');
  expect(response.headers.get('access-control-expose-headers')).toBe('x-count');
  expect((await fetch(`${url}/any/x`)).headers.get('access-control-allow-origin')).toBeNull();
});

test.each([
  ['an authorizer', [...resources(), resource('Authorizer', 'a1', {})], 'authenticate in the function'],
  ['an authorized route', resources({ route: { AuthorizationType: 'JWT', AuthorizerId: 'a1' } }), 'JWT'],
  ['payload format 1.0', resources({ integration: { PayloadFormatVersion: '1.0' } }), '1.0'],
  ['another integration', resources({ integration: { IntegrationType: 'HTTP_PROXY' } }), 'HTTP_PROXY'],
  ['a named stage', resources({ stage: { StageName: 'prod' } }), 'prod'],
  ['a route without integration', resources({ route: { Target: 'integrations/i9' } }), 'i9'],
  ['a WebSocket API', resources({ api: { ProtocolType: 'WEBSOCKET' } }), 'WEBSOCKET'],
])('%s is refused at start', (_what, definition, named) => {
  expect(() => readHttpApiDefinition(definition)).toThrow(named);
});
