import { amount, type Market, type OrderRequest, price, type VenueId, type VenuePort } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { afterAll, describe, expect, it } from 'vitest';
import { realClock } from '../../support/clocks.ts';
import { exampleAccount, startRecordedEdgex } from '../../support/recorded-edgex.ts';
import type { RecordedFault } from '../../support/recorded-venue.ts';
import { openVenueLayer } from '../../support/venue-layer.ts';
import { type ContractFault, venueContract } from './venue-contract.ts';

const orders = 'POST /api/v1/private/order/createOrder';
const cancellations = 'POST /api/v1/private/order/cancelOrderById';
const unavailable = { status: 503, body: '' };

const faults: Partial<Record<ContractFault, [route: string, fault: RecordedFault]>> = {
  lose_request: [orders, { kind: 'drop-request' }],
  lose_answer: [orders, { kind: 'drop-answer' }],
  fail_after_accept: [orders, { kind: 'error-after', answer: unavailable }],
  lose_cancel_request: [cancellations, { kind: 'drop-request' }],
  lose_cancel_answer: [cancellations, { kind: 'drop-answer' }],
  no_answer_at_all: ['GET *', { kind: 'drop-request' }],
  no_answer_to_questions: ['GET *', { kind: 'error-before', answer: unavailable }],
  no_price: ['GET /api/v1/public/quote/getDepth', { kind: 'garbage' }],
};

const layer = openVenueLayer();
afterAll(async () => (await layer).remove());

async function openEdgex(credentials = exampleAccount) {
  const { directory } = await layer;
  const edgex = await startRecordedEdgex();
  const venue = await createVenue({
    venue: 'edgex' as VenueId,
    directory,
    credentials,
    mode: 'sandbox',
    // The suite asks more in a few seconds than edgeX allows.
    exchangeConfig: { baseUrl: edgex.url, timeoutMs: 2_000, limits: { requests: 1_000 }, connectionsMax: 5 },
    clock: realClock,
  });
  return { venue, edgex };
}

const cannot = {
  candles: 'one candle is documented',
  public_trades: 'edgeX has no list of public trades',
  balance_changes: 'the documented balances stay as they are',
  reduce_only: 'the documented venue fills whatever it takes',
  positions: 'the documented position stays as it is',
  many_trades: 'edgeX answers fewer questions in that time',
  outsider: 'nobody else trades at the documented venue',
  transfers: 'no transfer is documented',
  funding_payments: 'edgeX is not asked for funding payments',
  funding_history: 'one payment is documented',
  tickers: 'one ticker is documented',
};

venueContract(
  'our own edgex at documented answers',
  async () => {
    const { venue, edgex } = await openEdgex();
    return {
      venue,
      symbol: 'BTC/USDT:USDT',
      amount: '0.01',
      // The step is also the minimum.
      amountTooSmall: '0.0005',
      inject(fault) {
        const recorded = faults[fault];
        if (recorded === undefined) edgex.fillRatio = 0.4;
        else edgex.inject(...recorded);
      },
      clearFaults() {
        edgex.clearFaults();
        edgex.fillRatio = 1;
      },
      countOrders: (clientOrderId) => edgex.orders.filter((order) => order.clientOrderId === clientOrderId).length,
      close: () => edgex.close(),
    };
  },
  cannot,
);

describe('our own edgex beyond the contract', () => {
  const request: OrderRequest = {
    clientOrderId: 'nd1',
    symbol: 'BTC/USDT:USDT',
    side: 'buy',
    type: 'limit',
    amount: amount('0.01'),
    price: price('110000'),
    timeInForce: 'PO',
  };
  const marketOf = async (venue: VenuePort): Promise<Market> => {
    const market = (await venue.fetchMarkets()).find(({ symbol }) => symbol === request.symbol);
    if (market === undefined) throw new Error('not listed');
    return market;
  };

  it('tells what is traded there', async () => {
    const { venue, edgex } = await openEdgex();
    const market = await marketOf(venue);
    expect(market).toMatchObject({ kind: 'perpetual', contractType: 'linear', amountStep: '0.001', priceStep: '0.1' });
    expect(await venue.fetchTicker(market)).toMatchObject({ last: '101642.7', baseVolume: '499.487' });
    expect(await venue.fetchOrderBook(market, 20)).toMatchObject({
      bids: [{ price: '101695.5', amount: '1.71' }, {}, {}],
      asks: [{ price: '101695.9', amount: '0.579' }, {}, {}],
      sequence: 201_223_747,
    });
    expect(await venue.fetchCandles(market, { timeframe: '1h', limit: 10 })).toMatchObject([
      { openTimeMs: 1_734_595_200_000, close: '3670.42', volume: '111.96' },
    ]);
    expect(await venue.fetchFundingRate(market)).toMatchObject({ rate: '-0.00005537', nextAtMs: 1_734_609_600_000 });
    await edgex.close();
  });

  it('tells what the account has and holds, whatever markets were asked about before', async () => {
    const { venue, edgex } = await openEdgex();
    const usdt = { asset: 'USDT', total: '15.791238609240472316741943359375', free: '13.83655' };
    expect(await venue.fetchBalances('perpetual')).toMatchObject([usdt]);
    expect(await venue.fetchPositions()).toMatchObject([
      { symbol: request.symbol, side: 'long', amount: '0.001', entryPrice: '97444.5', leverage: '50' },
    ]);
    await edgex.close();
  });

  it('lists what rests there and cancels it, once', async () => {
    const { venue, edgex } = await openEdgex();
    const market = await marketOf(venue);
    const { timeInForce: _, ...resting } = { ...request, price: price('90000') };
    await venue.placeOrder(resting, market);
    expect(await venue.fetchOpenOrders(market)).toMatchObject([
      { clientOrderId: 'nd1', amount: '0.01', price: '90000' },
    ]);
    const reference = { ...resting, sinceMs: Date.now() - 60_000 };
    expect(await venue.cancelOrder(reference, market)).toMatchObject({ kind: 'canceled', order: { filled: '0' } });
    expect(await venue.cancelOrder(reference, market)).toMatchObject({ kind: 'not_open' });
    expect(await venue.fetchOpenOrders()).toEqual([]);
    await edgex.close();
  });

  it('shows a post-only order that edgeX took and then canceled as one that ended with nothing filled', async () => {
    const { venue, edgex } = await openEdgex();
    edgex.cancelsLater = true;
    const placed = await venue.placeOrder(request, await marketOf(venue));
    expect(placed).toMatchObject({ kind: 'accepted', order: { status: 'canceled', filled: '0' } });
    await edgex.close();
  });

  it("has no order where the key is not the account's, and says so", async () => {
    const { venue, edgex } = await openEdgex({ ...exampleAccount, privateKey: '0x1' });
    const placed = await venue.placeOrder(request, await marketOf(venue));
    expect(placed).toMatchObject({ kind: 'rejected', evidence: { code: 'authentication_failed' } });
    expect(edgex.orders).toEqual([]);
    await edgex.close();
  });
});
