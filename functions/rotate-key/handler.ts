import type { Telemetry } from '@nightdesk/aws';
import {
  accountOf,
  type ConfiguredAccount,
  type DeskConfig,
  type Finding,
  isRefused,
  type SecretVersions,
  secretNames,
  secretStages,
} from '@nightdesk/core';
import { type InspectKey, parseCredentials } from '@nightdesk/exchange';
import type { RotationEvent } from './schema.ts';

export interface RotateKeyDependencies {
  loadConfig(): Promise<DeskConfig>;
  secretsPrefix: string;
  versions: SecretVersions;
  inspectKey: InspectKey;
  telemetry: Telemetry;
}

/** The venue was asked about the new key, and the account must not go on with it. Its old one stays. */
export class KeyRefusedError extends Error {
  override readonly name = 'KeyRefusedError';

  constructor(account: string, findings: readonly Finding[]) {
    const reasons = findings.filter(({ severity }) => severity === 'refused').map(({ message }) => message);
    super(`the new key of ${account} is refused: ${reasons.join('; ')}`);
  }
}

const { current, pending, next } = secretStages;

/**
 * One step of a rotation; each may be taken any number of times. Venues give keys to signed-in people only, so the new one
 * is that which the owner has put at the stage `NEXT`. Where there is none, the rotation ends as one that had nothing to do:
 * with `AWSPENDING` on no version, which is one of the two ends that AWS takes for a good one, and the current key in place.
 */
export function createHandler(dependencies: RotateKeyDependencies) {
  const { versions, telemetry } = dependencies;

  /** Makes the waiting key the pending version. */
  async function create({ SecretId, ClientRequestToken: id }: RotationEvent, name: string): Promise<void> {
    if ((await versions.read(SecretId, pending, id)) !== undefined) return;
    const waiting = await versions.read(SecretId, next);
    if (waiting === undefined) {
      await versions.moveStage(SecretId, pending, { from: id });
      telemetry.info('no new key waits: the current one stays', { secret: name });
      return;
    }
    parseCredentials(waiting.value, name);
    await versions.put(SecretId, { value: waiting.value, stage: pending, versionId: id });
  }

  /** @throws KeyRefusedError */
  async function test({ SecretId, ClientRequestToken: id }: RotationEvent, name: string): Promise<void> {
    const candidate = await versions.read(SecretId, pending, id);
    const inUse = await versions.read(SecretId, current);
    // AWS tries this step out when a schedule is set up, with nothing new to test.
    if (candidate === undefined || candidate.value === inUse?.value) return;
    const account = accountBySecret(await dependencies.loadConfig(), dependencies.secretsPrefix, name);
    const key = { account, secretText: candidate.value, secretName: name, purpose: 'trading' } as const;
    const { findings } = await dependencies.inspectKey(key);
    for (const { code, message } of findings)
      telemetry.info('found about a new key', { account: account.id, code, finding: message });
    if (isRefused(findings)) throw new KeyRefusedError(account.id, findings);
  }

  /** Puts the tested key in the current one's place, from where functions take it over within minutes. */
  async function finish(
    { SecretId, ClientRequestToken: id }: RotationEvent,
    { name, stages }: Awaited<ReturnType<SecretVersions['describe']>>,
  ): Promise<void> {
    const tested = await versions.read(SecretId, pending, id);
    if (tested === undefined) return;
    // The waiting key first: once it is current, nothing of this is repeated. One that was put there meanwhile goes on waiting.
    const waiting = await versions.read(SecretId, next);
    if (waiting?.value === tested.value) await versions.moveStage(SecretId, next, { from: waiting.id });
    const from = holderOf(stages, current);
    await versions.moveStage(SecretId, current, { to: id, ...(from !== undefined && { from }) });
    await versions.moveStage(SecretId, pending, { from: id });
    telemetry.info('a new key is in use', { secret: name });
  }

  return async (event: RotationEvent): Promise<void> => {
    const { Step, SecretId, ClientRequestToken } = event;
    const described = await versions.describe(SecretId);
    const { name, stages } = described;
    const own = stages.get(ClientRequestToken) ?? [];
    // Done before, or withdrawn for want of a new key: a step that is repeated, or that follows, has nothing to do.
    if (!own.includes(pending) || own.includes(current)) return;
    if (Step === 'createSecret') await create(event, name);
    if (Step === 'testSecret') await test(event, name);
    if (Step === 'finishSecret') await finish(event, described);
    // `setSecret` tells a database of its new password; a venue knows the key it has issued.
  };
}

const holderOf = (stages: ReadonlyMap<string, readonly string[]>, stage: string): string | undefined =>
  [...stages].find(([, labels]) => labels.includes(stage))?.[0];

function accountBySecret(config: DeskConfig, prefix: string, secretName: string): ConfiguredAccount {
  const id = Object.keys(config.accounts).find((account) => secretNames.trading(prefix, account) === secretName);
  const account = id === undefined ? undefined : accountOf(config, id);
  if (account === undefined) throw new Error(`${secretName} belongs to no account of accounts.yaml`);
  return account;
}
