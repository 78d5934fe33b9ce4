/** What a body is read as, and how it is refused. */
import { type DialectSetting, parseSignal, RequestError } from '@nightdesk/core';

export const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

/** The parts of a reading that tests compare. */
export function read(body: unknown, dialect: DialectSetting = 'auto') {
  const { signal, kind, ...rest } = parseSignal(textOf(body), { dialect });
  const { sentAt, ...terms } = signal;
  return { ...rest, terms, ...(kind && { kind }), ...(sentAt && { sentAt: sentAt.text }) };
}

/** The error that reading raises, as the API would answer it. @throws Error when there is none */
export function refusal(body: unknown, dialect: DialectSetting = 'auto') {
  try {
    parseSignal(textOf(body), { dialect });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const paths = error.issues.map(({ path }) => path);
    return { code: error.code, paths, text: JSON.stringify([error.message, error.issues]) };
  }
  throw new Error(`was not refused: ${textOf(body)}`);
}
