import type { EnvironmentName } from '@nightdesk/core';
import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { SqsEventSource, type SqsEventSourceProps } from 'aws-cdk-lib/aws-lambda-event-sources';
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
import type { Grantee } from './grantee.ts';
import { resourceName } from './names.ts';

export interface WorkQueueProps {
  readonly settings: StageSettings;
  /** Of the queue, without the stage, e.g. `signals`; its dead letters are in `signals-dead`. */
  readonly name: string;
  /** Messages of one group are worked on one after the other, and what is sent twice counts once. */
  readonly fifo: boolean;
  /** What the queue is called in messages to people, e.g. `the signals queue`. */
  readonly label: string;
  /** How long a message is kept from others while somebody works on it. */
  readonly visibility: Duration;
  /** What must be left of it when the function has timed out, so that no second worker begins beside the first. */
  readonly visibilityMarginSeconds: number;
  /** After so many receives a message is given up. */
  readonly receivesMax: number;
  readonly retention: Duration;
  /** Messages of one invocation. */
  readonly batchSize: number;
  /** Polls no more than can run, so that a full house throttles nothing. */
  readonly concurrencyMax: number;
  /** The variable in which functions find the queue. */
  readonly environmentName: EnvironmentName;
}

/** The most there is: what lies among the dead letters waits for a person. */
const deadLetterRetention = Duration.days(14);

/** What all queues of a desk have in common: what they hold is no secret, and the stage's key would be an extra call each time. */
export const plainQueue: QueueProps = {
  encryption: QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
  removalPolicy: RemovalPolicy.DESTROY,
};

/** A queue that one function works through, and its dead-letter queue. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  private readonly work: WorkQueueProps;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    this.work = props;
    const { settings, name, fifo } = props;
    const suffix = fifo ? '.fifo' : '';
    const queueName = resourceName(settings, `${name}${suffix}`);
    const common: QueueProps = { ...plainQueue, ...(fifo && { fifo }) };
    // By name: a reference to the queue would close a circle, because the queue refers to its dead letters.
    const source = Queue.fromQueueArn(
      this,
      'Source',
      Stack.of(this).formatArn({ service: 'sqs', resource: queueName, arnFormat: ArnFormat.NO_RESOURCE_NAME }),
    );
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...common,
      queueName: resourceName(settings, `${name}-dead${suffix}`),
      retentionPeriod: deadLetterRetention,
      redriveAllowPolicy: { redrivePermission: RedrivePermission.BY_QUEUE, sourceQueues: [source] },
    });
    this.queue = new Queue(this, 'Queue', {
      ...common,
      queueName,
      visibilityTimeout: props.visibility,
      retentionPeriod: props.retention,
      // High throughput: limits and deduplication count per group instead of for the queue as a whole.
      ...(fifo && {
        deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
        fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      }),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.receivesMax },
    });
  }

  grantSend(grantee: Grantee): void {
    grantee.allow({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] });
    this.tell(grantee);
  }

  /** How many messages wait and for how long, but not what they say. */
  grantInspect(grantee: Grantee): void {
    grantee.allow({ actions: ['sqs:GetQueueAttributes'], resources: [this.queue.queueArn] });
    this.tell(grantee);
  }

  /**
   * Makes the function the queue's consumer, which may also hand messages back before their time.
   *
   * @throws Error when the function may still be at work on a message that is delivered again
   */
  feed(fn: DeskFunction): void {
    const { visibility, visibilityMarginSeconds: margin, label, batchSize, concurrencyMax } = this.work;
    if (fn.timeout.toSeconds() + margin > visibility.toSeconds()) {
      throw new Error(`${fn.name}: its timeout must be at least ${margin} s below the visibility of ${label}`);
    }
    this.tell(fn);
    const source: SqsEventSourceProps = { batchSize, reportBatchItemFailures: true, maxConcurrency: concurrencyMax };
    fn.lambda.addEventSource(new SqsEventSource(this.queue, source));
  }

  private tell(grantee: Grantee): void {
    grantee.setEnvironment(this.work.environmentName, this.queue.queueUrl);
  }
}
