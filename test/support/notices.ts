/** Rows of the change stream and notices, for tests. */
import { marshall } from '@aws-sdk/util-dynamodb';
import { type Notice, noticesOfEvent, noticesOfOrder, readEventImage, readOrderImage } from '@nightdesk/core';
import type { DynamoDBRecord } from 'aws-lambda';

export type Row = Record<string, unknown>;

/** An order as its row is: open, nothing filled. */
export const orderRow = (changes: Row = {}): Row => ({
  orderId: 'nd0001',
  signalId: 'sg0001',
  source: 'demo',
  account: 'main',
  venue: 'fake',
  symbol: 'BTC/USDT',
  type: 'market',
  side: 'buy',
  amount: '0.5',
  reserved: '200',
  state: 'open',
  version: 2,
  journalHash: 'hash',
  filled: '0',
  fills: [],
  createdAtMs: 1_000,
  updatedAtMs: Date.UTC(2026, 10, 21, 9, 30),
  ...changes,
});

/** An event of the journal as its row is. */
export const eventRow = (type: string, data: unknown, changes: Row = {}): Row => ({
  stream: 'books#main',
  sequence: 7,
  type,
  atMs: Date.UTC(2026, 10, 21, 9, 30),
  data: JSON.stringify(data),
  prevHash: 'before',
  hash: 'hash',
  ...changes,
});

/** The event of a switch that was set to `halted`, as its row is. */
export const switchedRow = (data: Row = {}, changes: Row = {}): Row =>
  eventRow(
    'risk.switched',
    { state: 'halted', reason: 'lost too much today.', by: 'risk', before: 'active', ...data },
    { stream: 'risk#main', sequence: 4, ...changes },
  );

export const eventNotices = (row: Row): Notice[] => noticesOfEvent(readEventImage(row));

/** What is told of an order that was `before` and is `after`. */
export const orderNotices = (before: Row | undefined, after: Row): Notice[] =>
  noticesOfOrder(before && readOrderImage(before), readOrderImage(after));

/** The one notice of a change. @throws Error when there is none, or more */
export function onlyNotice(before: Row | undefined, after: Row): Notice {
  const [notice, ...more] = orderNotices(before, after);
  if (notice === undefined || more.length > 0) throw new Error(`${more.length + 1} notices`);
  return notice;
}

export const filledNotice = (): Notice =>
  onlyNotice(
    orderRow(),
    orderRow({
      state: 'filled',
      version: 3,
      filled: '0.5',
      fills: [{ tradeId: 't1', amount: '0.5', price: '64120.50', atMs: 1 }],
    }),
  );

/** A record of a table's stream, as AWS gives it to a function. */
export function streamRecord(before: Row | undefined, after: Row | undefined, sequenceNumber = '100'): DynamoDBRecord {
  const row = after ?? before ?? {};
  const { orderId, stream, sequence } = row;
  const key = orderId === undefined ? { stream, sequence } : { orderId };
  const image = (content: Row) => marshall(content, { removeUndefinedValues: true }) as never;
  const eventName = before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY';
  return {
    eventName,
    dynamodb: {
      SequenceNumber: sequenceNumber,
      Keys: image(key),
      ...(before && { OldImage: image(before) }),
      ...(after && { NewImage: image(after) }),
    },
  };
}
