import { columnsOf } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { rateShare } from '../../../bench/candle-backfill.ts';
import { bytesPerCandle, gzippedJson, plainParquet, singleItem } from '../../../bench/candle-formats.ts';
import { laneSymbols } from '../../../bench/lane-symbols.ts';
import { cpuMsOf, cpuMsOfAll } from '../../../bench/process-cpu.ts';

const startMs = Date.UTC(2022, 0);
const candle = { open: 46_319, high: 46_385, low: 46_319, close: 46_377.5, volume: 2_300_413.7295 };
const candles = columnsOf([0, 1, 1_440].map((minute) => ({ ...candle, openMs: startMs + minute * 60_000 })));

describe('how candles are measured', () => {
  it('tells what part was used of that which questions may use in the time that it took', () => {
    // 240 of 300 a minute are for questions.
    expect(rateShare({ weight: 480, tookMs: 120_000 }, 300)).toBe(1);
    expect(rateShare({ weight: 720, tookMs: 200_000 }, 300)).toBe(0.9);
    expect(rateShare({ weight: 24, tookMs: 60_000 }, 300)).toBe(0.1);
  });

  it('tells how long this process has computed, and nothing of one that is not there', () => {
    const own = cpuMsOf(process.pid);
    expect(own === undefined || own > 0).toBe(true);
    expect(cpuMsOf(2 ** 30)).toBeUndefined();
    expect(cpuMsOfAll([2 ** 30])).toBeUndefined();
    expect(cpuMsOfAll([])).toBeUndefined();
  });

  it('keeps every day by itself in other formats', () => {
    const formats = bytesPerCandle(candles);
    expect(formats.gzippedJson).toBeGreaterThan(gzippedJson(candles).length / 3);
    expect(formats.plainParquet).toBeGreaterThan(plainParquet(candles).length / 3);
  });

  it('counts an item of one candle by the bytes of its names and values', () => {
    const { attributes, bytes } = singleItem({ openMs: startMs, ...candle });
    expect(Object.keys(attributes)).toEqual(['series', 'row', 'o', 'h', 'l', 'c', 'v']);
    // 6 + 19 of the key, 3 + 13 of the time, and 1 + 4, 1 + 4, 1 + 4, 1 + 4, 1 + 7 of the values.
    expect(bytes).toBe(69);
  });

  it('fills a lane with markets that the simulated Binance has', () => {
    expect(new Set(laneSymbols).size).toBe(laneSymbols.length);
    expect(laneSymbols).toContain('BTC/USDT');
  });
});
