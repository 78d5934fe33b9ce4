import { environmentNames } from '@nightdesk/core';
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import { WorkQueue } from './work-queue.ts';

/** The FIFO queue from plan-reconciliations to reconcile-balances, one message group per account, and its dead-letter queue. */
export class ReconciliationQueue extends WorkQueue {
  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id, {
      settings,
      name: 'reconciliations',
      fifo: true,
      label: 'the queue of reconciliations',
      // Above the function's timeout, so that a look that crashed is not repeated while it may still be under way; and one
      // minute, so that it is repeated when the account's next look is due.
      visibility: Duration.seconds(60),
      visibilityMarginSeconds: 5,
      // A venue that does not answer is a result. What fails so often in a row is a defect, or a table that cannot be reached.
      receivesMax: 3,
      // Room for all tries; every minute brings a message that is as good, so older ones are of no use.
      retention: Duration.minutes(10),
      // A look may take nearly all the time there is, and accounts must not wait for each other.
      batchSize: 1,
      concurrencyMax: settings.reconcileConcurrencyMax,
      environmentName: environmentNames.reconciliationsQueueUrl,
    });
  }
}
