/** The client context of an invocation, which reaches the function in a header. */
import { invalidClientContext } from './errors.ts';

/** AWS's limit, which it sets on the base64 form. Escaped as below this stays within what Node takes as headers. */
const base64BytesMax = 3583;

/**
 * The same JSON in the characters that a header can hold: one line, and everything beyond ASCII escaped.
 *
 * @throws LambdaError `InvalidRequestContentException` when it is no JSON object, as AWS does, or too long.
 */
export function toHeaderText(clientContext: string): string {
  const bytes = Buffer.from(clientContext).toString('base64').length;
  if (bytes > base64BytesMax) throw invalidClientContext(`it has ${bytes} bytes and may have ${base64BytesMax}`);
  return JSON.stringify(parseObject(clientContext)).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function parseObject(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidClientContext(error instanceof Error ? error.message : String(error));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidClientContext('it is no object');
  return value;
}
