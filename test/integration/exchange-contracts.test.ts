/** OKX counts contracts: what is sent and what comes back is contracts there, and base asset here. */
import { amount, type Market, type OrderRequest, price, type VenueId } from '@nightdesk/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerWith, type RecordedVenue } from '../support/recorded-payloads.ts';
import { type BuiltVenueLayer, openVenueLayer } from '../support/venue-layer.ts';

const definition = {
  ...{ id: 'BTC-USDT-SWAP', symbol: 'BTC/USDT:USDT', base: 'BTC', quote: 'USDT', settle: 'USDT', baseId: 'BTC' },
  ...{ quoteId: 'USDT', settleId: 'USDT', type: 'swap', swap: true, spot: false, contract: true, linear: true },
  ...{ inverse: false, contractSize: '0.01', precision: { amount: '0.1', price: '0.1' }, info: {} },
};
const market: Market = {
  ...{ venue: 'okx' as VenueId, symbol: 'BTC/USDT:USDT', venueSymbol: 'BTC-USDT-SWAP', kind: 'perpetual' },
  ...{ base: 'BTC', quote: 'USDT', settle: 'USDT', contractType: 'linear', contractSize: amount('0.01') },
  ...{ active: true, amountStep: amount('0.001'), priceStep: price('0.1'), definition: JSON.stringify(definition) },
};
const request: OrderRequest = {
  ...{ clientOrderId: 'nd0123456789abcdefghjkmnpq', symbol: market.symbol, side: 'buy', type: 'limit' },
  ...{ amount: amount('0.25'), price: price('60000') },
};
/** ccxt leaves out trades from before the time it asks for. */
const atMs = Date.now();
const shown = {
  ...{ instType: 'SWAP', instId: 'BTC-USDT-SWAP', ordId: '312', clOrdId: request.clientOrderId, side: 'buy' },
  ...{ ordType: 'limit', px: '60000', sz: '25', accFillSz: '10', avgPx: '60000', fee: '-0.6', feeCcy: 'USDT' },
  ...{ state: 'partially_filled', cTime: String(atMs), uTime: String(atMs) },
};
const data = (...entries: object[]) => ({ body: { code: '0', msg: '', data: entries } });

describe('a contract of a hundredth of a bitcoin', () => {
  let layer: BuiltVenueLayer;
  let okx: RecordedVenue;
  beforeAll(async () => {
    layer = await openVenueLayer();
  });
  afterAll(() => layer.remove());
  beforeEach(async () => {
    okx = await answerWith(layer, 'okx', {});
  });
  afterEach(() => okx.server.close());

  it('is ordered by number of contracts, and filled by amount of bitcoin', async () => {
    const fill = { tradeId: 't1', fillPx: '60000', fillSz: '10', fee: '-0.6', feeCcy: 'USDT', ts: String(atMs) };
    okx.server.script = ({ method, path }) => {
      if (method === 'POST') return data({ ordId: '312', clOrdId: request.clientOrderId, sCode: '0', sMsg: '' });
      return path.endsWith('/trade/order') ? data(shown) : data({ ...shown, ...fill });
    };
    const outcome = await okx.venue.placeOrder(request, market);
    const fee = { asset: 'USDT', amount: '0.6' };
    expect(outcome).toEqual({
      kind: 'accepted',
      order: {
        ...{ venueOrderId: '312', clientOrderId: request.clientOrderId, status: 'open', filled: '0.1', cost: '6000' },
        ...{ amount: '0.25', price: '60000' },
        fills: [{ tradeId: 't1', amount: '0.1', price: '60000', fee, atMs }],
      },
    });
    const sent = [...(okx.server.requests.find(({ method }) => method === 'POST')?.parameters.keys() ?? [])].join('');
    expect(JSON.parse(sent)).toMatchObject([{ sz: '25', clOrdId: request.clientOrderId }]);
  });

  it('is not ordered in parts that the venue does not sell', async () => {
    const outcome = await okx.venue.placeOrder({ ...request, amount: amount('0.0005') }, market);
    expect(outcome).toMatchObject({ kind: 'rejected', evidence: { code: 'invalid_order' } });
    expect(okx.server.requests).toEqual([]);
  });

  it('is offered, traded and held by amount of bitcoin', async () => {
    const ts = '1795000000000';
    const position = { instType: 'SWAP', instId: 'BTC-USDT-SWAP', posSide: 'net', pos: '-150', mgnMode: 'cross' };
    okx.server.script = ({ path }) => {
      if (path.endsWith('/positions')) return data({ ...position, avgPx: '60000', lever: '3', ccy: 'USDT', uTime: ts });
      if (path.endsWith('/books'))
        return data({ asks: [['60001', '7', '0', '1']], bids: [['60000', '3', '0', '1']], ts });
      return data({ instId: 'BTC-USDT-SWAP', side: 'sell', sz: '4', px: '60000', tradeId: '9', ts });
    };
    expect(await okx.venue.fetchPositions([market])).toMatchObject([
      { side: 'short', amount: '1.5', contracts: '150', entryPrice: '60000', leverage: '3', marginMode: 'cross' },
    ]);
    expect(await okx.venue.fetchOrderBook(market, 1)).toMatchObject({
      asks: [{ price: '60001', amount: '0.07' }],
      bids: [{ price: '60000', amount: '0.03' }],
    });
    expect(await okx.venue.fetchTrades(market, { limit: 1 })).toMatchObject([{ tradeId: '9', amount: '0.04' }]);
  });
});
