import type { Secrets } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export interface SecretsHarness {
  secrets: Secrets;
  /** Creates the secret or gives it another value. */
  put(name: string, value: string): Promise<void> | void;
  /** Lets so much time pass that no value is used any more that was read before. */
  age(): void;
  close(): Promise<void>;
}

const name = 'nightdesk/test/token/admin';
const value = 'not-to-be-told-äöü-🔑';

export function secretsContract(title: string, open: () => Promise<SecretsHarness>): void {
  describe(`the contract of secrets, on ${title}`, () => {
    let harness: SecretsHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const refusal = async (secretName: string): Promise<Error & { secretName?: string }> => {
      try {
        await harness.secrets.get(secretName);
      } catch (error) {
        return error as Error;
      }
      throw new Error('the secret was given out');
    };

    it('gives a value as it was put', async () => {
      await harness.put(name, value);
      expect(await harness.secrets.get(name)).toBe(value);
    });

    it('gives each of many that ask at once the value of the secret it names', async () => {
      const names = Array.from({ length: 10 }, (_, index) => `${name}-${index}`);
      for (const each of names) await harness.put(each, `value of ${each}`);
      const asked = [...names, ...names];
      const values = await Promise.all(asked.map((each) => harness.secrets.get(each)));
      expect(values).toEqual(asked.map((each) => `value of ${each}`));
    });

    it('refuses a secret that is missing, and names it', async () => {
      const error = await refusal(name);
      expect(error).toMatchObject({ name: 'SecretUnavailableError', secretName: name });
      expect(error.message).toContain(name);
    });

    it('gives a secret that was missing as soon as it is there', async () => {
      await refusal(name);
      await harness.put(name, value);
      expect(await harness.secrets.get(name)).toBe(value);
    });

    it('refuses an empty value, so that nobody is let in with an empty token', async () => {
      await harness.put(name, '');
      expect(await refusal(name)).toMatchObject({ name: 'SecretUnavailableError', secretName: name });
    });

    it('gives a new value once the time has passed that the one before may be used', async () => {
      await harness.put(name, value);
      await harness.secrets.get(name);
      await harness.put(name, 'rotated');
      harness.age();
      expect(await harness.secrets.get(name)).toBe('rotated');
    });

    it('gives a new value at once to who asks for it anew, and from then on to everybody', async () => {
      await harness.put(name, value);
      await harness.secrets.get(name);
      await harness.put(name, 'rotated');
      expect(await harness.secrets.get(name, { fresh: true })).toBe('rotated');
      expect(await harness.secrets.get(name)).toBe('rotated');
    });

    it('refuses a secret that has become empty, once that time has passed, without telling what it was', async () => {
      await harness.put(name, value);
      await harness.secrets.get(name);
      await harness.put(name, '');
      harness.age();
      const error = await refusal(name);
      expect(JSON.stringify([error.message, { ...error }])).not.toContain(value);
    });
  });
}
