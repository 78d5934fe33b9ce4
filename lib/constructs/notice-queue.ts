import { environmentNames } from '@nightdesk/core';
import { Duration } from 'aws-cdk-lib';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import { resourceName } from './names.ts';
import { acknowledge } from './rules.ts';
import { plainQueue, WorkQueue } from './work-queue.ts';

/**
 * The queue from notify to send-notice, one message per notice and channel, with what became of none: its dead letters, and
 * the places in the change streams that notify gave up.
 */
export class NoticeQueue extends WorkQueue {
  readonly lostChanges: Queue;

  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id, {
      settings,
      name: 'notices',
      fifo: false,
      label: 'the queue of notices',
      // Twice the function's timeout: what it failed to send it hands back itself, so this counts only where it crashed.
      visibility: Duration.seconds(60),
      visibilityMarginSeconds: 30,
      // With the pauses that send-notice makes, this many tries take an hour.
      receivesMax: 20,
      retention: Duration.days(4),
      batchSize: 10,
      // Channels that do not answer take 8 s a try: with ten messages each, so many invocations leave room for the others.
      concurrencyMax: 5,
      environmentName: environmentNames.noticesQueueUrl,
    });
    this.lostChanges = new Queue(this, 'LostChanges', {
      ...plainQueue,
      queueName: resourceName(settings, 'notices-lost-changes'),
      retentionPeriod: Duration.days(14),
    });
    acknowledge(this.lostChanges, {
      'AwsSolutions-SQS3': 'It holds dead letters of the change streams, and nothing reads from it but a person.',
    });
  }

  /** Where a mapping of a change stream writes down which records it gave up. */
  takeLostChanges(): SqsDlq {
    return new SqsDlq(this.lostChanges);
  }
}
