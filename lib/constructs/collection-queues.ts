import { environmentNames } from '@nightdesk/core';
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import { WorkQueue, type WorkQueueProps } from './work-queue.ts';

type Shared = Omit<WorkQueueProps, 'name' | 'label' | 'batchSize' | 'concurrencyMax' | 'environmentName' | 'retention'>;

const shared = (settings: StageSettings): Shared => ({
  settings,
  fifo: true,
  // Above the function's timeout, so that nobody begins with a job that may still be under way.
  visibility: Duration.seconds(135),
  visibilityMarginSeconds: 10,
  // A venue that does not answer is a result. What fails so often in a row is a defect, or a table that cannot be reached.
  receivesMax: 5,
});

/** What is new of every lane, what is over, and what is traded most: a message group per lane. */
export class CandleJobsQueue extends WorkQueue {
  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id, {
      ...shared(settings),
      name: 'candle-jobs',
      label: 'the queue of candle jobs',
      // The planner plans again what is due and was not done, so older messages are of no use.
      retention: Duration.hours(1),
      // Lanes of a venue share its connections and what is leased of its request limits, so they are worked on together.
      batchSize: 10,
      concurrencyMax: settings.collectConcurrencyMax,
      environmentName: environmentNames.candleJobsQueueUrl,
    });
  }
}

/** What is missing of the past, apart, so that it holds up nothing new: a message group per series. */
export class BackfillJobsQueue extends WorkQueue {
  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id, {
      ...shared(settings),
      name: 'backfill-jobs',
      label: 'the queue of backfills',
      // How far a backfill has come is in the record of its series, from which the planner sends it on.
      retention: Duration.hours(12),
      // Each takes all the time that an invocation has.
      batchSize: 1,
      concurrencyMax: settings.backfillConcurrencyMax,
      environmentName: environmentNames.backfillJobsQueueUrl,
    });
  }
}
