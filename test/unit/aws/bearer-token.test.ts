import { equalSecrets, requireRole } from '@nightdesk/aws';
import { type Role, roles, secretNames } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { createFakeSecrets } from '../../support/fake-secrets.ts';

const prefix = 'desk';
const tokenOf = (role: Role) => `the-${role}-token`;
const secrets = createFakeSecrets(
  Object.fromEntries(roles.map((role) => [secretNames.token(prefix, role), tokenOf(role)])),
);
const require = (authorization: string | undefined, needed: Role) =>
  requireRole(authorization, needed, { secrets, prefix });

const pairs = roles.flatMap((held) => roles.map((needed): [Role, Role] => [held, needed]));

describe('a bearer token', () => {
  it.each(pairs)('of a %s where a %s is needed', async (held, needed) => {
    const answer = require(`Bearer ${tokenOf(held)}`, needed);
    if (roles.indexOf(held) >= roles.indexOf(needed)) expect(await answer).toBe(held);
    else await expect(answer).rejects.toMatchObject({ code: 'forbidden', status: 403 });
  });

  it.each([
    ['there is none', undefined],
    ['it is empty', ''],
    ['its scheme is missing', tokenOf('admin')],
    ['its scheme is another', `Basic ${tokenOf('admin')}`],
    ['the token is missing', 'Bearer '],
    ['it has two tokens', `Bearer ${tokenOf('admin')} ${tokenOf('admin')}`],
    ['the token is unknown', 'Bearer guess'],
    ['the token is only begun', `Bearer ${tokenOf('admin').slice(0, -1)}`],
    ['the token is longer than any is', `Bearer ${'x'.repeat(513)}`],
  ])('is refused where %s, without being repeated', async (_name, authorization) => {
    const refusal = await require(authorization, 'viewer').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'not_authenticated', status: 401 });
    expect(String(refusal)).not.toContain('the-admin');
  });

  it('may be written with a small b', async () => {
    expect(await require(`bearer ${tokenOf('viewer')}`, 'viewer')).toBe('viewer');
  });

  it('counts as the strongest role that has it', async () => {
    const shared = createFakeSecrets(
      Object.fromEntries(roles.map((role) => [secretNames.token(prefix, role), 'same'])),
    );
    expect(await requireRole('Bearer same', 'viewer', { secrets: shared, prefix })).toBe('admin');
  });

  it('opens nothing while the tokens cannot be read', async () => {
    const authorization = `Bearer ${tokenOf('admin')}`;
    const answer = requireRole(authorization, 'viewer', { secrets: createFakeSecrets(), prefix });
    await expect(answer).rejects.toThrow('desk/tokens/viewer');
  });
});

it.each([
  ['same', 'same', true],
  ['same', 'Same', false],
  ['same', 'same ', false],
  ['', '', true],
  ['', 'x', false],
])('compares %o with %o', (left, right, expected) => {
  expect(equalSecrets(left, right)).toBe(expected);
});
