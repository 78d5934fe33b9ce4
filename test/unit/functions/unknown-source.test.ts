import type { SourceConfig } from '@nightdesk/core';
import { authenticate } from '@nightdesk/functions/receive-signal/authenticate.ts';
import { expect, it } from 'vitest';

const known: SourceConfig = {
  ...{ authentication: ['token', 'signing'], accounts: ['main'], maxLagSeconds: 60, duplicateWindowSeconds: 60 },
  failover: false,
  onUnknown: 'give_up',
  onProtectionFailure: 'keep',
  dialect: 'auto',
  minConfidence: 0.6,
};
const secrets = { get: async () => 'secret of the source' };
const ports = { secrets, secretsPrefix: 'nightdesk/test', nowMs: 0 };

async function answer(config: SourceConfig | undefined, proof: object): Promise<unknown> {
  const credentials = { source: 'demo', sourceIp: '203.0.113.7', body: '{}', ...proof };
  const thrown: unknown = await authenticate(credentials, config, ports).catch((error: unknown) => error);
  return thrown instanceof Error ? { name: thrown.name, message: thrown.message } : thrown;
}

it.each([
  ['with no proof at all', {}],
  ['with a timestamp alone', { timestamp: '0' }],
  ['with a wrong signature', { timestamp: '0', signature: 'sha256=00' }],
  ['with a wrong token', { token: 'guess' }],
])('a stranger %s cannot tell a source that exists from one that does not', async (_name, proof) => {
  const toNobody = await answer(undefined, proof);
  expect(toNobody).toMatchObject({ name: 'RequestError' });
  expect(await answer(known, proof)).toEqual(toNobody);
  expect(await answer({ ...known, authentication: ['token'] }, proof)).toEqual(toNobody);
  expect(await answer({ ...known, authentication: ['signing'] }, proof)).toEqual(toNobody);
});
