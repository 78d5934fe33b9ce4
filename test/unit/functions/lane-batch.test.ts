import { type Delivery, metricNames } from '@nightdesk/core';
import {
  messageBudgetMs,
  NotYetError,
  processLanes,
  retryPauseSeconds,
} from '@nightdesk/functions/shared/lane-batch.ts';
import type { SQSRecord } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';

const timeoutMs = 30_000;

let clock: ManualClock;
let telemetry: RecordingTelemetry;
/** Bodies in the order they were begun and ended. */
let steps: string[];
/** Message ids and seconds, as they were handed back. */
let released: [string, number][];

beforeEach(() => {
  clock = createManualClock();
  telemetry = createRecordingTelemetry();
  steps = [];
  released = [];
});

/** Messages named after lane and place, e.g. `a1`. */
function records(names: string, receives = 1): SQSRecord[] {
  return names.split(' ').map((name) => {
    const attributes = { MessageGroupId: name.slice(0, 1), ApproximateReceiveCount: String(receives) };
    return { messageId: name, receiptHandle: `receipt-${name}`, body: name, attributes } as SQSRecord;
  });
}

interface Behaviour {
  fails?: string;
  waits?: string;
  tookMs?: number;
  releaseFails?: boolean;
}

async function work(batch: SQSRecord[], { fails, waits, tookMs = 0, releaseFails = false }: Behaviour = {}) {
  const failures = await processLanes(batch, clock.nowMs() + timeoutMs, {
    telemetry,
    nowMs: clock.nowMs,
    async handle(body) {
      steps.push(`begin ${body}`);
      await clock.sleep(tookMs);
      if (body === waits) throw new NotYetError(`${body} has to wait`);
      if (body === fails) throw new Error(`${body} cannot be done`);
      steps.push(`end ${body}`);
    },
    async release(messages, delaySeconds) {
      if (releaseFails) throw new Error('the queue does not answer');
      for (const { messageId } of messages) released.push([messageId, delaySeconds]);
    },
  });
  return failures.map(({ itemIdentifier }) => itemIdentifier);
}

describe('a batch', () => {
  it('is worked through lane by lane in order, lanes side by side', async () => {
    expect(await work(records('a1 b1 a2'))).toEqual([]);
    expect(steps.slice(0, 2)).toEqual(['begin a1', 'begin b1']);
    expect(steps.indexOf('begin a2')).toBeGreaterThan(steps.indexOf('end a1'));
    expect(released).toEqual([]);
  });

  it('counts what failed, but not what waits for something that is not there yet', async () => {
    await work(records('a1 b1'), { fails: 'a1' });
    expect(telemetry.counts).toEqual(new Map([[metricNames.deliveriesFailed, 1]]));
    expect(await work(records('a1 b1'), { waits: 'b1' })).toEqual(['b1']);
    expect(telemetry.counts).toEqual(new Map([[metricNames.deliveriesFailed, 1]]));
  });

  it('gives every message without a lane a lane of its own', async () => {
    const batch = records('a1 a2').map((record) => ({ ...record, attributes: { ApproximateReceiveCount: '1' } }));
    expect(await work(batch as SQSRecord[], { fails: 'a1' })).toEqual(['a1']);
    expect(steps).toContain('end a2');
  });

  it('hands back what failed and what comes after it in its lane, and finishes the other lanes', async () => {
    expect(await work(records('a1 a2 a3 b1 b2'), { fails: 'a2' })).toEqual(['a2', 'a3']);
    expect(steps).toEqual(expect.arrayContaining(['end a1', 'end b1', 'end b2']));
    expect(steps).not.toContain('begin a3');
    expect(released).toEqual([
      ['a2', 1],
      ['a3', 1],
    ]);
    expect(telemetry.lines.join()).toContain('a2 cannot be done');
  });

  it('begins nothing but the first of a lane when time is short, and hands the rest back at once', async () => {
    const tookMs = timeoutMs - messageBudgetMs;
    expect(await work(records('a1 a2 a3'), { tookMs })).toEqual(['a2', 'a3']);
    expect(steps).toEqual(['begin a1', 'end a1']);
    expect(released).toEqual([
      ['a2', 0],
      ['a3', 0],
    ]);
  });

  it('tells each message when it must have ended, a second before the function, and how long it would then rest', async () => {
    const deliveries: Delivery[] = [];
    const endsAtMs = clock.nowMs() + timeoutMs;
    const handle = async (_body: string, delivery: Delivery) => void deliveries.push(delivery);
    await processLanes(records('a1', 3), endsAtMs, { handle, release: async () => {}, nowMs: clock.nowMs, telemetry });
    expect(deliveries).toEqual([{ deadlineMs: endsAtMs - 1_000, retryPauseMs: 4_000 }]);
  });

  it.each([
    ['failed', { fails: 'a1' }, ['a1', 'a2']],
    ['there was no time for', { tookMs: timeoutMs }, ['a2']],
  ])('still reports what %s when the queue does not take it back', async (_name, behaviour, expected) => {
    expect(await work(records('a1 a2'), { ...behaviour, releaseFails: true })).toEqual(expected);
    expect(telemetry.lines.join()).toContain('could not be released');
  });

  it('pauses longer the more often a message failed', async () => {
    await work(records('a1', 4), { fails: 'a1' });
    expect(released).toEqual([['a1', 8]]);
  });
});

it.each([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 4],
  [6, 32],
  [7, 60],
  [100, 60],
])('after %i receives the pause is %i s', (receives, seconds) => {
  expect(retryPauseSeconds(receives)).toBe(seconds);
});
