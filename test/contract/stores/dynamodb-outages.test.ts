/** What the repositories do when DynamoDB answers late, not at all, or "not now": nothing is written twice or by half. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { notional } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonTarget, readBody, sendJson } from '../../../local/cloud/http.ts';
import { newBooks } from '../../support/books.ts';
import { binance, candleBlock, candleSeries, day } from '../../support/candle-series.ts';
import { insertWithin } from '../../support/gates.ts';
import { btcUsdt, ethUsdt } from '../../support/markets.ts';
import { intent, observed } from '../../support/orders.ts';
import { openCandleTable } from './candles-cloud.ts';
import { type Disturb, openCloudStores } from './desk-cloud.ts';
import { activate, type DeskStores, endOf, everythingIn, intends, main, switched } from './desk-stores.ts';

/** More than any caller tries. */
const always = 1_000;
/** How often a client of the desk sends a single write in all. */
const triesMax = 3;

type Disturbance = 'conflict' | 'refuse' | 'unprocessed' | 'lose request' | 'lose answer';

describe('the tables in DynamoDB when it does not answer as it should', () => {
  let desk: DeskStores;
  let disturbed: { operation: string; times: number; how: Disturbance };

  /** Does to the next `times` calls of an operation what is to be done. */
  const disturb: Disturb = async (request, response, handle) => {
    if (jsonTarget(request)?.operation !== disturbed.operation || disturbed.times === 0) return handle();
    disturbed.times -= 1;
    switch (disturbed.how) {
      case 'conflict':
        return answerConflict(response);
      case 'refuse':
        return answerRefusal(response);
      case 'unprocessed':
        return answerUnprocessed(request, response);
      case 'lose request':
        return void response.destroy();
      case 'lose answer':
        response.end = () => response.destroy();
        return handle();
    }
  };

  beforeEach(async () => {
    disturbed = { operation: '', times: 0, how: 'conflict' };
    desk = await openCloudStores(disturb);
    await activate(desk.risk);
  });
  afterEach(() => desk.close());

  const insert = () => insertWithin(desk.orders, intends());
  const transactions = (how: Disturbance, times: number) => {
    disturbed = { operation: 'TransactWriteItems', times, how };
  };

  it.each([
    ['another transaction is in the way', 'conflict', 3],
    ['the connection is lost before it is sent', 'lose request', 1],
    ['its answer is lost, and it is sent again', 'lose answer', 1],
  ] as const)('an intent is recorded once when %s', async (_, how, times) => {
    transactions(how, times);
    expect((await insert()).kind).toBe('created');
    expect(disturbed.times).toBe(0);
    expect(await desk.risk.get(main)).toMatchObject({ reserved: '200' });
    expect(await desk.orders.get(intent.orderId)).toMatchObject({ version: 1 });
  });

  it('a change is the winner of its version, not a conflict, when its answer is lost', async () => {
    const result = await insert();
    if (result.kind !== 'created') throw new Error(`the intent was ${result.kind}`);
    transactions('lose answer', 1);
    expect(await desk.orders.apply(result.order, observed('filled', '2'))).toMatchObject({
      state: 'filled',
      version: 2,
    });
    expect(await desk.risk.get(main)).toMatchObject({ reserved: '0' });
  });

  it.each([
    ['another transaction is in the way', 'conflict', 3],
    ['the connection is lost before it is sent', 'lose request', 1],
    ['its answer is lost, and it is sent again', 'lose answer', 1],
  ] as const)('a fill is counted once when %s', async (_, how, times) => {
    const result = await insert();
    if (result.kind !== 'created') throw new Error(`the intent was ${result.kind}`);
    transactions(how, times);
    await desk.orders.apply(result.order, observed('filled', '2'));
    expect(await desk.positions.get(main, intent.symbol)).toMatchObject({ quantity: '2', version: 1 });
  });

  it('a fill is counted with its order or not at all', async () => {
    const result = await insert();
    if (result.kind !== 'created') throw new Error(`the intent was ${result.kind}`);
    const before = await everythingIn(desk);
    transactions('lose request', always);
    await expect(desk.orders.apply(result.order, observed('filled', '2'))).rejects.toThrow();
    transactions('lose request', 0);
    expect(await everythingIn(desk)).toEqual(before);
  });

  it('a switch is set once when the answer is lost', async () => {
    transactions('lose answer', 1);
    expect(await desk.risk.setSwitch(main, switched('halted'))).toMatchObject({ state: 'halted', version: 2 });
    expect(endOf(await desk.journal.read(`risk#${main}`)).sequence).toBe(2);
  });

  it('a window is the one that was opened when the answer is lost', async () => {
    disturbed = { operation: 'UpdateItem', times: 1, how: 'lose answer' };
    expect(await desk.signals.openWindow('demo#body', 5_000, 60_000)).toBe(5_000);
  });

  it.each([
    ['other transactions stay in the way', 'conflict', 'TransactionCanceledException'],
    ['it is out of reach', 'lose request', undefined],
  ] as const)('an intent is not taken for recorded, or denied, while %s', async (_, how, name) => {
    const before = await everythingIn(desk);
    transactions(how, always);
    await expect(insert()).rejects.toMatchObject(name === undefined ? {} : { name });
    expect(disturbed.times).toBeLessThan(always);
    transactions(how, 0);
    expect(await everythingIn(desk)).toEqual(before);
  });

  const refuse = (operation: 'PutItem' | 'UpdateItem', times: number) => {
    disturbed = { operation, times, how: 'refuse' };
  };
  /** Each single write that shares its row with transactions, and what is to be read once it is through. */
  const singleWrites = [
    {
      what: 'what all accounts are worth',
      operation: 'UpdateItem',
      write: () => desk.risk.saveDeskFigures({ sandbox: { atMs: 2_000, equity: notional('10000') } }),
      read: async () => (await desk.risk.get('*'))?.deskFigures?.sandbox?.equity,
      isThere: '10000',
    },
    {
      what: 'a window of signals',
      operation: 'UpdateItem',
      write: () => desk.signals.openWindow('demo#body', 5_000, 60_000),
      // Whoever comes later is told of the one that is running.
      read: () => desk.signals.openWindow('demo#body', 6_000, 60_000),
      isThere: 5_000,
    },
    {
      what: 'books of which nothing is told',
      operation: 'PutItem',
      write: () => desk.books.save({ books: newBooks(), events: [] }),
      read: async () => (await desk.books.get(main))?.version,
      isThere: 1,
    },
  ] as const;

  it.each(singleWrites)('$what: written once a transaction has left the row', async (single) => {
    refuse(single.operation, 2);
    await single.write();
    expect(disturbed.times).toBe(0);
    expect(await single.read()).toBe(single.isThere);
  });

  it.each(singleWrites)('$what: not written, and said so, while transactions stay on the row', async (single) => {
    const before = await everythingIn(desk);
    refuse(single.operation, always);
    await expect(single.write()).rejects.toMatchObject({ name: 'TransactionConflictException' });
    expect(always - disturbed.times).toBe(triesMax);
    refuse(single.operation, 0);
    expect(await everythingIn(desk)).toEqual(before);
    expect(await desk.books.get(main)).toBeUndefined();
  });

  it('a block of candles and an incident are written once a transaction has left their rows', async () => {
    const table = await openCandleTable(disturb);
    try {
      refuse('PutItem', 2);
      await table.candles.writeBlock(candleSeries(), candleBlock({ version: 0 }));
      expect(disturbed.times).toBe(0);
      expect(await table.candles.readBlock(candleSeries(), day)).toMatchObject({ version: 1 });
      refuse('PutItem', 2);
      const incident = { fromMs: 1_000, code: 'venue_unavailable', message: 'no answer' };
      await table.series.openIncident(binance, incident);
      expect(disturbed.times).toBe(0);
      expect(await table.series.incidents(binance, { fromMs: 0, toMs: 2_000 })).toEqual([incident]);
    } finally {
      await table.close();
    }
  });

  it('markets that DynamoDB does not process at once are written on the next try', async () => {
    disturbed = { operation: 'BatchWriteItem', times: 2, how: 'unprocessed' };
    expect(await desk.markets.replaceAll(btcUsdt.venue, [btcUsdt, ethUsdt])).toEqual({ written: 2, removed: 0 });
    expect(await desk.markets.replaceAll(btcUsdt.venue, [btcUsdt, ethUsdt])).toEqual({ written: 0, removed: 0 });
  });
});

/** As DynamoDB answers a transaction that touches a row another one is writing. */
function answerConflict(response: ServerResponse): void {
  const __type = 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException';
  const CancellationReasons = [{ Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }];
  sendJson(response, { status: 400, body: { __type, Message: 'Transaction cancelled', CancellationReasons } });
}

/** As DynamoDB answers a single write of a row that a transaction is just writing. */
function answerRefusal(response: ServerResponse): void {
  const __type = 'com.amazonaws.dynamodb.v20120810#TransactionConflictException';
  sendJson(response, { status: 400, body: { __type, Message: 'Transaction is ongoing for the item' } });
}

/** As DynamoDB answers a batch of which it had no capacity to write anything. */
async function answerUnprocessed(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { RequestItems } = JSON.parse((await readBody(request)).toString());
  sendJson(response, { status: 200, body: { UnprocessedItems: RequestItems } });
}
