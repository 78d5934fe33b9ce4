/** Bearer tokens: one per role, kept in Secrets Manager. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { RequestError, type Role, roles, type Secrets, secretNames } from '@nightdesk/core';

/** Compares two secrets in a time that tells nothing about either, their lengths included. */
export function equalSecrets(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

/**
 * The role of the caller.
 *
 * @param authorization the header, `Bearer <token>`
 * @param needed the weakest role that may do this
 * @throws RequestError `not_authenticated` or `forbidden`
 */
export async function requireRole(
  authorization: string | undefined,
  needed: Role,
  { secrets, prefix }: { secrets: Secrets; prefix: string },
): Promise<Role> {
  const [, token] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization ?? '') ?? [];
  if (token === undefined) {
    throw new RequestError('not_authenticated', 'send the header "Authorization: Bearer <token>"');
  }
  const tokens = await Promise.all(roles.map((role) => secrets.get(secretNames.token(prefix, role))));
  // Every role is compared, so that the time taken does not tell which one came close.
  const matching = roles.filter((_role, index) => equalSecrets(token, tokens[index] ?? ''));
  const role = matching.at(-1);
  if (role === undefined) throw new RequestError('not_authenticated', 'the token is not known');
  if (roles.indexOf(role) >= roles.indexOf(needed)) return role;
  throw new RequestError('forbidden', `this needs the role ${needed}; the token has ${role}`);
}
