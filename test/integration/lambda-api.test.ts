import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Lambda } from '../../local/cloud/lambda/index.ts';
import { probeFunction, startLambda } from '../fixtures/lambda/start-lambda.ts';

async function serve(lambda: Lambda): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const server = createServer((request, response) => {
    if (lambda.service.matches(request)) void lambda.service.handle(request, response);
    else response.writeHead(599).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return (path, init) => fetch(origin + path, { method: 'POST', ...init });
}

async function startProbeApi() {
  const lambda = startLambda();
  lambda.defineFunction(probeFunction());
  lambda.defineFunction(probeFunction({ FunctionName: 'off', ReservedConcurrentExecutions: 0 }));
  return serve(lambda);
}

const path = '/2015-03-31/functions/probe/invocations';
const nothing = JSON.stringify({ do: 'nothing' });

test('RequestResponse answers with payload, version, and the log when asked for', async () => {
  const call = await startProbeApi();
  const headers = { 'x-amz-log-type': 'Tail' };
  const response = await call(path, { body: JSON.stringify({ do: 'log', lines: ['seen'] }), headers });
  expect(response.status).toBe(200);
  expect(await response.json()).toBeNull();
  expect(response.headers.get('x-amz-executed-version')).toBe('$LATEST');
  expect(response.headers.get('x-amz-function-error')).toBeNull();
  const log = Buffer.from(response.headers.get('x-amz-log-result') ?? '', 'base64').toString();
  expect(log).toMatch(/^START .*\n.*\tseen\nEND .*\nREPORT /);
});

test('a function error is status 200 with a header', async () => {
  const call = await startProbeApi();
  const response = await call(path, { body: JSON.stringify({ do: 'fail', message: 'broken' }) });
  expect(response.status).toBe(200);
  expect(response.headers.get('x-amz-function-error')).toBe('Unhandled');
  expect(await response.json()).toMatchObject({ errorMessage: 'broken' });
});

test('an ARN and the qualifier $LATEST name the function too', async () => {
  const call = await startProbeApi();
  const arn = encodeURIComponent('arn:aws:lambda:us-east-1:000000000000:function:probe:$LATEST');
  expect((await call(`/2015-03-31/functions/${arn}/invocations`, { body: nothing })).status).toBe(200);
  expect((await call(`${path}?Qualifier=%24LATEST`, { body: nothing })).status).toBe(200);
});

test('Event answers 202 at once and DryRun 204', async () => {
  const call = await startProbeApi();
  const event = await call(path, { body: nothing, headers: { 'x-amz-invocation-type': 'Event' } });
  expect(event.status).toBe(202);
  expect(event.headers.get('x-amzn-requestid')).toMatch(/^[\da-f-]{36}$/);
  expect((await call(path, { headers: { 'x-amz-invocation-type': 'DryRun' } })).status).toBe(204);
});

test('a client context with line breaks and characters beyond ASCII reaches the function', async () => {
  const call = await startProbeApi();
  const clientContext = '{\n"a":"€ \\u0000 \u{1F600}\x7f"}';
  const headers = { 'x-amz-client-context': Buffer.from(clientContext).toString('base64') };
  const response = await call(path, { body: JSON.stringify({ do: 'context' }), headers });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ clientContext: { a: '€ \u0000 \u{1F600}\x7f' } });
  expect((await call(path, { body: nothing })).status).toBe(200);
});

test('the longest client context that AWS takes arrives, whatever it holds, and a longer one is refused', async () => {
  const call = await startProbeApi();
  const ask = (text: string) => {
    const clientContext = Buffer.from(JSON.stringify({ a: text })).toString('base64');
    return call(path, { body: JSON.stringify({ do: 'context' }), headers: { 'x-amz-client-context': clientContext } });
  };
  const longest = 'é'.repeat(1_338);
  expect(await (await ask(longest)).json()).toMatchObject({ clientContext: { a: longest } });
  expect((await ask(`${longest}éé`)).headers.get('x-amzn-errortype')).toBe('InvalidRequestContentException');
});

test.each(['no JSON', '["a list"]', '"a text"', 'null', ''])('the client context %o is refused', async (context) => {
  const call = await startProbeApi();
  const headers = { 'x-amz-client-context': Buffer.from(context).toString('base64') };
  for (const type of ['RequestResponse', 'Event']) {
    const response = await call(path, { body: nothing, headers: { ...headers, 'x-amz-invocation-type': type } });
    expect(response.status).toBe(400);
    expect(response.headers.get('x-amzn-errortype')).toBe('InvalidRequestContentException');
    expect(await response.json()).toMatchObject({
      message: expect.stringContaining('Client context must be a valid Base64-encoded JSON object'),
    });
  }
});

test.each([
  ['an unknown function', '/2015-03-31/functions/missing/invocations', nothing, 404, 'ResourceNotFoundException'],
  ['a throttled function', '/2015-03-31/functions/off/invocations', nothing, 429, 'TooManyRequestsException'],
  ['a payload that is not JSON', path, '{"do":', 400, 'InvalidRequestContentException'],
  ['a payload over 6 MB', path, `"${'x'.repeat(6 * 1024 * 1024)}"`, 413, 'RequestTooLargeException'],
  ['an alias', `${path}?Qualifier=live`, nothing, 400, 'InvalidParameterValueException'],
  ['another operation', '/2015-03-31/functions/probe/versions', '', 404, 'UnknownOperationException'],
])('%s is refused as AWS does', async (_case, target, body, status, type) => {
  const call = await startProbeApi();
  const response = await call(target, { body });
  expect(response.status).toBe(status);
  expect(response.headers.get('x-amzn-errortype')).toBe(type);
  expect(await response.json()).toMatchObject({ Type: 'User', message: expect.any(String) });
});
