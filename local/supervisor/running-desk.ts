/** The desk's configuration while it runs: what is in force, and putting another one in force. */
import { type DeskConfig, secretNames } from '@nightdesk/core';
import type { AppConfig } from '../cloud/app-config/app-config.ts';
import type { Secrets } from '../cloud/secrets-manager/secrets.ts';
import { accountSecrets, type DeskInTemplate, localConfig, publishedConfig, venuesTurnedOff } from './local-overlay.ts';
import { collectReadyInfo, type ReadyInfo } from './ready.ts';
import type { SimulatedVenues } from './simulators.ts';
import type { StoredMarkets } from './stored-markets.ts';

export interface RunningDeskOptions {
  desk: DeskInTemplate;
  venues: SimulatedVenues;
  markets: Pick<StoredMarkets, 'loadMissing'>;
  secrets: Pick<Secrets, 'defineSecret'>;
  appConfig: Pick<AppConfig, 'publish'>;
  /** Origins of the HTTP API and of the AWS endpoint. */
  addresses: { api: string; aws: string };
  /** Told whenever what clients need to know has changed. */
  announce(ready: ReadyInfo): void;
  log: (message: string) => void;
}

export interface RunningDesk {
  readonly ready: ReadyInfo;
  /**
   * Does for a configuration what a deployment would: starts the venues it names, provides the secrets, publishes it, begins
   * to load the markets. Nothing of it is in force before it is published, which is one step.
   *
   * @throws Error when a venue does not start; then nothing has changed
   */
  apply(config: DeskConfig): Promise<void>;
}

export async function createRunningDesk(options: RunningDeskOptions): Promise<RunningDesk> {
  const { desk, venues, markets, secrets, appConfig, addresses, announce, log } = options;

  const makeReady = (config: DeskConfig): Promise<ReadyInfo> =>
    collectReadyInfo({ ...addresses, desk: { ...desk, config }, simulators: venues.urls() });

  let ready = await makeReady(desk.config);
  announce(ready);
  return {
    get ready() {
      return ready;
    },
    async apply(config) {
      await venues.serve(config);
      provideSecrets(secrets, { config, keys: accountSecrets(desk.secretsPrefix, venues.keys()), desk });
      const nextReady = await makeReady(config);
      const local = localConfig(config, venues.urls());
      const published = publishedConfig(local, desk);
      const content = { content: published, contentType: 'application/json', versionLabel: undefined };
      appConfig.publish(desk.configPlace, content);
      ready = nextReady;
      announce(ready);
      for (const line of venuesTurnedOff(config, venues.urls())) log(line);
      // Not waited for: it may take minutes, and a limit that is tightened meanwhile has to be in force within seconds.
      void markets.loadMissing(local);
    },
  };
}

interface WantedSecrets {
  config: DeskConfig;
  /** Text of each secret that holds keys at a simulated venue, by name. */
  keys: ReadonlyMap<string, string>;
  desk: DeskInTemplate;
}

/** Those that are there keep their values. */
function provideSecrets(secrets: Pick<Secrets, 'defineSecret'>, { config, keys, desk }: WantedSecrets): void {
  const define = (name: string, value: Record<string, unknown>) =>
    secrets.defineSecret({
      logicalId: name,
      type: 'AWS::SecretsManager::Secret',
      physicalId: name,
      properties: { Name: name, ...value },
    });
  for (const [name, SecretString] of keys) define(name, { SecretString });
  for (const [source, { authentication }] of Object.entries(config.sources)) {
    for (const kind of authentication) {
      define(secretNames.source(desk.secretsPrefix, source, kind), { GenerateSecretString: generated });
    }
  }
  for (const channel of Object.keys(config.notifications.channels)) {
    // For the owner to fill in, as in a deployment.
    define(secretNames.channel(desk.secretsPrefix, channel), { SecretString: '{}' });
  }
}

/** Letters and digits only, since a token stands in a URL. */
const generated = { PasswordLength: 43, ExcludePunctuation: true };
