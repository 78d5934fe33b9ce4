import { environmentNames } from '@nightdesk/core';
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import { WorkQueue } from './work-queue.ts';

/** The FIFO queue from streams to apply-order-news, one message group per order, and its dead-letter queue. */
export class OrderNewsQueue extends WorkQueue {
  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id, {
      settings,
      name: 'order-news',
      fifo: true,
      label: 'the queue of order news',
      // Above the function's timeout, so that nobody begins with news that may still be under way.
      visibility: Duration.seconds(35),
      visibilityMarginSeconds: 5,
      // News of an order that is not known yet end after a few. What fails so often is a defect, or a table that cannot be reached.
      receivesMax: 10,
      // Tracking has asked the venue about the order long before.
      retention: Duration.hours(1),
      batchSize: 10,
      concurrencyMax: settings.executeConcurrencyMax,
      environmentName: environmentNames.orderNewsQueueUrl,
    });
  }
}
