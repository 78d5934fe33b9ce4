import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { binance } from '../../support/candle-series.ts';
import { createMemorySeries } from '../../support/memory-candles.ts';
import { openCandleTable } from './candles-cloud.ts';
import { seriesStoreContract } from './candles-series-contract.ts';

seriesStoreContract('in memory', async () => ({ series: createMemorySeries(), close: async () => {} }));

seriesStoreContract('DynamoDB', async () => {
  const { series, close } = await openCandleTable();
  return { series, close };
});

describe('incidents in DynamoDB', () => {
  let table: Awaited<ReturnType<typeof openCandleTable>>;
  /** Requests by their names. */
  let commands: string[];
  /** Runs before the next transaction of somebody. */
  let meanwhile: (() => Promise<void>) | undefined;
  /** Rows that were told. */
  let items = 0;
  beforeEach(async () => {
    table = await openCandleTable();
    commands = [];
    meanwhile = undefined;
    table.client.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (call) => {
          commands.push(commandName);
          const [before, isTransaction] = [meanwhile, commandName === 'TransactWriteItemsCommand'];
          if (isTransaction) meanwhile = undefined;
          if (isTransaction) await before?.();
          const result = await next(call);
          items += (result.output as { Items?: unknown[] }).Items?.length ?? 0;
          return result;
        },
      { step: 'initialize', name: 'meanwhile' },
    );
  });
  afterEach(() => table.close());

  const incident = { fromMs: 1_000, code: 'venue_unavailable', message: 'no answer' };
  const all = () => table.series.incidents(binance, { fromMs: 0, toMs: 1e15 });

  it('end when the first of two who see it says so', async () => {
    await table.series.openIncident(binance, incident);
    meanwhile = () => table.series.closeIncident(binance, 2_000);
    await table.series.closeIncident(binance, 3_000);
    expect(await all()).toEqual([{ ...incident, toMs: 2_000 }]);
  });

  it('go on where the one that was seen has ended and another one has begun', async () => {
    const next = { ...incident, fromMs: 2_500 };
    await table.series.openIncident(binance, incident);
    meanwhile = async () => {
      await table.series.closeIncident(binance, 2_000);
      await table.series.openIncident(binance, next);
    };
    await table.series.closeIncident(binance, 3_000);
    expect(await all()).toEqual([{ ...incident, toMs: 2_000 }, next]);
  });

  it('are looked up alike, however many there were before', async () => {
    for (let number = 1; number <= 60; number += 1) {
      await table.series.openIncident(binance, { ...incident, fromMs: number * 1_000 });
      await table.series.closeIncident(binance, number * 1_000 + 500);
    }
    const lookUp = async (fromMs: number, toMs: number) => {
      [commands, items] = [[], 0];
      const found = await table.series.incidents(binance, { fromMs, toMs });
      return { began: found.map((each) => each.fromMs), requests: commands.length, items };
    };
    expect(await lookUp(100_000, 100_001)).toEqual({ began: [], requests: 1, items: 0 });
    expect(await lookUp(60_100, 60_101)).toEqual({ began: [60_000], requests: 1, items: 0 });
    expect(await lookUp(50_400, 52_001)).toEqual({ began: [50_000, 51_000, 52_000], requests: 2, items: 20 });
    expect(await lookUp(0, 1)).toEqual({ began: [], requests: 2, items: 0 });
    expect((await lookUp(0, 1e15)).began).toEqual(Array.from({ length: 60 }, (_, index) => (index + 1) * 1_000));
  });

  it('need no permission but to read and to put', async () => {
    await table.series.openIncident(binance, incident);
    await table.series.closeIncident(binance, 2_000);
    await all();
    expect(new Set(commands)).toEqual(
      new Set(['PutItemCommand', 'GetItemCommand', 'QueryCommand', 'TransactWriteItemsCommand']),
    );
  });
});
