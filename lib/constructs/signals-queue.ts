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
 * AWS advises six times the function's timeout, so that throttled polls do not use up receives. Here the lane of an order
 * whose function crashed stands still for this long, and must be delivered again before its signal is stale (60 s by
 * default); and what throttles use up is allowed for below. Above the function's timeout, so that a second worker does not
 * start beside the first: that would be safe, since every write is conditional, but of no use.
 */
const visibility = Duration.seconds(35);
/** What is left between the end of an invocation and the next delivery of what it left behind. */
const visibilityMarginSeconds = 5;

/**
 * A try of a lane's first message is a receive of all those behind it, which so would be given up together with it, untried.
 * So a signal must end by its own age, with that on record, long before the queue gives it up: with the pauses that
 * execute-order makes, this many tries take an hour and a half, and signals live for 65 minutes at most.
 */
const receivesMax = 100;

/** Messages of one invocation. They are executed one after the other, lane by lane, within the function's timeout. */
const batchSize = 10;

/** The FIFO queue from receive-signal to execute-order, one message group per lane, and its dead-letter queue. */
export class SignalsQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  private readonly settings: StageSettings;

  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id);
    this.settings = settings;
    const queueName = resourceName(settings, 'signals.fifo');
    const fifo: QueueProps = {
      fifo: true,
      // A signal holds no secret, and the key's extra call would stand in the path of every one of them.
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
      queueName: resourceName(settings, 'signals-dead.fifo'),
      // The most there is: what lies here waits for a person.
      retentionPeriod: Duration.days(14),
      redriveAllowPolicy: { redrivePermission: RedrivePermission.BY_QUEUE, sourceQueues: [source] },
    });
    this.queue = new Queue(this, 'Queue', {
      ...fifo,
      queueName,
      visibilityTimeout: visibility,
      retentionPeriod: Duration.days(4),
      // High throughput: limits and deduplication count per lane instead of for the queue as a whole.
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: receivesMax },
    });
  }

  grantSend(fn: DeskFunction): void {
    fn.allow({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] });
    fn.setEnvironment(environmentNames.signalsQueueUrl, this.queue.queueUrl);
  }

  /** How many messages wait and for how long, but not what they say. */
  grantInspect(fn: DeskFunction): void {
    fn.allow({ actions: ['sqs:GetQueueAttributes'], resources: [this.queue.queueArn] });
    fn.setEnvironment(environmentNames.signalsQueueUrl, this.queue.queueUrl);
  }

  /** Makes the function the queue's consumer, which may also hand messages back before their time. */
  feed(fn: DeskFunction): void {
    if (fn.timeout.toSeconds() + visibilityMarginSeconds > visibility.toSeconds()) {
      const needed = `${visibilityMarginSeconds} s below the visibility of the signals queue`;
      throw new Error(`${fn.name}: its timeout must be at least ${needed}`);
    }
    fn.setEnvironment(environmentNames.signalsQueueUrl, this.queue.queueUrl);
    fn.lambda.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize,
        reportBatchItemFailures: true,
        // Polls no more than can run, so that a full house throttles nothing.
        maxConcurrency: this.settings.executeConcurrencyMax,
      }),
    );
  }
}
