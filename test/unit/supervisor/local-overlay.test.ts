import { checkedConfigIn, type DeskConfig, sha256Hex } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import type { AssemblyResource } from '../../../local/assembly/resolve-graph.ts';
import type { EmulatedType } from '../../../local/assembly/resource-types.ts';
import type { JsonObject } from '../../../local/assembly/template.ts';
import {
  applyOverlay,
  localConfig,
  publishedConfig,
  readDesk,
  venuesTurnedOff,
} from '../../../local/supervisor/local-overlay.ts';

const config = {
  exchanges: { binance: { proxies: ['http://proxy.example:3128'] }, kraken: { timeoutMs: 3000 } },
  accounts: { main: { exchange: 'binance', mode: 'sandbox' }, other: { exchange: 'kraken', mode: 'sandbox' } },
  sources: { demo: { authentication: ['token'], accounts: ['main'] } },
  risk: { default: { orderNotionalMax: '10', openNotionalMax: '100' } },
};

function resource(type: EmulatedType, properties: JsonObject): AssemblyResource {
  const place = { stack: 'desk', logicalId: type.split('::').at(-1) ?? '', physicalId: '1' };
  return { ...place, type, properties, arn: undefined, assetPath: undefined };
}

const variables = {
  NIGHTDESK_SECRETS_PREFIX: 'nightdesk/local',
  NIGHTDESK_CONFIG_APPLICATION: 'app1',
  NIGHTDESK_CONFIG_ENVIRONMENT: 'env1',
  NIGHTDESK_CONFIG_PROFILE: 'prof1',
};
const configuration = resource('AWS::AppConfig::HostedConfigurationVersion', { Content: JSON.stringify(config) });
const desk = [
  configuration,
  resource('AWS::Lambda::Function', { Environment: { Variables: variables } }),
  resource('AWS::SecretsManager::Secret', { Name: 'nightdesk/local/accounts/main/trading', SecretString: '{}' }),
  resource('AWS::SecretsManager::Secret', { Name: 'nightdesk/local/accounts/other/trading', SecretString: '{}' }),
  resource('AWS::SecretsManager::Secret', { Name: 'nightdesk/local/tokens/admin', GenerateSecretString: {} }),
];
const simulatorUrls = { binance: 'http://127.0.0.1:4801' };
const keys = { main: { apiKey: 'key-of-main', secret: 'secret-of-main' } };

describe('what local mode changes about the template', () => {
  const overlaid = applyOverlay(desk, { desk: readDesk(desk), simulatorUrls, keys });

  it('addresses a venue at its simulator and turns off one that has none', () => {
    const { exchanges } = JSON.parse(String(overlaid[0]?.properties.Content));
    expect(exchanges.binance).toMatchObject({ enabled: true, baseUrl: 'http://127.0.0.1:4801' });
    expect(exchanges.kraken).toMatchObject({ enabled: false, timeoutMs: 3000 });
    expect(exchanges.kraken).not.toHaveProperty('baseUrl');
    expect(venuesTurnedOff(readDesk(desk).config, simulatorUrls)).toEqual([expect.stringContaining('an account')]);
    const unknown = { ...readDesk(desk).config, exchanges: { okx: exchanges.binance } };
    expect(venuesTurnedOff(unknown, simulatorUrls)).toEqual([expect.stringContaining('no simulated okx')]);
  });

  it('takes away the proxies but those on this machine, since no other leads to a simulator', () => {
    const { exchanges } = JSON.parse(String(overlaid[0]?.properties.Content));
    expect(exchanges.binance).not.toHaveProperty('proxies');
    const near = ['http://127.0.0.1:3128', 'socks5://localhost:1080'];
    const { config: parsed } = readDesk(desk);
    const main = { ...parsed.accounts.main, proxies: ['http://127.0.0.1.example:3128', ...near] };
    const { accounts } = localConfig({ ...parsed, accounts: { main } as DeskConfig['accounts'] }, simulatorUrls);
    expect(accounts.main).toMatchObject({ exchange: 'binance', proxies: near });
  });

  it('leaves accounts, sources and limits as they are', () => {
    const { exchanges: _changed, ...rest } = JSON.parse(String(overlaid[0]?.properties.Content));
    const { exchanges: _before, ...before } = readDesk(desk).config;
    expect(rest).toEqual(JSON.parse(JSON.stringify(before)));
  });

  it('puts keys only into the trading secret of an account at a simulated venue', () => {
    expect(overlaid[2]?.properties.SecretString).toBe('{"apiKey":"key-of-main","secret":"secret-of-main"}');
    expect(overlaid.slice(3)).toEqual(desk.slice(3));
  });
});

describe('finding the desk in the template', () => {
  it('refuses an app without a configuration', () => {
    expect(() => readDesk(desk.slice(1))).toThrow('no AWS::AppConfig::HostedConfigurationVersion');
  });

  it('refuses a configuration that is no JSON, naming it', () => {
    const broken = { ...configuration, properties: { Content: 'exchanges: {}' } };
    expect(() => readDesk([broken])).toThrow('desk/HostedConfigurationVersion');
  });

  it('finds where functions read their configuration', () => {
    const configPlace = { application: 'app1', environment: 'env1', profile: 'prof1' };
    expect(readDesk(desk)).toMatchObject({ configPlace, secretsPrefix: 'nightdesk/local' });
  });

  it('publishes what it changed as checked by the rules that the functions go by, where those are known', () => {
    const { config } = readDesk(desk);
    const published = (configRules: string | undefined) => JSON.parse(publishedConfig(config, { configRules }));
    expect(checkedConfigIn(published('rules'), 'rules', sha256Hex)).toEqual(JSON.parse(JSON.stringify(config)));
    expect(published(undefined)).not.toHaveProperty('checked');
    const marked = { ...configuration, properties: { Content: JSON.stringify(published('rules')) } };
    expect(readDesk([marked, ...desk.slice(1)])).toMatchObject({ configRules: 'rules' });
  });

  it('refuses an app whose functions know no prefix of secrets', () => {
    expect(() => readDesk([configuration])).toThrow('NIGHTDESK_SECRETS_PREFIX');
  });
});
