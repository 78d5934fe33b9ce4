import { gunzipSync } from 'node:zlib';
import { type CandleColumns, type CandleSeries, CandleText, isAligned, type Span, sliceColumns } from '@nightdesk/core';
import { type PageBounds, readPage, readStretches } from '@nightdesk/functions/query-candles/candle-page.ts';
import { bytesMaxOf, openBody } from '@nightdesk/functions/query-candles/content.ts';
import { describe, expect, it } from 'vitest';
import { candleSeries, minuteMs, minutesOf } from '../../support/collected-candles.ts';

/** What Lambda lets a function answer, in bytes. */
const answerBytesMax = 6 * 1_024 * 1_024;

/** As many digits as a number can have, and none alike: nothing compresses worse. */
function worstCandles(count: number): CandleColumns {
  let seed = 12_345;
  const next = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  const column = () => Float64Array.from({ length: count }, () => next() * 1e-5 + next() * 1e-14);
  const openMs = Float64Array.from({ length: count }, (_, index) => index * minuteMs);
  return {
    ...{ openMs, open: column(), high: column(), low: column(), close: column() },
    ...{ volume: column(), quoteVolume: column(), trades: column() },
  };
}

async function* inPieces(candles: CandleColumns, size: number): AsyncGenerator<CandleColumns> {
  for (let at = 0; at < candles.openMs.length; at += size) yield sliceColumns(candles, at, at + size);
}

/** A page, and the pieces of text that it was made of. */
async function pageOf(candles: AsyncIterable<CandleColumns>, bounds: PageBounds) {
  const pieces: Buffer[] = [];
  const page = await readPage(candles, bounds, async (piece) => void pieces.push(Buffer.from(piece)));
  return { ...page, pieces, text: Buffer.concat(pieces) };
}

describe('a page', () => {
  const candles = minutesOf({ fromMs: 0, toMs: 100 * minuteMs });

  it.each([
    ['within a piece', 25, 10],
    ['at the end of a piece', 20, 10],
    ['in the first piece', 3, 50],
  ])('that is full %s goes on with the candle behind it', async (_what, limit, size) => {
    const page = await pageOf(inPieces(candles, size), { format: 'json', limit, bytesMax: 1e6 });
    expect([page.candles, page.nextMs]).toEqual([limit, limit * minuteMs]);
  });

  it('that has all there is is the last one', async () => {
    const page = await pageOf(inPieces(candles, 10), { format: 'json', limit: 100, bytesMax: 1e6 });
    expect([page.candles, page.nextMs]).toEqual([100, undefined]);
  });

  it('ends where its bytes do, and goes on there', async () => {
    const page = await pageOf(inPieces(candles, 10), { format: 'csv', limit: 100, bytesMax: 1_000 });
    expect(page.candles).toBeLessThan(30);
    expect(page.nextMs).toBe(page.candles * minuteMs);
    expect(page.text.byteLength).toBeLessThan(1_300);
  });

  it.each(['json', 'csv'] as const)(
    'of %s is handed on while it is made, in pieces that make one text',
    async (format) => {
      const many = minutesOf({ fromMs: 0, toMs: 40_000 * minuteMs });
      const { pieces, text } = await pageOf(inPieces(many, 1_440), { format, limit: 120_000, bytesMax: 1e9 });
      expect(pieces.length).toBeGreaterThan(2);
      for (const piece of pieces) expect(piece.byteLength).toBeLessThan(1_000_000);
      const whole = new CandleText(format);
      whole.add(many);
      expect(text.equals(whole.view())).toBe(true);
    },
  );

  it('that ends by its bytes behind several pieces is as long as one that ends in the first', async () => {
    const many = minutesOf({ fromMs: 0, toMs: 60_000 * minuteMs });
    const bounds = { format: 'csv', limit: 120_000, bytesMax: 1_500_000 } as const;
    const { text, candles: count, nextMs } = await pageOf(inPieces(many, 1_440), bounds);
    expect(text.byteLength - bounds.bytesMax).toBeLessThan(300);
    expect([text.byteLength >= bounds.bytesMax, nextMs]).toEqual([true, count * minuteMs]);
  });
});

describe('stretches of a span', () => {
  it.each([
    ['1m', 3 * minuteMs],
    ['1h', 0],
    ['1M', 5],
  ])(
    'of %s candles are all of it, one behind the other, from one open time to the next',
    async (timeframe, offsetMs) => {
      const spans: Span[] = [];
      const reader = {
        async *read(_series: CandleSeries, span: Span) {
          spans.push(span);
          yield minutesOf({ fromMs: span.fromMs, toMs: span.fromMs + minuteMs });
        },
      };
      const span = { fromMs: offsetMs, toMs: 50_000 * 60 * minuteMs };
      const bounds = { format: 'json' as const, limit: 30_000, bytesMax: 1e9 };
      for await (const _piece of readStretches(reader, { series: candleSeries('BTC/USDT', timeframe), span }, bounds));
      expect([spans[0]?.fromMs, spans.at(-1)?.toMs]).toEqual([span.fromMs, span.toMs]);
      for (const [index, { fromMs }] of spans.entries()) {
        if (index > 0) expect([fromMs, isAligned(timeframe, fromMs)]).toEqual([spans[index - 1]?.toMs, true]);
      }
      expect(spans).toHaveLength({ '1m': 100, '1h': 2, '1M': 1 }[timeframe] ?? 0);
    },
  );

  it('in which there is nothing are longer each time', async () => {
    const lengths: number[] = [];
    const reader = {
      async *read(_series: CandleSeries, { fromMs, toMs }: Span) {
        lengths.push((toMs - fromMs) / minuteMs);
        yield* [] as CandleColumns[];
      },
    };
    const span = { fromMs: 0, toMs: 3_000_000 * minuteMs };
    const bounds = { format: 'json' as const, limit: 100, bytesMax: 1e6 };
    for await (const _piece of readStretches(reader, { series: candleSeries(), span }, bounds));
    expect(lengths.slice(0, 4)).toEqual([20_001, 40_001, 80_001, 160_001]);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(3_000_000);
  });
});

describe('the largest answer', () => {
  it.each([
    ['json', true],
    ['json', false],
    ['csv', true],
    ['csv', false],
  ] as const)('of %s (compressed: %s) fits into what a function may answer', async (format, isGzipped) => {
    const worst = worstCandles(60_000);
    const bytesMax = bytesMaxOf(isGzipped);
    const { pieces, text: plain, nextMs } = await pageOf(inPieces(worst, 1_440), { format, limit: 120_000, bytesMax });
    expect(nextMs).toBeGreaterThan(0);
    const content = openBody(isGzipped);
    for (const piece of pieces) await content.write(piece);
    const body = (await content.end()).toString(isGzipped ? 'base64' : 'utf8');
    expect(JSON.stringify({ statusCode: 200, headers: {}, body }).length).toBeLessThan(answerBytesMax - 10_000);
    if (isGzipped) expect(gunzipSync(Buffer.from(body, 'base64')).equals(plain)).toBe(true);
  });
});
