import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { createAwsSecrets } from '@nightdesk/aws';
import { describe, expect, it, vi } from 'vitest';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { createSecrets } from '../../../local/cloud/secrets-manager/secrets.ts';
import { createFakeSecrets } from '../../support/fake-secrets.ts';
import { serve } from './desk-cloud.ts';
import { secretsContract } from './secrets-contract.ts';

/** Just before and just after a value read at the start is used no more. */
const withinMs = 299_000;
const beyondMs = 301_000;

async function openSecretsManager() {
  const service = createSecrets({ clock: createMovableClock(), log: () => {} });
  const calls = vi.spyOn(service, 'handle');
  const endpoint = await serve(service);
  const client = new SecretsManagerClient({});
  const pass = (byMs: number) => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + byMs });
  return {
    secrets: createAwsSecrets(),
    client,
    calls,
    pass,
    async put(name: string, value: string) {
      try {
        await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw error;
        await client.send(new CreateSecretCommand({ Name: name, SecretString: value }));
      }
    },
    age: () => pass(beyondMs),
    async close() {
      vi.useRealTimers();
      client.destroy();
      await endpoint.close();
    },
  };
}

secretsContract('secrets in memory', async () => {
  const secrets = createFakeSecrets();
  return {
    secrets,
    put: (name, value) => void secrets.values.set(name, value),
    age: () => {},
    close: async () => {},
  };
});
secretsContract('Secrets Manager', openSecretsManager);

describe('secrets of Secrets Manager besides', () => {
  const name = 'nightdesk/test/binance';
  const using = async (test: (opened: Awaited<ReturnType<typeof openSecretsManager>>) => Promise<void>) => {
    const opened = await openSecretsManager();
    try {
      await test(opened);
    } finally {
      await opened.close();
    }
  };

  it('are read once and used for five minutes, even when they were rotated or deleted', () =>
    using(async ({ secrets, put, client, calls, pass }) => {
      await put(name, 'first');
      await secrets.get(name);
      await put(name, 'second');
      await client.send(new DeleteSecretCommand({ SecretId: name }));
      calls.mockClear();
      pass(withinMs);
      expect(await secrets.get(name)).toBe('first');
      expect(calls).not.toHaveBeenCalled();
      pass(beyondMs - withinMs);
      await expect(secrets.get(name)).rejects.toMatchObject({ secretName: name });
    }));

  it('are asked for once by all who want to know at the same moment', () =>
    using(async ({ secrets, put, calls }) => {
      await put(name, 'first');
      calls.mockClear();
      expect(await Promise.all([secrets.get(name), secrets.get(name)])).toEqual(['first', 'first']);
      expect(calls).toHaveBeenCalledTimes(1);
      // Whoever doubts what is known gets an answer to a question of its own.
      expect(await Promise.all([secrets.get(name), secrets.get(name, { fresh: true })])).toEqual(['first', 'first']);
      expect(calls).toHaveBeenCalledTimes(2);
    }));

  it('are refused where they have no value yet, or one that is no text', () =>
    using(async ({ secrets, client }) => {
      const ClientRequestToken = randomUUID();
      await client.send(new CreateSecretCommand({ Name: name }));
      await expect(secrets.get(name)).rejects.toThrow(`secret ${name}: `);
      const SecretBinary = Buffer.from('hidden');
      await client.send(new PutSecretValueCommand({ SecretId: name, SecretBinary, ClientRequestToken }));
      await expect(secrets.get(name)).rejects.toThrow(`secret ${name}: has no text value`);
    }));

  it('that are not there are told from those that cannot be read now, whose error is told by its class only', () =>
    using(async ({ secrets, put, client, calls }) => {
      await expect(secrets.get(name)).rejects.toMatchObject({
        message: `secret ${name}: is not there, or has no value yet`,
        temporary: false,
      });
      await put(name, 'first');
      await client.send(new DeleteSecretCommand({ SecretId: name }));
      await expect(secrets.get(name)).rejects.toMatchObject({
        message: `secret ${name}: is marked for deletion`,
        temporary: false,
      });
      calls.mockRejectedValue(new Error('quotes the request'));
      await expect(secrets.get(name)).rejects.toMatchObject({
        message: expect.not.stringContaining('quotes'),
        temporary: true,
      });
    }));
});
