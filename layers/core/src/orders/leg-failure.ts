/**
 * What an error means that keeps a leg from being planned, before anything of it is recorded: try again, or deny it with
 * the reason on record. Pure.
 */
import { ConfigurationError, SecretUnavailableError, VenueError } from '../errors.ts';
import type { Cause } from '../ports/venue.ts';

/** The venue's word on a market or an account, which asking once more would not change. */
const lastingCodes: ReadonlySet<string> = new Set([
  'account_not_enabled',
  'account_suspended',
  'bad_symbol',
  'contract_unavailable',
  'market_closed',
  'market_unavailable',
  'not_supported',
  'permission_denied',
  'restricted_location',
]);

export interface NextTry {
  /** When the leg would be tried again at the earliest; UTC epoch milliseconds. */
  atMs: number;
  /** Nothing is placed later than this; UTC epoch milliseconds. */
  expiresAtMs: number;
}

/**
 * @returns why the leg is denied: nothing would mend the error, or no try is left before the signal is too old.
 *   `undefined` when it is to be tried again, which an error of no known kind always is.
 */
export function denialOf(error: unknown, next: NextTry): Cause | undefined {
  const failure = failureOf(error);
  if (failure === undefined) return undefined;
  const { code, message, lasting } = failure;
  if (lasting) return { code, message };
  if (next.atMs <= next.expiresAtMs) return undefined;
  return { code, message: `could not be executed before the signal was too old: ${message}` };
}

function failureOf(error: unknown): (Cause & { lasting: boolean }) | undefined {
  if (error instanceof SecretUnavailableError) {
    const { message, temporary } = error;
    return temporary
      ? { code: 'credentials_unavailable', message, lasting: false }
      : { code: 'credentials_unusable', message, lasting: true };
  }
  if (error instanceof ConfigurationError) {
    return { code: 'exchange_unusable', message: error.message, lasting: true };
  }
  if (error instanceof VenueError) {
    const { code = 'venue_error', message } = error;
    return { code, message, lasting: lastingCodes.has(code) };
  }
  return undefined;
}
