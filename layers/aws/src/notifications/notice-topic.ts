import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { clientOptions } from '../clients.ts';

export interface TopicMessage {
  /** ASCII, at most 100 characters: the subject of an e-mail. */
  subject: string;
  text: string;
  /** What subscriptions may filter by. */
  attributes: Readonly<Record<string, string>>;
}

export type PublishNotice = (message: TopicMessage) => Promise<void>;

/** Not exported with the rest of this layer, so that its client is loaded only where a channel needs it. */
export function createTopicPublisher(topicArn: string): PublishNotice {
  const client = new SNSClient(clientOptions());
  return async ({ subject, text, attributes }) => {
    const values = Object.entries(attributes).map(([name, value]) => [
      name,
      { DataType: 'String', StringValue: value },
    ]);
    const input = { TopicArn: topicArn, Subject: subject, Message: text };
    await client.send(new PublishCommand({ ...input, MessageAttributes: Object.fromEntries(values) }));
  };
}
