import { type FindOutcome, VenueError } from '@nightdesk/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as binance from '../support/binance-answers.ts';
import { type Answers, request, type ScriptedBinance, startScriptedBinance } from '../support/scripted-binance.ts';
import type { Script, ScriptedAnswer } from '../support/scripted-server.ts';
import { type BuiltVenueLayer, openVenueLayer } from '../support/venue-layer.ts';

let layer: BuiltVenueLayer;
let scripted: ScriptedBinance;
beforeAll(async () => {
  layer = await openVenueLayer();
});
afterAll(() => layer.remove());
beforeEach(async () => {
  scripted = await startScriptedBinance(layer.directory);
});
afterEach(() => scripted.server.close());

const sent = () => scripted.server.requests;

describe('markets of Binance', () => {
  it('are spot and perpetual with their steps, asked for without keys and without currencies', async () => {
    const markets = await scripted.markets();
    expect(markets.map(({ symbol, kind }) => [symbol, kind])).toEqual([
      ['BTC/USDT', 'spot'],
      ['BTC/USDT:USDT', 'perpetual'],
    ]);
    expect(markets[0]).toMatchObject({ amountStep: '0.00001', priceStep: '0.01', notionalMin: '5', active: true });
  });

  it('are an error when the venue lists none, is down or answers a web page', async () => {
    const venue = await scripted.connect();
    const answers: ScriptedAnswer[] = [{ body: { symbols: [] } }, { status: 503, body: 'busy' }, { body: '<html>' }];
    for (const answer of answers) {
      scripted.server.script = () => answer;
      await expect(venue.fetchMarkets()).rejects.toThrow(VenueError);
    }
  });
});

describe('the price of Binance', () => {
  it('is the best ask for a buyer and the best bid for a seller', async () => {
    const market = await scripted.market();
    scripted.answerWith({ 'GET /api/v3/ticker/bookTicker': { body: [binance.bookTicker] } });
    const venue = await scripted.connect();
    expect(await venue.fetchPrice(market, 'buy')).toBe('60000.1');
    expect(await venue.fetchPrice(market, 'sell')).toBe('59999.9');
  });

  it('is an error where that side of the book is empty', async () => {
    const market = await scripted.market();
    const body = [{ ...binance.bookTicker, askPrice: '0.00000000' }];
    scripted.answerWith({ 'GET /api/v3/ticker/bookTicker': { body } });
    await expect((await scripted.connect()).fetchPrice(market, 'buy')).rejects.toThrow(/nobody sells BTC\/USDT/);
  });
});

describe('finding an order on Binance', () => {
  async function find(answers: Answers): Promise<FindOutcome> {
    const market = await scripted.market();
    scripted.answerWith({ ...binance.nothingFound, ...answers });
    return (await scripted.connect()).findOrder({ ...request, sinceMs: 1_795_000_000_000 }, market);
  }

  it('asks by our id and fetches the fills that the order does not carry', async () => {
    const outcome = await find({
      'GET /api/v3/order': { body: { ...binance.filledOrder, fills: undefined } },
      'GET /api/v3/myTrades': { body: binance.trades },
    });
    expect(sent()[0]?.parameters.get('origClientOrderId')).toBe(request.clientOrderId);
    expect(outcome).toMatchObject({
      kind: 'found',
      order: { filled: '0.01', fills: [{ tradeId: '56' }, { tradeId: '57' }] },
    });
  });

  it('is found without fills when those cannot be had', async () => {
    const outcome = await find({
      'GET /api/v3/order': { body: { ...binance.filledOrder, fills: undefined } },
      'GET /api/v3/myTrades': 'drop',
    });
    expect(outcome).toMatchObject({ kind: 'found', order: { filled: '0.01', fills: [] } });
  });

  it('looks on among open and past orders when the id is not known yet', async () => {
    const mine = { ...binance.openOrder };
    expect(await find({ 'GET /api/v3/openOrders': { body: [binance.otherOrder, mine] } })).toMatchObject({
      kind: 'found',
    });
    expect(await find({ 'GET /api/v3/allOrders': { body: [binance.otherOrder, mine] } })).toMatchObject({
      kind: 'found',
    });
  });

  it('is absent when every answer is there and none shows it', async () => {
    const outcome = await find({
      'GET /api/v3/allOrders': { body: [binance.otherOrder] },
      'GET /api/v3/myTrades': { body: [{ ...binance.trades[0], orderId: binance.otherOrder.orderId }] },
    });
    expect(outcome).toMatchObject({ kind: 'absent', evidence: { code: 'order_not_found' } });
    expect(sent().map(({ path }) => path)).toEqual([
      '/api/v3/order',
      '/api/v3/openOrders',
      '/api/v3/allOrders',
      '/api/v3/myTrades',
    ]);
  });

  it('asks whose a trade is that belongs to no order listed', async () => {
    const trade = { 'GET /api/v3/myTrades': { body: [binance.trades[0]] } };
    const byId =
      (body: object): Script =>
      (asked) =>
        asked.parameters.has('orderId') ? { body } : { status: 400, body: binance.orderDoesNotExist };
    expect(await find({ ...trade, 'GET /api/v3/order': byId(binance.otherOrder) })).toMatchObject({ kind: 'absent' });
    expect(await find({ ...trade, 'GET /api/v3/order': byId(binance.filledOrder) })).toMatchObject({ kind: 'found' });
    expect(await find(trade)).toMatchObject({ kind: 'unknown', cause: { code: 'order_not_found' } });
  });

  it.each(['GET /api/v3/order', 'GET /api/v3/openOrders', 'GET /api/v3/allOrders', 'GET /api/v3/myTrades'])(
    'is unknown when %s gets no usable answer',
    async (route) => {
      for (const answer of ['drop', { status: 503, body: 'busy' }, { body: '<html>' }] as const) {
        expect(await find({ [route]: answer })).toMatchObject({ kind: 'unknown' });
      }
    },
  );

  it('is unknown when there are more past orders than it reads', async () => {
    let orderId = 1_000;
    const page: Script = (asked) => ({
      body: Array.from({ length: Number(asked.parameters.get('limit')) }, () => {
        orderId += 1;
        return { ...binance.otherOrder, orderId, clientOrderId: `other${orderId}`, time: 1_795_000_000_000 + orderId };
      }),
    });
    expect(await find({ 'GET /api/v3/allOrders': page })).toMatchObject({
      kind: 'unknown',
      cause: { code: 'incomplete_answer' },
    });
  });
});
