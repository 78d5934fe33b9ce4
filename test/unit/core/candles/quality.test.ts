import {
  amount,
  type Candle,
  type CandleSeries,
  checkCandles,
  clockLeadMaxMs,
  columnsOf,
  notional,
  price,
  quarantineReasons,
  rowsOf,
  type VenueId,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../../support/property.ts';

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 10, 21);
const minute = (count: number) => startMs + count * minuteMs;
const series: CandleSeries = { kind: 'candles', venue: 'binance' as VenueId, symbol: 'BTC/USDT', timeframe: '1m' };
const nowMs = minute(100) + 30_000;
const check = { series, nowMs };

type Values = Partial<Record<keyof Candle, unknown>>;
/** What a venue sent; anything can come of what it sends, whatever the types say. */
const candle = (count: number, values: Values = {}): Candle => ({
  ...{ openTimeMs: minute(count), open: price('10'), high: price('12'), low: price('9'), close: price('11') },
  volume: amount('5'),
  ...(values as Partial<Candle>),
});
const row = { openMs: minute(0), open: 10, high: 12, low: 9, close: 11, volume: 5 };

describe('candles that a venue sent', () => {
  it('are stored in order, as the nearest floats of what was sent', () => {
    const sent = [
      candle(2),
      candle(0, { open: '9.1', close: '9.10000001', quoteVolume: notional('0.1'), trades: 3 }),
      candle(1),
    ];
    const { candles, quarantined } = checkCandles(sent, check);
    expect(rowsOf(candles)).toEqual([
      { ...row, open: 9.1, close: 9.10000001, quoteVolume: 0.1, trades: 3 },
      { ...row, openMs: minute(1) },
      { ...row, openMs: minute(2) },
    ]);
    expect(quarantined).toEqual([]);
  });

  it.each<[string, Values]>([
    ['without a volume', { volume: undefined }],
    ['with nothing for one', { volume: null }],
    ['with a volume of zero', { volume: '0' }],
    ['of one price', { open: '9', high: '9', low: '9', close: '9' }],
  ])('are fine %s', (_, values) => {
    const { candles, quarantined } = checkCandles([candle(0, values)], check);
    expect([candles.openMs.length, quarantined.length]).toEqual([1, 0]);
  });

  it('have no zero below zero', () => {
    const { candles } = checkCandles([candle(0, { volume: '-0' })], check);
    expect(Object.is(candles.volume[0], 0)).toBe(true);
  });

  it.each<[string, Values, string, string]>([
    ['a high below the low', { high: '8' }, 'inconsistent', 'its high of 8 is below its low of 9'],
    ['an open above the high', { open: '13' }, 'inconsistent', 'its open of 13 is above its high of 12'],
    ['an open below the low', { open: '8.9' }, 'inconsistent', 'its open of 8.9 is below its low of 9'],
    ['a close above the high', { close: '12.1' }, 'inconsistent', 'its close of 12.1 is above its high of 12'],
    ['a close below the low', { close: '1' }, 'inconsistent', 'its close of 1 is below its low of 9'],
    ['no open', { open: undefined }, 'inconsistent', 'has no open'],
    ['an empty high', { high: '' }, 'inconsistent', 'has no high'],
    ['a low that is no number', { low: 'NaN' }, 'inconsistent', 'has no low'],
    ['a close without end', { close: 'Infinity' }, 'inconsistent', 'has no close'],
    ['a low of zero', { low: '0' }, 'price_not_positive', 'its low is 0'],
    ['an open below zero', { open: '-10' }, 'price_not_positive', 'its open is -10'],
    ['a volume below zero', { volume: '-1' }, 'volume_negative', 'its volume is -1'],
    ['a quote volume below zero', { quoteVolume: '-2' }, 'volume_negative', 'its quoteVolume is -2'],
    ['fewer trades than none', { trades: -1 }, 'volume_negative', 'its trades is -1'],
    ['a volume that is no number', { volume: 'much' }, 'inconsistent', 'its volume is no number'],
    [
      'an open time between two minutes',
      { openTimeMs: minute(0) + 1 },
      'misaligned',
      'opens at 2026-11-21T00:00:00.001Z, when no 1m candle opens',
    ],
    [
      'a part of a millisecond',
      { openTimeMs: minute(0) + 0.5 },
      'misaligned',
      `opens at ${minute(0) + 0.5}, when no 1m candle opens`,
    ],
    [
      'an open time beyond all calendars',
      { openTimeMs: 9e15 },
      'misaligned',
      'opens at 9000000000000000, when no 1m candle opens',
    ],
    ['no open time', { openTimeMs: undefined }, 'misaligned', 'opens at undefined, when no 1m candle opens'],
    [
      'an open time of the future',
      { openTimeMs: minute(102) },
      'in_future',
      'opens at 2026-11-21T01:42:00.000Z, and it is 2026-11-21T01:40:30.000Z',
    ],
  ])('are quarantined for %s', (_, values, reason, message) => {
    const { candles, quarantined } = checkCandles([candle(0, values), candle(1)], check);
    expect(Array.from(candles.openMs)).toEqual([minute(1)]);
    expect(quarantined).toMatchObject([{ series, reason, message, atMs: nowMs }]);
  });

  it('are quarantined with what was sent, and nothing for what was no number', () => {
    const sent = [
      candle(1, { high: 'x', volume: undefined }),
      candle(0, { open: '-0.5' }),
      candle(0, { openTimeMs: Number.NaN }),
    ];
    expect(checkCandles(sent, check).quarantined.map(({ openMs, values }) => [openMs, values])).toEqual([
      [0, [null, 10, 12, 9, 11, 5]],
      [minute(0), [minute(0), -0.5, 12, 9, 11, 5]],
      [minute(1), [minute(1), 10, null, 9, 11, null]],
    ]);
  });

  it('are left out while they form, also by a clock that is a little ahead, and whatever is wrong with them', () => {
    const forming = [candle(100), candle(100, { high: '1' }), candle(101)];
    expect(checkCandles(forming, check)).toEqual({ candles: columnsOf([]), quarantined: [] });
    expect(checkCandles([candle(99)], { series, nowMs: minute(100) }).candles.openMs).toHaveLength(1);
    expect(checkCandles([candle(99)], { series, nowMs: minute(100) - 1 }).candles.openMs).toHaveLength(0);
    const ahead = checkCandles([candle(100)], { series, nowMs: minute(100) - clockLeadMaxMs });
    expect(ahead.quarantined).toEqual([]);
    expect(checkCandles([candle(100)], { series, nowMs: minute(100) - clockLeadMaxMs - 1 }).quarantined).toHaveLength(
      1,
    );
  });
});

/** As they are quarantined. */
const valuesOf = ({ openTimeMs, open, high, low, close, volume }: Candle) => [
  openTimeMs,
  ...[open, high, low, close, volume].map((value) => (value === undefined ? null : Number(value))),
];

describe('two candles with one open time', () => {
  it('are one when they are equal, however their numbers are written', () => {
    const { candles, quarantined } = checkCandles([candle(0), candle(0, { open: '10.00', volume: '5.0' })], check);
    expect([rowsOf(candles), quarantined]).toEqual([[row], []]);
  });

  it('tell together what each of them tells', () => {
    const sent = [candle(0, { volume: undefined, trades: 7 }), candle(0, { quoteVolume: '55' })];
    const { candles, quarantined } = checkCandles(sent, check);
    expect([rowsOf(candles), quarantined]).toEqual([[{ ...row, quoteVolume: 55, trades: 7 }], []]);
  });

  it.each<[string, Values, Values]>([
    ['the one with the larger volume', { volume: '4' }, { volume: '5', close: '10' }],
    ['the one that tells a volume', { volume: undefined, close: '9' }, {}],
    ['the one with the wider range', { high: '11.5' }, {}],
    ['the wider one of those without a volume', { volume: undefined, low: '9.5' }, { volume: undefined }],
  ])('keep %s, whichever came first', (_, lesser, greater) => {
    for (const sent of [
      [candle(0, lesser), candle(0, greater)],
      [candle(0, greater), candle(0, lesser)],
    ]) {
      const { candles, quarantined } = checkCandles(sent, check);
      expect(candles).toEqual(checkCandles([candle(0, greater)], check).candles);
      expect(quarantined.map(({ reason, values }) => [reason, values])).toEqual([
        ['duplicate', valuesOf(candle(0, lesser))],
      ]);
    }
  });

  it('keep the one sent last where nothing else tells, and say which', () => {
    const { candles, quarantined } = checkCandles([candle(0), candle(0, { close: '10.5' })], check);
    expect(candles.close[0]).toBe(10.5);
    expect(quarantined.map(({ message }) => message)).toEqual([
      'was sent with other values too; kept are open 10, high 12, low 9, close 10.5, volume 5',
    ]);
  });

  it('leave the fine one where the other makes no sense', () => {
    const { candles, quarantined } = checkCandles([candle(0, { high: '1', volume: '99' }), candle(0)], check);
    expect([rowsOf(candles), quarantined.map(({ reason }) => reason)]).toEqual([[row], ['inconsistent']]);
  });

  it('say that the volume is unknown where it is', () => {
    const sent = [candle(0, { volume: undefined }), candle(0, { volume: undefined, close: '10' })];
    expect(checkCandles(sent, check).quarantined[0]?.message).toContain('close 10, volume unknown');
  });
});

describe('whatever a venue sends', () => {
  const text = fc.constantFrom('1', '2', '3', '0', '-1', '', 'NaN', undefined);
  const anything = fc.array(
    fc.record({
      openTimeMs: fc.oneof(
        fc.integer({ min: -3, max: 104 }).map(minute),
        fc.constantFrom(minute(1) + 7, Number.NaN, 9e15),
      ),
      ...{ open: text, high: text, low: text, close: text, volume: text },
    }),
    { maxLength: 30 },
  );

  it('is stored in order, closed, aligned and consistent, or quarantined with a reason', () => {
    fc.assert(
      fc.property(anything, (sent) => {
        const { candles, quarantined } = checkCandles(sent as unknown as Candle[], check);
        const rows = rowsOf(candles);
        for (const [index, { openMs, open, high, low, close, volume = 0 }] of rows.entries()) {
          expect(openMs).toBeGreaterThan(rows[index - 1]?.openMs ?? 0);
          expect([openMs % minuteMs, openMs + minuteMs <= nowMs, volume >= 0]).toEqual([0, true, true]);
          expect(0 < low && low <= Math.min(open, close) && Math.max(open, close) <= high).toBe(true);
        }
        for (const { reason, message } of quarantined) {
          expect(quarantineReasons).toContain(reason);
          expect(message).not.toBe('');
        }
        // None is lost: what is neither stored nor quarantined still forms, or is one of several that agree.
        const times = new Set([...rows, ...quarantined].map(({ openMs }) => openMs));
        const closed = sent.filter(({ openTimeMs }) => openTimeMs + minuteMs <= nowMs);
        expect(closed.filter(({ openTimeMs }) => !times.has(openTimeMs))).toEqual([]);
      }),
    );
  });

  it('makes the same of it in any order, where no two of a time differ', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5]), (order) => {
        const inOrder = [...order].sort((a, b) => a - b).map((count) => candle(count));
        expect(
          checkCandles(
            order.map((count) => candle(count)),
            check,
          ),
        ).toEqual(checkCandles(inOrder, check));
      }),
    );
  });
});
