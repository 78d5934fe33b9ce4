import { type Secrets, SecretUnavailableError } from '@nightdesk/core';

export interface FakeSecrets extends Secrets {
  readonly values: Map<string, string>;
}

/** Secrets in memory; what is not there is refused by name, as the real ones do. */
export function createFakeSecrets(values: Readonly<Record<string, string>> = {}): FakeSecrets {
  const kept = new Map(Object.entries(values));
  return {
    values: kept,
    async get(name) {
      const value = kept.get(name);
      if (value === undefined || value === '') throw new SecretUnavailableError(name, 'has no text value');
      return value;
    },
  };
}
