/**
 * Bybit's request signing: HMAC-SHA256 in hex over timestamp, key, receive window and payload, where the payload is
 * the query string of a GET and the body of a POST, both as they were sent.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export function sign(payload: string, secret: string): string {
  return createHmac('sha256', secret).update(payload).digest('hex');
}

/** What a private socket signs: the moment until which the signature holds. */
export function socketPayload(expiresMs: string): string {
  return `GET/realtime${expiresMs}`;
}

/** Compares without telling by its time where the difference is. Case does not count. */
export function isSignature(given: string, expected: string): boolean {
  const left = Buffer.from(given.toLowerCase());
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}
