/** A venue that tells only the latest candles is asked again for what it left out, while it still tells it. */
import { price } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { type CollectingDesk, dayStartMs, openCollectingDesk, seriesOf } from '../../support/collecting-desk.ts';
import { venueFailure } from '../../support/tape-venue.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const symbol = 'AAA/USDT';
/** It tells an hour: every twenty minutes the last forty are looked at again. */
const reach = { latest: 60 };
const lostMinutes = [5, 6, 12];

function open(candles: object = { pageSize: 60, reach }): CollectingDesk {
  const collection = { collections: [{ venues: ['fake'], symbols: [symbol], timeframes: ['1m'], every: '1m' }] };
  return openCollectingDesk({ startMs: dayStartMs - minuteMs, symbols: [symbol], collection, tape: { candles } });
}

async function loseAndFind(desk: CollectingDesk): Promise<void> {
  const lost = lostMinutes.map((minute) => dayStartMs + minute * minuteMs);
  desk.venue().lost.set(symbol, new Set(lost));
  await desk.pass(20);
  desk.venue().lost.clear();
  await desk.pass(3);
}

const minutesOf = async (desk: CollectingDesk, minutes: number): Promise<number[]> => {
  const opens = await desk.opens(symbol, { fromMs: dayStartMs, toMs: dayStartMs + minutes * minuteMs });
  return opens.map((openMs) => (openMs - dayStartMs) / minuteMs);
};
const allMinutes = Array.from({ length: 20 }, (_, minute) => minute);

describe('a venue that tells only the latest candles', () => {
  it('is asked again for what it left out, long before the day is over', async () => {
    const desk = open();
    await loseAndFind(desk);
    expect(await minutesOf(desk, 20)).toEqual(allMinutes);
  });

  it('is asked again by the next run where it did not answer the first', async () => {
    const desk = open();
    const lost = lostMinutes.map((minute) => dayStartMs + minute * minuteMs);
    desk.venue().lost.set(symbol, new Set(lost));
    await desk.pass(20);
    desk.venue().lost.clear();
    desk.venue().fail = () => venueFailure('fake', 'rate_limited');
    await desk.pass(2);
    expect(await minutesOf(desk, 19)).toHaveLength(19 - lostMinutes.length);
    desk.venue().fail = () => undefined;
    await desk.pass(1);
    expect(await minutesOf(desk, 20)).toEqual(allMinutes);
  });

  it('is asked no more questions for that', async () => {
    const desk = open();
    await loseAndFind(desk);
    // One a minute, from the first candle that has closed on.
    expect(desk.venue().questions).toBe(20 + 3 - 1);
  });

  it('has what it left out longer ago than it tells filled when the day is sealed, as far as its trades go', async () => {
    const desk = open();
    desk.venue().lost.set(symbol, new Set([dayStartMs + 5 * minuteMs]));
    await desk.pass(70);
    desk.venue().lost.clear();
    await desk.pass(20);
    expect(await minutesOf(desk, 20)).toEqual(allMinutes.filter((minute) => minute !== 5));
  });

  it('has what it changed since noticed, and told once', async () => {
    const desk = open();
    await desk.pass(20);
    const changedMs = dayStartMs + 9 * minuteMs;
    desk.venue().spoil = (candle) =>
      candle.openTimeMs === changedMs ? { ...candle, volume: '1234' as typeof candle.volume } : candle;
    await desk.pass(25);
    expect(desk.told(symbol).filter(({ type }) => type === 'candles.revised')).toHaveLength(1);
  });

  it('has what makes no sense among what it left out set aside, and told once', async () => {
    const desk = open();
    const wrongMs = dayStartMs + 5 * minuteMs;
    desk.venue().lost.set(symbol, new Set([wrongMs]));
    await desk.pass(15);
    desk.venue().lost.clear();
    desk.venue().spoil = (candle) => (candle.openTimeMs === wrongMs ? { ...candle, high: price('1') } : candle);
    const span = { fromMs: dayStartMs, toMs: dayStartMs + dayMs };
    for (const minutes of [10, 20]) {
      await desk.pass(minutes);
      expect(await desk.stores.candles.readQuarantine(seriesOf(symbol), span)).toMatchObject([
        { openMs: wrongMs, reason: 'inconsistent' },
      ]);
      expect(desk.told(symbol).filter(({ type }) => type === 'candles.quarantined')).toHaveLength(1);
    }
  });

  it('has what was wrong for a while put right, though the day is sealed when it is not told any more', async () => {
    const desk = open();
    const wrongMs = dayStartMs + 9 * minuteMs;
    desk.venue().spoil = (candle) =>
      candle.openTimeMs === wrongMs ? { ...candle, volume: '1234' as typeof candle.volume } : candle;
    await desk.pass(15);
    desk.venue().spoil = (candle) => candle;
    await desk.pass(7);
    const right = desk.venue().candleOf(symbol, '1m', wrongMs)?.volume;
    expect(await desk.volumeAt(symbol, wrongMs)).toBe(Number(right));
    desk.clock.advance(dayStartMs + dayMs + 90 * minuteMs - desk.clock.nowMs());
    await desk.pass(1);
    expect((await desk.record(symbol)).sealed).toBe('2026-11-21');
    expect(await desk.volumeAt(symbol, wrongMs)).toBe(Number(right));
  });

  it('brings no more at once than a row takes, the newest first', async () => {
    const symbols = Array.from({ length: 60 }, (_, index) => `${String.fromCharCode(65 + (index % 26))}${index}/USDT`);
    const collection = { collections: [{ venues: ['fake'], symbols, timeframes: ['1m'], every: '15m' }] };
    const far = { pageSize: 720, reach: { latest: 720 } };
    const desk = openCollectingDesk({ startMs: dayStartMs - minuteMs, symbols, collection, tape: { candles: far } });
    const first = symbols[0] ?? '';
    const hidden = Array.from({ length: 225 }, (_, minute) => dayStartMs + minute * minuteMs);
    desk.venue().lost.set(first, new Set(hidden));
    await desk.pass(230);
    desk.venue().lost.clear();
    await desk.pass(30);
    const span = { fromMs: dayStartMs, toMs: dayStartMs + 240 * minuteMs };
    const opens = (await desk.opens(first, span)).map((openMs) => (openMs - dayStartMs) / minuteMs);
    // A row of 60 series has room for 100 of each, fifteen of them new.
    expect(opens).toHaveLength(100);
    expect(opens).toEqual(Array.from({ length: opens.length }, (_, index) => 240 - opens.length + index));
  });
});

describe('a venue that tells all of the past', () => {
  it('has what makes no sense and comes late set aside, and told once; but not in place of what is there', async () => {
    const desk = open({});
    const [lateMs, knownMs] = [dayStartMs + 5 * minuteMs, dayStartMs + 4 * minuteMs];
    desk.venue().lost.set(symbol, new Set([lateMs]));
    await desk.pass(7);
    desk.venue().lost.clear();
    desk.venue().spoil = (candle) =>
      [lateMs, knownMs].includes(candle.openTimeMs) ? { ...candle, high: price('1') } : candle;
    await desk.pass(3);
    const span = { fromMs: dayStartMs, toMs: dayStartMs + dayMs };
    const aside = await desk.stores.candles.readQuarantine(seriesOf(symbol), span);
    expect(aside).toMatchObject([{ openMs: lateMs, reason: 'inconsistent' }]);
    expect(desk.told(symbol).filter(({ type }) => type === 'candles.quarantined')).toHaveLength(1);
  });

  it('is asked again when the day is sealed, and not before', async () => {
    const desk = open({});
    await loseAndFind(desk);
    expect(await minutesOf(desk, 20)).toEqual(allMinutes.filter((minute) => !lostMinutes.includes(minute)));
  });
});
