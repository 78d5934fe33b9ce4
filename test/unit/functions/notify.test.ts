import { noticeBatchSize, readChange } from '@nightdesk/aws';
import { metricNames, type NoticeMessage } from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/notify/handler.ts';
import type { DynamoDBRecord } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { eventRow, orderRow, streamRecord, switchedRow } from '../../support/notices.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';

const channels = { phone: { type: 'telegram', severityMin: 'critical' }, hook: { type: 'webhook' } };
const config = deskConfig({ notifications: { channels } });

let telemetry: RecordingTelemetry;
let queued: NoticeMessage[];
/** How many batches the queue takes before it fails. */
let takesBatches: number;

beforeEach(() => {
  telemetry = createRecordingTelemetry();
  queued = [];
  takesBatches = Number.POSITIVE_INFINITY;
});

const handle = (records: readonly DynamoDBRecord[], loadConfig = async () => config) =>
  createHandler({
    loadConfig,
    queue: {
      async send(messages) {
        expect(messages.length).toBeLessThanOrEqual(noticeBatchSize);
        if (takesBatches === 0) throw new Error('no queue');
        takesBatches -= 1;
        queued.push(...messages);
      },
    },
    telemetry,
  })(records);

const told = () => queued.map(({ channel, notice }) => `${channel} ${notice.kind}`);
const intended = orderRow({ state: 'intended', version: 1 });
const filled = orderRow({ state: 'filled', version: 2, filled: '0.5' });

describe('changes of tables', () => {
  it('become one message for each channel that is to be told', async () => {
    const records = [
      streamRecord(intended, filled),
      streamRecord(undefined, intended),
      streamRecord(undefined, switchedRow()),
    ];
    expect(await handle(records)).toEqual({ batchItemFailures: [] });
    expect(told()).toEqual(['hook order.filled', 'phone risk.switched', 'hook risk.switched']);
    expect(telemetry.counts.get(metricNames.noticesQueued)).toBe(3);
  });

  it('of the journal become messages for the channels of the account, and of the configuration for all', async () => {
    const outsider = { kind: 'outsider_order', subject: '1', message: 'not ours' };
    const settled = { kind: 'drift', subject: 'BTC', reason: 'explained' };
    const records = [
      streamRecord(undefined, eventRow('books.difference', outsider)),
      streamRecord(undefined, eventRow('books.settled', settled)),
      streamRecord(undefined, eventRow('books.difference', outsider, { stream: 'books#second' })),
      streamRecord(undefined, eventRow('config.changed', { by: 'deployment' }, { stream: 'config' })),
      streamRecord(undefined, eventRow('order.filled', {}, { stream: 'order#nd1' })),
    ];
    const own = { phone: { type: 'telegram', severityMin: 'critical' }, hook: { type: 'webhook', accounts: ['main'] } };
    expect(await handle(records, async () => deskConfig({ notifications: { channels: own } }))).toEqual({
      batchItemFailures: [],
    });
    expect(told()).toEqual([
      'phone books.outsider_order',
      'hook books.outsider_order',
      'hook books.settled',
      'phone books.outsider_order',
      'hook config.changed',
    ]);
    expect(new Set(queued.map(({ notice }) => notice.id)).size).toBe(4);
  });

  it('become the same messages when they are delivered again', async () => {
    await handle([streamRecord(intended, filled)]);
    await handle([streamRecord(intended, filled)]);
    expect(queued[0]).toEqual(queued[1]);
  });

  it('are no news where a row was deleted', async () => {
    await handle([streamRecord(filled, undefined)]);
    expect(queued).toEqual([]);
    expect(telemetry.counts.size).toBe(0);
  });

  it('are told of nobody where there is no channel', async () => {
    await handle([streamRecord(intended, filled)], async () => deskConfig());
    expect(queued).toEqual([]);
  });
});

describe('what fails', () => {
  const many = Array.from({ length: 25 }, (_, index) =>
    streamRecord({ ...intended, orderId: `nd${index}` }, { ...filled, orderId: `nd${index}` }, String(1_000 + index)),
  );

  it('to be queued comes again from the first record that is not there, and not from the start', async () => {
    takesBatches = 1;
    expect(await handle(many)).toEqual({ batchItemFailures: [{ itemIdentifier: '1010' }] });
    expect(queued).toHaveLength(10);
    expect(telemetry.counts.get(metricNames.noticesQueued)).toBe(10);
  });

  it('to be read is counted and passed over, and its fields are named', async () => {
    const records = [
      streamRecord(intended, { ...filled, filled: 'all of it' }, '7'),
      streamRecord(undefined, switchedRow({ by: 7 }), '8'),
      streamRecord(undefined, eventRow('books.settled', { reason: 'all of it' }), '9'),
      streamRecord(intended, filled),
    ];
    expect(await handle(records)).toEqual({ batchItemFailures: [] });
    expect(told()).toEqual(['hook order.filled']);
    expect(telemetry.counts.get(metricNames.changesUnreadable)).toBe(3);
    const lines = telemetry.lines.join('\n');
    expect(lines).toContain('nobody can be told of the change 7');
    expect(lines).toContain('an order in the change stream cannot be read: filled');
    expect(lines).not.toContain('all of it');
  });

  it('to be configured keeps the records in the stream', async () => {
    await expect(handle(many, () => Promise.reject(new Error('no configuration')))).rejects.toThrow('no configuration');
  });
});

describe('a record of a stream', () => {
  it('of another table is refused', () => {
    const record: DynamoDBRecord = {
      eventName: 'INSERT',
      dynamodb: { Keys: { signalId: { S: 'sg1' } }, NewImage: {} },
    };
    expect(() => readChange(record)).toThrow('a change of a table with the key signalId');
    expect(() => readChange({})).toThrow('a change of a table with the key ');
  });

  it('without its images is refused, since nobody could tell what changed', () => {
    const Keys = { orderId: { S: 'nd1' } };
    expect(() => readChange({ eventName: 'INSERT', dynamodb: { Keys } })).toThrow('without the row as it is now');
    const modified: DynamoDBRecord = { eventName: 'MODIFY', dynamodb: { Keys, NewImage: Keys } };
    expect(() => readChange(modified)).toThrow('without the row as it was');
  });
});
