import { environmentNames } from '@nightdesk/core';
import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import {
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
  type QueueProps,
  RedrivePermission,
} from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import type { DeskFunction } from './desk-function.ts';
import { resourceName } from './names.ts';

/**
 * Above the function's timeout, so that a look that crashed is not repeated while it may still be under way; and one minute, so
 * that it is repeated when the account's next look is due.
 */
const visibility = Duration.seconds(60);
const visibilityMarginSeconds = 5;
/** A venue that does not answer is a result. What fails so often in a row is a defect, or a table that cannot be reached. */
const receivesMax = 3;
/** Room for all tries; every minute brings a message that is as good, so older ones are of no use. */
const retention = Duration.minutes(10);
/** One account in one invocation: a look may take nearly all the time there is, and accounts must not wait for each other. */
const batchSize = 1;

/** The FIFO queue from plan-reconciliations to reconcile-balances, one message group per account, and its dead-letter queue. */
export class ReconciliationQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  private readonly settings: StageSettings;

  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id);
    this.settings = settings;
    const queueName = resourceName(settings, 'reconciliations.fifo');
    const fifo: QueueProps = {
      fifo: true,
      // A message holds the name of an account.
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
    };
    // By name: a reference to the queue would close a circle, because the queue refers to its dead letters.
    const source = Queue.fromQueueArn(
      this,
      'Source',
      Stack.of(this).formatArn({ service: 'sqs', resource: queueName, arnFormat: ArnFormat.NO_RESOURCE_NAME }),
    );
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...fifo,
      queueName: resourceName(settings, 'reconciliations-dead.fifo'),
      retentionPeriod: Duration.days(14),
      redriveAllowPolicy: { redrivePermission: RedrivePermission.BY_QUEUE, sourceQueues: [source] },
    });
    this.queue = new Queue(this, 'Queue', {
      ...fifo,
      queueName,
      visibilityTimeout: visibility,
      retentionPeriod: retention,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: receivesMax },
    });
  }

  grantSend(fn: DeskFunction): void {
    fn.allow({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] });
    fn.setEnvironment(environmentNames.reconciliationsQueueUrl, this.queue.queueUrl);
  }

  /** Makes the function the queue's consumer, which may also hand messages back before their time. */
  feed(fn: DeskFunction): void {
    if (fn.timeout.toSeconds() + visibilityMarginSeconds > visibility.toSeconds()) {
      const needed = `${visibilityMarginSeconds} s below the visibility of the queue of reconciliations`;
      throw new Error(`${fn.name}: its timeout must be at least ${needed}`);
    }
    fn.setEnvironment(environmentNames.reconciliationsQueueUrl, this.queue.queueUrl);
    fn.lambda.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize,
        reportBatchItemFailures: true,
        // Polls no more than can run, so that a full house throttles nothing.
        maxConcurrency: this.settings.reconcileConcurrencyMax,
      }),
    );
  }
}
