import type { VenueId } from '@nightdesk/core';
import { NotYetError } from '@nightdesk/functions/shared/lane-batch.ts';
import { describe, expect, it } from 'vitest';
import { dayStartMs, openCollectingDesk } from '../../support/collecting-desk.ts';

const minuteMs = 60_000;
const lane = { venue: 'fake' as VenueId, part: '1m', number: 0 };
const lettersOf = (count: number) =>
  Array.from({ length: count }, (_, index) => `${String.fromCharCode(65 + index)}AA/USDT`);
const collectionOf = (symbols: string[]) => ({
  collections: [{ venues: ['fake'], symbols, timeframes: ['1m'], every: '1m' }],
});

describe('a lane whose venue answers slowly', () => {
  it('has a turn for each of its series, though there is never time for all', async () => {
    const symbols = lettersOf(20);
    const desk = openCollectingDesk({ symbols, collection: collectionOf(symbols) });
    await desk.pass(2);
    const ask = desk.venue().fetchCandles.bind(desk.venue());
    desk.venue().fetchCandles = async (...question) => {
      desk.clock.advance(10_000);
      return ask(...question);
    };
    desk.clock.advance(minuteMs);
    for (let run = 0; run < 3; run += 1) {
      expect(await desk.deliver({ job: 'collect', lane, plannedAtMs: desk.clock.nowMs() })).toBeUndefined();
    }
    const row = await desk.stores.candles.lastOfLane(lane);
    const untilMs = row?.members.map((member) => member.untilMs) ?? [];
    expect(untilMs).toHaveLength(20);
    expect(Math.min(...untilMs)).toBeGreaterThan(dayStartMs + 2 * minuteMs);
  });
});

describe('a job that comes behind a long one', () => {
  it('waits for the next invocation where this one has no time for a question any more', async () => {
    const symbols = lettersOf(1);
    const desk = openCollectingDesk({ symbols, collection: collectionOf(symbols) });
    await desk.pass(2);
    desk.clock.advance(minuteMs);
    const job = { job: 'collect', lane, plannedAtMs: desk.clock.nowMs() } as const;
    expect(await desk.deliver(job, 15_000)).toBeInstanceOf(NotYetError);
    expect(await desk.deliver(job)).toBeUndefined();
    const row = await desk.stores.candles.lastOfLane(lane);
    expect(row?.members.map(({ untilMs }) => untilMs)).toEqual([dayStartMs + 3 * minuteMs]);
  });
});
