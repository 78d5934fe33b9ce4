/** An account's keys at a venue, as its secret holds them. */
import { SecretUnavailableError } from '@nightdesk/core';

export interface Credentials {
  apiKey?: string;
  /** An HMAC secret, or a private key in PEM form where the venue takes those. */
  secret?: string;
  /** The passphrase that some venues ask for beside the key. */
  password?: string;
  uid?: string;
  login?: string;
  /** For venues where a wallet signs. */
  walletAddress?: string;
  privateKey?: string;
}

/** In ccxt's own names, which is how they are handed to it. */
const fieldNames: ReadonlySet<string> = new Set<keyof Credentials>([
  'apiKey',
  'secret',
  'password',
  'uid',
  'login',
  'walletAddress',
  'privateKey',
]);
/** Longest value taken: an RSA key of 4096 bits in PEM form is about 3300 characters. */
const valueLengthMax = 8_192;

/**
 * Reads credentials from a secret's text: JSON with `apiKey` and `secret`, or `walletAddress` and `privateKey`, and
 * what else the venue asks for.
 *
 * @throws SecretUnavailableError naming the secret and the field, never a value.
 */
export function parseCredentials(secretText: string, secretName: string): Credentials {
  const refuse = (reason: string) => new SecretUnavailableError(secretName, reason);
  let document: unknown;
  try {
    document = JSON.parse(secretText);
  } catch {
    throw refuse('is not JSON; write {"apiKey":"…","secret":"…"}');
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw refuse('is not a JSON object; write {"apiKey":"…","secret":"…"}');
  }
  const credentials: Record<string, string> = {};
  for (const [name, value] of Object.entries(document)) {
    if (!fieldNames.has(name)) throw refuse(`${printable(name)} is not known`);
    if (typeof value !== 'string') throw refuse(`field ${name} must be a text`);
    const text = value.trim();
    if (text === '') throw refuse(`field ${name} must not be empty`);
    if (text.length > valueLengthMax) throw refuse(`field ${name} is longer than ${valueLengthMax} characters`);
    credentials[name] = text;
  }
  const wallet = credentials.privateKey !== undefined;
  for (const required of wallet ? ['walletAddress', 'privateKey'] : ['apiKey', 'secret']) {
    if (credentials[required] === undefined) throw refuse(`field ${required} is missing`);
  }
  return credentials;
}

/** Somebody may have written the key itself where its name belongs. */
const printable = (name: string): string => (/^[A-Za-z_]{1,20}$/.test(name) ? `field ${name}` : 'a field');

/** Every value that must not appear in a message. */
export const secretValues = (credentials: Credentials = {}): string[] => Object.values(credentials);
