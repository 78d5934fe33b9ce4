/**
 * Our order ids in the forms that venues take. Each is a pure function of the id, so that an order can be looked for by
 * whoever only knows ours.
 */
import { sha256Hex } from '@nightdesk/core';

/** Tells these hashes apart from all others that are made of an id. */
const hashOf = (orderId: string): string => sha256Hex(`client-order-id ${orderId}`);

/** A UUID in its usual spelling, with version 4 and the variant of RFC 9562 in their places. */
export function uuidOf(orderId: string): string {
  const digits = hashOf(orderId);
  const variant = '89ab'.charAt(Number.parseInt(digits.charAt(16), 16) % 4);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}

/** 128 bits in hexadecimal. */
export const hexOf = (orderId: string): string => `0x${hashOf(orderId).slice(0, 32)}`;

/**
 * A whole number above zero.
 *
 * @param bits most that the venue takes, at most 52 so that the number is exact. Two of n orders share one of b bits with a
 *   chance of about n²/2^(b+1).
 */
export const integerOf = (orderId: string, bits: number): string =>
  String((BigInt(`0x${hashOf(orderId)}`) % (2n ** BigInt(bits) - 1n)) + 1n);
