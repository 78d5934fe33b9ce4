import type {
  BatchGetItemCommandInput,
  BatchGetItemCommandOutput,
  BatchWriteItemCommandInput,
  BatchWriteItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import { binance, levelsFrom, quoteOf, startMs, statusOf } from '../../support/live-quotes.ts';
import { createMemoryQuotes } from '../../support/memory-streams.ts';
import { openQuotesTable } from './quotes-cloud.ts';
import { quotesContract } from './quotes-contract.ts';

quotesContract('in memory', async () => {
  const clock = createManualClock(startMs);
  const quotes = createMemoryQuotes(clock);
  return { quotes, pass: async (byMs) => clock.advance(byMs), close: async () => {} };
});
quotesContract('DynamoDB', openQuotesTable);

describe('DynamoDB besides', () => {
  let opened: Awaited<ReturnType<typeof openQuotesTable>>;
  beforeEach(async () => {
    opened = await openQuotesTable();
  });
  afterEach(() => opened.close());

  /** Stands between the repository and the table, for one kind of request. */
  function between<Input extends object, Output extends object>(
    command: string,
    change: { input?: (input: Input) => Input; output?: (output: Output, input: Input) => Output },
  ): void {
    const { input: onInput = (input) => input, output: onOutput = (output) => output } = change;
    opened.client.middlewareStack.add(
      (next, context) => async (call) => {
        if (context.commandName !== command) return next(call);
        const result = await next({ ...call, input: onInput(call.input as Input) as typeof call.input });
        return { ...result, output: onOutput(result.output as Output, call.input as Input) as typeof result.output };
      },
      { step: 'initialize', name: `between ${command}` },
    );
  }

  it.each([
    [10, 1],
    [20, 1],
    [50, 2],
  ])('takes for a quote with %i levels of each side %i write units', async (levels, units) => {
    let consumed: number | undefined;
    between<BatchWriteItemCommandInput, BatchWriteItemCommandOutput>('BatchWriteItemCommand', {
      input: (input) => ({ ...input, ReturnConsumedCapacity: 'TOTAL' }),
      output(output) {
        consumed = output.ConsumedCapacity?.[0]?.CapacityUnits;
        return output;
      },
    });
    const name = 'A'.repeat(20);
    const sides = { bids: levelsFrom(1, levels, -1e-9), asks: levelsFrom(2, levels, 1e-9) };
    await opened.quotes.write([quoteOf({ ...sides, symbol: `${name}/USDT:USDT`, last: 1.5 })], startMs);
    expect(consumed).toBe(units);
  });

  it('gives back what DynamoDB has not processed', async () => {
    const symbols = Array.from({ length: 30 }, (_, number) => `C${number}/USDT`);
    between<BatchWriteItemCommandInput, BatchWriteItemCommandOutput>('BatchWriteItemCommand', {
      output(output, { RequestItems = {} }) {
        const requests = RequestItems[opened.tableName] ?? [];
        return { ...output, UnprocessedItems: { [opened.tableName]: requests.slice(0, 2) } };
      },
    });
    const left = await opened.quotes.write(
      symbols.map((symbol) => quoteOf({ symbol })),
      startMs,
    );
    expect(left.map(({ symbol }) => symbol).sort()).toEqual(['C0/USDT', 'C1/USDT', 'C25/USDT', 'C26/USDT']);
  });

  it('says that a batch failed, once the others are written', async () => {
    const symbols = Array.from({ length: 60 }, (_, number) => `C${number}/USDT`);
    between<BatchWriteItemCommandInput, BatchWriteItemCommandOutput>('BatchWriteItemCommand', {
      input(input) {
        const [first] = input.RequestItems?.[opened.tableName] ?? [];
        if (first?.PutRequest?.Item?.symbol?.S === 'C0/USDT') throw new Error('the table does not answer');
        return input;
      },
    });
    const quotes = symbols.map((symbol) => quoteOf({ symbol }));
    await expect(opened.quotes.write(quotes, startMs)).rejects.toThrow('the table does not answer');
    expect(await opened.quotes.read('C0/USDT')).toEqual([]);
    expect(await opened.quotes.read('C59/USDT')).toHaveLength(1);
  });

  it('asks again for what DynamoDB has left out of an answer, a few times', async () => {
    let asked = 0;
    await opened.quotes.beat('one', startMs);
    await opened.quotes.beat('two', startMs);
    between<BatchGetItemCommandInput, BatchGetItemCommandOutput>('BatchGetItemCommand', {
      output(output, { RequestItems = {} }) {
        asked += 1;
        const { Keys = [] } = RequestItems[opened.tableName] ?? {};
        const found = output.Responses?.[opened.tableName]?.filter(({ symbol }) => symbol?.S === 'connection#one');
        const left = Keys.filter(({ symbol }) => symbol?.S === 'connection#two');
        return {
          ...output,
          Responses: { [opened.tableName]: found ?? [] },
          UnprocessedKeys: { [opened.tableName]: { Keys: left } },
        };
      },
    });
    expect(await opened.quotes.heard(['one', 'two'])).toEqual(new Map([['one', startMs]]));
    expect(asked).toBe(3);
  });

  it('keeps what a task tells of hundreds of units, and cuts what no row could hold', async () => {
    const [unit] = statusOf().units;
    const [figures] = statusOf().streams;
    const [latest] = statusOf().latest;
    if (unit === undefined || figures === undefined || latest === undefined) throw new Error('the status is empty');
    const many = (count: number) => Array.from({ length: count }, (_, number) => number);
    const large = statusOf({
      units: many(800).map((number) => ({ ...unit, unit: `binance#account#${number * 7_919}` })),
      streams: many(120).map((number) => ({ ...figures, venue: `venue-${number}` })),
    });
    await opened.quotes.writeStatus(large);
    expect(await opened.quotes.readStatus()).toEqual([large]);
    const random = (number: number) => String(Math.sin(number)).repeat(100);
    await opened.quotes.writeStatus(
      statusOf({
        units: many(20_000).map((number) => ({ ...unit, unit: `binance#account#${Math.sin(number)}` })),
        streams: many(5_000).map((number) => ({ ...figures, venue: `${Math.sin(number)}` })),
        latest: many(5_000).map((number) => ({ ...latest, reason: random(number) })),
      }),
    );
    const [read] = await opened.quotes.readStatus();
    expect([read?.units.length, read?.streams.length, read?.latest.length]).toEqual([1_000, 300, 50]);
    expect(read?.latest[49]?.reason).toBe(random(49).slice(0, 300));
  });

  it('fails where the table is gone', async () => {
    const lost = { venue: binance, symbol: 'BTC/USDT', connection: 'one' };
    between<object, object>('DeleteItemCommand', { input: (input) => ({ ...input, TableName: 'gone' }) });
    await expect(opened.quotes.remove([lost])).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
