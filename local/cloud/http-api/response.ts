/** Reads what a function answered, as an HTTP API does for payload format 2.0. Pure. */

/** An answer ready to send; headers have lower-case names, `set-cookie` holds one string per cookie. */
export interface HttpApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer | string;
}

/** An answer of API Gateway itself. */
export function gatewayResponse(status: number, message: string): HttpApiResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }) };
}

/** What API Gateway answers when a function failed or its answer cannot be read. */
export const internalServerError = gatewayResponse(500, 'Internal Server Error');

/** Headers about one connection: API Gateway sets its own towards the caller. */
const connectionHeaders = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

/**
 * The HTTP answer a function's payload stands for, or `undefined` when the payload is malformed. A payload without
 * `statusCode` is itself the body of a 200, typed as JSON.
 */
export function interpretPayload(payload: string): HttpApiResponse | undefined {
  const result = parseJson(payload);
  if (!isRecord(result) || !('statusCode' in result)) {
    return { status: 200, headers: { 'content-type': 'application/json' }, body: payload };
  }
  const status = Number(result.statusCode);
  const headers = readHeaders(result.headers, result.cookies);
  const text = result.body ?? '';
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  if (headers === undefined || typeof text !== 'string') return undefined;
  return { status, headers, body: result.isBase64Encoded === true ? Buffer.from(text, 'base64') : text };
}

function readHeaders(headers: unknown, cookies: unknown): Record<string, string | string[]> | undefined {
  const read: Record<string, string | string[]> = { 'content-type': 'text/plain; charset=utf-8' };
  if (!isRecord(headers ?? {})) return undefined;
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
    const lowerCaseName = name.toLowerCase();
    if (!connectionHeaders.has(lowerCaseName)) read[lowerCaseName] = String(value);
  }
  if (cookies === undefined || cookies === null) return read;
  if (!Array.isArray(cookies) || !cookies.every((cookie) => typeof cookie === 'string')) return undefined;
  const single = read['set-cookie'];
  if (cookies.length > 0) read['set-cookie'] = [...(typeof single === 'string' ? [single] : []), ...cookies];
  return read;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // API Gateway does not check the body of an inferred answer, so text that is no JSON passes through as it is.
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
