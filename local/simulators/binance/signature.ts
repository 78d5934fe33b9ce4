/**
 * Binance's request signing: HMAC-SHA256 in hex over the query string directly followed by the body,
 * both as they were sent and without the `signature` parameter.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export function sign(payload: string, secret: string): string {
  return createHmac('sha256', secret).update(payload).digest('hex');
}

/** The text that a REST signature covers. */
export function restPayload(query: string, body: string): string {
  return withoutSignature(query) + withoutSignature(body);
}

/** The text that a WebSocket API signature covers: all parameters but the signature, by name. */
export function socketPayload(params: Readonly<Record<string, string>>): string {
  return Object.keys(params)
    .filter((name) => name !== 'signature')
    .sort()
    .map((name) => `${name}=${params[name]}`)
    .join('&');
}

/** Compares without telling by its time where the difference is. Case does not count. */
export function isSignature(given: string, expected: string): boolean {
  const left = Buffer.from(given.toLowerCase());
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}

function withoutSignature(part: string): string {
  return part
    .split('&')
    .filter((pair) => !pair.startsWith('signature='))
    .join('&');
}
