import { type DeskConfig, environmentNames, quietStates, toldEventTypes } from '@nightdesk/core';
import { CfnOutput, Duration } from 'aws-cdk-lib';
import { FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { FunctionBundles } from '../bundling/bundle-functions.ts';
import type { StageSettings } from '../config/stage-settings.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import type { DeskConfiguration } from './desk-configuration.ts';
import { DeskFunction } from './desk-function.ts';
import { channelSecrets } from './desk-secrets.ts';
import type { DeskTable } from './desk-table.ts';
import { NoticeQueue } from './notice-queue.ts';
import { NoticeTopic } from './notice-topic.ts';
import { SecretGroup } from './secret-group.ts';

export interface NoticeDeliveryProps {
  readonly settings: StageSettings;
  readonly config: DeskConfig;
  readonly bundles: FunctionBundles;
  readonly configuration: DeskConfiguration;
  readonly data: DataStack;
}

/** Changes of one invocation. */
const batchSize = 100;
/**
 * What is waited for is a configuration or a queue that cannot be reached, since rows that cannot be read are passed over.
 * An hour later nobody needs to be told any more, and the alarm has rung long before.
 */
const changeAgeMax = Duration.hours(1);
const retriesMax = 1_000;

const ordersBeyond = (states: readonly string[]) => ({
  eventName: ['INSERT', 'MODIFY'],
  dynamodb: { NewImage: { state: { S: [{ 'anything-but': states }] } } },
});

/** Events are only added. A row of the journal that changes is no news but tampering, of which the audit tells. */
const eventsOfTypes = (types: readonly string[]) => ({
  eventName: ['INSERT'],
  dynamodb: { NewImage: { type: { S: types } } },
});

/** From changes of orders and events of the journal to people: notify puts them on a queue, send-notice sends them from there. */
export class NoticeDelivery extends Construct {
  readonly queue: NoticeQueue;
  readonly notify: DeskFunction;
  readonly sendNotice: DeskFunction;
  private readonly props: NoticeDeliveryProps;

  constructor(scope: Construct, id: string, props: NoticeDeliveryProps) {
    super(scope, id);
    this.props = props;
    this.queue = new NoticeQueue(this, 'Messages', props.settings);
    this.notify = this.createNotify();
    this.sendNotice = this.createSendNotice();
    for (const fn of [this.notify, this.sendNotice]) props.configuration.grantRead(fn);
    // Most of what is written to orders is that one is recorded, and that is no news.
    this.follow('OrderChanges', props.data.orders, ordersBeyond(quietStates));
    // Nearly all of the journal is of orders and signals. What is filtered out starts no function and costs nothing.
    this.follow('JournalEvents', props.data.journal, eventsOfTypes(toldEventTypes));
    this.queue.grantSend(this.notify);
    this.queue.feed(this.sendNotice);
  }

  private createNotify(): DeskFunction {
    const { settings, bundles } = this.props;
    return new DeskFunction(this, 'Notify', {
      settings,
      bundles,
      name: 'notify',
      description: 'Tells from changes of orders and events of the journal who is to be told of what',
      memoryMb: 512,
      timeout: Duration.seconds(30),
    });
  }

  private createSendNotice(): DeskFunction {
    const { settings, config, bundles, data } = this.props;
    const fn = new DeskFunction(this, 'SendNotice', {
      settings,
      bundles,
      name: 'send-notice',
      description: 'Sends notices to the channels of notifications.yaml',
      memoryMb: 512,
      // A channel may take 8 s, and reading its secret and the tables as long as their clients wait.
      timeout: Duration.seconds(30),
    });
    data.coordination.grantRead(fn);
    data.coordination.grantPut(fn);
    const entries = channelSecrets(settings, config);
    new SecretGroup(this, 'Channels', { settings, key: data.key, entries }).grantRead(fn);
    if (Object.values(config.notifications.channels).some(({ type }) => type === 'sns')) {
      const topic = new NoticeTopic(this, 'Topic', { settings, key: data.key });
      topic.grantPublish(fn);
      new CfnOutput(this, 'TopicArn', { value: topic.topic.topicArn });
    } else {
      fn.setEnvironment(environmentNames.noticesTopicArn, 'none');
    }
    return fn;
  }

  /** @param pattern of the changes that people may be told of */
  private follow(id: string, table: DeskTable, pattern: Record<string, unknown>): void {
    table.grantReadChanges(this.notify);
    this.notify.lambda.addEventSourceMapping(id, {
      eventSourceArn: table.changesArn,
      // From the beginning of the stream: what happens between a deployment and the first poll is told as well.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize,
      filters: [FilterCriteria.filter(pattern)],
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: retriesMax,
      maxRecordAge: changeAgeMax,
      onFailure: this.queue.takeLostChanges(),
    });
  }
}
