/** Rotations that fail, or that end with the process, go on with the version that they were for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteSecretCommand, DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretVersions } from '@nightdesk/aws';
import type { Finding, SecretVersions } from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/rotate-key/handler.ts';
import { parseRotationEvent } from '@nightdesk/functions/rotate-key/schema.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMovableClock, type MovableClock } from '../../local/cloud/clock.ts';
import { type AwsEndpoint, createAwsEndpoint } from '../../local/cloud/endpoint.ts';
import { createSecrets, type Secrets } from '../../local/cloud/secrets-manager/secrets.ts';
import { config, dayMs, mayWithdraw, name, newKey, oldKey } from '../support/rotated-key.ts';
import { createRecordingTelemetry } from '../support/telemetry.ts';

const minuteMs = 60_000;

let directory: string;
let clock: MovableClock;
let service: Secrets;
let endpoint: AwsEndpoint;
let client: SecretsManagerClient;
let versions: SecretVersions;
let log: string[];
/** The steps that were started. */
let steps: string[];
/** What the venue says of the new key. */
let findings: Finding[];

beforeEach(async () => {
  [log, steps, findings] = [[], [], []];
  clock = createMovableClock();
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-rotation-'));
  await startService();
  await versions.put(name, { value: newKey, stage: 'NEXT' });
});
afterEach(async () => {
  await stopService();
  rmSync(directory, { recursive: true });
});

async function startService(): Promise<void> {
  service = createSecrets({ clock, directory, log: (line) => void log.push(line) });
  endpoint = await createAwsEndpoint({ services: [service], log: () => {} });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new SecretsManagerClient({ endpoint: endpoint.url, region: 'us-east-1', credentials });
  versions = createSecretVersions(client);
  service.rotations.runBy(runStep);
  const identity = { logicalId: 'Trading', physicalId: name };
  const properties = { Name: name, SecretString: oldKey };
  service.defineSecret({ ...identity, type: 'AWS::SecretsManager::Secret', properties });
  service.rotations.define({
    ...{ ...identity, type: 'AWS::SecretsManager::RotationSchedule' },
    properties: {
      ...{ SecretId: name, RotationLambdaARN: 'arn:rotate-key', RotateImmediatelyOnUpdate: false },
      RotationRules: { AutomaticallyAfterDays: 30 },
    },
  });
}

async function stopService(): Promise<void> {
  client.destroy();
  await endpoint.close();
}

/** The process ends, and another one reads what it has left. */
async function restart(): Promise<void> {
  await stopService();
  await startService();
}

async function runStep(_functionArn: string, payload: string): Promise<{ failed: boolean }> {
  const event = parseRotationEvent(JSON.parse(payload));
  steps.push(event.Step);
  const dependencies = { loadConfig: async () => config, secretsPrefix: 'desk', telemetry: createRecordingTelemetry() };
  const rotate = createHandler({ ...dependencies, versions, inspectKey });
  return rotate(event).then(
    () => ({ failed: false }),
    () => ({ failed: true }),
  );
}

async function inspectKey() {
  const unasked = { kind: 'untold', why: '' } as const;
  const failed = { kind: 'failed', cause: { code: 'timeout', message: '' } } as const;
  return {
    inspection: { clock: failed, permissions: unasked, balances: failed, positionMode: 'none' as const },
    findings,
  };
}

async function rotated(): Promise<void> {
  await versions.rotate(name);
  await service.rotations.settled();
}

async function advance(byMs: number): Promise<void> {
  clock.advance(byMs);
  await service.rotations.settled();
}

const attempts = () => steps.filter((step) => step === 'createSecret').length;
const stages = async () => [...(await versions.describe(name)).stages.values()].flat().sort();
const holderOf = async (stage: string) =>
  [...(await versions.describe(name)).stages].find(([, labels]) => labels.includes(stage))?.[0];
const keyInUse = async () => (await versions.read(name, 'AWSCURRENT'))?.value;

it('tries a failed rotation again a day later, with the same version, until it ends well', async () => {
  findings = [mayWithdraw];
  await advance(30 * dayMs);
  const failed = await holderOf('AWSPENDING');
  await advance(dayMs - 1);
  expect(attempts()).toBe(1);
  await advance(1);
  expect(attempts()).toBe(2);
  expect(await holderOf('AWSPENDING')).toBe(failed);
  findings = [];
  await advance(dayMs);
  expect(await keyInUse()).toBe(newKey);
  expect(await holderOf('AWSCURRENT')).toBe(failed);
  const { NextRotationDate } = await client.send(new DescribeSecretCommand({ SecretId: name }));
  expect(NextRotationDate).toEqual(new Date(clock.nowMs() + 30 * dayMs));
});

it('starts no second rotation beside one that takes long', async () => {
  let end = (): void => {};
  const hanging = new Promise<void>((resolve) => {
    end = resolve;
  });
  let stepsStarted = 0;
  service.rotations.runBy(async () => {
    stepsStarted += 1;
    await hanging;
    return { failed: true };
  });
  const requested = versions.rotate(name);
  await expect.poll(() => stepsStarted).toBe(1);
  await requested;
  clock.advance(31 * dayMs);
  expect(stepsStarted).toBe(1);
  end();
  await service.rotations.settled();
  await advance(dayMs);
  expect(stepsStarted).toBe(2);
});

it.each(['createSecret', 'testSecret', 'finishSecret'] as const)(
  'goes on after a restart with a rotation that was cut off at %s',
  async (cutOffAt) => {
    let wasCutOff = false;
    service.rotations.runBy((arn, payload) => {
      const event = parseRotationEvent(JSON.parse(payload));
      if (event.Step !== cutOffAt) return runStep(arn, payload);
      wasCutOff = true;
      // What has ended with its process gives no answer.
      return new Promise(() => {});
    });
    await versions.rotate(name);
    await expect.poll(() => wasCutOff).toBe(true);
    const cutOff = await holderOf('AWSPENDING');

    await restart();
    await advance(minuteMs - 1);
    expect(await keyInUse()).toBe(oldKey);
    await advance(1);
    expect([await keyInUse(), await holderOf('AWSCURRENT')]).toEqual([newKey, cutOff]);
    expect(await stages()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
  },
);

it('after a restart leaves a rotation that is not due, or that has come to its end', async () => {
  await rotated();
  const before = attempts();
  await restart();
  await advance(dayMs);
  expect(attempts()).toBe(before);
  expect((await client.send(new DescribeSecretCommand({ SecretId: name }))).NextRotationDate).toEqual(
    new Date(clock.nowMs() + 29 * dayMs),
  );
});

it.each([true, false])(
  'bears that a secret is deleted while it is rotated (its function failed: %s)',
  async (failed) => {
    service.rotations.runBy(async () => {
      await client.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }));
      return { failed };
    });
    await rotated();
    expect(log.at(-1)).toBe(
      `secretsmanager: the rotation of ${name} came to no end: Secrets Manager can't find the specified secret.`,
    );
  },
);
