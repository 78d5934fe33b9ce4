import type { SentNotices } from '@nightdesk/aws';
import { type DeskConfig, metricNames, type NoticeMessage } from '@nightdesk/core';
import { processNotices, sendPauseSeconds } from '@nightdesk/functions/send-notice/batch.ts';
import { ChannelError } from '@nightdesk/functions/send-notice/channel-error.ts';
import { createHandler } from '@nightdesk/functions/send-notice/handler.ts';
import type { Dispatch } from '@nightdesk/functions/send-notice/send.ts';
import type { SQSRecord } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { filledNotice } from '../../support/notices.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';

const notice = filledNotice();
const message: NoticeMessage = { channel: 'phone', notice };
const withChannels = (channels: object): DeskConfig => deskConfig({ notifications: { channels } });
const phone = withChannels({ phone: { type: 'slack', templates: { 'order.filled': 'done {filled}' } } });

let telemetry: RecordingTelemetry;
let dispatched: Dispatch[];
let marks: Set<string>;
let refusal: Error | undefined;
let sent: SentNotices;

beforeEach(() => {
  telemetry = createRecordingTelemetry();
  dispatched = [];
  marks = new Set();
  refusal = undefined;
  sent = {
    has: async (id, channel) => marks.has(`${id} ${channel}`),
    mark: async (id, channel) => void marks.add(`${id} ${channel}`),
  };
});

const handlerOf = (config: DeskConfig = phone, newest: DeskConfig = config) =>
  createHandler({
    loadConfig: async (wanted) => (wanted?.newest ? newest : config),
    sent: { has: (...given) => sent.has(...given), mark: (...given) => sent.mark(...given) },
    send: async (dispatch) => {
      dispatched.push(dispatch);
      if (refusal !== undefined) throw refusal;
    },
    clock: createManualClock(),
    telemetry,
  });
const handle = (receiveCount = 1) => handlerOf()(JSON.stringify(message), receiveCount);

describe('a message of the queue', () => {
  it('is sent by its channel in the words of the owner, and counted', async () => {
    await handle();
    expect(dispatched).toMatchObject([
      { id: 'phone', channel: { type: 'slack' }, notice, text: 'done 0.5', fresh: false },
    ]);
    expect(telemetry.counts.get(metricNames.noticesSent)).toBe(1);
  });

  it('is sent in the built-in words where the owner has none', async () => {
    await handlerOf(withChannels({ phone: { type: 'slack' } }))(JSON.stringify(message), 1);
    expect(dispatched[0]?.text).toBe('BUY 0.5 BTC/USDT at fake (main) filled at 64,120.5.');
  });

  it('that comes twice is sent once', async () => {
    await handle();
    await handle(2);
    expect(dispatched).toHaveLength(1);
  });

  it('is sent by another channel all the same', async () => {
    const both = withChannels({ phone: { type: 'slack' }, hook: { type: 'webhook' } });
    await handlerOf(both)(JSON.stringify(message), 1);
    await handlerOf(both)(JSON.stringify({ ...message, channel: 'hook' }), 1);
    expect(dispatched.map(({ id }) => id)).toEqual(['phone', 'hook']);
  });

  it('that the channel did not take is not marked, and its secret is read anew the next time', async () => {
    refusal = new ChannelError('phone', 'answered 500');
    await expect(handle()).rejects.toThrow('channel phone answered 500');
    refusal = undefined;
    await handle(2);
    expect(dispatched.map(({ fresh }) => fresh)).toEqual([false, true]);
    expect(telemetry.counts.get(metricNames.noticesSent)).toBe(1);
  });

  it('that could not be marked is done, since sending it again would be worse', async () => {
    sent.mark = () => Promise.reject(new Error('no table'));
    await expect(handle()).resolves.toBeUndefined();
    expect(telemetry.lines.join()).toContain('a notice that was sent could not be marked as such');
  });

  it('is not sent while nobody can tell whether it was', async () => {
    sent.has = () => Promise.reject(new Error('no table'));
    await expect(handle()).rejects.toThrow('no table');
    expect(dispatched).toEqual([]);
  });

  it('of a channel that this sandbox does not know yet is sent as the newest configuration says', async () => {
    await handlerOf(withChannels({}), phone)(JSON.stringify(message), 1);
    expect(dispatched).toHaveLength(1);
  });

  it.each([{}, { other: { type: 'slack' } }])(
    'of a channel that is gone is dropped, and the log says so',
    async (channels) => {
      await handlerOf(withChannels(channels))(JSON.stringify({ ...message, channel: 'constructor' }), 1);
      expect(dispatched).toEqual([]);
      expect(telemetry.lines.join()).toContain('a notice was dropped: its channel is gone');
    },
  );

  it.each([
    '',
    '{}',
    '{"channel":"phone"}',
    JSON.stringify({ channel: 'phone', notice: { ...notice, kind: 'order.lost' } }),
  ])('that is damaged (%j) is refused', async (body) => {
    await expect(handlerOf()(body, 1)).rejects.toThrow();
    expect(dispatched).toEqual([]);
  });
});

describe('a batch', () => {
  const record = (messageId: string, receiveCount = 1): SQSRecord =>
    ({
      messageId,
      body: messageId,
      receiptHandle: messageId,
      attributes: { ApproximateReceiveCount: String(receiveCount) },
    }) as SQSRecord;
  const released: [string, number][] = [];
  const release = async (records: readonly SQSRecord[], delaySeconds: number) => {
    released.push(...records.map(({ messageId }): [string, number] => [messageId, delaySeconds]));
  };

  beforeEach(() => void released.splice(0));

  it('hands back what was not sent, and nothing else', async () => {
    const handleOne = async (body: string) => {
      if (body === 'slow') throw new ChannelError('phone', 'is asked too much', { retryAfterSeconds: 40 });
      if (body === 'bad') throw new Error('damaged');
    };
    const records = [record('good'), record('slow'), record('bad', 4), record('fine')];
    const failures = await processNotices(records, { handle: handleOne, release, telemetry });
    expect(failures).toEqual([{ itemIdentifier: 'slow' }, { itemIdentifier: 'bad' }]);
    expect(released).toEqual([
      ['slow', 40],
      ['bad', 8],
    ]);
    expect(telemetry.counts.get(metricNames.noticesFailed)).toBe(2);
  });

  it('does not let one that hangs hold up the others', async () => {
    const done: string[] = [];
    let finish = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const handleOne = (body: string) => (body === 'slow' ? slow : Promise.resolve(void done.push(body)));
    const processing = processNotices([record('slow'), record('good')], { handle: handleOne, release, telemetry });
    await Promise.resolve();
    expect(done).toEqual(['good']);
    finish();
    expect(await processing).toEqual([]);
  });

  it('is handed back all the same where its messages cannot be released', async () => {
    const failures = await processNotices([record('bad')], {
      handle: () => Promise.reject(new Error('damaged')),
      release: () => Promise.reject(new Error('no queue')),
      telemetry,
    });
    expect(failures).toEqual([{ itemIdentifier: 'bad' }]);
    expect(telemetry.lines.join()).toContain('a notice could not be released');
  });

  it.each<[number, number | undefined, number]>([
    [0, undefined, 1],
    [1, undefined, 1],
    [2, undefined, 2],
    [9, undefined, 256],
    [10, undefined, 300],
    [1_000, undefined, 300],
    [1, 40, 40],
    [10, 40, 300],
    [1, 86_400, 900],
  ])('is tried again after delivery %i, asked to wait %s s, in %i s', (receiveCount, retryAfterSeconds, seconds) => {
    expect(sendPauseSeconds(receiveCount, new ChannelError('phone', 'fails', { retryAfterSeconds }))).toBe(seconds);
  });
});
