/** Topics and subscriptions as CloudFormation defines them. */
import { localPlace } from '../../assembly/pseudo-parameters.ts';

export interface TopicDefinition {
  readonly TopicName: string;
  readonly [property: string]: unknown;
}

export interface SubscriptionDefinition {
  readonly Protocol?: unknown;
  readonly [property: string]: unknown;
}

export interface Topic {
  readonly arn: string;
  readonly name: string;
  readonly displayName: string;
}

/** Properties of `AWS::SNS::Topic` that are emulated, or change nothing on one machine. */
const knownProperties: ReadonlySet<string> = new Set([
  'TopicName',
  'DisplayName',
  'FifoTopic',
  'KmsMasterKeyId',
  'SignatureVersion',
  'Subscription',
  'Tags',
  'TracingConfig',
]);

/** Whoever is subscribed by these is outside this machine, which nothing in local mode can reach. */
const outsideProtocols: ReadonlySet<unknown> = new Set(['email', 'email-json', 'sms', 'http', 'https', 'application']);

export function topicArn(name: string): string {
  const { partition, region, accountId } = localPlace;
  return `arn:${partition}:sns:${region}:${accountId}:${name}`;
}

/** @throws Error naming the topic and what is not emulated. */
export function readTopic(definition: TopicDefinition): Topic {
  const { TopicName: name, DisplayName: displayName = '', Subscription: subscriptions = [] } = definition;
  const unknown = Object.keys(definition).filter((property) => !knownProperties.has(property));
  if (unknown.length > 0) throw new Error(`AWS::SNS::Topic ${name}: ${unknown.join(', ')} is not emulated`);
  if (String(definition.FifoTopic ?? false) === 'true') {
    throw new Error(`AWS::SNS::Topic ${name}: FIFO topics are not emulated`);
  }
  if (!Array.isArray(subscriptions)) throw new Error(`AWS::SNS::Topic ${name}: Subscription must be a list`);
  for (const subscription of subscriptions) checkSubscription(name, subscription as SubscriptionDefinition);
  return { arn: topicArn(name), name, displayName: String(displayName) };
}

/**
 * Messages stay where they are published, so a subscription of something that runs here would never get one.
 * @throws Error naming such a subscription
 */
export function checkSubscription(owner: string, { Protocol: protocol }: SubscriptionDefinition): void {
  if (outsideProtocols.has(protocol)) return;
  throw new Error(`AWS::SNS::Subscription of ${owner}: the protocol ${String(protocol)} is not emulated`);
}
