/** What the repositories do when DynamoDB answers late, not at all, or "not now": nothing is written twice or by half. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonTarget, readBody, sendJson } from '../../../local/cloud/http.ts';
import { insertWithin } from '../../support/gates.ts';
import { btcUsdt, ethUsdt } from '../../support/markets.ts';
import { intent, observed } from '../../support/orders.ts';
import { type Disturb, openCloudStores } from './desk-cloud.ts';
import { activate, type DeskStores, endOf, everythingIn, intends, main, switched } from './desk-stores.ts';

/** More than any caller tries. */
const always = 1_000;

type Disturbance = 'conflict' | 'unprocessed' | 'lose request' | 'lose answer';

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

/** As DynamoDB answers a batch of which it had no capacity to write anything. */
async function answerUnprocessed(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { RequestItems } = JSON.parse((await readBody(request)).toString());
  sendJson(response, { status: 200, body: { UnprocessedItems: RequestItems } });
}
