import { environmentNames } from '@nightdesk/core';
import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { SqsDlq, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption, type QueueProps, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import type { DeskFunction } from './desk-function.ts';
import { resourceName } from './names.ts';
import { acknowledge } from './rules.ts';

/** Twice the function's timeout: what it failed to send it hands back itself, so this counts only where it crashed. */
const visibility = Duration.seconds(60);
/** With the pauses that send-notice makes, this many tries take an hour. */
const receivesMax = 20;
const batchSize = 10;
/** Channels that do not answer take 8 s a try: with ten messages each, so many invocations leave room for the others. */
const invocationsMax = 5;

/**
 * The queue from notify to send-notice, one message per notice and channel, with what became of none: its dead letters, and
 * the places in the change streams that notify gave up.
 */
export class NoticeQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly lostChanges: Queue;

  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id);
    const queueName = resourceName(settings, 'notices');
    const common: QueueProps = {
      // A notice holds no secret.
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
    };
    const kept: QueueProps = { ...common, retentionPeriod: Duration.days(14) };
    // By name: a reference to the queue would close a circle, because the queue refers to its dead letters.
    const source = Queue.fromQueueArn(
      this,
      'Source',
      Stack.of(this).formatArn({ service: 'sqs', resource: queueName, arnFormat: ArnFormat.NO_RESOURCE_NAME }),
    );
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...kept,
      queueName: resourceName(settings, 'notices-dead'),
      redriveAllowPolicy: { redrivePermission: RedrivePermission.BY_QUEUE, sourceQueues: [source] },
    });
    this.lostChanges = new Queue(this, 'LostChanges', {
      ...kept,
      queueName: resourceName(settings, 'notices-lost-changes'),
    });
    acknowledge(this.lostChanges, {
      'AwsSolutions-SQS3': 'It holds dead letters of the change streams, and nothing reads from it but a person.',
    });
    this.queue = new Queue(this, 'Queue', {
      ...common,
      queueName,
      visibilityTimeout: visibility,
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: receivesMax },
    });
  }

  grantSend(fn: DeskFunction): void {
    fn.allow({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] });
    fn.setEnvironment(environmentNames.noticesQueueUrl, this.queue.queueUrl);
  }

  /** Where a mapping of a change stream writes down which records it gave up. */
  takeLostChanges(): SqsDlq {
    return new SqsDlq(this.lostChanges);
  }

  /** Makes the function the queue's consumer, which may also hand messages back before their time. */
  feed(fn: DeskFunction): void {
    if (fn.timeout.toSeconds() * 2 > visibility.toSeconds()) {
      throw new Error(`${fn.name}: its timeout must be at most half the visibility of the queue of notices`);
    }
    fn.setEnvironment(environmentNames.noticesQueueUrl, this.queue.queueUrl);
    fn.lambda.addEventSource(
      new SqsEventSource(this.queue, { batchSize, reportBatchItemFailures: true, maxConcurrency: invocationsMax }),
    );
  }
}
