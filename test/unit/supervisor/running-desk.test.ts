/** What is saved while markets are still being loaded: the desk and its watch as they run, on an emulated Secrets Manager. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DeskConfig, roles, secretNames } from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { readDeskConfig } from '@nightdesk/infra/config/read-desk-config.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { type AwsEndpoint, createAwsEndpoint } from '../../../local/cloud/endpoint.ts';
import { createSecrets, type Secrets } from '../../../local/cloud/secrets-manager/secrets.ts';
import { watchConfig } from '../../../local/supervisor/config-watch.ts';
import { createRunningDesk } from '../../../local/supervisor/running-desk.ts';
import { createStoredMarkets } from '../../../local/supervisor/stored-markets.ts';
import { waitFor } from '../../support/waiting.ts';

const secretsPrefix = 'nightdesk/test';
const log = () => {};

let directory: string;
let secrets: Secrets;
let endpoint: AwsEndpoint;
let endWatch: (() => Promise<void>) | undefined;
/** Content of each configuration that was put in force. */
let published: DeskConfig[];
/** Venues whose markets were asked for; no answer ever comes. */
let asked: (readonly string[] | undefined)[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-running-desk-'));
  cpSync(paths.config, directory, { recursive: true });
  secrets = createSecrets({ clock: createMovableClock(), log });
  endpoint = await createAwsEndpoint({ services: [secrets], log });
  const { token, source } = secretNames;
  const names = [...roles.map((role) => token(secretsPrefix, role)), source(secretsPrefix, 'demo', 'token')];
  for (const Name of [...names, source(secretsPrefix, 'demo', 'signing')]) {
    const properties = { Name, SecretString: 'not secret' };
    secrets.defineSecret({ logicalId: Name, type: 'AWS::SecretsManager::Secret', physicalId: Name, properties });
  }
  [published, asked] = [[], []];
});

afterEach(async () => {
  // Not waited for: where the watch cannot end, the test has said so.
  void endWatch?.();
  await endpoint.close();
  rmSync(directory, { recursive: true });
});

const save = (document: string, text: string) => writeFileSync(join(directory, `${document}.yaml`), text);

/** @returns what ends it */
async function run(): Promise<() => Promise<void>> {
  const config = readDeskConfig(directory);
  const configPlace = { application: 'nightdesk', environment: 'test', profile: 'desk' };
  const simulators = { binance: 'http://127.0.0.1:1', kraken: 'http://127.0.0.1:2' };
  const markets = createStoredMarkets({
    path: undefined,
    refresh: (venues) => {
      asked.push(venues);
      return new Promise(() => {});
    },
    log,
  });
  const running = await createRunningDesk({
    desk: { config, configRules: undefined, secretsPrefix, configPlace },
    venues: { running: [], urls: () => simulators, keys: () => ({}), serve: async () => {}, stop: async () => {} },
    ...{ markets, secrets, log },
    appConfig: { publish: (_place, { content }) => void published.push(JSON.parse(content)) },
    addresses: { api: 'http://127.0.0.1:3', aws: endpoint.url },
    announce: () => {},
  });
  const watched = { directory, venues: Object.keys(simulators), inForce: config };
  endWatch = watchConfig({ ...watched, apply: running.apply, log });
  return endWatch;
}

it('a limit that is tightened while markets are loading is in force at once, and the watch can end', async () => {
  const end = await run();
  save('exchanges', 'binance: {}\nkraken: {}\n');
  await waitFor(() => expect(asked).toHaveLength(1));
  save('risk', 'default: { orderNotionalMax: "10", openNotionalMax: "100" }\n');
  await waitFor(() => expect(published.at(-1)?.risk.default).toMatchObject({ orderNotionalMax: '10' }));
  expect(published).toHaveLength(2);
  expect(asked).toHaveLength(1);
  await end();
});
