import { type Candle, price, type Span, type VenueId } from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { type CollectingDesk, dayStartMs, openCollectingDesk, seriesOf } from '../../support/collecting-desk.ts';
import { venueFailure } from '../../support/tape-venue.ts';

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const symbols = ['AAA/USDT', 'BBB/USDT'];
const collection = { collections: [{ venues: ['fake'], symbols, timeframes: ['1m'], every: '1m' }] };
const day = '2026-11-21';
const whole: Span = { fromMs: dayStartMs, toMs: dayStartMs + dayMs };
const lane = { venue: 'fake' as VenueId, part: '1m', number: 0 };
const aaa = seriesOf('AAA/USDT');
const minute = (number: number): number => dayStartMs + number * minuteMs;

let desk: CollectingDesk;

/** Collects the last minutes of the day, and lets it be over for two hours. */
async function liveThroughTheDay(changes: Partial<Parameters<typeof openCollectingDesk>[0]> = {}): Promise<void> {
  desk = openCollectingDesk({ symbols, collection, startMs: minute(1_430), ...changes });
}

async function seal(): Promise<void> {
  desk.clock.advance(dayStartMs + dayMs + 90 * minuteMs - desk.clock.nowMs());
  await desk.pass(1);
}

const blockOf = (symbol: string, venue = 'fake') => desk.stores.candles.readBlock(seriesOf(symbol, venue), day);

beforeEach(() => liveThroughTheDay());

describe('a day that is over', () => {
  it('is one block and one file with every candle of it, and counted', async () => {
    await desk.pass(5);
    await seal();
    const expected = desk.venue().opensIn('AAA/USDT', whole);
    const block = await blockOf('AAA/USDT');
    expect([...(block?.candles.openMs ?? [])]).toEqual(expected);
    expect(block).toMatchObject({ gaps: [], rebuilt: [], revised: 0, checkedToMs: whole.toMs, version: 1 });
    expect([...((await desk.stores.cold.readCandles(aaa, day))?.openMs ?? [])]).toEqual(expected);
    expect(await desk.record('AAA/USDT')).toMatchObject({
      sealed: day,
      totals: { candles: 1_440, periods: 1, missing: { open: 0, noTrades: 0, outage: 0, quarantined: 0 } },
    });
    expect((await desk.record('AAA/USDT')).unfilled).toBeUndefined();
  });

  it('is sealed once, however often the job comes', async () => {
    await desk.pass(5);
    await seal();
    const [before, written] = [await desk.record('AAA/USDT'), desk.written.blocks];
    expect(await desk.deliver({ job: 'seal', lane, period: day })).toBeUndefined();
    expect(await desk.record('AAA/USDT')).toEqual(before);
    expect(desk.written.blocks).toBe(written);
  });

  it('goes on behind the last series where the time was too short, and counts each once', async () => {
    await desk.pass(5);
    desk.clock.advance(dayStartMs + dayMs + 90 * minuteMs - desk.clock.nowMs());
    const ask = desk.venue().fetchCandles.bind(desk.venue());
    desk.venue().fetchCandles = async (...question) => {
      desk.clock.advance(5_000);
      return ask(...question);
    };
    expect(await desk.deliver({ job: 'seal', lane, period: day })).toBeUndefined();
    expect(desk.stores.jobs.waiting).toContainEqual({ job: 'seal', lane, period: day, after: 'AAA/USDT' });
    await desk.work();
    expect((await desk.record('BBB/USDT')).sealed).toBe(day);
  });

  it('is not counted twice where it was killed after it wrote the block', async () => {
    await desk.pass(5);
    const save = desk.stores.series.save;
    let kills = 1;
    desk.stores.series.save = async (record) => {
      if (kills-- > 0) throw new Error('killed');
      return save(record);
    };
    desk.clock.advance(dayStartMs + dayMs + 90 * minuteMs - desk.clock.nowMs());
    expect(await desk.deliver({ job: 'seal', lane, period: day })).toMatchObject({ message: 'killed' });
    expect(await blockOf('AAA/USDT')).toBeDefined();
    expect(await desk.deliver({ job: 'seal', lane, period: day })).toBeUndefined();
    expect((await desk.record('AAA/USDT')).totals).toMatchObject({ candles: 1_440, periods: 1 });
  });

  it('waits for a venue that does not answer, and holds nobody else up', async () => {
    await desk.pass(5);
    desk.venue().fail = (symbol) => (symbol === 'AAA/USDT' ? venueFailure('fake', 'bad_symbol') : undefined);
    await seal();
    expect((await desk.record('AAA/USDT')).sealed).toBeUndefined();
    expect((await desk.record('BBB/USDT')).sealed).toBe(day);
    desk.venue().fail = () => undefined;
    desk.clock.advance(20 * minuteMs);
    await desk.pass(1);
    expect((await desk.record('AAA/USDT')).sealed).toBe(day);
  });

  it('of a series whose file cannot be written is done again, and holds nobody else up', async () => {
    await desk.pass(5);
    const { writeCandles } = desk.stores.cold;
    desk.stores.cold.writeCandles = async (series, ...rest) => {
      if (series.symbol === 'AAA/USDT') throw new Error('damaged');
      return writeCandles(series, ...rest);
    };
    desk.clock.advance(dayStartMs + dayMs + 90 * minuteMs - desk.clock.nowMs());
    expect(await desk.deliver({ job: 'seal', lane, period: day })).toMatchObject({ message: 'damaged' });
    expect((await desk.record('AAA/USDT')).sealed).toBeUndefined();
    expect((await desk.record('BBB/USDT')).sealed).toBe(day);
    desk.stores.cold.writeCandles = writeCandles;
    expect(await desk.deliver({ job: 'seal', lane, period: day })).toBeUndefined();
    expect((await desk.record('AAA/USDT')).sealed).toBe(day);
  });

  it('is not passed over for the day after it, which others of the lane have sealed', async () => {
    await desk.pass(5);
    const { writeCandles } = desk.stores.cold;
    desk.stores.cold.writeCandles = async (series, period, ...rest) => {
      if (series.symbol === 'AAA/USDT' && period === day) throw new Error('damaged');
      return writeCandles(series, period, ...rest);
    };
    const [dayAfter, job] = ['2026-11-22', { job: 'seal', lane } as const];
    desk.clock.advance(dayStartMs + 2 * dayMs + 90 * minuteMs - desk.clock.nowMs());
    expect(await desk.deliver({ ...job, period: day })).toMatchObject({ message: 'damaged' });
    expect(await desk.deliver({ ...job, period: dayAfter })).toBeUndefined();
    expect((await desk.record('BBB/USDT')).sealed).toBe(dayAfter);
    desk.stores.cold.writeCandles = writeCandles;
    for (const period of [day, dayAfter]) {
      expect((await desk.record('AAA/USDT')).sealed).toBe(period === day ? undefined : day);
      expect(await desk.deliver({ ...job, period })).toBeUndefined();
    }
    expect((await desk.record('AAA/USDT')).sealed).toBe(dayAfter);
  });
});

describe('what is missing of a day', () => {
  it('is shown to have had no trades where the trades say so', async () => {
    desk.venue().quiet.set('AAA/USDT', new Set([minute(3), minute(4), minute(700)]));
    await desk.pass(5);
    await seal();
    expect((await blockOf('AAA/USDT'))?.gaps).toMatchObject([
      { fromMs: minute(3), toMs: minute(5), kind: 'no-trades', by: 'trades' },
      { fromMs: minute(700), toMs: minute(701), kind: 'no-trades', by: 'trades' },
    ]);
    expect((await desk.record('AAA/USDT')).totals.missing).toMatchObject({ noTrades: 3, open: 0 });
    expect(desk.told('AAA/USDT')).toMatchObject([{ type: 'gap.closed', data: { count: 2 } }]);
  });

  it('is made of trades where the venue has lost its candles, and says so', async () => {
    desk.venue().lost.set('AAA/USDT', new Set([minute(10), minute(11), minute(900)]));
    await desk.pass(5);
    await seal();
    const block = await blockOf('AAA/USDT');
    expect(block?.rebuilt).toEqual([
      { fromMs: minute(10), toMs: minute(12) },
      { fromMs: minute(900), toMs: minute(901) },
    ]);
    expect([...(block?.candles.openMs ?? [])]).toEqual(desk.venue().opensIn('AAA/USDT', whole));
    const truth = desk.venue().candleOf('AAA/USDT', '1m', minute(11)) as Candle;
    expect(block?.candles.close[11]).toBe(Number(truth.close));
    expect(block?.candles.volume[11]).toBe(Number(truth.volume));
    expect((await desk.record('AAA/USDT')).totals.rebuilt).toBe(3);
    expect(desk.told('AAA/USDT')).toMatchObject([{ type: 'candles.rebuilt', data: { count: 2 } }]);
  });

  it('is an outage while the venue was down, and open until it was asked twice where there are no trades to ask for', async () => {
    await liveThroughTheDay({ tape: { trades: { reach: { latest: 10 } } } });
    await desk.pass(2);
    await desk.stores.series.openIncident(lane.venue, { fromMs: minute(100), code: 'network', message: 'down' });
    await desk.stores.series.closeIncident(lane.venue, minute(103));
    desk.venue().lost.set('AAA/USDT', new Set([minute(101), minute(1_436), minute(50)]));
    await desk.pass(4);
    await seal();
    expect((await blockOf('AAA/USDT'))?.gaps).toMatchObject([
      { fromMs: minute(50), kind: 'no-trades', by: 'candles' },
      { fromMs: minute(101), kind: 'outage', incident: { fromMs: minute(100), toMs: minute(103) } },
      { fromMs: minute(1_436), kind: 'no-trades' },
    ]);
  });

  it('is fetched where it was only left out of an answer', async () => {
    await desk.pass(2);
    desk.clock.advance(dayStartMs + dayMs + 90 * minuteMs - desk.clock.nowMs());
    const ask = desk.venue().fetchCandles.bind(desk.venue());
    let asked = 0;
    desk.venue().fetchCandles = async (market, query) => {
      asked += 1;
      const told = await ask(market, query);
      return told.filter((_, index) => (index + asked * 7) % 20 !== 0);
    };
    await desk.pass(1);
    expect((await blockOf('AAA/USDT'))?.candles.openMs).toHaveLength(1_440);
  });

  it('is asked for again when somebody wants it, and the candles replace what was made of trades', async () => {
    desk.venue().lost.set('AAA/USDT', new Set([minute(10)]));
    await desk.pass(5);
    await seal();
    desk.venue().lost.clear();
    expect(await desk.deliver({ job: 'fill', series: aaa, period: day })).toBeUndefined();
    expect(await blockOf('AAA/USDT')).toMatchObject({ rebuilt: [], gaps: [], revised: 0 });
    expect((await desk.record('AAA/USDT')).totals).toMatchObject({ candles: 1_440, rebuilt: 0, periods: 1 });
  });
});

describe('what is wrong with a day', () => {
  const spoil = (numbers: readonly number[], change: Partial<Candle>) => {
    const opens = new Set(numbers.map(minute));
    desk.venue().spoil = (candle, symbol) =>
      symbol === 'AAA/USDT' && opens.has(candle.openTimeMs) ? { ...candle, ...change } : candle;
  };

  it('is told where the venue changed it since', async () => {
    await desk.pass(8);
    spoil([1_433], { close: price('1.5'), low: price('1.5') });
    desk.clock.advance(5 * minuteMs);
    await seal();
    expect((await blockOf('AAA/USDT'))?.revised).toBe(1);
    expect(desk.told('AAA/USDT')[0]).toMatchObject({
      type: 'candles.revised',
      data: { candles: [{ openMs: minute(1_433), changed: ['low', 'close'], after: { close: '1.5' } }] },
    });
  });

  it('is quarantined, and released when the venue mends it', async () => {
    await liveThroughTheDay({ tape: { trades: { reach: { latest: 10 } } } });
    spoil([20, 21], { high: price('1') });
    await desk.pass(5);
    await seal();
    expect((await blockOf('AAA/USDT'))?.gaps).toMatchObject([
      { fromMs: minute(20), toMs: minute(22), kind: 'quarantined' },
    ]);
    expect(await desk.stores.candles.readQuarantine(aaa, whole)).toHaveLength(2);
    desk.venue().spoil = (candle) => candle;
    await desk.deliver({ job: 'fill', series: aaa, period: day });
    expect(await blockOf('AAA/USDT')).toMatchObject({ gaps: [] });
    expect(await desk.stores.candles.readQuarantine(aaa, whole)).toEqual([]);
  });

  it('is made of trades instead where the venue tells those, and stays in quarantine', async () => {
    spoil([20], { high: price('1') });
    await desk.pass(5);
    await seal();
    expect(await blockOf('AAA/USDT')).toMatchObject({ gaps: [], rebuilt: [{ fromMs: minute(20), toMs: minute(21) }] });
    await desk.deliver({ job: 'fill', series: aaa, period: day });
    expect(await desk.stores.candles.readQuarantine(aaa, whole)).toMatchObject([{ openMs: minute(20) }]);
  });

  it('is told where hours that the venue shows are others than those made of its minutes', async () => {
    await desk.pass(5);
    spoil([60], { close: price('101'), high: price('250') });
    await seal();
    const mismatch = desk.told('AAA/USDT').find(({ type }) => type === 'derived.mismatch');
    // The hour that opens with the minute is told with other values than before, and so is the minute itself.
    expect(mismatch).toMatchObject({ data: { timeframe: '1h', candles: expect.any(Array) } });
    expect(desk.told('BBB/USDT')).toEqual([]);
  });

  it('is set aside where no other venue had such a price', async () => {
    const venues = ['fake', 'other', 'third', 'fourth'];
    await liveThroughTheDay({
      venues,
      collection: { collections: [{ venues, symbols: ['AAA/USDT'], timeframes: ['1m'], every: '1m' }] },
    });
    await desk.pass(5);
    const [first, ...rest] = venues;
    desk.clock.advance(dayStartMs + dayMs + 90 * minuteMs - desk.clock.nowMs());
    for (const venue of rest)
      await desk.deliver({ job: 'seal', lane: { ...lane, venue: venue as VenueId }, period: day });
    spoil([30], { open: price('900'), close: price('900'), high: price('900'), low: price('900') });
    await desk.deliver({ job: 'seal', lane, period: day });
    expect((await blockOf('AAA/USDT', first))?.gaps).toMatchObject([{ fromMs: minute(30), kind: 'quarantined' }]);
    expect(await desk.stores.candles.readQuarantine(aaa, whole)).toMatchObject([{ reason: 'outlier' }]);
  });
});
