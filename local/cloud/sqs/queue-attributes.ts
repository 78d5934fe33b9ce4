/** The attributes a queue can be given: their ranges and defaults, and what they mean in milliseconds. */
import { SqsError } from './errors.ts';
import { parseRedriveAllowPolicy, parseRedrivePolicy, type RedrivePolicy } from './redrive-policy.ts';

export type QueueAttributes = Record<string, string>;

interface AttributeRule {
  /** @throws SqsError when `value` is not one the service takes */
  check(name: string, value: string): void;
  default?: string;
  fifoOnly?: true;
}

function invalidAttribute(name: string, reason: string): SqsError {
  return new SqsError('InvalidAttributeValue', `Invalid value for the parameter ${name}. Reason: ${reason}`);
}

function integer(min: number, max: number, fallback?: number): AttributeRule {
  return {
    ...(fallback === undefined ? {} : { default: String(fallback) }),
    check(name, value) {
      if (!/^\d+$/.test(value) || Number(value) < min || Number(value) > max) {
        throw invalidAttribute(name, `Must be an integer from ${min} to ${max}.`);
      }
    },
  };
}

function oneOf(values: readonly string[], fallback?: string): AttributeRule {
  return {
    ...(fallback === undefined ? {} : { default: fallback }),
    check(name, value) {
      if (!values.includes(value)) throw invalidAttribute(name, `Must be one of ${values.join(', ')}.`);
    },
  };
}

function json(parse: (value: string) => unknown): AttributeRule {
  return { check: (_name, value) => void parse(value) };
}

function parsePolicy(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw invalidAttribute('Policy', 'Must be a JSON document.');
  }
}

const booleans = ['true', 'false'];

/** Ranges and defaults: CreateQueue in the SQS API Reference. */
const rules: Record<string, AttributeRule> = {
  DelaySeconds: integer(0, 900, 0),
  MaximumMessageSize: integer(1024, 1_048_576, 1_048_576),
  MessageRetentionPeriod: integer(60, 1_209_600, 345_600),
  ReceiveMessageWaitTimeSeconds: integer(0, 20, 0),
  VisibilityTimeout: integer(0, 43_200, 30),
  KmsDataKeyReusePeriodSeconds: integer(60, 86_400),
  KmsMasterKeyId: { check: () => undefined },
  SqsManagedSseEnabled: oneOf(booleans, 'true'),
  Policy: json(parsePolicy),
  RedrivePolicy: json(parseRedrivePolicy),
  RedriveAllowPolicy: json(parseRedriveAllowPolicy),
  FifoQueue: { ...oneOf(['true']), fifoOnly: true },
  ContentBasedDeduplication: { ...oneOf(booleans, 'false'), fifoOnly: true },
  DeduplicationScope: { ...oneOf(['queue', 'messageGroup'], 'queue'), fifoOnly: true },
  FifoThroughputLimit: { ...oneOf(['perQueue', 'perMessageGroupId'], 'perQueue'), fifoOnly: true },
};

/** Attributes that an empty value takes away. */
const removable = new Set(['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId']);

const highThroughputAttributes = new Set(['DeduplicationScope', 'FifoThroughputLimit']);

/** Checks names and values against the kind of queue. @throws SqsError InvalidAttributeName or InvalidAttributeValue */
export function checkAttributes(attributes: QueueAttributes, fifo: boolean): void {
  for (const [name, value] of Object.entries(attributes)) {
    const rule = rules[name];
    if (rule === undefined) throw new SqsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    if (rule.fifoOnly && !fifo) {
      const message = highThroughputAttributes.has(name)
        ? `You can specify the ${name} only when FifoQueue is set to true.`
        : `Unknown Attribute ${name}.`;
      throw new SqsError('InvalidAttributeName', message);
    }
    if (value !== '' || !removable.has(name)) rule.check(name, value);
  }
}

/** @throws SqsError when the throughput limit asks for a scope that the queue does not have */
export function checkHighThroughput(attributes: QueueAttributes): void {
  if (attributes.FifoThroughputLimit === 'perMessageGroupId' && attributes.DeduplicationScope !== 'messageGroup') {
    throw invalidAttribute(
      'FifoThroughputLimit',
      'perMessageGroupId is allowed only when DeduplicationScope is messageGroup.',
    );
  }
}

/** The attributes of a new queue: what was given, over the defaults. */
export function withDefaults(attributes: QueueAttributes, fifo: boolean): QueueAttributes {
  const complete: QueueAttributes = {};
  for (const [name, rule] of Object.entries(rules)) {
    if (rule.default !== undefined && (fifo || !rule.fifoOnly)) complete[name] = rule.default;
  }
  return merge(complete, attributes);
}

/** `changes` over `attributes`; an empty policy or key takes the attribute away. */
export function merge(attributes: QueueAttributes, changes: QueueAttributes): QueueAttributes {
  const merged = { ...attributes, ...changes };
  for (const name of removable) if (merged[name] === '') delete merged[name];
  return merged;
}

/** What the attributes of a queue mean to the code that sends and receives. */
export interface QueueSettings {
  visibilityMs: number;
  delayMs: number;
  retentionMs: number;
  waitMs: number;
  messageBytesMax: number;
  contentDeduplication: boolean;
  deduplicationScope: 'queue' | 'messageGroup';
  redrive: RedrivePolicy | undefined;
}

export function settingsOf(attributes: QueueAttributes): QueueSettings {
  const ms = (name: string): number => Number(attributes[name]) * 1000;
  return {
    visibilityMs: ms('VisibilityTimeout'),
    delayMs: ms('DelaySeconds'),
    retentionMs: ms('MessageRetentionPeriod'),
    waitMs: ms('ReceiveMessageWaitTimeSeconds'),
    messageBytesMax: Number(attributes.MaximumMessageSize),
    contentDeduplication: attributes.ContentBasedDeduplication === 'true',
    deduplicationScope: attributes.DeduplicationScope === 'messageGroup' ? 'messageGroup' : 'queue',
    redrive: attributes.RedrivePolicy === undefined ? undefined : parseRedrivePolicy(attributes.RedrivePolicy),
  };
}
