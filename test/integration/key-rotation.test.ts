import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { createSecretVersions } from '@nightdesk/aws';
import type { Finding, SecretVersions } from '@nightdesk/core';
import { createHandler, KeyRefusedError } from '@nightdesk/functions/rotate-key/handler.ts';
import { parseRotationEvent } from '@nightdesk/functions/rotate-key/schema.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock, type MovableClock } from '../../local/cloud/clock.ts';
import { type AwsEndpoint, createAwsEndpoint } from '../../local/cloud/endpoint.ts';
import { createSecrets, type Secrets } from '../../local/cloud/secrets-manager/secrets.ts';
import fc from '../support/property.ts';
import { config, dayMs, mayWithdraw, name, newKey, oldKey } from '../support/rotated-key.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../support/telemetry.ts';

let clock: MovableClock;
let service: Secrets;
let endpoint: AwsEndpoint;
let client: SecretsManagerClient;
let versions: SecretVersions;
let log: string[];
let telemetry: RecordingTelemetry;
/** What the venue says of the new key. */
let findings: Finding[];
let asked: string[];
let failures: string[];

beforeEach(async () => {
  [log, asked, failures, findings] = [[], [], [], []];
  clock = createMovableClock();
  telemetry = createRecordingTelemetry();
  service = createSecrets({ clock, log: (line) => void log.push(line) });
  endpoint = await createAwsEndpoint({ services: [service], log: () => {} });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new SecretsManagerClient({ endpoint: endpoint.url, region: 'us-east-1', credentials });
  versions = createSecretVersions(client);
  await client.send(new CreateSecretCommand({ Name: name, SecretString: oldKey }));
  runBy(handlerWith(versions));
  service.rotations.define({
    ...{ logicalId: 'Rotation', type: 'AWS::SecretsManager::RotationSchedule', physicalId: name },
    properties: {
      ...{ SecretId: name, RotationLambdaARN: 'arn:rotate-key', RotateImmediatelyOnUpdate: false },
      RotationRules: { AutomaticallyAfterDays: 30 },
    },
  });
});
afterEach(async () => {
  client.destroy();
  await endpoint.close();
});

const handlerWith = (used: SecretVersions) =>
  createHandler({
    ...{ loadConfig: async () => config, secretsPrefix: 'desk', versions: used, telemetry },
    async inspectKey({ secretText }) {
      asked.push(secretText);
      const unasked = { kind: 'untold', why: '' } as const;
      const failed = { kind: 'failed', cause: { code: 'timeout', message: '' } } as const;
      return { inspection: { clock: failed, permissions: unasked, balances: failed, positionMode: 'none' }, findings };
    },
  });

/** Takes every step twice, as AWS may. */
function runBy(rotate: ReturnType<typeof handlerWith>): void {
  service.rotations.runBy(async (functionArn, payload) => {
    expect(functionArn).toBe('arn:rotate-key');
    const event = parseRotationEvent(JSON.parse(payload));
    try {
      await rotate(event);
      await rotate(event);
      return { failed: false };
    } catch (error) {
      failures.push(String(error));
      return { failed: true };
    }
  });
}

async function rotated(): Promise<void> {
  await versions.rotate(name);
  await service.rotations.settled();
}
const keyInUse = async () => (await versions.read(name, 'AWSCURRENT'))?.value;
/** Stages that are on a version, sorted. */
const stages = async () => [...(await versions.describe(name)).stages.values()].flat().sort();

describe('a rotation', () => {
  it('puts a new key in use that its venue had nothing against, and keeps the one before as the previous', async () => {
    await versions.put(name, { value: newKey, stage: 'NEXT' });
    await rotated();
    expect(await keyInUse()).toBe(newKey);
    expect([...new Set(asked)]).toEqual([newKey]);
    const previous = await client.send(new GetSecretValueCommand({ SecretId: name, VersionStage: 'AWSPREVIOUS' }));
    expect(previous.SecretString).toBe(oldKey);
    expect(await stages()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
  });

  it('without a new key ends well, with the current one in place and nothing asked', async () => {
    await rotated();
    expect(await keyInUse()).toBe(oldKey);
    expect(await stages()).toEqual(['AWSCURRENT']);
    expect([asked, failures]).toEqual([[], []]);
    const described = await client.send(new DescribeSecretCommand({ SecretId: name }));
    expect(described).toMatchObject({ RotationEnabled: true, LastRotatedDate: new Date(clock.nowMs()) });
  });

  it('fails for a key that may withdraw, and the one before stays in use', async () => {
    findings = [mayWithdraw];
    await versions.put(name, { value: newKey, stage: 'NEXT' });
    await rotated();
    expect(await keyInUse()).toBe(oldKey);
    expect(failures).toEqual([String(new KeyRefusedError('main', findings))]);
    expect(log).toEqual([`secretsmanager: the rotation of ${name} failed at testSecret`]);
  });

  it('that failed is refused to start again until the pending key is withdrawn, as AWS does', async () => {
    findings = [mayWithdraw];
    await versions.put(name, { value: newKey, stage: 'NEXT' });
    await rotated();
    const again = client.send(new RotateSecretCommand({ SecretId: name }));
    await expect(again).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: expect.stringContaining("isn't complete"),
    });
    const [pending] =
      [...(await versions.describe(name)).stages].find(([, labels]) => labels.includes('AWSPENDING')) ?? [];
    await versions.moveStage(name, 'AWSPENDING', { from: pending ?? '' });
    findings = [];
    await rotated();
    expect(await keyInUse()).toBe(newKey);
  });

  it('lets a key go on waiting that was put there while it tested another', async () => {
    const newer = JSON.stringify({ apiKey: 'an-even-newer-key', secret: 'an-even-newer-secret' });
    const rotate = handlerWith(versions);
    service.rotations.runBy(async (_arn, payload) => {
      const event = parseRotationEvent(JSON.parse(payload));
      await rotate(event);
      if (event.Step === 'testSecret') await versions.put(name, { value: newer, stage: 'NEXT' });
      return { failed: false };
    });
    await versions.put(name, { value: newKey, stage: 'NEXT' });
    await rotated();
    expect([await keyInUse(), (await versions.read(name, 'NEXT'))?.value]).toEqual([newKey, newer]);
  });

  it('fails for a text that is no key, without asking the venue', async () => {
    await versions.put(name, { value: '{"apiKey":"the-new-key","secret":7}', stage: 'NEXT' });
    await rotated();
    expect(failures).toEqual([expect.stringContaining('field secret must be a text')]);
    expect(await keyInUse()).toBe(oldKey);
  });

  it('tells no value of any key, whatever becomes of it', async () => {
    for (const [value, found] of [
      ['{"apiKey":"the-new-key"', []],
      [newKey, [mayWithdraw]],
      [newKey, []],
    ] as const) {
      findings = [...found];
      const { stages: known } = await versions.describe(name);
      for (const [id, labels] of known) {
        if (labels.includes('AWSPENDING')) await versions.moveStage(name, 'AWSPENDING', { from: id });
      }
      await versions.put(name, { value, stage: 'NEXT' });
      await rotated();
    }
    const told = [...log, ...failures, ...telemetry.lines].join('\n');
    expect(told.length).toBeGreaterThan(0);
    for (const secret of ['the-new-key', 'the-new-secret', 'the-old-key', 'the-old-secret'])
      expect(told).not.toContain(secret);
  });

  it('leaves a usable key in use wherever it stops, and ends when it goes on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 6 }), async (callsUntilCrash) => {
        const token = crypto.randomUUID();
        const value = JSON.stringify({ apiKey: 'new', secret: token });
        await versions.put(name, { value, stage: 'NEXT' });
        const before = await keyInUse();
        const crashes = [...callsUntilCrash];
        service.rotations.runBy(async (_arn, payload) => {
          const event = parseRotationEvent(JSON.parse(payload));
          // Lambda is started again with the same step until it ends.
          for (;;) {
            const rotate = handlerWith(crashing(versions, crashes.shift() ?? Number.POSITIVE_INFINITY));
            const ended = await rotate(event).then(
              () => true,
              () => false,
            );
            expect([before, value]).toContain(await keyInUse());
            if (ended) return { failed: false };
          }
        });
        await rotated();
        expect(await keyInUse()).toBe(value);
        expect(await stages()).not.toContain('NEXT');
      }),
      { numRuns: 30 },
    );
  });
});

/** Every call counts; the one after the last that is let through is done, and its answer is lost. */
function crashing(real: SecretVersions, calls: number): SecretVersions {
  let left = calls;
  const count = async <Value>(answer: Promise<Value>): Promise<Value> => {
    const value = await answer;
    left -= 1;
    if (left <= 0) throw new Error('crashed');
    return value;
  };
  return {
    describe: (...given) => count(real.describe(...given)),
    read: (...given) => count(real.read(...given)),
    put: (...given) => count(real.put(...given)),
    moveStage: (...given) => count(real.moveStage(...given)),
    rotate: (...given) => count(real.rotate(...given)),
  };
}

describe('the emulated Secrets Manager', () => {
  it('starts a rotation by itself after the days of its rule, and again after as many', async () => {
    await versions.put(name, { value: newKey, stage: 'NEXT' });
    clock.advance(30 * dayMs - 1);
    await service.rotations.settled();
    expect(await keyInUse()).toBe(oldKey);
    clock.advance(1);
    await service.rotations.settled();
    expect(await keyInUse()).toBe(newKey);
    const { NextRotationDate } = await client.send(new DescribeSecretCommand({ SecretId: name }));
    expect(NextRotationDate).toEqual(new Date(clock.nowMs() + 30 * dayMs));
  });

  it('starts none after rotation was cancelled', async () => {
    await client.send(new CancelRotateSecretCommand({ SecretId: name }));
    await versions.put(name, { value: newKey, stage: 'NEXT' });
    clock.advance(90 * dayMs);
    await service.rotations.settled();
    expect(await keyInUse()).toBe(oldKey);
    expect(await client.send(new DescribeSecretCommand({ SecretId: name }))).toMatchObject({ RotationEnabled: false });
  });

  it('makes a pending version without a value, which reads as one that is not there', async () => {
    service.rotations.runBy(async () => ({ failed: true }));
    await rotated();
    const pending = client.send(new GetSecretValueCommand({ SecretId: name, VersionStage: 'AWSPENDING' }));
    await expect(pending).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await versions.read(name, 'AWSPENDING')).toBeUndefined();
  });

  it.each([
    [
      'no function',
      { RotationRules: { AutomaticallyAfterDays: 30 } },
      'InvalidRequestException',
      /No Lambda rotation function/,
    ],
    ['no rules', { RotationLambdaARN: 'arn:f' }, 'InvalidRequestException', /RotationRules/],
    [
      'too many days',
      { RotationLambdaARN: 'arn:f', RotationRules: { AutomaticallyAfterDays: 1_001 } },
      'InvalidParameterException',
      /from 1 to 1000/,
    ],
    ['no time in its rules', { RotationLambdaARN: 'arn:f', RotationRules: {} }, 'InvalidParameterException', /Either/],
    [
      'a rate of minutes',
      { RotationLambdaARN: 'arn:f', RotationRules: { ScheduleExpression: 'rate(5 minutes)' } },
      'InvalidParameterException',
      /not valid/,
    ],
  ])('refuses to rotate with %s', async (_title, input, errorName, message) => {
    await client.send(new CreateSecretCommand({ Name: 'another', SecretString: 'value' }));
    const refusal = client.send(new RotateSecretCommand({ SecretId: 'another', ...input }));
    await expect(refusal).rejects.toMatchObject({ name: errorName, message: expect.stringMatching(message) });
  });
});
