import { amount, type OrderRequest, price } from '@nightdesk/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as binance from '../support/binance-answers.ts';
import { credentials, request, type ScriptedBinance, startScriptedBinance } from '../support/scripted-binance.ts';
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

async function place(answer: ScriptedAnswer | Script, change: Partial<OrderRequest> = {}, timeoutMs?: number) {
  const market = await scripted.market();
  scripted.answerWith({ 'POST /api/v3/order': answer, ...binance.nothingFound });
  const venue = await scripted.connect(timeoutMs);
  return venue.placeOrder({ ...request, ...change }, market);
}

describe('placing an order on Binance', () => {
  it('sends exactly our id and numbers, in one request', async () => {
    const outcome = await place({ body: binance.openOrder });
    expect(outcome).toMatchObject({ kind: 'accepted', order: { status: 'open', filled: '0', fills: [] } });
    expect(sent()).toHaveLength(1);
    expect(Object.fromEntries(sent()[0]?.parameters ?? [])).toMatchObject({
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
    const [asked] = sent();
    expect(asked?.parameters.get('quantity')).toBe('0.01');
    expect(asked?.parameters.has('quoteOrderQty')).toBe(false);
    expect(asked?.parameters.has('timeInForce')).toBe(false);
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
    expect(Object.fromEntries(sent()[0]?.parameters ?? [])).toMatchObject(expected);
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
    expect(sent()).toHaveLength(1);
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
    expect(sent().filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it.each([
    ['executedQty', undefined],
    ['status', 'NO_SUCH_STATUS'],
  ])('is looked up when the answer has the id and no usable %s (%s)', async (field, value) => {
    const outcome = await place((asked) => {
      scripted.answerWith({ 'GET /api/v3/order': { body: binance.openOrder } });
      return {
        body: { ...binance.openOrder, clientOrderId: asked.parameters.get('newClientOrderId'), [field]: value },
      };
    });
    expect(outcome).toMatchObject({ kind: 'accepted', order: { venueOrderId: '28' } });
  });

  it('says what is at Binance when it calls the order a duplicate', async () => {
    const outcome = await place(() => {
      scripted.answerWith({ 'GET /api/v3/order': { body: binance.openOrder } });
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
    expect(sent()).toEqual([]);
  });

  it('sets its clock by the venue and sends once more when the timestamp was refused', async () => {
    const outcome = await place((asked) => {
      const skewMs = Math.abs(Number(asked.parameters.get('timestamp')) - binance.serverTimeMs());
      return skewMs < 1_000 ? { body: binance.openOrder } : { status: 400, body: binance.timestampRefused };
    });
    expect(outcome.kind).toBe('accepted');
    expect(sent().map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/v3/order',
      'GET /api/v3/time',
      'POST /api/v3/order',
    ]);
  });

  it('is rejected when the timestamp is refused again', async () => {
    const outcome = await place({ status: 400, body: binance.timestampRefused });
    expect(outcome).toMatchObject({ kind: 'rejected', evidence: { code: 'clock_refused' } });
    expect(sent().filter(({ method }) => method === 'POST')).toHaveLength(2);
  });

  it('lets no key or signature into what it reports', async () => {
    const echo: Script = (asked) => ({
      status: 400,
      body: { code: -1022, msg: `bad ${asked.parameters} ${credentials.apiKey} ${credentials.secret}` },
    });
    for (const answer of [echo, { status: 504, body: 'gone' }, 'drop'] as const) {
      const text = JSON.stringify(await place(answer));
      expect(text).not.toMatch(/the-key-of-main|the-secret-of-main|[0-9a-f]{64}/);
    }
  });
});
