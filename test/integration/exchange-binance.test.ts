import {
  amount,
  type FindOutcome,
  type Market,
  type OrderRequest,
  price,
  VenueError,
  type VenueId,
} from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as binance from '../support/binance-answers.ts';
import { realClock } from '../support/clocks.ts';
import {
  type Script,
  type ScriptedAnswer,
  type ScriptedServer,
  startScriptedServer,
} from '../support/scripted-server.ts';
import { type BuiltVenueLayer, buildTemporaryVenueLayer } from '../support/venue-layer.ts';

let layer: BuiltVenueLayer;
let server: ScriptedServer;
let markets: Market[];
beforeAll(async () => {
  layer = buildTemporaryVenueLayer();
});
afterAll(() => layer.remove());
beforeEach(async () => {
  server = await startScriptedServer(() => ({ body: {} }));
});
afterEach(() => server.close());

const credentials = { apiKey: 'the-key-of-main', secret: 'the-secret-of-main' };

const connect = (timeoutMs = 1_000) =>
  createVenue({
    venue: 'binance' as VenueId,
    directory: layer.directory,
    credentials,
    mode: 'sandbox',
    exchangeConfig: { baseUrl: server.url, timeoutMs },
    clock: realClock,
  });

/** Answers by method and path; anything else is a 404 that a test would notice as `unavailable`. */
const routes =
  (answers: Record<string, ScriptedAnswer | Script>): Script =>
  (request) => {
    const answer = answers[`${request.method} ${request.path}`];
    if (typeof answer === 'function') return answer(request);
    return answer ?? { status: 404, body: 'no such route in this test' };
  };

async function marketOf(symbol: string): Promise<Market> {
  server.script = routes(binance.exchangeInfoRoutes);
  markets = await (await connect()).fetchMarkets();
  const market = markets.find((candidate) => candidate.symbol === symbol);
  if (market === undefined) throw new Error(`${symbol} is not listed`);
  server.requests.length = 0;
  return market;
}

const request: OrderRequest = {
  clientOrderId: 'nd0123456789abcdefghjkmnpq',
  symbol: 'BTC/USDT',
  side: 'buy',
  type: 'limit',
  amount: amount('0.01'),
  price: price('60000.1'),
};
const reference = { ...request, sinceMs: 1_795_000_000_000 };

async function place(answer: ScriptedAnswer | Script, change: Partial<OrderRequest> = {}, timeoutMs?: number) {
  const market = await marketOf('BTC/USDT');
  server.script = routes({ 'POST /api/v3/order': answer, ...binance.nothingFound });
  const venue = await connect(timeoutMs);
  return venue.placeOrder({ ...request, ...change }, market);
}

describe('markets of Binance', () => {
  it('are spot and perpetual with their steps, asked for without keys and without currencies', async () => {
    await marketOf('BTC/USDT');
    expect(markets.map(({ symbol, kind }) => [symbol, kind])).toEqual([
      ['BTC/USDT', 'spot'],
      ['BTC/USDT:USDT', 'perpetual'],
    ]);
    expect(markets[0]).toMatchObject({ amountStep: '0.00001', priceStep: '0.01', notionalMin: '5', active: true });
  });

  it('are an error when the venue lists none, is down or answers a web page', async () => {
    const venue = await connect();
    const answers: ScriptedAnswer[] = [{ body: { symbols: [] } }, { status: 503, body: 'busy' }, { body: '<html>' }];
    for (const answer of answers) {
      server.script = () => answer;
      await expect(venue.fetchMarkets()).rejects.toThrow(VenueError);
    }
  });
});

describe('the price of Binance', () => {
  it('is the best ask for a buyer and the best bid for a seller', async () => {
    const market = await marketOf('BTC/USDT');
    server.script = routes({ 'GET /api/v3/ticker/bookTicker': { body: [binance.bookTicker] } });
    const venue = await connect();
    expect(await venue.fetchPrice(market, 'buy')).toBe('60000.1');
    expect(await venue.fetchPrice(market, 'sell')).toBe('59999.9');
  });

  it('is an error where that side of the book is empty', async () => {
    const market = await marketOf('BTC/USDT');
    const body = [{ ...binance.bookTicker, askPrice: '0.00000000' }];
    server.script = routes({ 'GET /api/v3/ticker/bookTicker': { body } });
    await expect((await connect()).fetchPrice(market, 'buy')).rejects.toThrow(/nobody sells BTC\/USDT/);
  });
});

describe('placing an order on Binance', () => {
  it('sends exactly our id and numbers, in one request', async () => {
    const outcome = await place({ body: binance.openOrder });
    expect(outcome).toMatchObject({ kind: 'accepted', order: { status: 'open', filled: '0', fills: [] } });
    expect(server.requests).toHaveLength(1);
    expect(Object.fromEntries(server.requests[0]?.parameters ?? [])).toMatchObject({
      newClientOrderId: request.clientOrderId,
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      quantity: '0.01',
      price: '60000.1',
      timeInForce: 'GTC',
      newOrderRespType: 'FULL',
      recvWindow: '5000',
    });
  });

  it('sends a market order by its base amount and brings its fills and fees back', async () => {
    const outcome = await place({ body: binance.filledOrder }, { type: 'market' });
    const [sent] = server.requests;
    expect(sent?.parameters.get('quantity')).toBe('0.01');
    expect(sent?.parameters.has('quoteOrderQty')).toBe(false);
    expect(sent?.parameters.has('timeInForce')).toBe(false);
    expect(outcome).toMatchObject({
      kind: 'accepted',
      order: {
        venueOrderId: '28',
        status: 'filled',
        filled: '0.01',
        cost: '600',
        fills: [
          { tradeId: '56', amount: '0.004', price: '60000', fee: { asset: 'BNB', amount: '0.00001' } },
          { tradeId: '57', amount: '0.006', price: '60000', fee: { asset: 'BNB', amount: '0.000015' } },
        ],
      },
    });
  });

  it.each([
    ['IOC', { type: 'LIMIT', timeInForce: 'IOC' }],
    ['FOK', { type: 'LIMIT', timeInForce: 'FOK' }],
    ['PO', { type: 'LIMIT_MAKER' }],
  ] as const)('sends %s as Binance calls it', async (timeInForce, expected) => {
    await place({ body: binance.openOrder }, { timeInForce });
    expect(Object.fromEntries(server.requests[0]?.parameters ?? [])).toMatchObject(expected);
  });

  it.each([
    [-2010, 'Account has insufficient balance for requested action.', 'insufficient_funds'],
    [-1013, 'Filter failure: NOTIONAL', 'bad_request'],
    [-2014, 'API-key format invalid.', 'authentication_failed'],
    [-1131, 'recvWindow must be less than 60000', 'bad_request'],
    [-1121, 'Invalid symbol.', 'bad_symbol'],
  ])('is rejected by %i %s, as at the real address', async (code, msg, expected) => {
    const outcome = await place({ status: 400, body: { code, msg } });
    expect(outcome).toMatchObject({ kind: 'rejected', evidence: { code: expected } });
    expect(server.requests).toHaveLength(1);
  });

  it.each<[string, ScriptedAnswer]>([
    ['the connection drops', 'drop'],
    ['no answer comes', 'silence'],
    ['half an answer comes', 'stall'],
    ['the answer is 503', { status: 503, body: { code: -1000, msg: 'Unknown error, please check your request' } }],
    ['a 5xx carries a rejection', { status: 502, body: { code: -2010, msg: 'Account has insufficient balance' } }],
    ['Binance says that it does not know', { status: 400, body: { code: -1007, msg: 'Timeout waiting for response' } }],
    ['the limit is hit', { status: 429, body: { code: -1003, msg: 'Too much request weight used' } }],
    ['a firewall answers', { status: 403, body: '<html>blocked</html>' }],
    ['the answer is a web page', { body: '<html>hello</html>' }],
    ['the answer is empty', { body: '' }],
    ['a number in the answer is none', { body: { ...binance.openOrder, executedQty: 'many' } }],
    ['the answer has no id', { body: { ...binance.openOrder, orderId: undefined } }],
  ])('is unknown when %s, and is not sent again', async (_, answer) => {
    const outcome = await place(answer, {}, 500);
    expect(outcome.kind).toBe('unknown');
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it.each([
    ['executedQty', undefined],
    ['status', 'NO_SUCH_STATUS'],
  ])('is looked up when the answer has the id and no usable %s (%s)', async (field, value) => {
    const outcome = await place((sent) => {
      server.script = routes({ 'GET /api/v3/order': { body: binance.openOrder } });
      return { body: { ...binance.openOrder, clientOrderId: sent.parameters.get('newClientOrderId'), [field]: value } };
    });
    expect(outcome).toMatchObject({ kind: 'accepted', order: { venueOrderId: '28' } });
  });

  it('says what is at Binance when it calls the order a duplicate', async () => {
    const outcome = await place(() => {
      server.script = routes({ 'GET /api/v3/order': { body: binance.openOrder } });
      return { status: 400, body: { code: -2010, msg: 'Duplicate order sent.' } };
    });
    expect(outcome).toMatchObject({ kind: 'accepted', order: { clientOrderId: request.clientOrderId } });
  });

  it('is unknown, never rejected, when Binance calls it a duplicate and does not show it', async () => {
    const outcome = await place({ status: 400, body: { code: -2010, msg: 'Duplicate order sent.' } });
    expect(outcome).toMatchObject({ kind: 'unknown', cause: { code: 'duplicate_order_id' } });
  });

  it.each([
    ['an amount', { amount: amount('0.010001') }],
    ['a price', { price: price('60000.001') }],
  ])('sends nothing when %s would be rounded', async (_, change) => {
    const outcome = await place({ body: binance.openOrder }, change);
    expect(outcome).toMatchObject({ kind: 'rejected', evidence: { code: 'invalid_order' } });
    expect(server.requests).toEqual([]);
  });

  it('sets its clock by the venue and sends once more when the timestamp was refused', async () => {
    const outcome = await place((sent) => {
      const skewMs = Math.abs(Number(sent.parameters.get('timestamp')) - binance.serverTimeMs());
      return skewMs < 1_000 ? { body: binance.openOrder } : { status: 400, body: binance.timestampRefused };
    });
    expect(outcome.kind).toBe('accepted');
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/v3/order',
      'GET /api/v3/time',
      'POST /api/v3/order',
    ]);
  });

  it('is rejected when the timestamp is refused again', async () => {
    const outcome = await place({ status: 400, body: binance.timestampRefused });
    expect(outcome).toMatchObject({ kind: 'rejected', evidence: { code: 'clock_refused' } });
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(2);
  });

  it('lets no key or signature into what it reports', async () => {
    const echo: Script = (sent) => ({
      status: 400,
      body: { code: -1022, msg: `bad ${sent.parameters} ${credentials.apiKey} ${credentials.secret}` },
    });
    for (const answer of [echo, { status: 504, body: 'gone' }, 'drop'] as const) {
      const text = JSON.stringify(await place(answer));
      expect(text).not.toMatch(/the-key-of-main|the-secret-of-main|[0-9a-f]{64}/);
      await server.close();
      server = await startScriptedServer(() => ({ body: {} }));
    }
  });
});

describe('finding an order on Binance', () => {
  async function find(answers: Record<string, ScriptedAnswer | Script>): Promise<FindOutcome> {
    const market = await marketOf('BTC/USDT');
    server.script = routes({ ...binance.nothingFound, ...answers });
    return (await connect()).findOrder(reference, market);
  }

  it('asks by our id and fetches the fills that the order does not carry', async () => {
    const outcome = await find({
      'GET /api/v3/order': { body: { ...binance.filledOrder, fills: undefined } },
      'GET /api/v3/myTrades': { body: binance.trades },
    });
    expect(server.requests[0]?.parameters.get('origClientOrderId')).toBe(request.clientOrderId);
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
    expect(server.requests.map(({ path }) => path)).toEqual([
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
      (sent) =>
        sent.parameters.has('orderId') ? { body } : { status: 400, body: binance.orderDoesNotExist };
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
    const page: Script = (sent) => ({
      body: Array.from({ length: Number(sent.parameters.get('limit')) }, () => {
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
