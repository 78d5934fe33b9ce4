import { RemovalPolicy } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import type { DataKey } from './data-key.ts';
import { resourceName } from './names.ts';

/** Where alarms go: encrypted, over TLS only. Who listens is subscribed by hand, because addresses do not belong in git. */
export class AlarmTopic extends Construct {
  readonly topic: Topic;
  readonly action: SnsAction;

  constructor(scope: Construct, id: string, { settings, key }: { settings: StageSettings; key: DataKey }) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      topicName: resourceName(settings, 'alarms'),
      displayName: `Nightdesk ${settings.stage}`,
      masterKey: key.key,
      enforceSSL: true,
    });
    this.topic.applyRemovalPolicy(RemovalPolicy.DESTROY);
    this.action = new SnsAction(this.topic);
  }
}
