/** What several operations read from their input, with the limits AWS sets. */
import { randomUUID } from 'node:crypto';
import type { PropertyReader } from '../property-reader.ts';
import { invalidParameter } from './errors.ts';
import type { Secret, SecretValue } from './secret.ts';

const valueBytesMax = 65_536;
const namePattern = /^[A-Za-z0-9/_+=.@-]{1,512}$/;

/** @throws SecretsError when the name has characters that AWS refuses. */
export function readName(input: PropertyReader): string {
  const name = input.text('Name');
  if (!namePattern.test(name)) {
    throw invalidParameter('Invalid name. Must be a valid name containing alphanumeric characters, or any of: -/_+=.@');
  }
  return name;
}

/** The value in `SecretString` or `SecretBinary`; `undefined` with neither. @throws SecretsError */
export function readValue(input: PropertyReader): SecretValue | undefined {
  const text = input.optionalText('SecretString');
  const base64 = input.optionalText('SecretBinary');
  if (text !== undefined && base64 !== undefined) {
    throw invalidParameter("You can't specify both SecretString and SecretBinary.");
  }
  if (text === undefined && base64 === undefined) return undefined;
  if (Buffer.byteLength(text ?? base64 ?? '') > valueBytesMax) {
    throw invalidParameter(`A secret value can have at most ${valueBytesMax} bytes.`);
  }
  return text === undefined ? { base64: base64 ?? '' } : { text };
}

export function readValueToStore(input: PropertyReader): SecretValue {
  const value = readValue(input);
  if (value === undefined) throw invalidParameter('You must provide either SecretString or SecretBinary.');
  return value;
}

/** The SDK always sends a token, which becomes the id of the version; others may leave it out. */
export function readVersionId(input: PropertyReader): string {
  return input.optionalText('ClientRequestToken') ?? randomUUID();
}

export function readTags(input: PropertyReader): Secret['tags'] | undefined {
  return input.optionalChildren('Tags')?.map((tag) => ({ Key: tag.text('Key'), Value: tag.text('Value') }));
}
