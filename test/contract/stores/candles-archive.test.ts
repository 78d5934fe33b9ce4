/** What S3 alone can do to the archive, and what readers that nobody here wrote find in its files. */
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { amount, type PublicTrade, price, type Span } from '@nightdesk/core';
import { tableFromIPC } from 'apache-arrow';
import { readParquet } from 'parquet-wasm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  candleSeries,
  day,
  dayMs,
  dayStartMs,
  minuteMs,
  noisyCandles,
  tickSeries,
} from '../../support/candle-series.ts';
import { openArchive } from './candles-bucket.ts';

const series = candleSeries();
const trades = tickSeries('trades');
const funding = tickSeries('funding');
const wholeDay: Span = { fromMs: dayStartMs, toMs: dayStartMs + dayMs };
const trade = (number: number): PublicTrade => ({
  ...{ price: price('90000.5'), amount: amount('0.25'), atMs: dayStartMs + number * minuteMs },
  tradeId: `t-${number}`,
});
const span = (from: number, to: number): Span => ({
  fromMs: dayStartMs + from * minuteMs,
  toMs: dayStartMs + to * minuteMs,
});

describe('the archive in S3', () => {
  let opened: Awaited<ReturnType<typeof openArchive>>;
  /** What it returns is the answer to a request, in the place of S3's own. */
  let answers: (method: string) => { status: number; body?: string } | undefined;
  const refusal = { status: 500 };
  beforeEach(async () => {
    answers = () => undefined;
    opened = await openArchive(({ method = '' }, response, handle) => {
      const answer = answers(method);
      if (answer === undefined) return handle();
      response.writeHead(answer.status).end(answer.body);
    });
  });
  afterEach(() => opened.close());

  const keys = async () => {
    const { Contents = [] } = await opened.client.send(new ListObjectsV2Command({ Bucket: opened.bucketName }));
    return Contents.map(({ Key }) => Key);
  };
  const contentOf = async (key: string) => {
    const { Body } = await opened.client.send(new GetObjectCommand({ Bucket: opened.bucketName, Key: key }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  };
  const readTrades = async () => {
    const ids: (string | undefined)[] = [];
    for await (const list of opened.cold.readTrades(trades, wholeDay)) ids.push(...list.map(({ tradeId }) => tradeId));
    return ids;
  };

  it('names files so that readers make columns of their folders', async () => {
    await opened.cold.writeCandles(series, day, noisyCandles(3, minuteMs));
    await opened.cold.writeCandles(
      candleSeries({ symbol: 'BTC/USDT:USDT', timeframe: '1h' }),
      '2026-11',
      noisyCandles(3, 1),
    );
    await opened.cold.writeTrades(trades, span(0, 5), [trade(1)]);
    await opened.cold.writeTrades(trades, span(-5, 0), [{ ...trade(0), atMs: dayStartMs - 1 }]);
    await opened.cold.compactTrades(trades, '2026-11-19');
    await opened.cold.writeFunding(funding, '2026-11', [{ atMs: dayStartMs, rate: '0.0001' }]);
    expect(await keys()).toEqual([
      'candles/venue=binance/symbol=BTC-USDT/timeframe=1m/date=2026-11-20/candles.parquet',
      'candles/venue=binance/symbol=BTC-USDT_USDT/timeframe=1h/date=2026-11-01/candles.parquet',
      'funding/venue=binance/symbol=BTC-USDT_USDT/date=2026-11-01/funding.parquet',
      'incoming/trades/venue=binance/symbol=BTC-USDT_USDT/date=2026-11-20/001795132800000-001795133100000.parquet',
      'trades/venue=binance/symbol=BTC-USDT_USDT/date=2026-11-19/trades.parquet',
    ]);
  });

  describe('read by a reader that nobody here wrote', () => {
    const arrow = async () => {
      const [key = ''] = await keys();
      return tableFromIPC(readParquet(await contentOf(key)).intoIPCStream());
    };

    it('has the candles, every float as it was, and nulls for what the venue does not tell', async () => {
      const written = noisyCandles(200, minuteMs);
      written.open[0] = -0;
      for (const column of [written.volume, written.quoteVolume, written.trades]) column[7] = Number.NaN;
      await opened.cold.writeCandles(series, day, written);
      const table = await arrow();
      expect(
        table.schema.fields.map(({ name, type, nullable }) => `${name} ${type}${nullable ? '' : ' not null'}`),
      ).toEqual([
        'open_time Timestamp<MILLISECOND, UTC> not null',
        'open Float64 not null',
        'high Float64 not null',
        'low Float64 not null',
        'close Float64 not null',
        'volume Float64',
        'quote_volume Float64',
        'trades Int64',
      ]);
      const column = (name: string) => Array.from(table.getChild(name) ?? []);
      const told = (values: Float64Array) => Array.from(values, (value) => (Number.isNaN(value) ? null : value));
      expect(column('open_time').map(Number)).toEqual([...written.openMs]);
      for (const name of ['open', 'high', 'low', 'close', 'volume'] as const)
        expect(column(name)).toEqual(told(written[name]));
      expect(column('quote_volume')).toEqual(told(written.quoteVolume));
      expect(column('trades').map((count) => (count === null ? null : Number(count)))).toEqual(told(written.trades));
      const about = ['venue', 'symbol', 'timeframe', 'kind'].map((name) => table.schema.metadata.get(name));
      expect(about).toEqual(['binance', 'BTC/USDT', '1m', 'candles']);
    });

    it('has the trades and the funding', async () => {
      const full: PublicTrade = { ...trade(1), side: 'sell', price: price('0.00000012') };
      const { tradeId: _id, ...bare } = trade(2);
      await opened.cold.writeTrades(trades, span(0, 5), [full, bare]);
      expect((await arrow()).toArray().map((row) => ({ ...row.toJSON() }))).toEqual([
        { time: full.atMs, price: 0.000_000_12, amount: 0.25, side: 'sell', trade_id: 't-1' },
        { time: bare.atMs, price: 90_000.5, amount: 0.25, side: null, trade_id: null },
      ]);
      await opened.cold.writeFunding(funding, '2026-11', [{ atMs: dayStartMs, rate: '-0.0001' }]);
      expect((await arrow()).toArray().map((row) => ({ ...row.toJSON() }))).toEqual([
        { time: dayStartMs, rate: -0.0001, mark_price: null },
      ]);
    });
  });

  it('shows each trade once when a compaction has died between writing and removing, and the next one goes on', async () => {
    await opened.cold.writeTrades(trades, span(0, 2), [trade(0), trade(1)]);
    await opened.cold.writeTrades(trades, span(2, 4), [trade(2), trade(3)]);
    answers = (method) => (method === 'DELETE' ? refusal : undefined);
    await expect(opened.cold.compactTrades(trades, day)).rejects.toThrow(
      /^incoming\/trades\/venue=binance\/symbol=BTC-USDT_USDT\/date=2026-11-20\/\d+-\d+\.parquet could not be deleted: /,
    );
    expect(await keys()).toHaveLength(3);
    expect(await readTrades()).toEqual(['t-0', 't-1', 't-2', 't-3']);
    answers = () => undefined;
    expect(await opened.cold.compactTrades(trades, day)).toMatchObject({ trades: 4 });
    expect(await keys()).toHaveLength(1);
    expect(await readTrades()).toEqual(['t-0', 't-1', 't-2', 't-3']);
  });

  it('shows each trade once to who listed what came in before it was compacted, and read it afterwards', async () => {
    await opened.cold.writeTrades(trades, span(0, 2), [trade(0), trade(1)]);
    await opened.cold.writeTrades(trades, span(2, 4), [trade(2), trade(3)]);
    let isFirst = true;
    opened.client.middlewareStack.add(
      (next) => async (call) => {
        const result = await next(call);
        const isList = 'Contents' in result.output;
        if (isList && isFirst) {
          isFirst = false;
          await opened.cold.compactTrades(trades, day);
        }
        return result;
      },
      { step: 'initialize', name: 'compactMeanwhile' },
    );
    expect(await readTrades()).toEqual(['t-0', 't-1', 't-2', 't-3']);
    expect(isFirst).toBe(false);
  });

  it('keeps what a run has brought again while it was compacted', async () => {
    await opened.cold.writeTrades(trades, span(0, 4), [trade(0)]);
    let isFirst = true;
    opened.client.middlewareStack.add(
      (next, context) => async (call) => {
        if (context.commandName === 'DeleteObjectCommand' && isFirst) {
          isFirst = false;
          await opened.cold.writeTrades(trades, span(0, 4), [trade(0), trade(1)]);
        }
        return next(call);
      },
      { step: 'initialize', name: 'writeMeanwhile' },
    );
    expect(await opened.cold.compactTrades(trades, day)).toMatchObject({ trades: 1 });
    expect(isFirst).toBe(false);
    expect(await readTrades()).toEqual(['t-0', 't-1']);
  });

  it('writes again what met another write', async () => {
    let conflicts = 0;
    answers = (method) => {
      if (method !== 'PUT' || conflicts > 0) return undefined;
      conflicts += 1;
      const code = 'ConditionalRequestConflict';
      return { status: 409, body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>again</Message></Error>` };
    };
    await opened.cold.writeFunding(funding, '2026-11', [{ atMs: dayStartMs, rate: '0.0001' }]);
    expect(conflicts).toBe(1);
    expect(await opened.cold.readFunding(funding, wholeDay)).toHaveLength(1);
  });

  it('gives up a file that somebody else writes again and again', async () => {
    let others = 0;
    opened.client.middlewareStack.add(
      (next, context) => async (call) => {
        const input = call.input as { Key?: string; IfMatch?: string; IfNoneMatch?: string };
        if (context.commandName === 'PutObjectCommand' && (input.IfMatch ?? input.IfNoneMatch) !== undefined) {
          others += 1;
          const Body = new TextEncoder().encode(String(others));
          await opened.client.send(new PutObjectCommand({ Bucket: opened.bucketName, Key: input.Key, Body }));
          const result = await next(call).catch((error: unknown) => error);
          await opened.client.send(new DeleteObjectCommand({ Bucket: opened.bucketName, Key: input.Key }));
          throw result;
        }
        return next(call);
      },
      { step: 'initialize', name: 'writeFirst' },
    );
    await expect(opened.cold.writeFunding(funding, '2026-11', [{ atMs: 1, rate: '1' }])).rejects.toThrow(
      'funding/venue=binance/symbol=BTC-USDT_USDT/date=2026-11-01/funding.parquet was written by somebody else 5 times in a row',
    );
    expect(others).toBe(5);
    await opened.cold.writeTrades(trades, span(0, 4), [trade(0)]);
    await expect(opened.cold.compactTrades(trades, day)).rejects.toThrow(
      'was written by somebody else 5 times in a row',
    );
  });

  it('says which file could not be read, written or listed', async () => {
    const key = 'candles/venue=binance/symbol=BTC-USDT/timeframe=1m/date=2026-11-20/candles.parquet';
    answers = () => refusal;
    await expect(opened.cold.readCandles(series, day)).rejects.toThrow(`${key} could not be read: `);
    await expect(opened.cold.writeCandles(series, day, noisyCandles(1, 1))).rejects.toThrow(
      `${key} could not be written: `,
    );
    await expect(opened.cold.listCandles(series)).rejects.toThrow(
      'candles/venue=binance/symbol=BTC-USDT/timeframe=1m/ could not be listed: ',
    );
  });

  it('says which file is none, is damaged, or holds another series than its name says', async () => {
    const key = 'candles/venue=binance/symbol=BTC-USDT/timeframe=1m/date=2026-11-20/candles.parquet';
    const put = (Body: Uint8Array) =>
      opened.client.send(new PutObjectCommand({ Bucket: opened.bucketName, Key: key, Body }));
    await put(new TextEncoder().encode('no Parquet at all'));
    await expect(opened.cold.readCandles(series, day)).rejects.toThrow(`${key} cannot be read: `);
    await opened.cold.writeCandles(candleSeries({ symbol: 'ETH/USDT' }), day, noisyCandles(100, 1));
    await put(await contentOf(key.replace('BTC-', 'ETH-')));
    await expect(opened.cold.readCandles(series, day)).rejects.toThrow(
      `${key} cannot be read: it holds symbol ETH/USDT, and BTC/USDT was looked for`,
    );
    await opened.cold.writeCandles(series, day, noisyCandles(100, 1));
    const whole = await contentOf(key);
    await put(Buffer.concat([whole.subarray(0, 200), new Uint8Array(300), whole.subarray(500)]));
    await expect(opened.cold.readCandles(series, day)).rejects.toThrow(`${key} cannot be read: `);
  });

  it('leaves alone what lies among its files and is called otherwise', async () => {
    await opened.cold.writeCandles(series, day, noisyCandles(1, 1));
    for (const name of ['date=2026-11-21/other.parquet', 'date=tomorrow/candles.parquet', 'notes.txt']) {
      const Key = `candles/venue=binance/symbol=BTC-USDT/timeframe=1m/${name}`;
      await opened.client.send(new PutObjectCommand({ Bucket: opened.bucketName, Key, Body: 'x' }));
    }
    expect((await opened.cold.listCandles(series)).map(({ period }) => period)).toEqual([day]);
  });
});
