/** What is in the files of what came tick by tick, as a reader finds it that nobody here wrote. */
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { createTickArchive } from '@nightdesk/aws';
import { amount, type BookRow, type LiveTrade, price, type TickArchive, type TickRows } from '@nightdesk/core';
import { tableFromIPC } from 'apache-arrow';
import { readParquet } from 'parquet-wasm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { binance, levelsFrom } from '../../support/live-quotes.ts';
import { openArchive } from './candles-bucket.ts';

const fromMs = Date.UTC(2026, 10, 21, 9, 59, 59, 7);
const file = { venue: binance, connection: 'task-1/binance#markets#0', fromMs };
const key = (kind: string) =>
  `live-${kind}/venue=binance/date=2026-11-21/hour=09/001795255199007-task-1-binance-markets-0.parquet`;

const trade = (number: number, fields: Partial<LiveTrade> = {}): LiveTrade => ({
  ...{ symbol: 'BTC/USDT', price: price('90000.1'), amount: amount('0.00000123'), side: 'buy', tradeId: `t-${number}` },
  ...{ atMs: fromMs + number - 15, receivedMs: fromMs + number },
  ...fields,
});
const book = (number: number, fields: Partial<BookRow> = {}): BookRow => ({
  ...{ venue: binance, symbol: 'BTC/USDT', sequence: 71_234_567_890 + number, receivedMs: fromMs + number },
  ...{ exchangeTimeMs: fromMs + number - 9, bids: levelsFrom(90_000, 3, -0.1), asks: levelsFrom(90_001, 2, 0.1) },
  ...fields,
});

describe('files of what came tick by tick', () => {
  let opened: Awaited<ReturnType<typeof openArchive>>;
  let ticks: TickArchive;
  beforeEach(async () => {
    opened = await openArchive();
    ticks = createTickArchive(opened.client, opened.bucketName);
  });
  afterEach(() => opened.close());

  const keys = async () => {
    const { Contents = [] } = await opened.client.send(new ListObjectsV2Command({ Bucket: opened.bucketName }));
    return Contents.map(({ Key }) => Key);
  };
  const tableOf = async (kind: string) => {
    const { Body } = await opened.client.send(new GetObjectCommand({ Bucket: opened.bucketName, Key: key(kind) }));
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    return { table: tableFromIPC(readParquet(bytes).intoIPCStream()), bytes: bytes.length };
  };
  /** What is in a file: its columns, and its rows as plain values. */
  const writtenAs = async (rows: TickRows) => {
    const { bytes } = await ticks.write(file, rows);
    const { table, bytes: length } = await tableOf(rows.kind);
    expect(bytes).toBe(length);
    return {
      columns: table.schema.fields.map(({ name, type, nullable }) => `${name} ${type}${nullable ? '' : ' not null'}`),
      rows: table.toArray().map((row) => JSON.parse(JSON.stringify(row, (_, value) => plain(value)))),
      about: Object.fromEntries(['kind', 'venue'].map((name) => [name, table.schema.metadata.get(name)])),
    };
  };
  const plain = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value);

  it('has books, both sides as lists, one of which may be empty', async () => {
    const { exchangeTimeMs: _time, ...untimed } = book(1, { symbol: 'ETH/USDT', asks: [] });
    const written = await writtenAs({ kind: 'books', rows: [book(0), untimed] });
    expect(written.columns).toEqual([
      'time Timestamp<MILLISECOND, UTC>',
      'received Timestamp<MILLISECOND, UTC> not null',
      'symbol Utf8 not null',
      'sequence Int64 not null',
      'bid_prices List<Float64> not null',
      'bid_amounts List<Float64> not null',
      'ask_prices List<Float64> not null',
      'ask_amounts List<Float64> not null',
    ]);
    const [bidPrices, bidAmounts] = [levelsFrom(90_000, 3, -0.1).map(([at]) => at), [0.125, 0.25, 0.375]];
    expect(written.rows).toEqual([
      {
        ...{ time: fromMs - 9, received: fromMs, symbol: 'BTC/USDT', sequence: 71_234_567_890 },
        ...{ bid_prices: bidPrices, bid_amounts: bidAmounts },
        ...{ ask_prices: [90_001, 90_001.1], ask_amounts: [0.125, 0.25] },
      },
      {
        ...{ time: null, received: fromMs + 1, symbol: 'ETH/USDT', sequence: 71_234_567_891 },
        ...{ bid_prices: bidPrices, bid_amounts: bidAmounts, ask_prices: [], ask_amounts: [] },
      },
    ]);
    expect(written.about).toEqual({ kind: 'live-books', venue: 'binance' });
  });

  it('has trades', async () => {
    const { side: _side, tradeId: _id, ...bare } = trade(1);
    const written = await writtenAs({ kind: 'trades', rows: [trade(0), bare] });
    const values = { symbol: 'BTC/USDT', price: 90_000.1, amount: 0.000_001_23 };
    expect(written.rows).toEqual([
      { time: fromMs - 15, received: fromMs, ...values, side: 'buy', trade_id: 't-0' },
      { time: fromMs - 14, received: fromMs + 1, ...values, side: null, trade_id: null },
    ]);
  });

  it('has funding and liquidations', async () => {
    const told = { symbol: 'BTC/USDT:USDT', receivedMs: fromMs };
    const next = { nextAtMs: fromMs + 5, markPrice: '90000.5', exchangeTimeMs: fromMs - 2 };
    const funding = await writtenAs({
      kind: 'funding',
      rows: [
        { ...told, ...next, rate: '-0.0001' },
        { ...told, rate: '0.0001' },
      ],
    });
    const common = { received: fromMs, symbol: 'BTC/USDT:USDT' };
    expect(funding.rows).toEqual([
      { ...common, time: fromMs - 2, rate: -0.0001, next_time: fromMs + 5, mark_price: 90_000.5 },
      { ...common, time: null, rate: 0.0001, next_time: null, mark_price: null },
    ]);
    const liquidations = await writtenAs({
      kind: 'liquidations',
      rows: [
        { ...told, side: 'sell', price: '89000', amount: '1.5', atMs: fromMs - 1 },
        { ...told, price: '88000', atMs: fromMs },
      ],
    });
    expect(liquidations.rows).toEqual([
      { ...common, time: fromMs - 1, side: 'sell', price: 89_000, amount: 1.5 },
      { ...common, time: fromMs, side: null, price: 88_000, amount: null },
    ]);
  });

  it('has all rows in order, however many', async () => {
    const rows = Array.from({ length: 1_234 }, (_, number) => book(number));
    await ticks.write(file, { kind: 'books', rows });
    const { table } = await tableOf('books');
    expect(Array.from(table.getChild('sequence') ?? [], Number)).toEqual(rows.map(({ sequence }) => sequence));
  });

  it('replaces a file that is written again, and keeps kinds, hours and connections apart', async () => {
    const rows: TickRows = { kind: 'trades', rows: [trade(0)] };
    for (const each of [file, file, { ...file, connection: 'z' }, { ...file, fromMs: fromMs + 1_000 }]) {
      await ticks.write(each, rows);
    }
    await ticks.write(file, { kind: 'books', rows: [book(0)] });
    expect(await keys()).toEqual([
      key('books'),
      key('trades'),
      key('trades').replace('task-1-binance-markets-0', 'z'),
      key('trades').replace('hour=09', 'hour=10').replace('199007', '200007'),
    ]);
  });

  it('says which file could not be written', async () => {
    const gone = createTickArchive(opened.client, 'no-such-bucket');
    await expect(gone.write(file, { kind: 'trades', rows: [trade(0)] })).rejects.toThrow(
      `${key('trades')} could not be written: `,
    );
  });
});
