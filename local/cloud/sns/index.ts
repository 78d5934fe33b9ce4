/**
 * SNS of the embedded cloud: topics take messages and keep the last of them; nothing is delivered.
 *
 * What a topic has is read at `GET /__local/sns/<name of the topic>/messages`, which AWS does not have.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CloudClock } from '../clock.ts';
import { type AwsService, sendJson, signedService } from '../http.ts';
import { queryAnswer, queryError, readQuery, sendXml } from '../query-protocol.ts';
import { SnsError } from './errors.ts';
import { openMessageStore, type PublishedMessage } from './message-store.ts';
import { operations, type SnsParts } from './operations.ts';
import {
  checkSubscription,
  readTopic,
  type SubscriptionDefinition,
  type Topic,
  type TopicDefinition,
} from './topics.ts';

export type { PublishedMessage } from './message-store.ts';
export type { SubscriptionDefinition, TopicDefinition } from './topics.ts';

export interface SnsOptions {
  /** Where messages are kept; in memory only when absent. */
  readonly directory?: string | undefined;
  readonly clock: CloudClock;
  readonly log: (message: string) => void;
}

export interface Sns extends AwsService {
  /** Makes a topic from the properties of an `AWS::SNS::Topic`. @throws Error naming a property that is not emulated */
  createTopic(definition: TopicDefinition): void;
  /** @throws Error for an `AWS::SNS::Subscription` of something that runs locally, which would wait in vain. */
  subscribe(owner: string, definition: SubscriptionDefinition): void;
}

const xmlns = 'http://sns.amazonaws.com/doc/2010-03-31/';
const messagesPath = /^\/__local\/sns\/([\w.-]+)\/messages$/;

export function createSns({ directory, clock, log }: SnsOptions): Sns {
  const topics = new Map<string, Topic>();
  const store = openMessageStore(directory);
  const parts: SnsParts = { topics, store, clock, log };
  return {
    name: 'sns',
    matches: (request) => signedService(request) === 'sns' || topicNameIn(request) !== undefined,
    async handle(request, response) {
      const name = topicNameIn(request);
      if (name === undefined) await answer(parts, request, response);
      else tellMessages(parts, name, response);
    },
    createTopic(definition) {
      const topic = readTopic(definition);
      topics.set(topic.arn, topic);
    },
    subscribe: checkSubscription,
    close: async () => store.close(),
  };
}

function topicNameIn(request: IncomingMessage): string | undefined {
  return request.method === 'GET' ? messagesPath.exec(request.url ?? '')?.[1] : undefined;
}

function tellMessages({ topics, store }: SnsParts, name: string, response: ServerResponse): void {
  const topic = [...topics.values()].find((candidate) => candidate.name === name);
  const messages: PublishedMessage[] | undefined = topic && store.list(topic.arn);
  sendJson(response, {
    status: messages === undefined ? 404 : 200,
    body: messages === undefined ? { message: `there is no topic ${name}` } : { messages },
    contentType: 'application/json',
  });
}

async function answer(parts: SnsParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const query = await readQuery(request);
  const action = query.get('Action') ?? 'none';
  try {
    const operation = operations.get(action);
    if (operation === undefined) {
      parts.log(`aws: NOT EMULATED: sns ${action}`);
      throw new SnsError('InvalidAction', `the embedded cloud does not emulate sns ${action}`);
    }
    sendXml(response, 200, queryAnswer({ action, xmlns, result: operation(parts, query) }));
  } catch (error) {
    if (!(error instanceof SnsError)) throw error;
    sendXml(response, error.status, queryError(error.code, error.message));
  }
}
