/** The event that Lambda makes of SQS messages (https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html). */
import type { ReceivedMessage } from '../sqs/index.ts';

/** Lambda takes 6 MB per invocation, the frame around the records included. */
const recordsBytesMax = 6 * 1024 * 1024 - 64;

export interface Batch {
  messages: readonly ReceivedMessage[];
  /** JSON text of the event. */
  payload: string;
}

/** Makes the event of the messages, or several in order when together they are more than an invocation takes. */
export function toBatches(messages: readonly ReceivedMessage[], queueArn: string): Batch[] {
  const batches: { messages: ReceivedMessage[]; records: string[]; bytes: number }[] = [];
  for (const message of messages) {
    const record = JSON.stringify(toRecord(message, queueArn));
    const bytes = Buffer.byteLength(record) + 1;
    const last = batches.at(-1);
    if (last === undefined || last.bytes + bytes > recordsBytesMax) {
      batches.push({ messages: [message], records: [record], bytes });
    } else {
      last.messages.push(message);
      last.records.push(record);
      last.bytes += bytes;
    }
  }
  return batches.map((batch) => ({ messages: batch.messages, payload: `{"Records":[${batch.records.join(',')}]}` }));
}

function toRecord(message: ReceivedMessage, queueArn: string) {
  const messageAttributes = Object.entries(message.attributes).map(([name, attribute]) => {
    const { DataType: dataType, StringValue: stringValue, BinaryValue: binaryValue } = attribute;
    return [name, { stringValue, binaryValue, stringListValues: [], binaryListValues: [], dataType }];
  });
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: message.systemAttributes,
    messageAttributes: Object.fromEntries(messageAttributes),
    md5OfBody: message.bodyMd5,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(':')[3],
  };
}
