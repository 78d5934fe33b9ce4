/** `ClientRequestToken`: a transaction that is sent again within ten minutes is answered, not executed again. */
import { createHash } from 'node:crypto';
import type { CloudClock } from '../clock.ts';
import type { Changes } from './changes.ts';
import type { Database } from './database.ts';
import { modelError } from './errors.ts';
import { prefixRange, requestTokensPrefix } from './row-keys.ts';

const tokenLifetimeMs = 10 * 60 * 1000;

interface TokenRow {
  readonly fingerprint: string;
  readonly doneMs: number;
}

export interface RequestTokens {
  load(): Promise<void>;
  /**
   * Whether this very request was done before.
   * @throws IdempotentParameterMismatchException when the token was used for something else.
   */
  wasDone(changes: Changes, token: string, fingerprint: string): boolean;
  /** Notes, in the transaction's own changes, that it is done. */
  note(changes: Changes, token: string, fingerprint: string): void;
}

export function fingerprintOf(request: unknown): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('base64');
}

export function createRequestTokens(database: Database, clock: CloudClock): RequestTokens {
  /** When each stored token was used, oldest first, so that the expired ones are found without a search. */
  const doneMsByToken = new Map<string, number>();

  function forgetExpired(changes: Changes): void {
    for (const [token, doneMs] of doneMsByToken) {
      if (clock.nowMs() - doneMs < tokenLifetimeMs) return;
      doneMsByToken.delete(token);
      changes.delete(requestTokensPrefix + token);
    }
  }

  return {
    async load() {
      const keys = await database.keys(prefixRange(requestTokensPrefix));
      const stored = keys.map((key) => ({
        token: key.slice(requestTokensPrefix.length),
        doneMs: (database.read(key) as TokenRow).doneMs,
      }));
      stored.sort((one, other) => one.doneMs - other.doneMs);
      for (const { token, doneMs } of stored) doneMsByToken.set(token, doneMs);
    },
    wasDone(changes, token, fingerprint) {
      const row = changes.read(requestTokensPrefix + token) as TokenRow | undefined;
      if (row === undefined || clock.nowMs() - row.doneMs >= tokenLifetimeMs) return false;
      if (row.fingerprint === fingerprint) return true;
      throw modelError(
        'IdempotentParameterMismatchException',
        'The ClientRequestToken was already used by a request with other parameters',
      );
    },
    note(changes, token, fingerprint) {
      forgetExpired(changes);
      const doneMs = clock.nowMs();
      doneMsByToken.delete(token);
      doneMsByToken.set(token, doneMs);
      changes.put(requestTokensPrefix + token, { fingerprint, doneMs } satisfies TokenRow);
    },
  };
}
