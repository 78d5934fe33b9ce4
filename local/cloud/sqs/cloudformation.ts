/** Reads the properties of an `AWS::SQS::Queue` resource. */
import type { NewQueue } from './queues.ts';

export interface QueueDefinition {
  /** Physical name; the FIFO kind needs the suffix `.fifo`. */
  name: string;
  /** The resource's properties with every reference resolved. */
  properties: Readonly<Record<string, unknown>>;
}

/** Properties that become the attribute of the same name. */
const attributeProperties = new Set([
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoQueue',
  'FifoThroughputLimit',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
]);

/** @throws Error naming a property that a queue does not have */
export function queueFromProperties({ name, properties }: QueueDefinition): NewQueue {
  const attributes: Record<string, string> = {};
  let tags: Record<string, string> = {};
  for (const [property, value] of Object.entries(properties)) {
    if (property === 'QueueName' || value === undefined || value === null) continue;
    if (property === 'Tags') tags = readTags(name, value);
    else if (attributeProperties.has(property)) attributes[property] = attributeText(value);
    else throw new Error(`AWS::SQS::Queue ${name}: the property ${property} is not supported`);
  }
  // CloudFormation states the default kind; the service only knows the attribute on FIFO queues.
  if (attributes.FifoQueue === 'false') delete attributes.FifoQueue;
  return { name, attributes, tags };
}

function attributeText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function readTags(name: string, value: unknown): Record<string, string> {
  const tags: Record<string, string> = {};
  if (!Array.isArray(value)) throw new Error(`AWS::SQS::Queue ${name}: Tags must be a list of Key and Value`);
  for (const tag of value) tags[String(tag?.Key)] = String(tag?.Value);
  return tags;
}
