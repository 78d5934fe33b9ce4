/** The onboarding check: what the keys of an account may do, and whether the desk may trade with them. */
import {
  type AccountInspection,
  accountOf,
  type Clock,
  type ConfiguredAccount,
  type DeskConfig,
  type Finding,
  isRefused,
  type KeyPurpose,
  SecretUnavailableError,
  secretNames,
  secretStages,
} from '@nightdesk/core';
import { cleanMessage, createKeyInspector } from '@nightdesk/exchange';
import { AccountsError, type OpenDesk } from './open-desk.ts';

export interface CheckedKey {
  purpose: KeyPurpose;
  /** Since when the secret holds it; UTC epoch milliseconds. */
  storedAtMs?: number;
  /** Absent where the venue could not even be asked. */
  inspection?: AccountInspection;
  findings: (Finding | UnusableKey)[];
}

/** The secret or the configuration is at fault, before any venue is asked. */
export interface UnusableKey {
  severity: 'refused';
  code: 'secret_unusable' | 'exchange_unusable';
  message: string;
}

export interface AccountCheck {
  account: string;
  venue: string;
  mode: ConfiguredAccount['mode'];
  result: 'fine' | 'refused';
  keys: CheckedKey[];
}

/** @throws AccountsError naming the accounts there are */
export function findAccount(config: DeskConfig, id: string): ConfiguredAccount {
  const account = accountOf(config, id);
  if (account !== undefined) return account;
  throw new AccountsError(
    `account "${id}" is not in accounts.yaml; there are: ${Object.keys(config.accounts).join(', ')}`,
  );
}

export interface CheckDependencies {
  desk: OpenDesk;
  /** Of the venue layer. */
  directory: string;
  clock: Clock;
}

/** Each key of the account is checked by itself, and one that is refused refuses the account. */
export async function checkAccount(id: string, dependencies: CheckDependencies): Promise<AccountCheck> {
  const account = findAccount(dependencies.desk.config, id);
  const { venue, mode } = account;
  const purposes: KeyPurpose[] = account.readOnlySecret ? ['trading', 'readOnly'] : ['trading'];
  const keys: CheckedKey[] = [];
  // A paper account trades without a venue, so nobody needs keys for it.
  if (mode !== 'paper') for (const purpose of purposes) keys.push(await checkKey(account, purpose, dependencies));
  const refused = keys.some(({ findings }) => isRefused(findings as Finding[]));
  return { account: id, venue, mode, result: refused ? 'refused' : 'fine', keys };
}

async function checkKey(
  account: ConfiguredAccount,
  purpose: KeyPurpose,
  { desk, directory, clock }: CheckDependencies,
): Promise<CheckedKey> {
  if (!account.exchangeConfig.enabled) {
    const why = desk.stage === 'local' ? 'there is no simulated one' : 'it is turned off in exchanges.yaml';
    return unusable(purpose, 'exchange_unusable', `${account.venue} cannot be asked: ${why}`);
  }
  const secretName = secretNames[purpose](desk.secretsPrefix, account.id);
  try {
    const version = await desk.versions.read(secretName, secretStages.current);
    if (version === undefined) throw new SecretUnavailableError(secretName, 'is not there, or holds no text');
    const inspectKey = createKeyInspector({ directory, clock });
    const checked = await inspectKey({ account, secretText: version.value, secretName, purpose });
    return { purpose, storedAtMs: version.createdAtMs, ...checked };
  } catch (error) {
    const code = error instanceof SecretUnavailableError ? 'secret_unusable' : 'exchange_unusable';
    return unusable(purpose, code, cleanMessage(error instanceof Error ? error.message : String(error)));
  }
}

const unusable = (purpose: KeyPurpose, code: UnusableKey['code'], message: string): CheckedKey => ({
  purpose,
  findings: [{ severity: 'refused', code, message }],
});
