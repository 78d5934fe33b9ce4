import { amount, type Market, type OrderRequest, price, type VenueId, type VenuePort } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { afterAll, describe, expect, it } from 'vitest';
import { realClock } from '../../support/clocks.ts';
import { exampleAccount, startRecordedEdgex } from '../../support/recorded-edgex.ts';
import type { RecordedFault } from '../../support/recorded-venue.ts';
import { buildTemporaryVenueLayer } from '../../support/venue-layer.ts';
import { type ContractFault, venueContract } from './venue-contract.ts';

const orders = 'POST /api/v1/private/order/createOrder';
const unavailable = { status: 503, body: '' };

const faults: Partial<Record<ContractFault, [route: string, fault: RecordedFault]>> = {
  lose_request: [orders, { kind: 'drop-request' }],
  lose_answer: [orders, { kind: 'drop-answer' }],
  fail_after_accept: [orders, { kind: 'error-after', answer: unavailable }],
  no_answer_to_questions: ['GET *', { kind: 'error-before', answer: unavailable }],
  no_price: ['GET /api/v1/public/quote/getDepth', { kind: 'garbage' }],
};

const layer = buildTemporaryVenueLayer();
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
    exchangeConfig: { baseUrl: edgex.url, timeoutMs: 2_000, limits: { requests: 1_000 } },
    clock: realClock,
  });
  return { venue, edgex };
}

venueContract('our own edgex at documented answers', async () => {
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
});

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
