import { amount, noTotals, type SeriesRecord, type Span } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { dayStartMs, openCollectingDesk, seriesOf } from '../../support/collecting-desk.ts';
import { venueFailure } from '../../support/tape-venue.ts';

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const symbol = 'AAA/USDT';
const nowMs = dayStartMs + 12 * 60 * minuteMs;
const openDesk = (history: string, changes: Partial<Parameters<typeof openCollectingDesk>[0]> = {}) =>
  openCollectingDesk({
    ...{ symbols: [symbol], startMs: nowMs, tape: { candles: { pageSize: 500, reach: 'all' } } },
    collection: { collections: [{ venues: ['fake'], symbols: [symbol], timeframes: ['1m'], every: '1m', history }] },
    ...changes,
  });
const daysAgo = (days: number): Span => ({ fromMs: dayStartMs - days * dayMs, toMs: nowMs });
const backfillOf = async (desk: ReturnType<typeof openDesk>) =>
  (await desk.record(symbol)).backfill as NonNullable<SeriesRecord['backfill']>;

describe('the past up to now', () => {
  /** A series that nobody collects, at a moment at which a candle has just closed here, and not yet at its venue. */
  async function openAtClose(backfilled: boolean): Promise<ReturnType<typeof openDesk>> {
    const desk = openDesk('1d', { startMs: nowMs + 500 });
    const going = { startedAtMs: nowMs, candles: 0, requests: 0, askedBy: 'person' } as const;
    const fromMs = nowMs - 60 * minuteMs;
    await desk.stores.series.save({
      ...{ series: seriesOf(symbol), lane: 0, status: 'kept', sinceMs: nowMs, totals: noTotals, version: 0 },
      ...(backfilled && { backfill: { ...going, fromMs, toMs: nowMs, doneToMs: fromMs } }),
    });
    desk.venue().spoil = (candle) =>
      candle.openTimeMs + minuteMs > desk.clock.nowMs() - 1_000 ? { ...candle, volume: amount('0.1') } : candle;
    return desk;
  }
  const lastMs = nowMs - minuteMs;

  it('ends with a candle as its venue has it in the end, though it closed when the backfill began', async () => {
    const desk = await openAtClose(true);
    await desk.deliver({ job: 'backfill', series: seriesOf(symbol), doneToMs: nowMs - 60 * minuteMs });
    expect(await backfillOf(desk)).toMatchObject({ doneToMs: nowMs, endedAtMs: expect.any(Number) });
    const last = desk.venue().candleOf(symbol, '1m', lastMs);
    expect(await desk.volumeAt(symbol, lastMs)).toBe(Number(last?.volume));
    // What is asked for is asked for once.
    expect(desk.venue().questions).toBeLessThan(10);
  });

  it('waits for what has not closed, where whoever asked for it has a clock that is ahead', async () => {
    const desk = await openAtClose(true);
    const record = await desk.record(symbol);
    const toMs = nowMs + minuteMs;
    await desk.stores.series.save({ ...record, backfill: { ...(await backfillOf(desk)), toMs } });
    for (const isOver of [false, true]) {
      const { doneToMs } = await backfillOf(desk);
      await desk.deliver({ job: 'backfill', series: seriesOf(symbol), doneToMs });
      expect(await backfillOf(desk)).toMatchObject({ doneToMs: isOver ? toMs : nowMs });
      expect((await backfillOf(desk)).endedAtMs !== undefined).toBe(isOver);
      desk.clock.advance(minuteMs);
    }
    expect(await desk.volumeAt(symbol, nowMs)).toBe(Number(desk.venue().candleOf(symbol, '1m', nowMs)?.volume));
  });

  it('does not fill a day with a candle that may still change', async () => {
    const desk = await openAtClose(false);
    await desk.deliver({ job: 'fill', series: seriesOf(symbol), period: '2026-11-21' });
    const block = await desk.stores.candles.readBlock(seriesOf(symbol), '2026-11-21');
    expect([block?.candles.openMs.at(-1), block?.checkedToMs]).toEqual([lastMs - minuteMs, lastMs]);
  });
});

describe('the past that collection.yaml wants', () => {
  it('is fetched from its beginning up to where collecting began, without a gap between the two', async () => {
    const desk = openDesk('3d');
    await desk.pass(5);
    expect(await backfillOf(desk)).toMatchObject({ endedAtMs: expect.any(Number), askedBy: 'history' });
    const from = daysAgo(3);
    expect(await desk.opens(symbol, from)).toEqual(
      desk
        .venue()
        .opensIn(symbol, { ...from, toMs: nowMs + 5 * minuteMs })
        .slice(0, -5),
    );
    expect((await desk.record(symbol)).totals).toMatchObject({ periods: 4, missing: { open: 0, noTrades: 0 } });
    // Whole days are in files, and today is not over.
    expect((await desk.stores.cold.listCandles(seriesOf(symbol))).map(({ period }) => period)).toEqual([
      '2026-11-18',
      '2026-11-19',
      '2026-11-20',
    ]);
  });

  it('takes hardly more questions than there are pages', async () => {
    const desk = openDesk('20d');
    await desk.pass(2);
    const { requests, candles } = await backfillOf(desk);
    expect(candles).toBeGreaterThan(20 * 1_440);
    expect(requests).toBeLessThan(candles / 500 + 8);
  });

  it('goes on from the record where it was killed, and counts nothing twice', async () => {
    const desk = openDesk('13d');
    const save = desk.stores.series.save;
    let saves = 0;
    desk.stores.series.save = async (record) => {
      saves += 1;
      if ((saves * 7) % 5 < 2) throw new Error('killed');
      return save(record);
    };
    await desk.plan();
    for (let tries = 0; tries < 40 && (await backfillOf(desk)).endedAtMs === undefined; tries += 1) {
      const { doneToMs } = await backfillOf(desk);
      await desk.deliver({ job: 'backfill', series: seriesOf(symbol), doneToMs });
      desk.restart();
    }
    const from = daysAgo(13);
    expect((await desk.opens(symbol, { ...from, toMs: dayStartMs })).length).toBe(13 * 1_440);
    expect(await backfillOf(desk)).toMatchObject({ doneToMs: (await backfillOf(desk)).toMs });
  });

  it('leaves a job alone that is behind the record: the one that goes on is on its way', async () => {
    const desk = openDesk('3d');
    await desk.plan();
    const { doneToMs } = await backfillOf(desk);
    await desk.deliver({ job: 'backfill', series: seriesOf(symbol), doneToMs });
    const { questions } = desk.venue();
    await desk.deliver({ job: 'backfill', series: seriesOf(symbol), doneToMs });
    expect(desk.venue().questions).toBe(questions);
  });

  it('hands on what does not fit into the time, before it is over', async () => {
    const desk = openDesk('12d', { tape: { candles: { pageSize: 100, reach: 'all' } } });
    const ask = desk.venue().fetchCandles.bind(desk.venue());
    desk.venue().fetchCandles = async (...question) => {
      desk.clock.advance(900);
      return ask(...question);
    };
    await desk.plan();
    const { doneToMs } = await backfillOf(desk);
    await desk.deliver({ job: 'backfill', series: seriesOf(symbol), doneToMs });
    const reached = await backfillOf(desk);
    expect(reached.doneToMs).toBeGreaterThan(doneToMs);
    expect(reached.endedAtMs).toBeUndefined();
    expect(desk.stores.jobs.waitingBackfills).toContainEqual({
      ...{ job: 'backfill', series: seriesOf(symbol), doneToMs: reached.doneToMs },
    });
    await desk.work();
    expect((await backfillOf(desk)).endedAtMs).toBeDefined();
  });

  it('begins where the market was listed, which is written down', async () => {
    const listedFromMs = dayStartMs - 2 * dayMs + 77 * minuteMs;
    const desk = openDesk('400d', { tape: { listedFromMs, candles: { pageSize: 500, reach: 'all' } } });
    await desk.pass(3);
    const record = await desk.record(symbol);
    expect(record).toMatchObject({ listedFromMs, backfill: { endedAtMs: expect.any(Number) } });
    expect(record.backfill?.requests).toBeLessThan(30);
    expect(await desk.opens(symbol, daysAgo(10))).toEqual(desk.venue().opensIn(symbol, daysAgo(10)));
    expect(await desk.gaps(symbol, daysAgo(10))).toEqual([]);
    expect(record.totals.missing).toMatchObject({ open: 0, noTrades: 0 });
  });

  it.each([
    ['the first minutes', 10],
    ['the first days', 2 * 1_440],
  ])('is not taken for the beginning of the market where nobody traded in %s of it', async (_, minutes) => {
    const desk = openDesk('3d');
    const fromMs = nowMs - 3 * dayMs;
    const quiet = Array.from({ length: minutes }, (__, index) => fromMs + index * minuteMs);
    desk.venue().quiet.set(symbol, new Set(quiet));
    await desk.pass(3);
    const record = await desk.record(symbol);
    expect(record.listedFromMs).toBeUndefined();
    expect(record.backfill).toMatchObject({ endedAtMs: expect.any(Number) });
    expect(await desk.gaps(symbol, { fromMs, toMs: nowMs })).toMatchObject([
      { fromMs, toMs: fromMs + minutes * minuteMs, kind: 'no-trades' },
    ]);
  });

  it('is looked for no longer where the venue does not tell of the days before', async () => {
    const listedFromMs = dayStartMs - 2 * dayMs;
    const desk = openDesk('3d', { tape: { listedFromMs, candles: { pageSize: 500, reach: 'all' } } });
    Object.assign(desk.venue(), { capabilities: { ...desk.venue().capabilities, timeframes: ['1m'] } });
    await desk.pass(3);
    expect((await desk.record(symbol)).listedFromMs).toBeUndefined();
  });

  it('stands still while the venue does not answer, says why, and goes on', async () => {
    const desk = openDesk('3d');
    desk.venue().fail = () => venueFailure('fake', 'network');
    await desk.pass(2);
    expect((await backfillOf(desk)).cause).toMatchObject({ code: 'network' });
    desk.venue().fail = () => undefined;
    await desk.pass(12);
    expect(await backfillOf(desk)).toMatchObject({ endedAtMs: expect.any(Number) });
    expect((await backfillOf(desk)).cause).toBeUndefined();
  });

  it('waits at its beginning too while others use up the request limit', async () => {
    const desk = openDesk('3d');
    let refusals = 3;
    desk.venue().fail = () => {
      refusals -= 1;
      return refusals >= 0 ? venueFailure('fake', 'not_sent') : undefined;
    };
    await desk.pass(2);
    expect((await backfillOf(desk)).candles).toBeGreaterThan(0);
  });

  it('says that no more can be had where a venue tells only the latest', async () => {
    const desk = openDesk('5d', { tape: { candles: { reach: { latest: 720 } }, trades: { reach: { latest: 100 } } } });
    await desk.pass(4);
    expect(await backfillOf(desk)).toMatchObject({
      endedAtMs: expect.any(Number),
      cause: { code: 'not_told', message: 'fake tells only the latest 720 candles of 1m' },
    });
    expect((await desk.opens(symbol, daysAgo(5))).length).toBeGreaterThanOrEqual(718);
  });

  it('is made of trades where the venue tells those of any time', async () => {
    const desk = openDesk('1d', { tape: { candles: { reach: { latest: 720 } } } });
    await desk.pass(4);
    // What was before the time that is wanted is not made of anything.
    const span = { fromMs: nowMs - dayMs + minuteMs, toMs: nowMs };
    expect(await desk.opens(symbol, daysAgo(1))).toEqual(desk.venue().opensIn(symbol, span));
    expect((await desk.record(symbol)).totals).toMatchObject({ missing: { open: 0 }, rebuilt: expect.any(Number) });
    expect((await desk.record(symbol)).totals.rebuilt).toBeGreaterThan(700);
    expect((await backfillOf(desk)).endedAtMs).toBeDefined();
  });

  it('is made of trades bit by bit where the venue answers a few questions at a time', async () => {
    const tape = { candles: { reach: { latest: 720 } }, trades: { pageSize: 200 } };
    const desk = openDesk('1d', { tape });
    let left = 0;
    const ask = desk.venue().fetchTrades.bind(desk.venue());
    desk.venue().fetchTrades = async (...question) => {
      left -= 1;
      if (left < 0) throw venueFailure('fake', 'not_sent');
      return ask(...question);
    };
    const { sleep } = desk.clock;
    // What our own request limit lets through again while it is rested.
    desk.clock.sleep = async (delayMs) => {
      left = 3;
      return sleep(delayMs);
    };
    await desk.pass(4);
    expect((await backfillOf(desk)).endedAtMs).toBeDefined();
    const span = { fromMs: nowMs - dayMs + minuteMs, toMs: nowMs };
    expect(await desk.opens(symbol, daysAgo(1))).toEqual(desk.venue().opensIn(symbol, span));
  });
});
