/** Hands a new key over: it waits in the secret until the rotation has tried it at the venue. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type SecretVersions, secretNames, secretStages } from '@nightdesk/core';
import { parseCredentials } from '@nightdesk/exchange';
import { findAccount } from './check-account.ts';
import { AccountsError, type OpenDesk } from './open-desk.ts';

const { current, pending, next } = secretStages;
const pollEveryMs = 500;
/** A rotation takes seconds, most of them to start its function; one that takes this long has failed. */
const waitMsMax = 60_000;

/**
 * Puts the key in place as the next one and waits for the rotation to take it over.
 *
 * @throws SecretUnavailableError for a text that is no key, AccountsError when the rotation did not take it over
 */
export async function rotateAccount(id: string, secretText: string, desk: OpenDesk): Promise<void> {
  const { versions } = desk;
  const account = findAccount(desk.config, id);
  const secretName = secretNames.trading(desk.secretsPrefix, account.id);
  parseCredentials(secretText, secretName);
  await withdrawFailed(versions, secretName);
  await versions.put(secretName, { value: secretText, stage: next });
  await versions.rotate(secretName);
  const endsAtMs = Date.now() + waitMsMax;
  while (Date.now() < endsAtMs) {
    await sleep(pollEveryMs);
    const inUse = await versions.read(secretName, current);
    if (inUse?.value === secretText) return;
  }
  throw new AccountsError(
    `the new key of ${id} was not taken over within ${waitMsMax / 1_000} s; the one before stays in use. ` +
      'The log of rotate-key tells why: mostly the venue refuses it, or it may withdraw, or it may not trade',
  );
}

/** AWS takes a pending version for a rotation that is still under way, and would refuse to start another. */
async function withdrawFailed(versions: SecretVersions, secretName: string): Promise<void> {
  const { stages } = await versions.describe(secretName);
  for (const [id, labels] of stages) {
    if (labels.includes(pending) && !labels.includes(current))
      await versions.moveStage(secretName, pending, { from: id });
  }
}
