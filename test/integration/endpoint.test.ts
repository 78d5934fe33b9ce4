import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, expect, test } from 'vitest';
import { type AwsEndpoint, createAwsEndpoint } from '../../local/cloud/endpoint.ts';
import { type AwsService, jsonTarget, sendJson } from '../../local/cloud/http.ts';

const clientDefaults = { region: 'eu-central-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const formHeaders = {
  'content-type': 'application/x-www-form-urlencoded',
  authorization: 'AWS4-HMAC-SHA256 Credential=local/20261121/eu-central-1/sts/aws4_request, Signature=0',
};

let endpoint: AwsEndpoint | undefined;

afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
});

async function start(...services: AwsService[]): Promise<{ url: string; lines: string[] }> {
  const lines: string[] = [];
  endpoint = await createAwsEndpoint({ services, log: (message) => lines.push(message) });
  return { url: endpoint.url, lines };
}

function jsonService(name: string, prefix: string, handle: AwsService['handle']): AwsService {
  return { name, matches: (request) => jsonTarget(request)?.prefix === prefix, handle };
}

test('each request reaches the service it is meant for', async () => {
  const { url } = await start(
    jsonService('dynamodb', 'DynamoDB_20120810', (_request, response) =>
      sendJson(response, { status: 200, body: { Item: { id: { S: '1' } } } }),
    ),
    jsonService('secretsmanager', 'secretsmanager', (_request, response) =>
      sendJson(response, { status: 200, body: { SecretList: [{ Name: 'tokens' }] } }),
    ),
  );
  const table = new DynamoDBClient({ ...clientDefaults, endpoint: url });
  const item = await table.send(new GetItemCommand({ TableName: 'orders', Key: { id: { S: '1' } } }));
  expect(item.Item).toEqual({ id: { S: '1' } });

  const secrets = new SecretsManagerClient({ ...clientDefaults, endpoint: url });
  expect((await secrets.send(new ListSecretsCommand({}))).SecretList).toEqual([{ Name: 'tokens' }]);
});

test('a service that is not emulated is refused by name and logged', async () => {
  const { url, lines } = await start();
  const secrets = new SecretsManagerClient({ ...clientDefaults, endpoint: url });
  await expect(secrets.send(new ListSecretsCommand({}))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining('secretsmanager.ListSecrets'),
  });
  expect(lines.join()).toContain('NOT EMULATED: secretsmanager secretsmanager.ListSecrets');
});

test('a path that no service knows is refused, and its query stays out of the log', async () => {
  const { url, lines } = await start();
  const response = await fetch(`${url}/configuration?configuration_token=private`);
  expect(response.status).toBe(400);
  expect(response.headers.get('x-amzn-errortype')).toBe('UnknownOperationException');
  expect(lines.join()).toContain('GET /configuration');
  expect(lines.join()).not.toContain('private');
});

test('a service that fails gives 500 and the endpoint keeps serving', async () => {
  const { url, lines } = await start(jsonService('sqs', 'AmazonSQS', () => Promise.reject(new Error('disk is full'))));
  const response = await fetch(url, { method: 'POST', headers: { 'x-amz-target': 'AmazonSQS.SendMessage' } });
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('disk');
  expect(lines.join()).toContain('disk is full');
  expect((await fetch(url)).status).toBe(200);
});

test('STS says who the caller is and refuses everything else', async () => {
  const { url, lines } = await start();
  const call = (action: string) =>
    fetch(url, { method: 'POST', headers: formHeaders, body: `Action=${action}&Version=2011-06-15` });
  expect(await (await call('GetCallerIdentity')).text()).toContain('<Account>000000000000</Account>');

  const refused = await call('AssumeRole');
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain('<Code>UnknownOperationException</Code>');
  expect(lines.join()).toContain('sts AssumeRole');
});

test('closing the endpoint closes its services', async () => {
  const closed: string[] = [];
  const { url } = await start({
    ...jsonService('sqs', 'AmazonSQS', () => {}),
    close: async () => void closed.push('sqs'),
  });
  await endpoint?.close();
  endpoint = undefined;
  expect(closed).toEqual(['sqs']);
  await expect(fetch(url)).rejects.toThrow();
});

test('whoever only asks whether somebody is here is answered, and nothing is logged', async () => {
  const { url, lines } = await start();
  const response = await fetch(url);
  expect([response.status, await response.json()]).toEqual([200, { embeddedCloud: 'nightdesk' }]);
  expect(lines).toEqual([]);
});
