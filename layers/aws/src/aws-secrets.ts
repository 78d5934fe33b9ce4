import { GetParameterError } from '@aws-lambda-powertools/parameters/errors';
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { type Secrets, SecretUnavailableError } from '@nightdesk/core';
import { clientOptions } from './clients.ts';

/** How long a value is used before it is read again: the longest a rotated or revoked secret stays in use. */
const ageSecondsMax = 300;
/** Answers that trying again does not change, in words. */
const lastingReasons: ReadonlyMap<string, string> = new Map([
  ['ResourceNotFoundException', 'is not there, or has no value yet'],
  ['InvalidRequestException', 'is marked for deletion'],
]);

/** Secrets Manager, with values cached in memory for `ageSecondsMax`. */
export function createAwsSecrets(): Secrets {
  const provider = new SecretsProvider({ clientConfig: clientOptions() });
  /** Questions under way, which whoever wants to know the same shares. */
  const asking = new Map<string, Promise<string>>();
  return {
    async get(name, { fresh = false } = {}) {
      const shared = fresh ? undefined : asking.get(name);
      if (shared !== undefined) return shared;
      const answer = ask(provider, name, fresh).finally(() => {
        if (asking.get(name) === answer) asking.delete(name);
      });
      asking.set(name, answer);
      return answer;
    },
  };
}

async function ask(provider: SecretsProvider, name: string, fresh: boolean): Promise<string> {
  const options = { maxAge: ageSecondsMax, forceFetch: fresh };
  const value = await provider.get(name, options).catch((error: unknown) => {
    // The SDK's own message may quote the request; only its class is told.
    const cause = error instanceof GetParameterError ? error.cause : error;
    const className = cause instanceof Error ? cause.name : 'cannot be read';
    const lasting = lastingReasons.get(className);
    throw new SecretUnavailableError(name, lasting ?? className, { temporary: lasting === undefined });
  });
  if (typeof value !== 'string' || value === '') throw new SecretUnavailableError(name, 'has no text value');
  return value;
}
