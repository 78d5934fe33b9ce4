import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretVersions } from '@nightdesk/aws';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../local/cloud/clock.ts';
import { type AwsEndpoint, createAwsEndpoint } from '../../local/cloud/endpoint.ts';
import { createSecrets, type Secrets } from '../../local/cloud/secrets-manager/secrets.ts';
import { exchangeInfoRoutes } from '../support/binance-answers.ts';
import { type ScriptedAnswer, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

const command = fileURLToPath(new URL('../../local/cli/accounts.ts', import.meta.url));
const secretName = 'nightdesk/local/accounts/main/trading';
const keys = { apiKey: 'the-key-of-main', secret: 'the-secret-of-main' };
const restrictions = '/sapi/v1/account/apiRestrictions';
const goodKey = { ipRestrict: true, enableReading: true, enableWithdrawals: false, enableSpotAndMarginTrading: true };

let venue: ScriptedServer;
let secrets: Secrets;
let endpoint: AwsEndpoint;
let client: SecretsManagerClient;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-accounts-'));
  venue = await startScriptedServer(() => 'drop');
  secrets = createSecrets({ clock: systemClock, log: () => {} });
  endpoint = await createAwsEndpoint({ services: [secrets], log: () => {} });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new SecretsManagerClient({ endpoint: endpoint.url, region: 'us-east-1', credentials });
  await client.send(new CreateSecretCommand({ Name: secretName, SecretString: JSON.stringify(keys) }));
  writeFileSync(
    join(directory, 'ready.json'),
    JSON.stringify({ aws: endpoint.url, simulators: { binance: venue.url } }),
  );
});
afterAll(async () => {
  client.destroy();
  await Promise.all([endpoint.close(), venue.close()]);
  rmSync(directory, { recursive: true });
});
beforeEach(() => answerWith({}));

/** A Binance that has nothing against the key, except for these answers. */
function answerWith(answers: Record<string, ScriptedAnswer>): void {
  const account = {
    balances: [
      { asset: 'BTC', free: '2', locked: '0' },
      { asset: 'XRP', free: '0.0000001', locked: '0' },
    ],
  };
  venue.script = ({ method, path }) => {
    if (path === '/api/v3/time') return { body: { serverTime: Date.now() } };
    const usual = { [restrictions]: { body: goodKey }, '/api/v3/account': { body: account } };
    const mode = { '/fapi/v1/positionSide/dual': { body: { dualSidePosition: false } } };
    const known: Record<string, ScriptedAnswer> = { ...usual, ...mode, ...answers };
    return (
      known[path] ?? exchangeInfoRoutes[`${method} ${path}`] ?? { status: 404, body: 'no such route in this test' }
    );
  };
}

async function accounts(args: string[], input = ''): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, NIGHTDESK_STATE_DIR: directory };
  const child = spawn(process.execPath, [command, ...args], { env });
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  for (const value of [...Object.values(keys), 'the-new-key', 'the-new-secret'])
    expect(stdout + stderr).not.toContain(value);
  return { code, stdout, stderr };
}

const put = (value: string) => client.send(new PutSecretValueCommand({ SecretId: secretName, SecretString: value }));

describe('npm run accounts', () => {
  it('shows what the key of an account may do and what it holds, without dust', async () => {
    const { code, stdout } = await accounts(['check', 'main']);
    expect(stdout).toMatch(/^main at binance, sandbox\n {2}trading key\n/);
    expect(stdout).toContain('read yes, trade yes, withdraw no (GET /sapi/v1/account/apiRestrictions)');
    expect(stdout).toMatch(/balances +BTC 2, and dust of 1 more\n/);
    expect(stdout).toMatch(/positions +one per market \(one-way\)\n/);
    expect(stdout).toMatch(/clock +\d+ ms (ahead of|behind) the venue's\n/);
    expect(stdout).toContain('main is fine');
    expect(code).toBe(0);
  });

  it('refuses a key that may withdraw, in sentences and in JSON', async () => {
    answerWith({ [restrictions]: { body: { ...goodKey, enableWithdrawals: true } } });
    const told = await accounts(['check']);
    expect(told.stdout).toContain('refused      the key may withdraw: take that right from it at binance');
    expect(told.code).toBe(1);
    const { stdout, code } = await accounts(['check', 'main', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ account: 'main', venue: 'binance', mode: 'sandbox', result: 'refused' },
      keys: [{ purpose: 'trading', findings: [{ severity: 'refused', code: 'key_can_withdraw' }] }],
    });
    expect(code).toBe(1);
  });

  it.each([
    ['not filled in', '{"apiKey":"","secret":""}', 'is not filled in yet'],
    ['no JSON', 'the-secret-of-main', 'is not JSON'],
    ['without the secret', '{"apiKey":"the-key-of-main"}', 'lacks what binance asks for: secret'],
  ])('refuses a secret that is %s, by its name', async (_name, value, message) => {
    await put(value);
    const { code, stdout } = await accounts(['check', 'main']);
    await put(JSON.stringify(keys));
    expect(stdout).toContain(`secret ${secretName}: ${message}`);
    expect(code).toBe(1);
  });

  it('hands a new key over to the rotation, and says when it is in use', async () => {
    secrets.rotations.runBy(async (_arn, payload) => {
      const { Step, SecretId, ClientRequestToken } = JSON.parse(payload) as Record<string, string>;
      if (Step === 'createSecret') await copyNextTo(SecretId ?? '', ClientRequestToken ?? '');
      return { failed: false };
    });
    secrets.rotations.define({
      ...{ logicalId: 'Rotation', type: 'AWS::SecretsManager::RotationSchedule', physicalId: secretName },
      properties: {
        SecretId: secretName,
        RotationLambdaARN: 'arn:f',
        RotationRules: { AutomaticallyAfterDays: 30 },
        RotateImmediatelyOnUpdate: false,
      },
    });
    const { code, stdout } = await accounts(['rotate', 'main'], '{"apiKey":"the-new-key","secret":"the-new-secret"}\n');
    expect(stdout).toContain('main: the new key is in use everywhere within five minutes');
    expect(code).toBe(0);
  });

  it('takes nothing for a new key that is none', async () => {
    const { code, stderr } = await accounts(['rotate', 'main'], 'the-new-secret');
    expect(stderr).toContain(`secret ${secretName}: is not JSON`);
    expect(code).toBe(2);
  });

  it.each([
    [['check', 'nobody'], /account "nobody" is not in accounts.yaml; there are: main/],
    [['sell'], /say what to do: list, check or rotate/],
    [['rotate'], /name the one account/],
    [['check', '--stage', 'staging'], /stage "staging" does not exist/],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, stderr } = await accounts(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it('lists accounts, and explains itself', async () => {
    expect((await accounts(['list'])).stdout).toContain('main at binance, sandbox');
    expect((await accounts(['--help'])).stdout).toContain('npm run accounts -- check main');
  });
});

/** What the function that rotates does in the end, without asking a venue. */
async function copyNextTo(SecretId: string, token: string): Promise<void> {
  const versions = createSecretVersions(client);
  const value = (await versions.read(SecretId, 'NEXT'))?.value ?? '';
  await versions.put(SecretId, { value, stage: 'AWSPENDING', versionId: token });
  const { stages } = await versions.describe(SecretId);
  const [from] = [...stages].find(([, labels]) => labels.includes('AWSCURRENT')) ?? [];
  await versions.moveStage(SecretId, 'AWSCURRENT', { to: token, ...(from !== undefined && { from }) });
}
