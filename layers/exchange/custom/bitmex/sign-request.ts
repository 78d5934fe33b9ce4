/** How BitMEX wants requests signed. https://www.bitmex.com/app/apiKeysUsage */
import { createHmac } from 'node:crypto';

export interface UnsignedRequest {
  /** In capitals. */
  verb: string;
  /** From `/api/v1` on, with the query exactly as it is sent. */
  path: string;
  /** The time after which BitMEX refuses the request, in seconds since the epoch. */
  expiresAtSeconds: number;
  /** Exactly as it is sent; empty where there is none. */
  body: string;
}

/** hex(HMAC-SHA256(secret, verb + path + expires + body)) */
export function signatureOf({ verb, path, expiresAtSeconds, body }: UnsignedRequest, secret: string): string {
  return createHmac('sha256', secret).update(`${verb}${path}${expiresAtSeconds}${body}`).digest('hex');
}

/** The headers that make a request one of this key's. */
export function authenticationHeaders(
  request: UnsignedRequest,
  { apiKey, secret }: { apiKey: string; secret: string },
): Record<string, string> {
  return {
    'api-expires': String(request.expiresAtSeconds),
    'api-key': apiKey,
    'api-signature': signatureOf(request, secret),
  };
}
