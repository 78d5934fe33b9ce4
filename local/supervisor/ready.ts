/** What a client needs to know to use the running cloud. */
import { type DeskConfig, type Role, roles, secretNames } from '@nightdesk/core';
import type { DeskInTemplate } from './local-overlay.ts';

export interface ReadyInfo {
  ready: true;
  /** Origin of the HTTP API. */
  api: string;
  /** Origin of the AWS endpoint, for `AWS_ENDPOINT_URL`. */
  aws: string;
  /** Bearer token of each role. */
  tokens: Record<Role, string>;
  /** By source: the token for its path and the secret for its signature, as far as it may use them. */
  signals: Record<string, { token?: string; secret?: string }>;
  /** Origin of each simulated venue. */
  simulators: Record<string, string>;
}

export interface ReadySources {
  api: string;
  aws: string;
  desk: DeskInTemplate;
  simulators: Record<string, string>;
}

/** Asks the emulated Secrets Manager for what clients need. @throws Error naming a secret that is not there. */
export async function collectReadyInfo({ api, aws, desk, simulators }: ReadySources): Promise<ReadyInfo> {
  const { config, secretsPrefix: prefix } = desk;
  const tokens = await collect(roles, (role) => readSecret(aws, secretNames.token(prefix, role)));
  const signals = await collect(Object.keys(config.sources), (source) =>
    sourceSecrets(source, { aws, config, prefix }),
  );
  return { ready: true, api, aws, tokens, signals, simulators };
}

async function sourceSecrets(source: string, from: { aws: string; config: DeskConfig; prefix: string }) {
  const kinds = from.config.sources[source]?.authentication ?? [];
  const read = async (kind: 'token' | 'signing') =>
    kinds.includes(kind) ? readSecret(from.aws, secretNames.source(from.prefix, source, kind)) : undefined;
  const [token, secret] = await Promise.all([read('token'), read('signing')]);
  return { ...(token !== undefined && { token }), ...(secret !== undefined && { secret }) };
}

async function collect<Key extends string, Value>(
  keys: readonly Key[],
  read: (key: Key) => Promise<Value>,
): Promise<Record<Key, Value>> {
  const entries = await Promise.all(keys.map(async (key) => [key, await read(key)] as const));
  return Object.fromEntries(entries) as Record<Key, Value>;
}

async function readSecret(aws: string, name: string): Promise<string> {
  const response = await fetch(aws, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' },
    body: JSON.stringify({ SecretId: name }),
  });
  const answer = (await response.json()) as { SecretString?: string };
  if (!response.ok || answer.SecretString === undefined) throw new Error(`the secret ${name} is not in the template`);
  return answer.SecretString;
}
