/** What DynamoDB alone can do to candles: limits of size, pages, writes that are cut off, and what is paid for. */
import { DeleteItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { writeParted } from '@nightdesk/aws/candles/parted-row.ts';
import { type CandleRow, columnsOf, type LaneMember, tableSchemas } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  binance,
  bitsOf,
  candleBlock,
  candleSeries,
  day,
  dayMs,
  dayStartMs,
  minuteMs,
  noisyCandles,
} from '../../support/candle-series.ts';
import { openCandleTable } from './candles-cloud.ts';

const seconds = candleSeries({ timeframe: '1s' });
const { partitionKey, sortKey } = tableSchemas.candles;

describe('candles in DynamoDB', () => {
  let table: Awaited<ReturnType<typeof openCandleTable>>;
  /** What requests have cost since the test began. */
  let units: number;
  beforeEach(async () => {
    table = await openCandleTable();
    units = 0;
    table.client.middlewareStack.add(
      (next) => async (call) => {
        const result = await next({ ...call, input: { ...call.input, ReturnConsumedCapacity: 'TOTAL' } });
        const { ConsumedCapacity: consumed } = result.output as { ConsumedCapacity?: unknown };
        for (const each of [consumed].flat())
          units += (each as { CapacityUnits?: number } | undefined)?.CapacityUnits ?? 0;
        return result;
      },
      { step: 'initialize', name: 'countUnits' },
    );
  });
  afterEach(() => table.close());

  const rows = async () => {
    const { Items = [] } = await table.client.send(
      new ScanCommand({ TableName: table.tableName, ConsistentRead: true }),
    );
    return Items.map((item) => item[sortKey]?.S ?? '').sort();
  };
  const large = (count = 7_500, version = 0) => candleBlock({ candles: noisyCandles(count, 1_000), version });
  const readAll = async () => {
    const read = [];
    for await (const block of table.candles.readBlocks(seconds, { from: '2026', to: '2027' })) read.push(block);
    return read;
  };

  describe('a block that no row holds', () => {
    it('is spread over several, and read as one', async () => {
      const { bytes } = await table.candles.writeBlock(seconds, large());
      expect(bytes).toBeGreaterThan(370_000);
      expect(await rows()).toEqual([`block#${day}`, `block#${day}#01`]);
      const read = await table.candles.readBlock(seconds, day);
      expect(read?.version).toBe(1);
      expect(read && bitsOf(read.candles)).toEqual(bitsOf(large().candles));
      expect((await readAll()).map((block) => bitsOf(block.candles))).toEqual([bitsOf(large().candles)]);
    });

    it('shrinks and grows without anything of what it was', async () => {
      let version = 0;
      for (const count of [15_000, 10, 7_500]) {
        await table.candles.writeBlock(seconds, large(count, version));
        version += 1;
        const read = await table.candles.readBlock(seconds, day);
        expect(read && bitsOf(read.candles)).toEqual(bitsOf(large(count).candles));
        expect((await readAll()).map((block) => block.candles.openMs.length)).toEqual([count]);
      }
      await expect(table.candles.writeBlock(seconds, large(10, 1))).rejects.toMatchObject({
        name: 'VersionConflictError',
      });
    });

    it('is read whole where pages of an answer part it', async () => {
      const dayAfter = new Date(dayStartMs + dayMs).toISOString().slice(0, 10);
      await table.candles.writeBlock(seconds, large(14_000));
      await table.candles.writeBlock(seconds, { ...large(8_000), period: dayAfter });
      await table.candles.writeBlock(seconds, candleBlock({ period: '2026-11-22' }));
      expect((await readAll()).map(({ period, candles: each }) => [period, each.openMs.length])).toEqual([
        [day, 14_000],
        [dayAfter, 8_000],
        ['2026-11-22', 3],
      ]);
    });

    it('is removed with all its parts', async () => {
      await table.candles.writeBlock(seconds, large(15_000));
      await table.candles.deleteBlocks(seconds, [day]);
      expect(await rows()).toEqual([]);
    });

    it('is refused, saying so, where not even a transaction holds it', async () => {
      const key = { series: 'binance#BTC/USDT#1s', row: `block#${day}` };
      await expect(writeParted(table, { key, data: new Uint8Array(4_000_000), head: {} })).rejects.toThrow(
        'block#2026-11-20 of binance#BTC/USDT#1s has 4000000 bytes, and at most 3942400 are written at once',
      );
      expect(await rows()).toEqual([]);
    });

    it.each(['missing', 'of other data'])('is never shown with a part that is %s', async (what) => {
      await table.candles.writeBlock(seconds, large());
      const Key = { [partitionKey]: { S: 'binance#BTC/USDT#1s' }, [sortKey]: { S: `block#${day}#01` } };
      if (what === 'missing') await table.client.send(new DeleteItemCommand({ TableName: table.tableName, Key }));
      else {
        const Item = { ...Key, part: { N: '1' }, stamp: { S: 'another' }, data: { B: new Uint8Array(10) } };
        await table.client.send(new PutItemCommand({ TableName: table.tableName, Item }));
      }
      const message = `block#${day} of binance#BTC/USDT#1s was written anew each of 5 times that it was read`;
      await expect(table.candles.readBlock(seconds, day)).rejects.toThrow(message);
      await expect(readAll()).rejects.toThrow(message);
    });
  });

  it('names a row that is damaged', async () => {
    const Key = { [partitionKey]: { S: 'binance#BTC/USDT#1m' }, [sortKey]: { S: `block#${day}` } };
    const Item = { ...Key, version: { N: '1' }, data: { B: new Uint8Array([9, 9, 9]) } };
    await table.client.send(new PutItemCommand({ TableName: table.tableName, Item }));
    await expect(table.candles.readBlock(candleSeries(), day)).rejects.toThrow(
      /^block#2026-11-20 of binance#BTC\/USDT#1m cannot be read: /,
    );
  });

  it('reads more days than an answer holds, page by page', async () => {
    const periods = Array.from({ length: 40 }, (_, days) =>
      new Date(dayStartMs + days * dayMs).toISOString().slice(0, 10),
    );
    const block = candleBlock({ candles: noisyCandles(600, minuteMs) });
    for (const period of periods) await table.candles.writeBlock(candleSeries(), { ...block, period });
    const read: string[] = [];
    for await (const { period } of table.candles.readBlocks(candleSeries(), { from: '2026-11-20', to: '2026-12-28' })) {
      read.push(period);
    }
    expect(read).toEqual(periods.slice(0, -1));
  });

  it('costs fifty times less than a row per candle, from the minute it is new to the block of its day', async () => {
    const lane = { venue: binance, part: '1m', number: 0 };
    const [symbols, minutes, runs] = [25, 15, 4];
    const walk = (seed: number, fromMinute: number, count: number) =>
      columnsOf(Array.from({ length: count }, (_, minute) => walkRow(seed, fromMinute + minute)));
    for (let run = 0; run < runs; run += 1) {
      const members = Array.from({ length: symbols }, (_, seed): LaneMember => {
        return { symbol: `COIN${seed}/USDT`, candles: walk(seed, run * minutes, minutes), untilMs: dayStartMs };
      });
      await table.candles.writeLane(lane, { plannedAtMs: dayStartMs + run, members }, dayStartMs + 4 * dayMs);
    }
    const perCandleOfLanes = units / (symbols * minutes * runs);
    units = 0;
    for (let seed = 0; seed < 5; seed += 1) {
      const series = candleSeries({ symbol: `COIN${seed}/USDT` });
      await table.candles.writeBlock(series, candleBlock({ candles: walk(seed, 0, 1_440) }));
    }
    expect(perCandleOfLanes + units / (5 * 1_440)).toBeLessThan(1 / 50);
  });
});

/** A market that trades: each minute begins at about where the last one ended. */
function walkRow(seed: number, minute: number): CandleRow {
  const cents = (at: number) =>
    9_000_000 + Math.round(5_000 * Math.sin((at + seed * 100) / 37) + 300 * Math.sin(at * 1.7));
  const [open, close] = [cents(minute), cents(minute + 1)];
  const range = { open: open / 100, high: (Math.max(open, close) + 40) / 100, low: (Math.min(open, close) - 30) / 100 };
  const volume = Math.round(2_000 * (1 + Math.sin(minute * 2.3 + seed))) / 1_000;
  return { openMs: dayStartMs + minute * minuteMs, ...range, close: close / 100, volume };
}
