import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMovableClock } from '../../local/cloud/clock.ts';
import { type AwsEndpoint, createAwsEndpoint } from '../../local/cloud/endpoint.ts';
import { createPropertyReader } from '../../local/cloud/property-reader.ts';
import type { ResolvedResource } from '../../local/cloud/resolved-resource.ts';
import { generateSecretString } from '../../local/cloud/secrets-manager/generate-secret-string.ts';
import { createRandomInteger } from '../../local/cloud/secrets-manager/random.ts';
import { createSecrets, type Secrets } from '../../local/cloud/secrets-manager/secrets.ts';
import fc from '../support/property.ts';

let directory: string;
let endpoint: AwsEndpoint | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-secrets-'));
});

afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
  rmSync(directory, { recursive: true });
});

/** A start of the service on what the runs before left. */
async function start(): Promise<{ secrets: Secrets; client: SecretsManagerClient }> {
  await endpoint?.close();
  const secrets = createSecrets({ clock: createMovableClock(), log: () => {}, directory });
  endpoint = await createAwsEndpoint({ services: [secrets], log: () => {} });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return { secrets, client: new SecretsManagerClient({ endpoint: endpoint.url, region: 'us-east-1', credentials }) };
}

function secret(properties: Record<string, unknown>): ResolvedResource {
  const physicalId = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:ApiTokens-1A2B';
  return { logicalId: 'ApiTokens', type: 'AWS::SecretsManager::Secret', physicalId, properties };
}

async function read(client: SecretsManagerClient, id: string): Promise<string | undefined> {
  return (await client.send(new GetSecretValueCommand({ SecretId: id }))).SecretString;
}

test('a generated secret keeps its value and its ARN over restarts', async () => {
  const template = secret({
    GenerateSecretString: { SecretStringTemplate: '{"role":"admin"}', GenerateStringKey: 'token' },
  });
  const first = await start();
  const { arn, name } = first.secrets.defineSecret(template);
  const value = await read(first.client, template.physicalId);
  expect(name).toBe('ApiTokens-1A2B');
  expect(JSON.parse(value ?? '')).toEqual({ role: 'admin', token: expect.stringMatching(/^.{32}$/) });

  const second = await start();
  expect(second.secrets.defineSecret(template).arn).toBe(arn);
  expect(await read(second.client, arn)).toBe(value);
});

test('a value put by hand outlives a restart, until the text in the template changes', async () => {
  const first = await start();
  first.secrets.defineSecret(secret({ Name: 'venue', SecretString: '{"apiKey":"paper"}' }));
  await first.client.send(new PutSecretValueCommand({ SecretId: 'venue', SecretString: 'by hand' }));

  const second = await start();
  second.secrets.defineSecret(secret({ Name: 'venue', SecretString: '{"apiKey":"paper"}' }));
  expect(await read(second.client, 'venue')).toBe('by hand');
  second.secrets.defineSecret(secret({ Name: 'venue', SecretString: '{"apiKey":"changed"}' }));
  expect(await read(second.client, 'venue')).toBe('{"apiKey":"changed"}');
});

test('a secret without a value in the template exists but cannot be read yet', async () => {
  const { secrets, client } = await start();
  secrets.defineSecret(secret({ Name: 'empty' }));
  await expect(read(client, 'empty')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: expect.stringContaining('AWSCURRENT'),
  });
});

test('only the owner can read the file, and no other file is left behind', async () => {
  const { secrets } = await start();
  secrets.defineSecret(secret({ Name: 'venue', SecretString: 'x' }));
  expect(readdirSync(directory)).toEqual(['secrets.json']);
  expect(statSync(join(directory, 'secrets.json')).mode & 0o777).toBe(0o600);
});

test('a file half-written by a killed process is ignored', async () => {
  const first = await start();
  first.secrets.defineSecret(secret({ Name: 'venue', SecretString: 'safe' }));
  writeFileSync(join(directory, 'secrets.json.new'), '{"secrets":[{"na');
  expect(await read((await start()).client, 'venue')).toBe('safe');
});

test('an unreadable state file stops the start instead of losing every secret', () => {
  writeFileSync(join(directory, 'secrets.json'), '{"secrets":');
  expect(() => createSecrets({ clock: createMovableClock(), log: () => {}, directory })).toThrow('secrets.json');
});

test.each([
  ['both kinds of value', { SecretString: 'x', GenerateSecretString: {} }, 'not both'],
  ['a template without key', { GenerateSecretString: { SecretStringTemplate: '{}' } }, 'GenerateStringKey'],
  [
    'a template that is no object',
    { GenerateSecretString: { SecretStringTemplate: '1', GenerateStringKey: 'a' } },
    'JSON object',
  ],
  ['a length of 0', { GenerateSecretString: { PasswordLength: 0 } }, 'PasswordLength'],
])('a template with %s is refused', async (_what, properties, named) => {
  const { secrets } = await start();
  expect(() => secrets.defineSecret(secret(properties))).toThrow(named);
});

test('generated passwords keep every rule of the template', () => {
  const rules = fc.record({
    PasswordLength: fc.integer({ min: 5, max: 64 }),
    ExcludeLowercase: fc.boolean(),
    ExcludeNumbers: fc.boolean(),
    ExcludePunctuation: fc.boolean(),
    IncludeSpace: fc.boolean(),
    ExcludeCharacters: fc.string({ maxLength: 12 }),
  });
  fc.assert(
    fc.property(rules, fc.string(), (properties, seed) => {
      const password = generateSecretString(createPropertyReader('test', properties), createRandomInteger(seed));
      expect(password).toHaveLength(properties.PasswordLength);
      for (const character of properties.ExcludeCharacters) expect(password).not.toContain(character);
      const expected = { lower: !properties.ExcludeLowercase, digit: !properties.ExcludeNumbers };
      const isFree = (characters: string) =>
        [...characters].some((each) => !properties.ExcludeCharacters.includes(each));
      expect(/[a-z]/.test(password)).toBe(expected.lower && isFree('abcdefghijklmnopqrstuvwxyz'));
      expect(/\d/.test(password)).toBe(expected.digit && isFree('0123456789'));
      if (properties.ExcludePunctuation) expect(password).toMatch(/^[A-Za-z0-9 ]*$/);
      if (!properties.IncludeSpace) expect(password).not.toContain(' ');
    }),
  );
});

test('two generated secrets differ', () => {
  const generate = () => generateSecretString(createPropertyReader('test', {}), createRandomInteger());
  expect(generate()).not.toBe(generate());
});
