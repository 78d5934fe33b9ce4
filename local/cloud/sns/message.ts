/** Reads a message that is to be published, by AWS's rules (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html). */
import { invalidParameter, SnsError } from './errors.ts';

export interface MessageAttribute {
  readonly dataType: string;
  /** As it was sent: text, or base64 where the type is Binary. */
  readonly value: string;
}

export interface OutgoingMessage {
  readonly message: string;
  readonly subject: string | undefined;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
}

/** The parameters of one message, by names as they are without the prefix that a batch puts before them. */
export type Parameters = (name: string) => string | undefined;

/** Message and attributes together. */
export const messageBytesMax = 262_144;
const subjectCharactersMax = 100;
/** ASCII that begins with a letter, digit or punctuation mark, without line breaks and control characters. */
const subjectPattern = /^[\x21-\x7e][\x20-\x7e]*$/;
const attributesMax = 100;
const attributeTypes = /^(String|String\.Array|Number|Binary)$/;

/** @throws SnsError */
export function readMessage(parameter: Parameters): OutgoingMessage {
  const message = parameter('Message') ?? '';
  if (message === '') throw invalidParameter('Empty message');
  const outgoing = { message, subject: readSubject(parameter), attributes: readAttributes(parameter) };
  if (bytesOf(outgoing) > messageBytesMax) throw invalidParameter('Message too long');
  if (parameter('MessageStructure') === 'json') checkStructure(message);
  return outgoing;
}

function readSubject(parameter: Parameters): string | undefined {
  const subject = parameter('Subject');
  if (subject === undefined) return undefined;
  if (subject.length > subjectCharactersMax || !subjectPattern.test(subject)) throw invalidParameter('Subject');
  return subject;
}

function readAttributes(parameter: Parameters): Record<string, MessageAttribute> {
  const attributes: Record<string, MessageAttribute> = {};
  for (let index = 1; index <= attributesMax; index += 1) {
    const entry = `MessageAttributes.entry.${index}`;
    const name = parameter(`${entry}.Name`);
    if (name === undefined) return attributes;
    attributes[name] = readAttribute(name, (field) => parameter(`${entry}.Value.${field}`));
  }
  throw invalidParameter(`more than ${attributesMax} message attributes`);
}

function readAttribute(name: string, field: Parameters): MessageAttribute {
  const dataType = field('DataType') ?? '';
  const value = field(dataType === 'Binary' ? 'BinaryValue' : 'StringValue') ?? '';
  if (!attributeTypes.test(dataType) || value === '') {
    throw new SnsError('ParameterValueInvalid', `The message attribute '${name}' must have a type and a value of it.`);
  }
  return { dataType, value };
}

function checkStructure(message: string): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(message);
  } catch {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
  if (typeof (parsed as { default?: unknown } | null)?.default !== 'string') {
    throw invalidParameter('Message Structure - No default entry in JSON message body');
  }
}

/** What a message counts as against the limit. */
export function bytesOf({ message, attributes }: OutgoingMessage): number {
  const sizes = Object.entries(attributes).map(
    ([name, { dataType, value }]) => Buffer.byteLength(name) + Buffer.byteLength(dataType) + Buffer.byteLength(value),
  );
  return Buffer.byteLength(message) + sizes.reduce((sum, size) => sum + size, 0);
}
