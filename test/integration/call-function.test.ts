/** One function that calls another, by the SDK against the embedded cloud. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { createFunctionCaller, FunctionCallError } from '@nightdesk/aws/call-function.ts';
import { expect, it, onTestFinished } from 'vitest';
import { probeFunction, startLambda } from '../fixtures/lambda/start-lambda.ts';

async function caller(functionName = 'probe') {
  const lambda = startLambda();
  lambda.defineFunction(probeFunction({ Timeout: 1 }));
  const server = createServer((request, response) => {
    if (lambda.service.matches(request)) void lambda.service.handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return createFunctionCaller(functionName, new LambdaClient({ endpoint, region: 'eu-west-1', credentials }));
}

it('gets the answer', async () => {
  const call = await caller();
  expect(await call({ do: 'process' }, 10_000)).toMatchObject({ invocations: 1 });
});

it.each([
  ['failed', { do: 'fail', message: 'a raw message of a client' }, 10_000, 'probe failed: TypeError'],
  ['did not end in time', { do: 'sleep', ms: 60_000 }, 10_000, 'probe failed: Sandbox.Timedout'],
  ['has not answered yet', { do: 'sleep', ms: 60_000 }, 200, /probe could not be called: (AbortError|TimeoutError)/],
  ['was not given any time', { do: 'process' }, -1, /probe could not be called: (AbortError|TimeoutError)/],
])('says of a function that it %s', async (_, event, waitMsMax, message) => {
  const call = await caller();
  const called = call(event, waitMsMax);
  await expect(called).rejects.toThrow(FunctionCallError);
  await expect(called).rejects.toThrow(message);
});

it('says of a function that it is not there', async () => {
  const call = await caller('nobody');
  await expect(call({}, 10_000)).rejects.toThrow('nobody could not be called: ResourceNotFoundException');
});
