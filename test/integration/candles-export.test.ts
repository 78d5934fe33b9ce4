import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  amount,
  type CandleColumns,
  columnsOf,
  type PublicTrade,
  price,
  rowsOf,
  type TickSeries,
} from '@nightdesk/core';
import { type CandleFormat, openCandleWriter } from '@nightdesk/local/candles/export/candle-formats.ts';
import { freqtradeFileName, ownFileName } from '@nightdesk/local/candles/export/file-names.ts';
import { createNewFile } from '@nightdesk/local/candles/export/new-file.ts';
import { openFundingWriter, openTradeWriter, type TickFormat } from '@nightdesk/local/candles/export/tick-formats.ts';
import { type Table, tableFromIPC } from 'apache-arrow';
import { readParquet } from 'parquet-wasm/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { candleSeries, minuteMs, minutesOf } from '../support/collected-candles.ts';
import fc from '../support/property.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-export-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.nat({ max: 10 ** 9 }).map((digits) => digits / 1_000),
);
const maybe = fc.option(value, { nil: undefined });
/** Any doubles at all, with holes between the candles. */
const anyCandles = fc
  .array(
    fc.record({
      ...{ step: fc.integer({ min: 1, max: 5 }), open: value, high: value, low: value, close: value },
      ...{ volume: maybe, quoteVolume: maybe, trades: fc.option(fc.nat(), { nil: undefined }) },
    }),
    { maxLength: 40 },
  )
  .map((rows) => {
    let openMs = Date.UTC(2026, 10, 20);
    return columnsOf(
      rows.map(({ step, volume, quoteVolume, trades, ...prices }) => {
        openMs += step * minuteMs;
        const told = { volume, quoteVolume, trades };
        const known = Object.fromEntries(Object.entries(told).filter(([, each]) => each !== undefined));
        return { openMs, ...prices, ...known };
      }),
    );
  });

async function write(format: CandleFormat, pieces: readonly CandleColumns[]): Promise<Buffer> {
  const path = join(directory, `candles.${format}`);
  const file = await createNewFile(path, { force: true });
  const contents = { series: candleSeries(), span: { fromMs: 0, toMs: 1 } };
  const writer = openCandleWriter(format, file, contents);
  for (const piece of pieces) await writer.write(piece);
  await writer.end();
  await file.finish();
  return readFileSync(path);
}

const columnsFrom = (rows: readonly (readonly (number | null)[])[]): CandleColumns => {
  const column = (index: number) => Float64Array.from(rows, (row) => row[index] ?? Number.NaN);
  return {
    ...{ openMs: column(0), open: column(1), high: column(2), low: column(3), close: column(4) },
    ...{ volume: column(5), quoteVolume: column(6), trades: column(7) },
  };
};

const csvRows = (text: string): (number | null)[][] =>
  text
    .split('\n')
    .slice(1, -1)
    .map((line) => line.split(',').map((cell) => (cell === '' ? null : Number(cell))));

const arrowColumn = (table: Table, name: string): (number | null)[] =>
  Array.from(table.getChild(name) ?? [], (each) => (each === null ? null : Number(each)));

/** By readers of others: of CSV and JSON those of JavaScript, of Feather and Parquet those of Arrow and of Rust. */
const readers: Readonly<Record<CandleFormat, (bytes: Buffer) => CandleColumns>> = {
  csv: (bytes) => columnsFrom(csvRows(bytes.toString())),
  json: (bytes) => columnsFrom(JSON.parse(bytes.toString()).candles),
  rows: (bytes) => columnsFrom(JSON.parse(bytes.toString())),
  feather: (bytes) => byName(tableFromIPC(bytes), ['date', 'open', 'high', 'low', 'close', 'volume']),
  parquet: (bytes) =>
    byName(tableFromIPC(readParquet(bytes).intoIPCStream()), [
      ...['open_time', 'open', 'high', 'low', 'close', 'volume', 'quote_volume', 'trades'],
    ]),
};

function byName(table: Table, names: readonly string[]): CandleColumns {
  const columns = names.map((name) => arrowColumn(table, name));
  return columnsFrom(Array.from({ length: table.numRows }, (_, row) => columns.map((each) => each[row] ?? null)));
}

/** What freqtrade's formats have no place for. */
const withoutTurnover = (columns: CandleColumns): CandleColumns => {
  const none = new Float64Array(columns.openMs.length).fill(Number.NaN);
  return { ...columns, quoteVolume: none, trades: none };
};

describe.each(['csv', 'json', 'rows', 'feather', 'parquet'] as const)('candles as %s', (format) => {
  const isFreqtrade = format === 'rows' || format === 'feather';

  it('come back bit by bit, in however many pieces they are written', async () => {
    await fc.assert(
      fc.asyncProperty(anyCandles, fc.nat({ max: 40 }), async (candles, at) => {
        const [before, after] = [{ fromMs: 0, toMs: candles.openMs[at] ?? 0 }, candles.openMs[at] ?? 0];
        const rows = rowsOf(candles);
        const pieces = [
          rows.filter(({ openMs }) => openMs < before.toMs),
          rows.filter(({ openMs }) => openMs >= after),
        ];
        // The reader in Rust takes no Parquet file without rows, and export writes none.
        fc.pre(format !== 'parquet' || rows.length > 0);
        const read = readers[format](await write(format, pieces.map(columnsOf)));
        expect(read).toEqual(isFreqtrade ? withoutTurnover(candles) : candles);
      }),
      { numRuns: 20 },
    );
  });

  it('are more than a batch holds', async () => {
    const day = minutesOf({ fromMs: 0, toMs: 1_440 * minuteMs });
    const days = Array.from({ length: format === 'json' ? 2 : 50 }, (_, index) => ({
      ...day,
      openMs: day.openMs.map((openMs) => openMs + index * 86_400_000),
    }));
    const { openMs, close } = readers[format](await write(format, days));
    expect(openMs).toHaveLength(days.length * 1_440);
    expect(openMs.every((atMs, index) => atMs === index * minuteMs)).toBe(true);
    expect(close.at(-1)).toBe(day.close.at(-1));
  });
});

it.each(['csv', 'json', 'rows', 'feather'] as const)('no candles at all as %s are none', async (format) => {
  expect(readers[format](await write(format, [])).openMs).toHaveLength(0);
});

describe('Feather', () => {
  it('has the columns and types that freqtrade expects', async () => {
    const { schema } = tableFromIPC(await write('feather', [minutesOf({ fromMs: 0, toMs: 5 * minuteMs })]));
    expect(schema.fields.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'date: Timestamp<MILLISECOND, UTC>',
      ...['open', 'high', 'low', 'close', 'volume'].map((name) => `${name}: Float64`),
    ]);
  });
});

describe('a file', () => {
  const text = Buffer.from('new');

  it('is not there before it is whole, and leaves nothing else behind', async () => {
    const file = await createNewFile(join(directory, 'a/b.csv'), { force: false });
    await file.write(text);
    expect(readdirSync(join(directory, 'a'))).not.toContain('b.csv');
    await file.finish();
    expect(readdirSync(join(directory, 'a'))).toEqual(['b.csv']);
  });

  it('that exists is replaced only where that is asked for', async () => {
    const path = join(directory, 'b.csv');
    await (await createNewFile(path, { force: false })).finish();
    await expect(createNewFile(path, { force: false })).rejects.toThrow('--force');
    const file = await createNewFile(path, { force: true });
    await file.write(text);
    await file.discard();
    expect([readdirSync(directory), readFileSync(path, 'utf8')]).toEqual([['b.csv'], '']);
  });
});

describe('names', () => {
  it.each([
    ['BTC/USDT', '1m', 'binance/BTC_USDT-1m.feather'],
    ['BTC/USDT', '1M', 'binance/BTC_USDT-1Mo.feather'],
    ['BTC/USDT:USDT', '1h', 'binance/futures/BTC_USDT_USDT-1h-futures.feather'],
  ])('of %s in %s are %s to freqtrade', (symbol, timeframe, name) => {
    expect(freqtradeFileName({ venue: 'binance', symbol, timeframe }, 'feather').replaceAll('\\', '/')).toBe(name);
  });

  it.each([
    ['BTC/USDT', '1m', 'binance/BTC-USDT-1m.csv'],
    ['BTC/USDT:USDT', '1M', 'binance/BTC-USDT_USDT-1Mo.csv'],
  ])('of %s in %s are %s otherwise', (symbol, timeframe, name) => {
    expect(ownFileName(candleSeries(symbol, timeframe, 'binance'), 'csv').replaceAll('\\', '/')).toBe(name);
  });
});

describe('trades and funding', () => {
  const series: TickSeries = { kind: 'trades', venue: candleSeries().venue, symbol: 'BTC/USDT' };
  const trades: PublicTrade[] = [
    { atMs: 1, price: price('40000.1'), amount: amount('0.5'), side: 'buy', tradeId: '7,"a"' },
    { atMs: 2, price: price('40000.2'), amount: amount('1') },
  ];

  async function ticks(format: TickFormat, kind: 'trades' | 'funding'): Promise<Buffer> {
    const path = join(directory, `ticks.${format}`);
    const file = await createNewFile(path, { force: true });
    const contents = { series: { ...series, kind }, span: { fromMs: 0, toMs: 9 } };
    if (kind === 'trades') {
      const writer = openTradeWriter(format, file, contents);
      for (const trade of trades) await writer.write([trade]);
      await writer.write([]);
      await writer.end();
    } else {
      const writer = openFundingWriter(format, file, contents);
      await writer.write([{ atMs: 3, rate: '0.0001' }]);
      await writer.end();
    }
    await file.finish();
    return readFileSync(path);
  }

  it('keep their decimals in text', async () => {
    expect((await ticks('csv', 'trades')).toString()).toBe(
      'atMs,tradeId,side,price,amount\n1,"7,""a""",buy,40000.1,0.5\n2,,,40000.2,1\n',
    );
    expect(JSON.parse((await ticks('json', 'trades')).toString())).toEqual({
      ...{ kind: 'trades', venue: 'fake', symbol: 'BTC/USDT', from: 0, to: 9 },
      columns: ['atMs', 'tradeId', 'side', 'price', 'amount'],
      trades: [
        [1, '7,"a"', 'buy', '40000.1', '0.5'],
        [2, null, null, '40000.2', '1'],
      ],
    });
    expect((await ticks('csv', 'funding')).toString()).toBe('atMs,rate,markPrice\n3,0.0001,\n');
  });

  it('are read from Parquet by others', async () => {
    const told = tableFromIPC(readParquet(await ticks('parquet', 'trades')).intoIPCStream());
    expect(arrowColumn(told, 'price')).toEqual([40_000.1, 40_000.2]);
    expect(Array.from(told.getChild('side') ?? [])).toEqual(['buy', null]);
    const paid = tableFromIPC(readParquet(await ticks('parquet', 'funding')).intoIPCStream());
    expect(arrowColumn(paid, 'rate')).toEqual([0.0001]);
  });
});
