/** Inspects an account with the keys of one of its secrets, and judges what came out. */
import {
  type AccountInspection,
  type Clock,
  type ConfiguredAccount,
  type Finding,
  judgeAccount,
  type KeyPurpose,
} from '@nightdesk/core';
import { parseCredentials } from '../credentials.ts';
import { inspectAccount } from './inspect-account.ts';

/** Credentials that are to be tried out, as their secret holds them. */
export interface KeyToInspect {
  account: ConfiguredAccount;
  secretText: string;
  secretName: string;
  purpose: KeyPurpose;
}

export interface InspectedKey {
  inspection: AccountInspection;
  findings: Finding[];
}

/**
 * Asks the account's venue what a key may do, and judges the answer.
 *
 * @throws SecretUnavailableError for credentials that the venue need not even be asked about
 */
export type InspectKey = (key: KeyToInspect) => Promise<InspectedKey>;

/** @param directory of the venue layer */
export function createKeyInspector({ directory, clock }: { directory: string; clock: Clock }): InspectKey {
  return async ({ account, secretText, secretName, purpose }) => {
    const { venue, exchangeConfig } = account;
    const credentials = parseCredentials(secretText, secretName);
    const mode = account.mode === 'live' ? 'live' : 'sandbox';
    const inspection = await inspectAccount({ venue, directory, credentials, secretName, mode, exchangeConfig, clock });
    return { inspection, findings: judgeAccount(inspection, { venue, mode, purpose, nowMs: clock.nowMs() }) };
  };
}
