/** How a request to edgeX's private API is signed. https://edgex-1.gitbook.io/edgeX-documentation/api/authentication */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { curveOrder, type StarkKey, signHash, word } from './stark-curve.ts';

export interface RequestToSign {
  timestampMs: number;
  method: string;
  /** From `/api` on, without the query. */
  path: string;
  parameters: Readonly<Record<string, unknown>>;
}

/** The text that is signed: query parameters and bodies alike are flattened, sorted by name. */
export const signedText = ({ timestampMs, method, path, parameters }: RequestToSign): string =>
  `${timestampMs}${method}${path}${flatten(parameters)}`;

/** The value of the signature header: r and s, then y of the public key. */
export function signRequest(request: RequestToSign, key: StarkKey): string {
  const { r, s } = signHash(hashText(signedText(request)), key);
  return word(r) + word(s) + word(key.y);
}

export function hashText(text: string): bigint {
  const digest = Buffer.from(keccak_256(new TextEncoder().encode(text))).toString('hex');
  return BigInt(`0x${digest}`) % curveOrder;
}

/** Absent values are empty, lists are joined by `&`, objects become `name=value` sorted by name and joined by `&`. */
export function flatten(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(flatten).join('&');
  if (typeof value !== 'object') return String(value);
  const named = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return named.map(([name, part]) => `${name}=${flatten(part)}`).join('&');
}
