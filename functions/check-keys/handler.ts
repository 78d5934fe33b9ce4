import type { Telemetry } from '@nightdesk/aws';
import {
  accountOf,
  type Clock,
  type ConfiguredAccount,
  type DeskConfig,
  isRefused,
  keyAgeDays,
  metricNames,
  type SecretVersions,
  secretNames,
  secretStages,
} from '@nightdesk/core';
import { type InspectKey, isFilledIn } from '@nightdesk/exchange';

export interface CheckKeysDependencies {
  loadConfig(): Promise<DeskConfig>;
  secretsPrefix: string;
  versions: SecretVersions;
  inspectKey: InspectKey;
  clock: Clock;
  telemetry: Telemetry;
}

export interface KeysSummary {
  fine: string[];
  refused: string[];
}

/**
 * Asks every venue about the keys in use: a right to withdraw may be given to a key long after it was checked. One that
 * cannot be checked leaves the others alone.
 */
export function createHandler(dependencies: CheckKeysDependencies) {
  const { loadConfig, secretsPrefix, versions, telemetry, clock } = dependencies;

  /** Age of the key in days, or `undefined` where the account has none yet. */
  async function check(account: ConfiguredAccount): Promise<{ ageDays: number; fine: boolean } | undefined> {
    const secretName = secretNames.trading(secretsPrefix, account.id);
    const version = await versions.read(secretName, secretStages.current);
    if (version === undefined || !isFilledIn(version.value)) return undefined;
    const key = { account, secretText: version.value, secretName, purpose: 'trading' } as const;
    const { inspection, findings } = await dependencies.inspectKey(key);
    for (const { severity, code, message } of findings) {
      telemetry.info('found about a key', { account: account.id, severity, code, finding: message });
    }
    const { permissions } = inspection;
    const made = permissions.kind === 'answered' ? permissions.value.createdAtMs : undefined;
    const ageDays = keyAgeDays(Math.min(version.createdAtMs, made ?? version.createdAtMs), clock.nowMs());
    return { ageDays, fine: !isRefused(findings) };
  }

  return async (): Promise<KeysSummary> => {
    const config = await loadConfig();
    const summary: KeysSummary = { fine: [], refused: [] };
    const ages: number[] = [];
    for (const account of accountsWithKeys(config)) {
      try {
        const checked = await check(account);
        if (checked === undefined) continue;
        ages.push(checked.ageDays);
        summary[checked.fine ? 'fine' : 'refused'].push(account.id);
      } catch (error) {
        telemetry.failure(`the key of ${account.id} could not be checked`, error);
        summary.refused.push(account.id);
      }
    }
    if (ages.length > 0) telemetry.count(metricNames.keyAgeDays, Math.max(...ages));
    return summary;
  };
}

const accountsWithKeys = (config: DeskConfig): ConfiguredAccount[] =>
  Object.keys(config.accounts)
    .flatMap((id) => accountOf(config, id) ?? [])
    .filter(({ mode, exchangeConfig }) => mode !== 'paper' && exchangeConfig.enabled);

/** Raised after all accounts had their turn, so that a refused key shows in the function's error count. */
export class KeysRefusedError extends Error {
  override readonly name = 'KeysRefusedError';

  constructor(accounts: readonly string[]) {
    super(`keys to look at: ${accounts.join(', ')}; npm run accounts -- check <account> says why`);
  }
}
