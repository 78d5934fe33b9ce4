import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createMovableClock } from '../../local/cloud/clock.ts';
import { functionFromResource } from '../../local/cloud/lambda/index.ts';
import {
  ask,
  fixture,
  isAlive,
  probeFunction,
  startLambda,
  temporaryDirectory,
  writeFiles,
} from '../fixtures/lambda/start-lambda.ts';

describe('what a handler sees', () => {
  test('the event arrives and the answer comes back, warm in the same process', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction());
    const first = await ask(lambda, { do: 'process' });
    const second = await ask(lambda, { do: 'process' });
    expect(first).toMatchObject({ status: 200, json: { invocations: 1, argv: [], cwd: fixture('probe') } });
    expect(first).not.toHaveProperty('functionError');
    expect(second.json).toMatchObject({ invocations: 2, pid: (first.json as { pid: number }).pid });
  });

  test('a CommonJS handler works too, and a handler without an answer returns null', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction({ FunctionName: 'commonjs', codeDirectory: fixture('commonjs') }));
    lambda.defineFunction(probeFunction());
    expect((await ask(lambda, [1], 'commonjs')).json).toEqual({ from: 'CommonJS', event: [1] });
    expect((await ask(lambda, { do: 'nothing' })).payload).toBe('null');
  });

  test('the context tells name, ARN, memory, log group, client context and a deadline of the machine clock', async () => {
    const lambda = startLambda({ environment: { AWS_REGION: 'eu-west-1' }, clock: createMovableClock() });
    lambda.defineFunction(probeFunction({ MemorySize: 256, Timeout: 7 }));
    const earliestMs = Date.now() + 7_000;
    const payload = JSON.stringify({ do: 'context' });
    const result = await lambda.invoke({ functionName: 'probe', payload, clientContext: '{"custom":{"run":"7"}}' });
    const context = JSON.parse(result.payload);
    expect(context).toMatchObject({
      functionName: 'probe',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:probe',
      memoryLimitInMB: '256',
      logGroupName: '/aws/lambda/probe',
      clientContext: { custom: { run: '7' } },
    });
    expect(context.deadlineMs).toBeGreaterThanOrEqual(earliestMs);
    expect(context.deadlineMs).toBeLessThanOrEqual(Date.now() + 7_000);
    expect(context.remainingMs).toBeLessThanOrEqual(7_000);
  });

  test('the environment is built: AWS names, shared and own variables, and nothing of this process', async () => {
    process.env.NIGHTDESK_TEST_SECRET = 'not for functions';
    const lambda = startLambda({ environment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' } });
    lambda.defineFunction(probeFunction({ Environment: { Variables: { TABLE: 'orders' } } }));
    const { json } = await ask(lambda, { do: 'environment' });
    delete process.env.NIGHTDESK_TEST_SECRET;
    expect(json).toMatchObject({
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_LAMBDA_FUNCTION_NAME: 'probe',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/probe',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_ACCESS_KEY_ID: 'local',
      LAMBDA_TASK_ROOT: fixture('probe'),
      TABLE: 'orders',
      TZ: ':UTC',
      _HANDLER: 'index.handler',
    });
    const allowed = /^(AWS_|LAMBDA_|NODE_PATH$|PATH$|LANG$|TZ$|TABLE$|_HANDLER$)/;
    expect(Object.keys(json as object).filter((name) => !allowed.test(name))).toEqual([]);
  });
});

describe('what can go wrong', () => {
  test('an error of the handler comes back with type, message and trace', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction());
    const result = await ask(lambda, { do: 'fail', message: 'no such symbol' });
    expect(result).toMatchObject({ status: 200, functionError: 'Unhandled' });
    expect(result.json).toMatchObject({ errorType: 'TypeError', errorMessage: 'no such symbol' });
    expect((result.json as { trace: string[] }).trace[1]).toContain('index.mjs');
    expect((await ask(lambda, { do: 'process' })).json).toMatchObject({ invocations: 2 });
  });

  test('a handler that ends the process is a Runtime.ExitError, and the next call gets a new sandbox', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction());
    const { json, requestId } = await ask(lambda, { do: 'exit', code: 3 });
    const errorMessage = `RequestId: ${requestId} Error: Runtime exited with error: exit status 3`;
    expect(json).toEqual({ errorType: 'Runtime.ExitError', errorMessage });
    expect((await ask(lambda, { do: 'process' })).json).toMatchObject({ invocations: 1 });
  });

  test('a sandbox that is killed while it works is a Runtime.ExitError', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction());
    await lambda.warm('probe', 1);
    const running = ask(lambda, { do: 'sleep', ms: 60_000 });
    for (const { pid } of lambda.sandboxes()) process.kill(pid, 'SIGKILL');
    expect((await running).json).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/signal: killed$/),
    });
  });

  test('a handler over its time is killed, even in an endless loop, together with what it started', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction({ Timeout: 1 }));
    const started = (await ask(lambda, { do: 'spawn' })).json as number;
    const [sandbox] = lambda.sandboxes();
    const result = await ask(lambda, { do: 'spin' });
    expect(result.functionError).toBe('Unhandled');
    expect(result.json).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${result.requestId} Error: Task timed out after 1.00 seconds`,
    });
    expect(isAlive(sandbox?.pid ?? 0)).toBe(false);
    await expect.poll(() => isAlive(started)).toBe(false);
  });

  test.each([
    ['an unknown package', "import 'no-such-package'; export const handler = () => 1;", 'Error', 'no-such-package'],
    ['a syntax error', 'export const handler = () => { ;;) }', 'Runtime.UserCodeSyntaxError', 'SyntaxError'],
    ['an exception', "throw new RangeError('TABLE is missing')", 'RangeError', 'TABLE is missing'],
    ['no handler', 'export const other = () => 1', 'Runtime.HandlerNotFound', 'index.handler is undefined'],
    [
      'a callback handler',
      'export const handler = (a, b, done) => done()',
      'Runtime.CallbackHandlerDeprecated',
      'callback',
    ],
    ['an exit', 'process.exit(4)', 'Runtime.ExitError', 'exit status 4'],
  ])('%s while a function starts is the answer to the call', async (_case, source, type, message) => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction({ codeDirectory: writeFiles({ 'index.mjs': source }) }));
    const result = await ask(lambda, {});
    expect(result.functionError).toBe('Unhandled');
    expect(result.json).toMatchObject({
      errorType: expect.stringMatching(new RegExp(`^(${type})$`)),
      errorMessage: expect.stringContaining(message),
    });
    await expect(lambda.warm('probe', 1)).rejects.toThrow(message);
  });

  test('a package that this project has and the bundle has not is missing, as it would be in Lambda', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction({ codeDirectory: fixture('outsider') }));
    const { json } = await ask(lambda, {});
    expect(json).toMatchObject({ errorMessage: expect.stringMatching(/'fast-check'.*not in the bundle/) });
  });

  test('an answer over 6 MB is refused, one below it passes', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction({ MemorySize: 512 }));
    const limitBytes = 6 * 1024 * 1024;
    expect((await ask(lambda, { do: 'large', bytes: limitBytes - 2 })).payload).toHaveLength(limitBytes);
    const refused = await ask(lambda, { do: 'large', bytes: limitBytes });
    expect(refused.json).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
  });
});

describe('layers', () => {
  const layerDirectories = [fixture('layer-a'), fixture('layer-b')];

  test('code and files below /opt come from the layers, the last one first', async () => {
    const packages = writeFiles({ 'nodejs/node_modules/greeting/index.js': "exports.name = 'greeting of a layer';" });
    const lambda = startLambda();
    const definition = { FunctionName: 'layered', codeDirectory: fixture('layered') };
    lambda.defineFunction(probeFunction({ ...definition, layerDirectories: [packages, ...layerDirectories] }));
    expect((await ask(lambda, {}, 'layered')).json).toEqual({
      byUrl: 'tool of layer b',
      byPath: 'tool of layer b',
      onlyInFirst: 'first, by its helper',
      byRequire: 'greeting of a layer',
      readSync: 'notes of layer a',
      read: 'notes of layer a',
    });
  });

  test('a missing file below /opt is not found, and the SDK of the runtime is', async () => {
    const lambda = startLambda();
    lambda.defineFunction(
      probeFunction({
        layerDirectories,
        codeDirectory: writeFiles({ 'index.mjs': readFileSync(join(fixture('probe'), 'index.mjs'), 'utf8') }),
      }),
    );
    const missing = await ask(lambda, { do: 'import', specifier: '/opt/nodejs/missing.mjs' });
    expect(missing.json).toMatchObject({ errorMessage: expect.stringContaining('/opt/nodejs/missing.mjs') });
    const sdk = await ask(lambda, { do: 'import', specifier: '@aws-sdk/client-dynamodb' });
    expect(sdk.json).toContain('DynamoDBClient');
  });
});

describe('logs', () => {
  test('a file holds what the function printed between the START, END and REPORT lines of Lambda', async () => {
    const stateDirectory = temporaryDirectory();
    const lambda = startLambda({ stateDirectory });
    lambda.defineFunction(probeFunction());
    const { requestId, logTail } = await ask(lambda, { do: 'log', lines: ['first', 'second'] });
    await ask(lambda, { do: 'nothing' });
    await lambda.close();
    const lines = readFileSync(join(stateDirectory, 'logs', 'probe.log'), 'utf8').split('\n');
    expect(lines[0]).toBe(`START RequestId: ${requestId} Version: $LATEST`);
    expect(lines[1]).toMatch(new RegExp(`^\\S+Z\t${requestId}\tINFO\tfirst$`));
    expect(lines[3]).toBe(`END RequestId: ${requestId}`);
    expect(lines[4]).toMatch(
      /^REPORT RequestId: \S+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t/,
    );
    expect(lines[4]).toMatch(/\tInit Duration: [\d.]+ ms\t$/);
    expect(lines[7]).not.toContain('Init Duration');
    expect(logTail).toBe(`${lines.slice(0, 5).join('\n')}\n`);
  });

  test('the JSON format has platform events as objects', async () => {
    const logged: string[] = [];
    const lambda = startLambda({ onLog: (_name, text) => logged.push(text) });
    lambda.defineFunction(probeFunction({ LoggingConfig: { LogFormat: 'JSON' } }));
    const { requestId } = await ask(lambda, { do: 'log', lines: ['hello'] });
    const events = logged.map((line) => JSON.parse(line));
    expect(events).toMatchObject([
      { type: 'platform.start', record: { requestId } },
      { level: 'INFO', message: 'hello', requestId },
      { type: 'platform.report', record: { requestId, status: 'success', metrics: { memorySizeMB: 128 } } },
    ]);
  });
});

describe('definitions', () => {
  test.each([
    ['Timeout', { Timeout: 901 }],
    ['MemorySize', { MemorySize: 64 }],
    ['LoggingConfig.LogFormat', { LoggingConfig: { LogFormat: 'XML' } }],
    ['FunctionName', { FunctionName: 'probe: FunctionName' }],
    ['Runtime', { Runtime: 'python3.13' }],
    ['Environment', { Environment: { Variables: { AWS_REGION: 'x' } } }],
    ['ReservedConcurrentExecutions', { ReservedConcurrentExecutions: -1 }],
  ])('a wrong %s is refused by name', (property, changes) => {
    expect(() => startLambda().defineFunction(probeFunction(changes))).toThrow(new RegExp(`probe: ${property}`));
  });

  test('a template resource runs as it says, with numbers written as text too', async () => {
    const lambda = startLambda();
    const properties = {
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Timeout: '7',
      MemorySize: 192,
      Environment: { Variables: { TABLE: 'orders', LIMIT: 5 } },
      Role: 'arn:aws:iam::000000000000:role/any',
    };
    const resource = { logicalId: 'Probe', type: 'AWS::Lambda::Function', physicalId: 'desk-probe', properties };
    const directories = { codeDirectory: fixture('probe'), layerDirectories: [] };
    lambda.defineFunction(functionFromResource(resource, directories));
    expect(lambda.settings('desk-probe')).toMatchObject({ timeoutMs: 7_000, memoryMb: 192, logFormat: 'Text' });
    expect((await ask(lambda, { do: 'environment' }, 'desk-probe')).json).toMatchObject({
      TABLE: 'orders',
      LIMIT: '5',
    });
    const image = { ...resource, properties: { ...properties, PackageType: 'Image' } };
    expect(() => functionFromResource(image, directories)).toThrow('Probe: PackageType Image is not emulated');
  });
});
