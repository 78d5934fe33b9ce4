import type { VenueId } from '@nightdesk/core';
import { NotYetError } from '@nightdesk/functions/shared/lane-batch.ts';
import { describe, expect, it } from 'vitest';
import { dayStartMs, openCollectingDesk, seriesOf } from '../../support/collecting-desk.ts';
import { venueFailure } from '../../support/tape-venue.ts';

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

describe('a lane of trades whose venue answers slowly', () => {
  it('has a turn for each of its series', async () => {
    const symbols = lettersOf(20);
    const [candles] = collectionOf(symbols).collections;
    const desk = openCollectingDesk({ symbols, collection: { collections: [{ ...candles, kinds: ['trades'] }] } });
    await desk.pass(2);
    const ask = desk.venue().fetchTrades.bind(desk.venue());
    const asked = new Set<string>();
    desk.venue().fetchTrades = async (...question) => {
      desk.clock.advance(7_000);
      asked.add(question[0].symbol);
      return ask(...question);
    };
    for (let run = 0; run < 8; run += 1) {
      const plannedAtMs = desk.clock.nowMs();
      await desk.deliver({ job: 'collect', lane: { ...lane, part: 'trades' }, plannedAtMs });
    }
    expect(asked.size).toBe(20);
  });
});

describe('a series of which an answer cannot be read', () => {
  it('holds up no other of its lane, and is told as the defect that it is', async () => {
    const symbols = lettersOf(3);
    const desk = openCollectingDesk({ symbols, collection: collectionOf(symbols) });
    await desk.pass(2);
    desk.clock.advance(minuteMs);
    const defect = new TypeError('a defect');
    const ask = desk.venue().fetchCandles.bind(desk.venue());
    desk.venue().fetchCandles = async (...question) => {
      if (question[0].symbol === 'AAA/USDT') throw defect;
      return ask(...question);
    };
    expect(await desk.deliver({ job: 'collect', lane, plannedAtMs: desk.clock.nowMs() })).toBe(defect);
    const row = await desk.stores.candles.lastOfLane(lane);
    const untilMs = new Map(row?.members.map((member) => [member.symbol, (member.untilMs - dayStartMs) / minuteMs]));
    expect(Object.fromEntries(untilMs)).toEqual({ 'AAA/USDT': 2, 'BAA/USDT': 3, 'CAA/USDT': 3 });
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

describe('a lane whose next turn is far off', () => {
  const dayMs = 1_440 * minuteMs;
  const daily = { ...lane, part: '1d' };
  const dailyOf = (symbols: string[]) => ({
    collections: [{ venues: ['fake'], symbols, timeframes: ['1d'], every: '5m' }],
  });
  const untilOf = async (desk: ReturnType<typeof openCollectingDesk>) =>
    (await desk.stores.candles.lastOfLane(daily))?.members.map(({ untilMs }) => untilMs);

  it.each(['network', 'not_sent'])(
    'is come back to within minutes where the venue did not answer (%s), and not a day later',
    async (code) => {
      const symbols = lettersOf(2);
      const desk = openCollectingDesk({ startMs: dayStartMs - minuteMs, symbols, collection: dailyOf(symbols) });
      await desk.pass(1);
      desk.clock.advance(dayMs - 2 * minuteMs);
      desk.venue().fail = () => venueFailure('fake', code);
      await desk.pass(8);
      expect(await untilOf(desk)).not.toEqual([dayStartMs + dayMs, dayStartMs + dayMs]);
      desk.venue().fail = () => undefined;
      await desk.pass(12);
      expect(await untilOf(desk)).toEqual([dayStartMs + dayMs, dayStartMs + dayMs]);
      expect((await desk.record('AAA/USDT', '1d')).failure).toBeUndefined();
    },
  );

  it('is come back to also where the planner learns of the failure after it was due', async () => {
    const symbols = lettersOf(1);
    const desk = openCollectingDesk({ symbols, collection: dailyOf(symbols) });
    await desk.pass(2);
    desk.clock.advance(10 * minuteMs);
    // Schedules are not exact: here the third plan comes a moment before what was read is old.
    const readAtMs = desk.clock.nowMs();
    await desk.plan();
    await desk.work();
    const failure = {
      code: 'network',
      message: 'no answer',
      sinceMs: readAtMs,
      attempts: 1,
      retryAtMs: readAtMs + 70_000,
    };
    await desk.stores.series.save({ ...(await desk.record('AAA/USDT', '1d')), failure });
    const planned = [];
    for (const afterMs of [minuteMs, 2 * minuteMs - 50, 3 * minuteMs]) {
      desk.clock.advance(readAtMs + afterMs - desk.clock.nowMs());
      await desk.plan();
      planned.push(...desk.stores.jobs.waiting.splice(0).map(({ job }) => job));
    }
    expect(planned).toEqual(['collect']);
  });
});

describe('an incident of a venue', () => {
  const incidentsOf = (desk: ReturnType<typeof openCollectingDesk>) =>
    desk.stores.series.incidents('fake' as VenueId, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER });

  it('ends where nothing is collected of it any more, since nobody would see it answer', async () => {
    const symbols = lettersOf(2);
    const desk = openCollectingDesk({ symbols, collection: collectionOf(symbols) });
    await desk.pass(3);
    desk.venue().fail = () => venueFailure('fake', 'network');
    await desk.pass(2);
    desk.setCollection(collectionOf(symbols.slice(1)));
    await desk.pass(1);
    expect((await incidentsOf(desk)).map(({ toMs }) => toMs)).toEqual([undefined]);
    desk.setCollection({ collections: [] });
    await desk.pass(1);
    expect((await incidentsOf(desk)).map(({ toMs }) => toMs)).toEqual([desk.clock.nowMs()]);
  });
});

describe('a series that never answers', () => {
  const bad = 'AAA/USDT';
  const good = 'BAA/USDT';
  const spanOfAll = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
  const incidentsOf = (desk: ReturnType<typeof openCollectingDesk>) =>
    desk.stores.series.incidents('fake' as VenueId, spanOfAll);
  const openDesk = (timeframe: string, symbols: string[], startMs = dayStartMs) => {
    const collections = [{ venues: ['fake'], symbols, timeframes: [timeframe], every: '1m' }];
    return openCollectingDesk({ startMs, symbols, collection: { collections } });
  };
  const failing = (desk: ReturnType<typeof openCollectingDesk>, symbols: readonly string[], code: string) => {
    desk.venue().fail = (symbol) => (symbols.includes(symbol) ? venueFailure('fake', code) : undefined);
  };

  it.each([
    { name: 'one of two', others: [] },
    { name: 'two of three', others: ['CAA/USDT'] },
  ])('is no outage of its venue when it is tried again alone: $name', async ({ others }) => {
    const desk = openDesk('1h', [bad, good, ...others], dayStartMs + 59 * minuteMs);
    await desk.pass(1);
    failing(desk, [bad, ...others], 'unparsable_answer');
    for (let hour = 0; hour < 2; hour += 1) {
      await desk.pass(8);
      desk.clock.advance(52 * minuteMs);
    }
    expect(await incidentsOf(desk)).toEqual([]);
    expect((await desk.record(bad, '1h')).failure?.attempts).toBeGreaterThan(2);
    expect((await desk.record(good, '1h')).failure).toBeUndefined();
  });

  it('is none either when its day is what is left to be sealed', async () => {
    const desk = openDesk('1m', [bad, good], dayStartMs + 1_435 * minuteMs);
    await desk.pass(10);
    desk.clock.advance(60 * minuteMs);
    for (const code of ['not_sent', 'timeout', 'timeout']) {
      failing(desk, [bad], code);
      expect(await desk.deliver({ job: 'seal', lane, period: '2026-11-21' })).toBeUndefined();
      desk.clock.advance(10 * minuteMs);
    }
    expect((await desk.record(good)).sealed).toBe('2026-11-21');
    expect((await desk.record(bad)).sealed).toBeUndefined();
    expect(await incidentsOf(desk)).toEqual([]);
  });

  it('hides no outage that comes over the only one that was well', async () => {
    const desk = openDesk('1m', [bad, good]);
    await desk.pass(2);
    failing(desk, [bad], 'unparsable_answer');
    await desk.pass(6);
    expect(await incidentsOf(desk)).toEqual([]);
    failing(desk, [bad, good], 'network');
    await desk.pass(1);
    expect(await incidentsOf(desk)).toMatchObject([{ fromMs: desk.clock.nowMs(), code: 'network' }]);
    expect((await desk.record(good)).failure).toBeUndefined();
  });

  it('is taken for its venue where it is the only one of its lane', async () => {
    const desk = openDesk('1m', [bad]);
    await desk.pass(2);
    failing(desk, [bad], 'timeout');
    await desk.pass(2);
    expect(await incidentsOf(desk)).toMatchObject([{ code: 'timeout' }]);
  });
});

describe('a day that its venue refuses to fill', () => {
  it('is asked for again and again, but not for ever', async () => {
    const symbols = lettersOf(1);
    const desk = openCollectingDesk({ symbols, collection: collectionOf(symbols) });
    await desk.pass(2);
    const unfilled = [{ period: '2026-11-19', attempts: 1, askedAtMs: desk.clock.nowMs() }];
    await desk.stores.series.save({ ...(await desk.record('AAA/USDT')), unfilled });
    desk.venue().fail = () => venueFailure('fake', 'bad_request');
    const fill = { job: 'fill', series: seriesOf('AAA/USDT'), period: '2026-11-19' } as const;
    await desk.deliver(fill);
    expect((await desk.record('AAA/USDT')).unfilled).toMatchObject([{ attempts: 2, askedAtMs: desk.clock.nowMs() }]);
    for (let more = 0; more < 6; more += 1) await desk.deliver(fill);
    expect((await desk.record('AAA/USDT')).unfilled).toBeUndefined();
  });
});
