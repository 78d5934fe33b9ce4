/** Inspects an account with the keys of one of its secrets, and judges what came out. */
import {
  type AccountId,
  type AccountInspection,
  type Clock,
  type ConfiguredAccount,
  type Finding,
  judgeAccount,
  type KeyPurpose,
  type VenueId,
} from '@nightdesk/core';
import { parseCredentials } from '../credentials.ts';
import type { VenueFleet } from '../fleet.ts';
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

export interface KeyInspectorDependencies {
  /** Of the venue layer. */
  directory: string;
  clock: Clock;
  /** Those who share the venue's limits and the key's turn. Absent where nobody else uses either from here. */
  fleetOf?: (venue: VenueId, account: AccountId) => VenueFleet;
}

export function createKeyInspector({ directory, clock, fleetOf }: KeyInspectorDependencies): InspectKey {
  return async ({ account, secretText, secretName, purpose }) => {
    const { id, venue, exchangeConfig } = account;
    const credentials = parseCredentials(secretText, secretName);
    const mode = account.mode === 'live' ? 'live' : 'sandbox';
    const fleet = fleetOf?.(venue, id);
    const client = { venue, directory, credentials, secretName, mode, exchangeConfig, clock, fleet } as const;
    const inspection = await inspectAccount(client);
    return { inspection, findings: judgeAccount(inspection, { venue, mode, purpose, nowMs: clock.nowMs() }) };
  };
}
