import { AppConfigProvider } from '@aws-lambda-powertools/parameters/appconfig';
import {
  AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from '@aws-sdk/client-appconfigdata';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AppConfig, createAppConfig } from '../../local/cloud/app-config/app-config.ts';
import { createMovableClock, type MovableClock } from '../../local/cloud/clock.ts';
import { type AwsEndpoint, createAwsEndpoint } from '../../local/cloud/endpoint.ts';
import type { ResolvedResource } from '../../local/cloud/resolved-resource.ts';

const hourMs = 3_600_000;
const place = { application: 'nightdesk', environment: 'dev', profile: 'risk' };

function resource(type: string, physicalId: string, properties: Record<string, unknown>): ResolvedResource {
  return { logicalId: `Desk${type}`, type: `AWS::AppConfig::${type}`, physicalId, properties };
}

function resources(overrides: { profile?: object; deployment?: object } = {}): ResolvedResource[] {
  const ids = { ApplicationId: 'app1', ConfigurationProfileId: 'prof1' };
  const profile = { ApplicationId: 'app1', Name: 'risk', LocationUri: 'hosted', ...overrides.profile };
  const version = { ...ids, Content: '{"limit":"1000"}', ContentType: 'application/json', VersionLabel: 'first' };
  return [
    resource('Deployment', '1', { ...ids, EnvironmentId: 'env1', ConfigurationVersion: '1', ...overrides.deployment }),
    resource('Application', 'app1', { Name: 'nightdesk' }),
    resource('Environment', 'env1', { ApplicationId: 'app1', Name: 'dev' }),
    resource('Environment', 'env2', { ApplicationId: 'app1', Name: 'empty' }),
    resource('ConfigurationProfile', 'prof1', profile),
    resource('HostedConfigurationVersion', '1', version),
    resource('DeploymentStrategy', 'str1', { Name: 'slowly', DeploymentDurationInMinutes: 10, GrowthFactor: 10 }),
  ];
}

let clock: MovableClock;
let appConfig: AppConfig;
let endpoint: AwsEndpoint;
let client: AppConfigDataClient;

beforeEach(async () => {
  clock = createMovableClock();
  appConfig = createAppConfig({ resources: resources(), clock });
  endpoint = await createAwsEndpoint({ services: [appConfig], log: () => {} });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new AppConfigDataClient({ endpoint: endpoint.url, region: 'us-east-1', credentials });
});

afterEach(async () => {
  client.destroy();
  await endpoint.close();
});

async function startSession(
  at: { application: string; environment: string; profile: string } = place,
  RequiredMinimumPollIntervalInSeconds?: number,
): Promise<string> {
  const started = await client.send(
    new StartConfigurationSessionCommand({
      ApplicationIdentifier: at.application,
      EnvironmentIdentifier: at.environment,
      ConfigurationProfileIdentifier: at.profile,
      ...(RequiredMinimumPollIntervalInSeconds && { RequiredMinimumPollIntervalInSeconds }),
    }),
  );
  return started.InitialConfigurationToken ?? '';
}

async function poll(ConfigurationToken: string) {
  const polled = await client.send(new GetLatestConfigurationCommand({ ConfigurationToken }));
  return {
    // The SDK gives an empty body as an empty string in place of bytes.
    text: polled.Configuration?.length ? new TextDecoder().decode(polled.Configuration) : '',
    next: polled.NextPollConfigurationToken ?? '',
    intervalSeconds: polled.NextPollIntervalInSeconds,
    contentType: polled.ContentType,
    label: polled.VersionLabel,
  };
}

test.each([
  ['names', place],
  ['ids', { application: 'app1', environment: 'env1', profile: 'prof1' }],
])('the first poll gives the deployed configuration, addressed by %s', async (_kind, at) => {
  expect(await poll(await startSession(at))).toMatchObject({
    text: '{"limit":"1000"}',
    intervalSeconds: 60,
    contentType: 'application/json',
    label: 'first',
  });
});

test('later polls are empty until something new is published', async () => {
  const first = await poll(await startSession());
  const second = await poll(first.next);
  expect(second).toMatchObject({ text: '', label: undefined });

  appConfig.publish(place, { content: '{"limit":"5"}', contentType: 'application/json', versionLabel: 'second' });
  const third = await poll(second.next);
  expect(third).toMatchObject({ text: '{"limit":"5"}', label: 'second' });
  expect((await poll(third.next)).text).toBe('');
});

test('a token can be used once', async () => {
  const token = await startSession();
  await poll(token);
  await expect(poll(token)).rejects.toMatchObject({
    name: 'BadRequestException',
    Reason: 'InvalidParameters',
    Details: { InvalidParameters: { ConfigurationToken: { Problem: 'Corrupted' } } },
  });
});

test('a token expires after 24 hours', async () => {
  const [kept, expired] = [await startSession(), await startSession()];
  clock.advance(24 * hourMs - 1);
  expect((await poll(kept)).text).toBe('{"limit":"1000"}');
  clock.advance(1);
  await startSession();
  await expect(poll(expired)).rejects.toMatchObject({
    name: 'BadRequestException',
    Details: { InvalidParameters: { ConfigurationToken: { Problem: 'Expired' } } },
  });
});

test('a session that bound itself to an interval cannot poll earlier, and keeps its token', async () => {
  const first = await poll(await startSession(place, 30));
  expect(first.intervalSeconds).toBe(30);
  clock.advance(29_999);
  await expect(poll(first.next)).rejects.toMatchObject({
    name: 'BadRequestException',
    Details: { InvalidParameters: { ConfigurationToken: { Problem: 'PollIntervalNotSatisfied' } } },
  });
  clock.advance(1);
  expect((await poll(first.next)).text).toBe('');
});

test.each([14, 86_401])('an interval of %i seconds is refused', async (seconds) => {
  await expect(startSession(place, seconds)).rejects.toMatchObject({ name: 'BadRequestException' });
});

test.each([
  ['Application', { ...place, application: 'other' }],
  ['Environment', { ...place, environment: 'other' }],
  ['ConfigurationProfile', { ...place, profile: 'other' }],
])('an unknown %s is refused by name', async (ResourceType, at) => {
  await expect(startSession(at)).rejects.toMatchObject({ name: 'ResourceNotFoundException', ResourceType });
});

test('an environment without deployment has no configuration until one is published', async () => {
  const empty = { ...place, environment: 'empty' };
  const token = await startSession(empty);
  await expect(poll(token)).rejects.toMatchObject({ name: 'ResourceNotFoundException', ResourceType: 'Deployment' });
  appConfig.publish(empty, { content: 'x', contentType: 'text/plain', versionLabel: undefined });
  expect(await poll(token)).toMatchObject({ text: 'x', contentType: 'text/plain' });
});

test("Powertools reads the configuration and follows a change, through the SDK's own client", async () => {
  const { application, environment } = place;
  const provider = new AppConfigProvider({ application, environment, awsSdkV3Client: client });
  const options = { transform: 'json', forceFetch: true } as const;
  expect(await provider.get('risk', options)).toEqual({ limit: '1000' });
  expect(await provider.get('risk', options)).toEqual({ limit: '1000' });
  appConfig.publish(place, { content: '{"limit":"5"}', contentType: 'application/json', versionLabel: undefined });
  expect(await provider.get('risk', options)).toEqual({ limit: '5' });
});

test.each([
  ['a profile that is not hosted', { profile: { LocationUri: 's3://bucket/key' } }, 's3://bucket/key'],
  ['feature flags', { profile: { Type: 'AWS.AppConfig.FeatureFlags' } }, 'FeatureFlags'],
  ['a deployment of no version', { deployment: { ConfigurationVersion: '7' } }, 'ConfigurationVersion'],
  ['a deployment to no environment', { deployment: { EnvironmentId: 'env9' } }, 'env9'],
])('%s is refused at start', (_what, overrides, named) => {
  expect(() => createAppConfig({ resources: resources(overrides), clock })).toThrow(named);
});
