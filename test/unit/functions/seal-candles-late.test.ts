import { type Candle, price, type VenueId } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { dayStartMs, openCollectingDesk, seriesOf } from '../../support/collecting-desk.ts';
import { venueFailure } from '../../support/tape-venue.ts';

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const symbols = ['AAA/USDT', 'BBB/USDT'];
const collection = { collections: [{ venues: ['fake'], symbols, timeframes: ['1m'], every: '1m' }] };
const day = '2026-11-21';
const lane = { venue: 'fake' as VenueId, part: '1m', number: 0 };
const job = { job: 'seal', lane, period: day } as const;
const aaa = seriesOf('AAA/USDT');
const minute = (number: number): number => dayStartMs + number * minuteMs;
const openDesk = (changes: Partial<Parameters<typeof openCollectingDesk>[0]> = {}) =>
  openCollectingDesk({ symbols, collection, startMs: minute(1_430), ...changes });
type Desk = ReturnType<typeof openDesk>;
const goTo = (desk: Desk, atMs: number) => desk.clock.advance(atMs - desk.clock.nowMs());
const opensOf = async (desk: Desk) => [...((await desk.stores.candles.readBlock(aaa, day))?.candles.openMs ?? [])];

describe('a day of which the venue tells nothing any more', () => {
  it('is kept as its lane has brought it before that expires, and the rest stays open', async () => {
    const desk = openDesk();
    await desk.pass(5);
    const brought = [1_431, 1_432, 1_433, 1_434].map(minute);
    desk.delist('AAA/USDT');
    goTo(desk, minute(1_440) + dayMs);
    await desk.deliver(job);
    expect(await opensOf(desk)).toEqual([]);
    goTo(desk, minute(1_440) + 3 * dayMs);
    desk.stores.candles.expire(desk.clock.nowMs());
    expect(await desk.deliver(job)).toBeUndefined();
    expect(await opensOf(desk)).toEqual(brought);
    const record = await desk.record('AAA/USDT');
    expect(record).toMatchObject({ sealed: day, totals: { candles: 4, missing: { open: 5 } } });
    expect(record.unfilled).toMatchObject([{ period: day, attempts: 1 }]);
    expect([...((await desk.stores.cold.readCandles(aaa, day))?.openMs ?? [])]).toEqual(brought);
  });

  it('waits for a venue that does not answer, for as long as nothing of it would be lost', async () => {
    const desk = openDesk();
    await desk.pass(5);
    desk.venue().fail = () => venueFailure('fake', 'network');
    goTo(desk, minute(1_440) + dayMs);
    await desk.deliver(job);
    expect((await desk.record('AAA/USDT')).sealed).toBeUndefined();
    goTo(desk, minute(1_440) + 3 * dayMs);
    await desk.deliver(job);
    expect((await desk.record('AAA/USDT')).sealed).toBe(day);
    desk.venue().fail = () => undefined;
    expect(await desk.deliver({ job: 'fill', series: aaa, period: day })).toBeUndefined();
    expect(await opensOf(desk)).toEqual(desk.venue().opensIn('AAA/USDT', { fromMs: dayStartMs, toMs: minute(1_440) }));
  });
});

describe('a day that is sealed long after it was over', () => {
  it('has what its lane brought of it until then, which the venue does not tell any more', async () => {
    const desk = openDesk({ tape: { candles: { reach: { latest: 400 } }, trades: { reach: undefined } } });
    await desk.pass(5);
    desk.clock.advance(5 * 60 * minuteMs);
    const collect = { job: 'collect', lane, plannedAtMs: desk.clock.nowMs() } as const;
    await desk.deliver(collect);
    desk.clock.advance(8 * 60 * minuteMs);
    expect(await desk.deliver(job)).toBeUndefined();
    expect(await opensOf(desk)).toEqual([1_431, 1_432, 1_433, 1_434, 1_435, 1_436, 1_437, 1_438, 1_439].map(minute));
  });
});

describe('what is missing of a day that its venue was asked for once', () => {
  const trades = { reach: undefined };
  /** Seals the day two days later; the venue answers so many questions, and none after them. */
  async function sealWith(desk: Desk, questionsMax: number): Promise<void> {
    goTo(desk, minute(1_440) + 2 * dayMs);
    const venue = desk.venue();
    const before = venue.questions;
    venue.fail = () => (venue.questions > before + questionsMax ? venueFailure('fake', 'not_sent') : undefined);
    await desk.deliver(job);
  }

  it('stays open where the lane came back too late to ask for it, though it has asked for all since', async () => {
    const desk = openDesk({ tape: { trades } });
    desk.venue().lost.set('AAA/USDT', new Set([minute(1_435)]));
    desk.clock.advance(15_000);
    await desk.plan();
    desk.stores.jobs.waiting.length = 0;
    goTo(desk, minute(1_440) + dayMs + 30 * minuteMs);
    await desk.deliver({ job: 'collect', lane, plannedAtMs: desk.clock.nowMs() });
    expect((await desk.stores.candles.lastOfLane(lane))?.members).toHaveLength(2);
    await sealWith(desk, 15);
    const block = await desk.stores.candles.readBlock(aaa, day);
    expect(block?.gaps).toMatchObject([{ fromMs: minute(1_435), toMs: minute(1_436), kind: 'open', attempts: 1 }]);
    expect((await desk.record('AAA/USDT')).unfilled).toMatchObject([{ period: day }]);
  });

  it.each([
    ['has no trades where the lane had asked for it, too', 'all', 15, 'no-trades'],
    ['stays open where a venue may not have told its lane of that time', { latest: 5_000 }, 1, 'open'],
  ] as const)('%s', async (_, reach, questionsMax, kind) => {
    const desk = openDesk({ tape: { trades, candles: { reach } } });
    desk.venue().lost.set('AAA/USDT', new Set([minute(1_435)]));
    await desk.pass(8);
    await sealWith(desk, questionsMax);
    const block = await desk.stores.candles.readBlock(aaa, day);
    expect(block?.gaps).toMatchObject([{ fromMs: minute(1_435), toMs: minute(1_436), kind }]);
  });
});

describe('a sealing of a series that its venue refuses', () => {
  it('reads the rows of two days, however long ago that was', async () => {
    const desk = openDesk();
    await desk.pass(5);
    desk.delist('AAA/USDT');
    goTo(desk, minute(1_440) + 10 * dayMs);
    const before = desk.lanesRead.length;
    await desk.deliver(job);
    const [{ fromMs = 0, toMs = 0 } = {}, ...more] = desk.lanesRead.slice(before);
    expect([dayStartMs - fromMs, toMs - dayStartMs, more]).toEqual([15 * minuteMs, 2 * dayMs, []]);
  });
});

describe('a sealing that is killed', () => {
  const changed = (candle: Candle, symbol: string): Candle =>
    symbol === 'AAA/USDT' && candle.openTimeMs === minute(1_431) ? { ...candle, high: price('900') } : candle;

  it('tells and counts what the venue changed once, however far it came', async () => {
    for (const savesBefore of [0, 1]) {
      const desk = openDesk();
      await desk.pass(8);
      desk.venue().spoil = changed;
      goTo(desk, minute(1_440) + 90 * minuteMs);
      const { save } = desk.stores.series;
      let saves = savesBefore;
      desk.stores.series.save = async (record) => {
        if (saves-- === 0) throw new Error('killed');
        return save(record);
      };
      await desk.deliver(job);
      expect(await desk.deliver(job)).toBeUndefined();
      expect(await desk.deliver(job)).toBeUndefined();
      const { totals, sealed } = await desk.record('AAA/USDT');
      expect({ sealed, candles: totals.candles, periods: totals.periods, revised: totals.revised }).toEqual({
        ...{ sealed: day, candles: 1_440, periods: 1, revised: 1 },
      });
      expect(desk.told('AAA/USDT').filter(({ type }) => type === 'candles.revised')).toHaveLength(1);
    }
  });

  it('does not count a day twice where it was killed before it could clear a failure', async () => {
    const desk = openDesk();
    await desk.pass(5);
    desk.venue().fail = () => venueFailure('fake', 'bad_symbol');
    await desk.pass(1);
    desk.venue().fail = () => undefined;
    goTo(desk, minute(1_440) + 90 * minuteMs);
    const { save } = desk.stores.series;
    let saves = 0;
    desk.stores.series.save = async (record) => {
      saves += 1;
      if (saves === 2) throw new Error('killed');
      return save(record);
    };
    await desk.deliver(job);
    await desk.deliver(job);
    expect((await desk.record('AAA/USDT')).totals).toMatchObject({ candles: 1_440, periods: 1 });
  });
});

describe('a day that a backfill brought', () => {
  it('is counted once when it is filled before anything of its series was sealed', async () => {
    const [asked] = collection.collections;
    const desk = openDesk({ collection: { collections: [{ ...asked, history: '2d' }] } });
    await desk.pass(3);
    const before = (await desk.record('AAA/USDT')).totals;
    expect(await desk.deliver({ job: 'fill', series: aaa, period: '2026-11-20' })).toBeUndefined();
    expect((await desk.record('AAA/USDT')).totals).toEqual(before);
  });
});

describe('a day that is not over', () => {
  it('is filled up to now, and not taken for a whole one', async () => {
    const desk = openDesk();
    await desk.pass(3);
    expect(await desk.deliver({ job: 'fill', series: aaa, period: day })).toBeUndefined();
    const block = await desk.stores.candles.readBlock(aaa, day);
    expect(block).toMatchObject({ checkedToMs: minute(1_433), gaps: [] });
    expect(await desk.stores.cold.readCandles(aaa, day)).toBeUndefined();
    goTo(desk, minute(1_440) + 90 * minuteMs);
    await desk.deliver(job);
    const { totals } = await desk.record('AAA/USDT');
    expect(totals).toMatchObject({ candles: 1_440, periods: 1, missing: { open: 0 } });
  });

  it('has nothing to be filled before it has begun', async () => {
    const desk = openDesk();
    await desk.pass(2);
    expect(await desk.deliver({ job: 'fill', series: aaa, period: '2026-11-22' })).toBeUndefined();
    expect(await desk.stores.candles.readBlock(aaa, '2026-11-22')).toBeUndefined();
  });
});
