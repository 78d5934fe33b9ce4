/** A desk as its owner's commands see it: what is configured, and the secrets of its accounts. */
import { existsSync } from 'node:fs';
import { createSecretsManagerClient, createSecretVersions } from '@nightdesk/aws';
import type { DeskConfig, SecretVersions } from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { readDeskConfig } from '@nightdesk/infra/config/read-desk-config.ts';
import { settingsOf } from '@nightdesk/infra/config/stages.ts';
import { secretsPrefix } from '@nightdesk/infra/constructs/names.ts';
import { readStateFile } from '../cloud/state-file.ts';
import { localConfig } from '../supervisor/local-overlay.ts';
import type { ReadyInfo } from '../supervisor/ready.ts';
import { statePaths } from '../supervisor/state-directory.ts';

export interface OpenDesk {
  stage: string;
  config: DeskConfig;
  secretsPrefix: string;
  versions: SecretVersions;
  close(): void;
}

/** What an owner asked for cannot be done; the message says why. */
export class AccountsError extends Error {
  override readonly name = 'AccountsError';
}

/**
 * @param stage `local` is the desk that runs on this machine; any other is reached with the AWS credentials of the shell
 * @param configDirectory holds `exchanges.yaml` and the others
 * @throws AccountsError when no desk runs here, ConfigurationError when the configuration is not usable
 */
export function openDesk(stage: string, stateDirectory: string, configDirectory: string = paths.config): OpenDesk {
  const settings = settingsOf(stage);
  const config = readDeskConfig(configDirectory);
  if (stage === 'local') return openLocalDesk(stateDirectory, config);
  return { stage, config, secretsPrefix: secretsPrefix(settings), ...openVersions() };
}

/** The same desk as its functions know it: its simulated venues are where they are running. */
function openLocalDesk(stateDirectory: string, config: DeskConfig): OpenDesk {
  const file = statePaths(stateDirectory).ready;
  if (!existsSync(file)) throw new AccountsError(`no desk is running from ${stateDirectory}: start one with npm start`);
  const { aws, simulators } = readStateFile(file) as ReadyInfo;
  const prefix = secretsPrefix({ stage: 'local' });
  return { stage: 'local', config: localConfig(config, simulators), secretsPrefix: prefix, ...openVersions(aws) };
}

/** @param endpoint of the emulated Secrets Manager, which needs no real account and is never asked with one */
function openVersions(endpoint?: string): Pick<OpenDesk, 'versions' | 'close'> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = createSecretsManagerClient(
    endpoint === undefined ? {} : { endpoint, credentials, region: 'us-east-1' },
  );
  return { versions: createSecretVersions(client), close: () => client.destroy() };
}
