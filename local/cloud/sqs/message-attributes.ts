/** User attributes of a message: validation, size, filtering, and the checksum that AWS SDKs verify. */
import { createHash } from 'node:crypto';
import { invalidParameter, missingParameter } from './errors.ts';
import { type Input, objectOf, optionalText } from './input.ts';

/** One user attribute; exactly one of the values is set. `BinaryValue` is base64. */
export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: string;
}

export type MessageAttributes = Record<string, MessageAttribute>;

const attributesMax = 10;
const nameLengthMax = 256;
/** Tabs, line ends and every printable character that XML 1.0 allows. */
const unsendable = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

export function hasUnsendableCharacter(text: string): boolean {
  return unsendable.test(text);
}

/** Checks the `MessageAttributes` of a send. @throws SqsError naming the attribute and the rule it breaks. */
export function parseMessageAttributes(value: unknown): MessageAttributes | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = Object.entries(objectOf(value, 'MessageAttributes'));
  if (entries.length === 0) return undefined;
  if (entries.length > attributesMax) {
    throw invalidParameter(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${attributesMax}].`,
    );
  }
  return Object.fromEntries(
    entries.map(([name, attribute]) => {
      checkName(name);
      return [name, parseAttribute(name, objectOf(attribute, `MessageAttributes.${name}`))];
    }),
  );
}

function checkName(name: string): void {
  if (name.length > nameLengthMax || !/^[A-Za-z0-9_.-]+$/.test(name)) {
    throw invalidParameter(
      `Message (user) attribute name '${name}' must be 1 to ${nameLengthMax} letters, digits, underscores, hyphens or periods.`,
    );
  }
  if (/^(aws|amazon)\./i.test(name) || name.startsWith('.') || name.endsWith('.') || name.includes('..')) {
    throw invalidParameter(
      `Message (user) attribute name '${name}' must not begin with 'AWS.' or 'Amazon.', start or end with '.', or contain '..'.`,
    );
  }
}

function parseAttribute(name: string, input: Input): MessageAttribute {
  const DataType = optionalText(input, 'DataType');
  if (DataType === undefined) throw missingParameter(`MessageAttributes.${name}.DataType`);
  const kind = DataType.split('.')[0];
  if (kind !== 'String' && kind !== 'Number' && kind !== 'Binary') {
    throw invalidParameter(
      `The type of message (user) attribute '${name}' is invalid: '${DataType}' must begin with String, Number or Binary.`,
    );
  }
  const field = kind === 'Binary' ? 'BinaryValue' : 'StringValue';
  const value = optionalText(input, field);
  if (value === undefined || value === '') {
    throw invalidParameter(`Message (user) attribute '${name}' must contain a non-empty value of type '${kind}'.`);
  }
  if (kind === 'Binary') return { DataType, BinaryValue: value };
  if (kind === 'Number' && (value.trim() === '' || !Number.isFinite(Number(value)))) {
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
  if (hasUnsendableCharacter(value)) {
    throw invalidParameter(`Message (user) attribute '${name}' contains a character that SQS does not allow.`);
  }
  return { DataType, StringValue: value };
}

function valueBytes(attribute: MessageAttribute): Buffer {
  return attribute.BinaryValue === undefined
    ? Buffer.from(attribute.StringValue ?? '')
    : Buffer.from(attribute.BinaryValue, 'base64');
}

/** What the attributes add to the size of a message: names, types and values. */
export function attributesBytes(attributes: MessageAttributes | undefined): number {
  let bytes = 0;
  for (const [name, attribute] of Object.entries(attributes ?? {})) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + valueBytes(attribute).length;
  }
  return bytes;
}

export function md5(content: string | Buffer): string {
  return createHash('md5').update(content).digest('hex');
}

/**
 * MD5 over the attributes sorted by name, each as length-prefixed name, type and value, with a byte that says text (1)
 * or binary (2). Source: "Calculating the MD5 message digest for message attributes" in the SQS Developer Guide.
 */
export function attributesMd5(attributes: MessageAttributes | undefined): string | undefined {
  const names = Object.keys(attributes ?? {}).sort();
  if (attributes === undefined || names.length === 0) return undefined;
  const parts: Buffer[] = [];
  for (const name of names) {
    const attribute = attributes[name];
    if (attribute === undefined) continue;
    parts.push(withLength(Buffer.from(name)), withLength(Buffer.from(attribute.DataType)));
    parts.push(Buffer.of(attribute.BinaryValue === undefined ? 1 : 2), withLength(valueBytes(attribute)));
  }
  return md5(Buffer.concat(parts));
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Keeps the attributes a receive asked for: exact names, `prefix.*`, and `All` or `.*` for every one. */
export function filterAttributes(attributes: MessageAttributes, wanted: readonly string[]): MessageAttributes {
  const matches = (name: string): boolean =>
    wanted.some(
      (pattern) =>
        pattern === 'All' ||
        pattern === '.*' ||
        pattern === name ||
        (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => matches(name)));
}
