/** An account's keys at a venue, as its secret holds them. */
import { SecretUnavailableError } from '@nightdesk/core';
import { z } from 'zod';

const text = z.string('must be a text').trim().min(1, 'must not be empty').max(8_192, 'is too long for a key');

const credentialsSchema = z.strictObject({
  apiKey: text.optional(),
  /** An HMAC secret, or a private key in PEM form where the venue takes those. */
  secret: text.optional(),
  /** The passphrase that some venues ask for beside the key. */
  password: text.optional(),
  uid: text.optional(),
  login: text.optional(),
  /** For venues where a wallet signs. */
  walletAddress: text.optional(),
  privateKey: text.optional(),
});

export type Credentials = z.output<typeof credentialsSchema>;

/**
 * Reads credentials from a secret's text: JSON with `apiKey` and `secret`, or `walletAddress` and `privateKey`, and
 * what else the venue asks for.
 *
 * @throws SecretUnavailableError naming the secret and the field, never a value.
 */
export function parseCredentials(secretText: string, secretName: string): Credentials {
  let document: unknown;
  try {
    document = JSON.parse(secretText);
  } catch {
    throw new SecretUnavailableError(secretName, 'is not JSON; write {"apiKey":"…","secret":"…"}');
  }
  const result = credentialsSchema.safeParse(document);
  if (!result.success) throw new SecretUnavailableError(secretName, describe(result.error));
  const { apiKey, secret, privateKey } = result.data;
  if (privateKey === undefined) {
    if (apiKey === undefined) throw new SecretUnavailableError(secretName, 'field apiKey is missing');
    if (secret === undefined) throw new SecretUnavailableError(secretName, 'field secret is missing');
  }
  return result.data;
}

/** Names fields only: zod's own words for an unknown key or a wrong type repeat no value. */
function describe(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'is not of the form {"apiKey":"…","secret":"…"}';
  if (issue.code === 'unrecognized_keys') return `field ${issue.keys.join(', ')} is not known`;
  return issue.path.length > 0 ? `field ${issue.path.join('.')} ${issue.message}` : 'is not a JSON object';
}

/** Every value that must not appear in a message. */
export const secretValues = (credentials: Credentials | undefined): string[] =>
  Object.values(credentials ?? {}).filter((value) => value !== undefined);
