/**
 * Kraken's request signing: HMAC-SHA512 with the decoded secret over the path directly followed by
 * SHA-256(nonce + body), in base64. https://docs.kraken.com/exchange/guides/rest/authentication
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface SignedRequest {
  /** From the slash before the version on, e.g. `/0/private/Balance`. */
  path: string;
  /** As sent. */
  nonce: string;
  body: string;
}

/** @param secret in base64, as Kraken hands it out */
export function sign({ path, nonce, body }: SignedRequest, secret: string): string {
  const digest = createHash('sha256')
    .update(nonce + body)
    .digest();
  return createHmac('sha512', Buffer.from(secret, 'base64')).update(path).update(digest).digest('base64');
}

/** Compares without telling by its time where the difference is. */
export function isSignature(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Whether a text is base64 such as Kraken's secrets are: whole groups of four, decoding to something. */
export function isBase64(text: string): boolean {
  return text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
