/** The operations of SNS that the desk and its tests use. */
import { randomUUID } from 'node:crypto';
import type { CloudClock } from '../clock.ts';
import { escapeXml } from '../query-protocol.ts';
import { invalidParameter, SnsError, topicNotFound } from './errors.ts';
import { bytesOf, messageBytesMax, type OutgoingMessage, readMessage } from './message.ts';
import type { MessageStore, PublishedMessage } from './message-store.ts';
import type { Topic } from './topics.ts';

export interface SnsParts {
  readonly topics: ReadonlyMap<string, Topic>;
  readonly store: MessageStore;
  readonly clock: CloudClock;
  /** Told of every message in one line, which holds nothing of its body. */
  readonly log: (message: string) => void;
}

/** Answers with the XML inside the action's result. @throws SnsError */
export type Operation = (parts: SnsParts, query: URLSearchParams) => string;

const entriesMax = 10;
const topicArnPattern = /^arn:[^:]+:sns:[^:]+:\d{12}:[\w.-]+$/;

function findTopic({ topics }: SnsParts, query: URLSearchParams): Topic {
  const arn = query.get('TopicArn') ?? query.get('TargetArn') ?? '';
  if (query.has('PhoneNumber')) throw invalidParameter('PhoneNumber is not emulated');
  if (!topicArnPattern.test(arn)) throw invalidParameter('TopicArn');
  return topics.get(arn) ?? fail(topicNotFound());
}

function fail(error: Error): never {
  throw error;
}

function accept(
  { store, clock, log }: SnsParts,
  topic: Topic,
  messages: readonly OutgoingMessage[],
): PublishedMessage[] {
  const publishedMs = clock.nowMs();
  const published = messages.map((message) => ({ messageId: randomUUID(), publishedMs, ...message }));
  store.add(topic.arn, published);
  for (const message of published) {
    const subject = message.subject === undefined ? '' : ` ${JSON.stringify(message.subject)}`;
    log(`sns: ${topic.name} took message ${message.messageId}${subject}, ${bytesOf(message)} bytes`);
  }
  return published;
}

const publish: Operation = (parts, query) => {
  const topic = findTopic(parts, query);
  const message = readMessage((name) => query.get(name) ?? undefined);
  const [published] = accept(parts, topic, [message]);
  return `<MessageId>${published?.messageId}</MessageId>`;
};

/** An entry of a batch: what it says, or why it cannot be published. */
type Entry = { id: string } & ({ message: OutgoingMessage } | { refusal: SnsError });

function readEntries(query: URLSearchParams): Entry[] {
  const entries: Entry[] = [];
  for (let index = 1; index <= entriesMax + 1; index += 1) {
    const prefix = `PublishBatchRequestEntries.member.${index}.`;
    const id = query.get(`${prefix}Id`);
    if (id === null) break;
    try {
      entries.push({ id, message: readMessage((name) => query.get(prefix + name) ?? undefined) });
    } catch (error) {
      if (!(error instanceof SnsError)) throw error;
      entries.push({ id, refusal: error });
    }
  }
  return entries;
}

function checkBatch(entries: readonly Entry[]): void {
  if (entries.length === 0) throw new SnsError('EmptyBatchRequest', 'The batch request does not contain any entries.');
  if (entries.length > entriesMax) {
    throw new SnsError('TooManyEntriesInBatchRequest', `The batch request contains more than ${entriesMax} entries.`);
  }
  if (new Set(entries.map(({ id }) => id)).size < entries.length) {
    throw new SnsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  if (entries.some(({ id }) => !/^[\w-]{1,80}$/.test(id))) {
    throw new SnsError('InvalidBatchEntryId', 'The Id of a batch entry must be 1 to 80 letters, digits, _ or -.');
  }
  const bytes = entries.reduce((sum, entry) => sum + ('message' in entry ? bytesOf(entry.message) : 0), 0);
  if (bytes > messageBytesMax) {
    throw new SnsError('BatchRequestTooLong', `The messages of the batch are together longer than ${messageBytesMax}.`);
  }
}

const publishBatch: Operation = (parts, query) => {
  const topic = findTopic(parts, query);
  const entries = readEntries(query);
  checkBatch(entries);
  const good = entries.flatMap((entry) => ('message' in entry ? [entry] : []));
  const published = accept(
    parts,
    topic,
    good.map(({ message }) => message),
  );
  const successful = good.map(
    ({ id }, index) => `<member><Id>${id}</Id><MessageId>${published[index]?.messageId}</MessageId></member>`,
  );
  const failed = entries.flatMap((entry) => {
    if ('message' in entry) return [];
    const { code, message } = entry.refusal;
    const reason = `<Code>${code}</Code><Message>${escapeXml(message)}</Message><SenderFault>true</SenderFault>`;
    return [`<member><Id>${entry.id}</Id>${reason}</member>`];
  });
  return `<Successful>${successful.join('')}</Successful><Failed>${failed.join('')}</Failed>`;
};

const listTopics: Operation = ({ topics }) => {
  const members = [...topics.keys()].map((arn) => `<member><TopicArn>${arn}</TopicArn></member>`);
  return `<Topics>${members.join('')}</Topics>`;
};

const getTopicAttributes: Operation = (parts, query) => {
  const { arn, displayName } = findTopic(parts, query);
  const attributes = {
    TopicArn: arn,
    DisplayName: displayName,
    Owner: arn.split(':')[4] ?? '',
    SubscriptionsConfirmed: '0',
    SubscriptionsPending: '0',
    SubscriptionsDeleted: '0',
  };
  const entries = Object.entries(attributes).map(
    ([key, value]) => `<entry><key>${key}</key><value>${escapeXml(value)}</value></entry>`,
  );
  return `<Attributes>${entries.join('')}</Attributes>`;
};

export const operations: ReadonlyMap<string, Operation> = new Map([
  ['GetTopicAttributes', getTopicAttributes],
  ['ListTopics', listTopics],
  ['Publish', publish],
  ['PublishBatch', publishBatch],
]);
