/** Real trades and candles, handed out in pages as a venue would. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Candle, checkCandles, openTimeOf, type PublicTrade, price } from '@nightdesk/core';
import { walkCandles } from '@nightdesk/functions/shared/walk-candles.ts';
import { walkTrades } from '@nightdesk/functions/shared/walk-ticks.ts';
import { describe, expect, it } from 'vitest';
import { btcUsdt } from '../../support/markets.ts';
import { PagedCandles } from '../../support/paged-candles.ts';
import { PagedTrades, tradesAt } from '../../support/paged-trades.ts';
import { hasRecordings, recording, skippedWithout } from '../../support/recorded-payloads.ts';

const recordedTrades = (): PublicTrade[] => {
  const path = join(import.meta.dirname, '../../../../shared/data/trades/binance-xrp-eth-trades.json.gz');
  const rows = JSON.parse(gunzipSync(readFileSync(path)).toString()) as [
    number,
    string,
    null,
    'buy' | 'sell',
    number,
  ][];
  const trades = tradesAt(rows.map(([atMs]) => atMs));
  return trades.map((trade, index) => {
    const [, id, , side, at] = rows[index] ?? [0, '', null, 'buy', 0];
    return { ...trade, tradeId: id, side, price: price(String(at)) };
  });
};

describe.skipIf(!hasRecordings)(`recordings walked in pages${skippedWithout}`, () => {
  it.each([
    ['by time', { pageSize: 40, reach: 'all' }],
    ['by id', { pageSize: 25, reach: 'all', goesOnById: true }],
    ['an hour at a time', { pageSize: 40, reach: 'all', spanMsMax: 3_600_000 }],
  ] as const)('are whole: two days of trades, up to 36 of them in a millisecond, %s', async (_, terms) => {
    const trades = recordedTrades();
    const venue = new PagedTrades({ trades, style: 'start', pageSize: terms.pageSize, terms });
    const span = { fromMs: trades[0]?.atMs ?? 0, toMs: (trades.at(-1)?.atMs ?? 0) + 1 };
    const told: PublicTrade[] = [];
    const after = { atMs: span.fromMs - 1, id: String(Number(trades[0]?.tradeId) - 1) };
    for await (const page of walkTrades(venue, btcUsdt, { span, after })) {
      expect(page.isTold).toBe(true);
      told.push(...page.entries);
    }
    expect(told).toHaveLength(12_477);
    expect(told).toEqual(trades);
  });

  it('are whole: candles of a thin market, whose gaps are walked over', async () => {
    const rows = recording('candles/unittest-btc-1m-2018.json') as number[][];
    const opensMs = rows.map(([openMs = 0]) => openMs);
    const venue = new PagedCandles({ opensMs, timeframe: '1m', style: 'span', pageSize: 1_000 });
    const fromMs = openTimeOf('1m', opensMs[0] ?? 0);
    const toMs = (opensMs.at(-1) ?? 0) + 60_000;
    const told: Candle[] = [];
    for await (const page of walkCandles(venue, btcUsdt, { timeframe: '1m', span: { fromMs, toMs } })) {
      expect(page.isTold).toBe(true);
      told.push(...page.candles);
    }
    expect(told.map(({ openTimeMs }) => openTimeMs)).toEqual(opensMs);
    const series = { kind: 'candles', venue: btcUsdt.venue, symbol: btcUsdt.symbol, timeframe: '1m' } as const;
    expect(checkCandles(told, { series, nowMs: toMs }).quarantined).toEqual([]);
  });
});
