import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  type ListSecretsCommandInput,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMovableClock, type MovableClock } from '../../local/cloud/clock.ts';
import { type AwsEndpoint, createAwsEndpoint } from '../../local/cloud/endpoint.ts';
import { createSecrets } from '../../local/cloud/secrets-manager/secrets.ts';

const startMs = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;
/** Ids of versions have the form of the SDK's own tokens. */
const versionId = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

let clock: MovableClock;
let endpoint: AwsEndpoint;
let client: SecretsManagerClient;
let lines: string[];

beforeEach(async () => {
  clock = createMovableClock(startMs);
  lines = [];
  const log = (message: string) => void lines.push(message);
  endpoint = await createAwsEndpoint({ services: [createSecrets({ clock, log, seed: 'operations' })], log });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new SecretsManagerClient({ endpoint: endpoint.url, region: 'us-east-1', credentials });
});

afterEach(async () => {
  client.destroy();
  await endpoint.close();
});

const create = (Name: string, SecretString = `value of ${Name}`) =>
  client.send(new CreateSecretCommand({ Name, SecretString, ClientRequestToken: versionId(1) }));
const get = (SecretId: string, version: { VersionId?: string; VersionStage?: string } = {}) =>
  client.send(new GetSecretValueCommand({ SecretId, ...version }));
const put = (SecretId: string, number: number, VersionStages?: string[]) =>
  client.send(
    new PutSecretValueCommand({
      SecretId,
      SecretString: `value ${number}`,
      ClientRequestToken: versionId(number),
      ...(VersionStages && { VersionStages }),
    }),
  );

test('a secret is found by name, by ARN and by ARN without its random suffix', async () => {
  const { ARN = '' } = await create('desk/tokens');
  expect(ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:desk\/tokens-[A-Za-z0-9]{6}$/);
  for (const id of ['desk/tokens', ARN, ARN.slice(0, -7)]) {
    expect(await get(id)).toMatchObject({
      ARN,
      Name: 'desk/tokens',
      SecretString: 'value of desk/tokens',
      VersionId: versionId(1),
      VersionStages: ['AWSCURRENT'],
      CreatedDate: new Date(startMs),
    });
  }
});

test.each([
  'desk/token',
  'desk/tokens-AAAAAA',
  'arn:aws:secretsmanager:us-east-1:000000000000:secret:desk/tokens-AAAAAA',
])('a secret that does not exist, %s, gets ResourceNotFoundException', async (id) => {
  await create('desk/tokens');
  await expect(get(id)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
  });
});

test('a name ending like an ARN suffix is a name of its own', async () => {
  await create('key');
  await create('key-abcdef');
  expect((await get('key')).SecretString).toBe('value of key');
  expect((await get('key-abcdef')).SecretString).toBe('value of key-abcdef');
});

test('a new value becomes current and the one before stays readable as previous', async () => {
  await create('key');
  expect((await put('key', 2)).VersionStages).toEqual(['AWSCURRENT']);
  await put('key', 3);
  expect((await get('key')).SecretString).toBe('value 3');
  expect((await get('key', { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('value 2');
  expect((await get('key', { VersionId: versionId(1) })).VersionStages).toEqual([]);
  const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId: 'key' }));
  expect(VersionIdsToStages).toEqual({ [versionId(2)]: ['AWSPREVIOUS'], [versionId(3)]: ['AWSCURRENT'] });
});

test('a rotation stores a pending version and then moves the current stage to it', async () => {
  await create('key');
  await put('key', 2, ['AWSPENDING']);
  expect((await get('key')).SecretString).toBe('value of key');
  expect((await get('key', { VersionStage: 'AWSPENDING' })).SecretString).toBe('value 2');

  const move = { SecretId: 'key', VersionStage: 'AWSCURRENT', MoveToVersionId: versionId(2) };
  await expect(client.send(new UpdateSecretVersionStageCommand(move))).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringContaining(versionId(1)),
  });
  await client.send(new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: versionId(1) }));
  expect((await get('key')).SecretString).toBe('value 2');
  expect((await get('key', { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('value of key');

  const remove = { SecretId: 'key', VersionStage: 'AWSPENDING', RemoveFromVersionId: versionId(2) };
  await client.send(new UpdateSecretVersionStageCommand(remove));
  await expect(get('key', { VersionStage: 'AWSPENDING' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('the current stage cannot be taken off a secret', async () => {
  await create('key');
  const remove = { SecretId: 'key', VersionStage: 'AWSCURRENT', RemoveFromVersionId: versionId(1) };
  await expect(client.send(new UpdateSecretVersionStageCommand(remove))).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
});

test('a repeated call changes nothing, and its token cannot carry another value', async () => {
  await create('key');
  await put('key', 2);
  await put('key', 3);
  await put('key', 2);
  expect((await get('key')).SecretString).toBe('value 3');
  const other = { SecretId: 'key', SecretString: 'other', ClientRequestToken: versionId(2) };
  await expect(client.send(new PutSecretValueCommand(other))).rejects.toMatchObject({
    name: 'ResourceExistsException',
  });
});

test('versions without a stage are dropped beyond a hundred', async () => {
  await create('key');
  for (let number = 2; number <= 103; number++) await put('key', number);
  await expect(get('key', { VersionId: versionId(3) })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  expect((await get('key', { VersionId: versionId(4) })).SecretString).toBe('value 4');
});

test.each([
  [{ VersionId: versionId(9) }, 'ResourceNotFoundException'],
  [{ VersionStage: 'AWSPENDING' }, 'ResourceNotFoundException'],
  [{ VersionId: versionId(1), VersionStage: 'AWSPENDING' }, 'InvalidRequestException'],
])('asking for the version %o gets %s', async (version, name) => {
  await create('key');
  await expect(get('key', version)).rejects.toMatchObject({ name });
});

test('UpdateSecret changes the description alone or the value with it', async () => {
  await create('key');
  await client.send(new UpdateSecretCommand({ SecretId: 'key', Description: 'for tests' }));
  expect((await get('key')).SecretString).toBe('value of key');
  await client.send(new UpdateSecretCommand({ SecretId: 'key', SecretString: 'new' }));
  expect((await get('key')).SecretString).toBe('new');
  const described = await client.send(new DescribeSecretCommand({ SecretId: 'key' }));
  expect(described).toMatchObject({ Description: 'for tests', LastChangedDate: new Date(startMs) });
});

test('binary values come back as they went in', async () => {
  const SecretBinary = new Uint8Array([0, 128, 255]);
  await client.send(new CreateSecretCommand({ Name: 'binary', SecretBinary }));
  const stored = await get('binary');
  expect([...(stored.SecretBinary ?? [])]).toEqual([0, 128, 255]);
  expect(stored.SecretString).toBeUndefined();
});

test('a deleted secret refuses use, can be restored, and goes when its window passes', async () => {
  await create('key');
  const remove = new DeleteSecretCommand({ SecretId: 'key', RecoveryWindowInDays: 7 });
  expect((await client.send(remove)).DeletionDate).toEqual(new Date(startMs + 7 * dayMs));
  await expect(get('key')).rejects.toMatchObject({ name: 'InvalidRequestException' });
  await expect(create('key')).rejects.toMatchObject({ name: 'InvalidRequestException' });
  expect((await client.send(new ListSecretsCommand({}))).SecretList).toEqual([]);

  await client.send(new RestoreSecretCommand({ SecretId: 'key' }));
  expect((await get('key')).SecretString).toBe('value of key');
  await client.send(remove);
  clock.advance(7 * dayMs);
  await expect(get('key')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await create('key', 'second life');
  expect((await get('key')).SecretString).toBe('second life');
});

test('a forced deletion takes effect at once', async () => {
  await create('key');
  await client.send(new DeleteSecretCommand({ SecretId: 'key', ForceDeleteWithoutRecovery: true }));
  await expect(get('key')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('listing filters by name, description and tag, and pages', async () => {
  for (const Name of ['desk/a', 'desk/b', 'venue/a']) {
    const Tags = [{ Key: 'part', Value: Name.slice(-1) }];
    await client.send(new CreateSecretCommand({ Name, SecretString: 'x', Description: `is ${Name}`, Tags }));
  }
  const names = async (input: ListSecretsCommandInput) =>
    (await client.send(new ListSecretsCommand(input))).SecretList?.map((secret) => secret.Name);
  expect(await names({ Filters: [{ Key: 'name', Values: ['desk/'] }], SortOrder: 'asc' })).toEqual([
    'desk/a',
    'desk/b',
  ]);
  expect(await names({ Filters: [{ Key: 'name', Values: ['!desk/'] }] })).toEqual(['venue/a']);
  expect(await names({ Filters: [{ Key: 'description', Values: ['is venue'] }] })).toEqual(['venue/a']);
  expect(await names({ Filters: [{ Key: 'tag-value', Values: ['b'] }] })).toEqual(['desk/b']);

  const first = await client.send(new ListSecretsCommand({ MaxResults: 2, SortOrder: 'asc' }));
  expect(first.SecretList).toHaveLength(2);
  expect(await names({ NextToken: first.NextToken, SortOrder: 'asc' })).toEqual(['venue/a']);
});

test('a batch gives what it can and names what it cannot', async () => {
  await create('a');
  await create('b');
  const batch = await client.send(new BatchGetSecretValueCommand({ SecretIdList: ['a', 'missing', 'b'] }));
  expect(batch.SecretValues?.map((value) => value.SecretString)).toEqual(['value of a', 'value of b']);
  expect(batch.Errors).toMatchObject([{ SecretId: 'missing', ErrorCode: 'ResourceNotFoundException' }]);
  const filtered = new BatchGetSecretValueCommand({ Filters: [{ Key: 'name', Values: ['b'] }] });
  expect((await client.send(filtered)).SecretValues).toHaveLength(1);
});

test.each([
  ['a taken name', { Name: 'key', SecretString: 'x' }, 'ResourceExistsException'],
  ['a name with a space', { Name: 'my key', SecretString: 'x' }, 'InvalidParameterException'],
  [
    'text and binary at once',
    { Name: 'k', SecretString: 'x', SecretBinary: new Uint8Array(1) },
    'InvalidParameterException',
  ],
  ['a value over 64 KiB', { Name: 'k', SecretString: 'x'.repeat(65_537) }, 'InvalidParameterException'],
])('creating with %s is refused', async (_what, input, name) => {
  await create('key');
  await expect(client.send(new CreateSecretCommand(input))).rejects.toMatchObject({ name });
});

test('an operation that is not emulated is refused and logged', async () => {
  await expect(client.send(new GetRandomPasswordCommand({}))).rejects.toMatchObject({
    name: 'UnknownOperationException',
  });
  expect(lines.join()).toContain('NOT EMULATED: GetRandomPassword');
});
