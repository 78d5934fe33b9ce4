/** The few things that local mode changes about what the template says. Pure. */
import {
  type DeskConfig,
  type EnvironmentName,
  environmentNames,
  markChecked,
  parseDeskConfig,
  requiredDocuments,
  rulesOf,
  secretNames,
  sha256Hex,
} from '@nightdesk/core';
import { AssemblyError } from '../assembly/errors.ts';
import type { AssemblyResource } from '../assembly/resolve-graph.ts';
import { isObject, type Json } from '../assembly/template.ts';
import type { Place } from '../cloud/app-config/catalog.ts';
import { deskLimitsOf, isSimulated, type TradingKeys } from './simulators.ts';

const configurationType = 'AWS::AppConfig::HostedConfigurationVersion';

/** What the overlay needs to know about the desk in the template. */
export interface DeskInTemplate {
  config: DeskConfig;
  /** By which rules the functions check a configuration, which are those of this process; absent where it is not said. */
  configRules: string | undefined;
  /** What the names of the desk's secrets begin with. */
  secretsPrefix: string;
  /** Where functions read the configuration. */
  configPlace: Place;
}

/**
 * Finds the desk's configuration and the prefix of its secrets in the template.
 *
 * @throws Error when the app holds no configuration, or none that the functions could use
 */
export function readDesk(resources: readonly AssemblyResource[]): DeskInTemplate {
  const configuration = resources.find(isDeskConfiguration);
  if (configuration === undefined) throw new Error(`the CDK app has no ${configurationType} with the desk's documents`);
  const variable = (name: EnvironmentName): string => {
    const [value] = resources.flatMap((resource) => functionVariables(resource)[name] ?? []);
    if (typeof value !== 'string') throw new Error(`no function of the CDK app is given ${name}`);
    return value;
  };
  const content = contentOf(configuration);
  return {
    config: parseDeskConfig(content),
    configRules: rulesOf(content),
    secretsPrefix: variable(environmentNames.secretsPrefix),
    configPlace: {
      application: variable(environmentNames.configApplication),
      environment: variable(environmentNames.configEnvironment),
      profile: variable(environmentNames.configProfile),
    },
  };
}

export interface Overlay {
  desk: DeskInTemplate;
  /** Address of the simulated venue, by venue. */
  simulatorUrls: Readonly<Record<string, string>>;
  /** Keys at simulated venues, by account. */
  keys: Readonly<Record<string, TradingKeys>>;
}

/**
 * The same resources, except that each venue with a simulator is addressed there, each venue without one is turned off, and
 * the secrets of each account at a simulated venue hold its keys there.
 */
export function applyOverlay(resources: readonly AssemblyResource[], overlay: Overlay): AssemblyResource[] {
  const { desk, simulatorUrls, keys } = overlay;
  const content = publishedConfig(localConfig(desk.config, simulatorUrls), desk);
  const secrets = accountSecrets(desk.secretsPrefix, keys);
  return resources.map((resource) => {
    if (isDeskConfiguration(resource)) return withProperties(resource, { Content: content });
    const secret = resource.type === 'AWS::SecretsManager::Secret' && secrets.get(String(resource.properties.Name));
    return secret ? withProperties(resource, { SecretString: secret }) : resource;
  });
}

/** Says of each venue that local mode turns off why it does. */
export function venuesTurnedOff(config: DeskConfig, simulatorUrls: Readonly<Record<string, string>>): string[] {
  const venues = Object.keys(config.exchanges).filter((venue) => !Object.hasOwn(simulatorUrls, venue));
  return venues.map((venue) =>
    isSimulated(venue)
      ? `${venue} is turned off: it is simulated once an account is there`
      : `${venue} is turned off: there is no simulated ${venue}, and local mode reaches no real venue`,
  );
}

/**
 * What functions here are to know: each venue at its simulator, within its limits, or turned off; and only proxies on this
 * machine, since no other leads there.
 */
export function localConfig(config: DeskConfig, simulatorUrls: Readonly<Record<string, string>>): DeskConfig {
  const exchanges = Object.entries(config.exchanges).map(([venue, given]) => {
    const settings = withLocalProxies(given);
    const baseUrl = simulatorUrls[venue];
    if (baseUrl === undefined) return [venue, { ...settings, enabled: false }];
    return [venue, { ...settings, baseUrl, limits: settings.limits ?? deskLimitsOf(venue) }];
  });
  const accounts = Object.entries(config.accounts).map(([id, settings]) => [id, withLocalProxies(settings)]);
  return { ...config, exchanges: Object.fromEntries(exchanges), accounts: Object.fromEntries(accounts) };
}

/** What is published for the functions. @throws ConfigurationError when they could not use it */
export const publishedConfig = (config: DeskConfig, { configRules }: Pick<DeskInTemplate, 'configRules'>): string =>
  JSON.stringify(markChecked(parseDeskConfig(config), configRules, sha256Hex));

const loopbackHosts: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

function withLocalProxies<Settings extends { proxies?: string[] | undefined }>({ proxies, ...settings }: Settings) {
  const local = proxies?.filter((proxy) => loopbackHosts.has(new URL(proxy).hostname)) ?? [];
  return local.length === 0 ? settings : { ...settings, proxies: local };
}

/** By name, the text of each secret that holds an account's keys at a simulated venue. */
export function accountSecrets(
  prefix: string,
  keys: Readonly<Record<string, TradingKeys>>,
): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(keys).flatMap(([account, { apiKey, secret }]) =>
      // Simulated venues have keys of one kind.
      [secretNames.trading, secretNames.readOnly].map(
        (nameOf) => [nameOf(prefix, account), JSON.stringify({ apiKey, secret })] as const,
      ),
    ),
  );
}

function withProperties(resource: AssemblyResource, changed: Record<string, Json>): AssemblyResource {
  return { ...resource, properties: { ...resource.properties, ...changed } };
}

function isDeskConfiguration(resource: AssemblyResource): boolean {
  if (resource.type !== configurationType) return false;
  const content = contentOf(resource);
  return isObject(content) && requiredDocuments.every((name) => Object.hasOwn(content, name));
}

function contentOf(resource: AssemblyResource): Json {
  try {
    return JSON.parse(String(resource.properties.Content)) as Json;
  } catch {
    throw new AssemblyError(resource, 'Content must be JSON');
  }
}

/** The environment that the template gives a function; empty for other resources. */
export function functionVariables(resource: AssemblyResource): Record<string, Json> {
  const environment = resource.type === 'AWS::Lambda::Function' ? resource.properties.Environment : undefined;
  const variables = isObject(environment) ? environment.Variables : undefined;
  return isObject(variables) ? variables : {};
}
