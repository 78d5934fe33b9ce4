/** An account's keys at a venue, as its secret holds them. */
import { createPrivateKey } from 'node:crypto';
import { SecretUnavailableError } from '@nightdesk/core';
import type { ProxyCredentials } from './proxy-agent.ts';

/** What each field is. All but those of proxies have ccxt's own names, which is how they are handed to it. */
export const credentialFields = {
  apiKey: 'the public half of a key pair, or its name',
  secret: 'an HMAC secret, or a private key in PEM form where the venue takes those',
  password: 'the passphrase that some venues ask for beside the key',
  uid: 'the number or name of the user',
  login: 'the name that the user signs in with',
  accountId: 'the number or name of the account at the venue',
  token: 'an access token instead of a signature',
  twofa: 'the seed of one-time passwords',
  walletAddress: 'the address of a wallet that signs',
  privateKey: 'the private key of a wallet, or of an API wallet that may trade for it',
  proxyUsername: 'the user at the proxies that requests go through',
  proxyPassword: 'the password of that user',
} as const;

export type CredentialField = keyof typeof credentialFields;
export type Credentials = Partial<Record<CredentialField, string>>;

/** What a venue asks for, as ccxt's class of it says: field → whether it cannot do without. */
export type RequiredCredentials = Readonly<Record<string, unknown>>;

/** Longest value taken: an RSA key of 4096 bits in PEM form is about 3300 characters. */
const valueLengthMax = 8_192;
const example = 'write {"apiKey":"…","secret":"…"}';

/**
 * Reads credentials from a secret's text: JSON with the fields that the venue asks for. Fields with an empty text, as the
 * template leaves them, count as absent.
 *
 * @throws SecretUnavailableError naming the secret and the field, never a value.
 */
export function parseCredentials(secretText: string, secretName: string): Credentials {
  const refuse = (reason: string) => new SecretUnavailableError(secretName, reason);
  const credentials: Credentials = {};
  for (const [name, value] of Object.entries(parseObject(secretText, refuse))) {
    if (!isCredentialField(name)) throw refuse(`${printable(name)} is not known`);
    if (typeof value !== 'string') throw refuse(`field ${name} must be a text`);
    const text = value.trim();
    if (text === '') continue;
    if (text.length > valueLengthMax) throw refuse(`field ${name} is longer than ${valueLengthMax} characters`);
    credentials[name] = isPem(text) ? readPem(text, () => refuse(`field ${name} is no private key in PEM form`)) : text;
  }
  if (Object.keys(credentials).length === 0) {
    throw refuse(`is not filled in yet: put the account's keys there; ${example}`);
  }
  return credentials;
}

/**
 * Makes sure that everything is there that the venue cannot do without, before it is called.
 *
 * @throws SecretUnavailableError naming the secret, the fields and the venue, never a value.
 */
export function requireCredentials(
  credentials: Credentials,
  { venue, required, secretName }: { venue: string; required: RequiredCredentials; secretName: string },
): void {
  const missing = Object.keys(required).filter(
    (name) => required[name] === true && !(isCredentialField(name) && credentials[name] !== undefined),
  );
  if (missing.length === 0) return;
  const fields = missing.map((name) => (isCredentialField(name) ? `${name} (${credentialFields[name]})` : name));
  throw new SecretUnavailableError(secretName, `lacks what ${venue} asks for: ${fields.join(', ')}`);
}

/** What the venue is to know of the credentials, and what its proxies are. */
export function splitCredentials(credentials: Credentials = {}): { venue: Credentials; proxy?: ProxyCredentials } {
  const { proxyUsername: username, proxyPassword: password = '', ...venue } = credentials;
  return { venue, ...(username !== undefined && { proxy: { username, password } }) };
}

/** False for a secret as the template leaves it, until its owner has put keys there. */
export function isFilledIn(secretText: string): boolean {
  const refuse = (reason: string) => new SecretUnavailableError('', reason);
  try {
    return Object.values(parseObject(secretText, refuse)).some((value) => value !== '');
  } catch {
    // Something else was put there, which whoever uses it is told.
    return true;
  }
}

/** Every value that must not appear in a message. */
export const secretValues = (credentials: Credentials = {}): string[] => Object.values(credentials);

const isCredentialField = (name: string): name is CredentialField => Object.hasOwn(credentialFields, name);

function parseObject(secretText: string, refuse: (reason: string) => Error): object {
  let document: unknown;
  try {
    document = JSON.parse(secretText);
  } catch {
    throw refuse(`is not JSON; ${example}`);
  }
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document;
  throw refuse(`is not a JSON object; ${example}`);
}

/** Somebody may have written the key itself where its name belongs. */
const printable = (name: string): string => (/^[A-Za-z_]{1,20}$/.test(name) ? `field ${name}` : 'a field');

const isPem = (text: string): boolean => text.startsWith('-----BEGIN');

/** Line ends are often pasted as `\n`, which JSON then holds as two characters. */
function readPem(text: string, refuse: () => Error): string {
  const pem = text.replaceAll('\\n', '\n');
  try {
    createPrivateKey(pem);
    return pem;
  } catch {
    throw refuse();
  }
}
