import { createDeskConfigProvider } from '@nightdesk/aws';
import { type DeskConfig, environmentNames, markChecked, parseDeskConfig, sha256Hex } from '@nightdesk/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createAppConfig } from '../../local/cloud/app-config/app-config.ts';
import { createMovableClock } from '../../local/cloud/clock.ts';
import { type AwsEndpoint, createAwsEndpoint } from '../../local/cloud/endpoint.ts';
import type { ResolvedResource } from '../../local/cloud/resolved-resource.ts';

const documents = {
  exchanges: { binance: {} },
  accounts: { main: { exchange: 'binance', mode: 'sandbox' } },
  sources: { demo: { authentication: ['token'], accounts: ['main'] } },
  risk: { default: { orderNotionalMax: '1000', openNotionalMax: '5000' } },
};

/** Longer than the provider uses what it has. */
const laterMs = 60_000;

function resource(type: string, physicalId: string, properties: Record<string, unknown>): ResolvedResource {
  return { logicalId: `Desk${type}`, type: `AWS::AppConfig::${type}`, physicalId, properties };
}

function resources(): ResolvedResource[] {
  const ids = { ApplicationId: 'app1', ConfigurationProfileId: 'prof1' };
  const Content = JSON.stringify(documents);
  return [
    resource('Deployment', '1', { ...ids, EnvironmentId: 'env1', ConfigurationVersion: '1' }),
    resource('Application', 'app1', { Name: 'nightdesk' }),
    resource('Environment', 'env1', { ApplicationId: 'app1', Name: 'dev' }),
    resource('ConfigurationProfile', 'prof1', { ApplicationId: 'app1', Name: 'desk', LocationUri: 'hosted' }),
    resource('HostedConfigurationVersion', '1', { ...ids, Content, ContentType: 'application/json' }),
  ];
}

let endpoint: AwsEndpoint;
let publish: (content: unknown) => void;

beforeEach(async () => {
  const appConfig = createAppConfig({ resources: resources(), clock: createMovableClock() });
  publish = (content) =>
    appConfig.publish(
      { application: 'app1', environment: 'env1', profile: 'prof1' },
      { content: JSON.stringify(content), contentType: 'application/json', versionLabel: undefined },
    );
  endpoint = await createAwsEndpoint({ services: [appConfig], log: () => {} });
  const environment = {
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    [environmentNames.configApplication]: 'app1',
    [environmentNames.configEnvironment]: 'env1',
    [environmentNames.configProfile]: 'prof1',
    [environmentNames.configAgeSeconds]: '30',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});

afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await endpoint.close();
});

it('serves orders that ask at the same moment, first and when what is known is too old', async () => {
  const loadConfig = createDeskConfigProvider();
  const askedAtOnce = () => Promise.all(Array.from({ length: 10 }, () => loadConfig()));
  expect(new Set(await askedAtOnce()).size).toBe(1);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + laterMs });
  const configs = await askedAtOnce();
  expect(Object.keys(configs[9]?.accounts ?? {})).toEqual(['main']);
});

it('asks again as soon as the stage says that what is known is too old, and whenever it is told to', async () => {
  const age = 7;
  vi.stubEnv(environmentNames.configAgeSeconds, String(age));
  vi.useFakeTimers({ toFake: ['Date'] });
  const loadConfig = createDeskConfigProvider();
  const accountsOf = (configs: DeskConfig[]) => configs.map(({ accounts }) => Object.keys(accounts).length);
  await loadConfig();
  publish({ ...documents, accounts: { ...documents.accounts, second: documents.accounts.main } });
  expect(accountsOf([await loadConfig()])).toEqual([1]);
  const newest = { newest: true };
  // Side by side they must not use the same token.
  expect(accountsOf(await Promise.all([loadConfig(), loadConfig(newest), loadConfig(newest)]))).toEqual([1, 2, 2]);
  publish(documents);
  expect(accountsOf([await loadConfig()])).toEqual([2]);
  vi.advanceTimersByTime(age * 1000 + 1);
  expect(accountsOf([await loadConfig()])).toEqual([1]);
});

it('begins anew when AppConfig does not take its token any more', async () => {
  const loadConfig = createDeskConfigProvider();
  await loadConfig();
  await endpoint.close();
  // Another one, at the same address, has never heard of the session.
  const restarted = createAppConfig({ resources: resources(), clock: createMovableClock() });
  endpoint = await createAwsEndpoint({
    services: [restarted],
    log: () => {},
    port: Number(new URL(endpoint.url).port),
  });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + laterMs });
  expect(Object.keys((await loadConfig()).accounts)).toEqual(['main']);
});

it('takes a document as it is that was checked by its own rules, and checks it again by any others', async () => {
  // No rules let this pass, so whoever takes it has not checked it.
  const unusable = { ...parseDeskConfig(documents), accounts: {} };
  publish(markChecked(unusable, 'its own', sha256Hex));
  expect(await createDeskConfigProvider({ rules: 'its own' })()).toEqual(JSON.parse(JSON.stringify(unusable)));
  await expect(createDeskConfigProvider({ rules: 'others' })()).rejects.toThrow('is not usable');
  await expect(createDeskConfigProvider()()).rejects.toThrow('is not usable');
  publish({ ...markChecked(unusable, 'its own', sha256Hex), exchanges: {} });
  await expect(createDeskConfigProvider({ rules: 'its own' })()).rejects.toThrow('is not usable');
});
