import { environmentNames } from '@nightdesk/core';
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import { WorkQueue } from './work-queue.ts';

/**
 * AWS advises six times the function's timeout, so that throttled polls do not use up receives. Here the lane of an order
 * whose function crashed stands still for this long, and must be delivered again before its signal is stale (60 s by
 * default); and what throttles use up is allowed for below. Above the function's timeout, so that a second worker does not
 * start beside the first: that would be safe, since every write is conditional, but of no use.
 */
const visibility = Duration.seconds(35);

/**
 * A try of a lane's first message is a receive of all those behind it, which so would be given up together with it, untried.
 * So a signal must end by its own age, with that on record, long before the queue gives it up: with the pauses that
 * execute-order makes, this many tries take an hour and a half, and signals live for 65 minutes at most.
 */
const receivesMax = 100;

/** The FIFO queue from receive-signal to execute-order, one message group per lane, and its dead-letter queue. */
export class SignalsQueue extends WorkQueue {
  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id, {
      settings,
      name: 'signals',
      fifo: true,
      label: 'the signals queue',
      visibility,
      // What is left between the end of an invocation and the next delivery of what it left behind.
      visibilityMarginSeconds: 5,
      receivesMax,
      retention: Duration.days(4),
      // They are executed one after the other, lane by lane, within the function's timeout.
      batchSize: 10,
      concurrencyMax: settings.executeConcurrencyMax,
      environmentName: environmentNames.signalsQueueUrl,
    });
  }
}
