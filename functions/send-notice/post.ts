/** One HTTP request to a channel. Its address may be a secret as a whole, so no error of the HTTP client is ever passed on. */

export interface PostRequest {
  url: string;
  body: string;
  headers?: Readonly<Record<string, string>>;
}

export interface PostAnswer {
  status: number;
  /** From the header `Retry-After`, where it says so in seconds. */
  retryAfterSeconds: number | undefined;
  /** The beginning of it, at most `bodyLengthMax` bytes. */
  body: string;
}

/** Chat platforms answer within a second. What takes longer is tried again rather than waited for. */
export const answerMsMax = 8_000;
/** Longer than every answer that is understood here. */
const bodyLengthMax = 16_384;
/** Codes of errors that name no host and no path. */
const codePattern = /^[A-Z][A-Z0-9_]{2,40}$/;

/**
 * @returns the answer, or in words why there is none
 */
export async function post(
  { url, body, headers }: PostRequest,
  timeoutMs = answerMsMax,
): Promise<PostAnswer | { failure: string }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Nightdesk', ...headers },
      body,
      // A redirect would carry the message, and with it its signature, to somebody else.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const retryAfter = response.headers.get('retry-after') ?? '';
    return {
      status: response.status,
      retryAfterSeconds: /^\d{1,6}(\.\d+)?$/.test(retryAfter) ? Number(retryAfter) : undefined,
      body: await readStart(response),
    };
  } catch (error) {
    return { failure: reasonOf(error, timeoutMs) };
  }
}

async function readStart(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    length += part.length;
    // Leaving the loop ends the response.
    if (length >= bodyLengthMax) break;
  }
  return Buffer.concat(parts).subarray(0, bodyLengthMax).toString('utf8');
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `did not answer within ${timeoutMs} ms`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return `could not be reached${codePattern.test(code) ? ` (${code})` : ''}`;
}
