import { environmentNames } from '@nightdesk/core';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import type { DataKey } from './data-key.ts';
import type { DeskFunction } from './desk-function.ts';
import { resourceName } from './names.ts';

/** Where channels of type `sns` publish. Apart from the topic of alarms, because other people may want the one and the other. */
export class NoticeTopic extends Construct {
  readonly topic: Topic;
  private readonly key: DataKey;

  constructor(scope: Construct, id: string, { settings, key }: { settings: StageSettings; key: DataKey }) {
    super(scope, id);
    this.key = key;
    this.topic = new Topic(this, 'Topic', {
      topicName: resourceName(settings, 'notices'),
      displayName: `Nightdesk ${settings.stage}`,
      masterKey: key.key,
      enforceSSL: true,
    });
    this.topic.applyRemovalPolicy(RemovalPolicy.DESTROY);
  }

  grantPublish(fn: DeskFunction): void {
    fn.allow({ actions: ['sns:Publish'], resources: [this.topic.topicArn] });
    this.key.grantEncryptDecrypt(fn, 'sns');
    fn.setEnvironment(environmentNames.noticesTopicArn, this.topic.topicArn);
  }
}
