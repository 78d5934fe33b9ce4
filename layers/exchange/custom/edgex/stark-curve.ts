/**
 * ECDSA on the Stark curve, as StarkEx uses it: the hash is a number below 2^251, and the random number of a signature is
 * derived from key and hash (RFC 6979), so that the same order is signed the same way each time.
 * https://docs.starkware.co/starkex/crypto/stark-curve.html
 */
import { Point, sign } from '@scure/starknet';

export interface StarkSignature {
  r: bigint;
  s: bigint;
}

/** An account's key. */
export interface StarkKey {
  /** 64 hex digits. */
  secret: string;
  /** The public point: edgeX calls x the account's `l2Key` and y its `l2KeyYCoordinate`. */
  x: bigint;
  y: bigint;
}

/** Number of points of the curve: keys and signatures count up to it. */
export const curveOrder: bigint = Point.Fn.ORDER;

const secretPattern = /^(?:0x)?([0-9a-fA-F]{1,64})$/;

/**
 * Reads a private key as edgeX shows it: hex digits, with `0x` or without.
 *
 * @returns nothing when the text is no key of this curve; the text itself is never repeated.
 */
export function readStarkKey(text: string): StarkKey | undefined {
  const digits = secretPattern.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const secret = BigInt(`0x${digits}`);
  if (secret === 0n || secret >= curveOrder) return undefined;
  const { x, y } = Point.BASE.multiply(secret).toAffine();
  return { secret: word(secret), x, y };
}

/** @param hash below 2^251. @throws RangeError when it is not. */
export function signHash(hash: bigint, key: StarkKey): StarkSignature {
  // Without leading zeros: the library tells hashes of 63 digits, which it has to shift, by their length.
  const { r, s } = sign(hash.toString(16), key.secret);
  return { r, s };
}

/** A number as edgeX writes it inside a signature: 64 hex digits. */
export const word = (value: bigint): string => value.toString(16).padStart(64, '0');
