import { type CandleBlock, type CandleColumns, cutColumns, emptyColumns, type Span } from '@nightdesk/core';
import type { CollectRound } from '@nightdesk/functions/collect-candles/round.ts';
import { writePeriod } from '@nightdesk/functions/collect-candles/store-period.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { type CollectingDesk, dayStartMs, openCollectingDesk, seriesOf } from '../../support/collecting-desk.ts';

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const symbols = ['AAA/USDT', 'BBB/USDT'];
const collections = [{ venues: ['fake'], symbols, timeframes: ['1m'], every: '1m' }];
const day = '2026-11-21';
const whole: Span = { fromMs: dayStartMs, toMs: dayStartMs + dayMs };
const aaa = seriesOf('AAA/USDT');

let desk: CollectingDesk;
beforeEach(() => {
  desk = openCollectingDesk({
    ...{ symbols, collection: { collections, hotDays: 3 } },
    startMs: whole.toMs - 10 * minuteMs,
  });
});

async function seal(): Promise<void> {
  desk.clock.advance(whole.toMs + 90 * minuteMs - desk.clock.nowMs());
  await desk.pass(1);
}

async function growOld(): Promise<void> {
  for (let days = 0; days < 4; days += 1) {
    desk.clock.advance(dayMs);
    await desk.pass(1);
  }
}

const blockOf = (symbol: string) => desk.stores.candles.readBlock(seriesOf(symbol), day);

describe('a day that leaves the table', () => {
  const dropLast = (columns: CandleColumns) =>
    cutColumns(columns, { fromMs: whole.fromMs, toMs: whole.toMs - minuteMs });
  const change = (columns: CandleColumns) => ({ ...columns, close: columns.close.map((price) => price * 2) });

  it('stays whole in its file, and what no file says stays in the table', async () => {
    desk.venue().quiet.set('BBB/USDT', new Set([dayStartMs + 7 * minuteMs]));
    await desk.pass(5);
    await seal();
    await growOld();
    expect(await blockOf('AAA/USDT')).toBeUndefined();
    // What no file says stays in the table.
    expect(await blockOf('BBB/USDT')).toMatchObject({
      gaps: [{ fromMs: dayStartMs + 7 * minuteMs, kind: 'no-trades' }],
    });
    expect((await blockOf('BBB/USDT'))?.candles.openMs).toHaveLength(0);
    for (const symbol of symbols) expect(await desk.opens(symbol, whole)).toEqual(desk.venue().opensIn(symbol, whole));
  });

  it.each<[string, ((columns: CandleColumns) => CandleColumns) | undefined]>([
    ['has fewer of them', dropLast],
    ['has others', change],
    ['is gone', undefined],
  ])('leaves all of its candles in the file, also where that %s, as after two wrote it at once', async (_, spoil) => {
    await desk.pass(5);
    await seal();
    const { candles: truth } = (await blockOf('AAA/USDT')) as CandleBlock;
    const { cold } = desk.stores;
    const { readCandles } = cold;
    if (spoil !== undefined) await cold.writeCandles(aaa, day, spoil(truth));
    else
      cold.readCandles = async (series, period) =>
        series.symbol === aaa.symbol ? undefined : readCandles(series, period);
    await growOld();
    cold.readCandles = readCandles;
    expect(await blockOf('AAA/USDT')).toBeUndefined();
    expect(await cold.readCandles(aaa, day)).toEqual(truth);
  });

  it.each([0, 9])('shows no candle that was set aside since, be it %i days old', async (days) => {
    await desk.pass(5);
    await seal();
    desk.clock.advance(days * dayMs);
    const { stores, clock } = desk;
    const round = { ...stores, clock, config: { collection: { hotDays: 3 } } } as unknown as CollectRound;
    const before = (await blockOf('AAA/USDT')) as CandleBlock;
    const gap = { ...whole, kind: 'quarantined', attempts: 1 } as const;
    await writePeriod(aaa, { ...before, candles: emptyColumns, gaps: [gap] }, round);
    expect(await desk.opens('AAA/USDT', whole)).toEqual([]);
    expect(await stores.cold.readCandles(aaa, day)).toEqual(emptyColumns);
    const nothing = { ...before, period: '2026-11-19', candles: emptyColumns, version: 0 };
    await writePeriod(aaa, { ...nothing, checkedToMs: whole.fromMs - dayMs }, round);
    expect(await stores.cold.readCandles(aaa, '2026-11-19')).toBeUndefined();
  });
});
