import type { VenueId } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
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

venueContract('our own edgex at documented answers', async () => {
  const layer = await buildTemporaryVenueLayer();
  const edgex = await startRecordedEdgex();
  const venue = await createVenue({
    venue: 'edgex' as VenueId,
    directory: layer.directory,
    credentials: exampleAccount,
    mode: 'sandbox',
    // The suite asks more in a few seconds than edgeX allows.
    exchangeConfig: { baseUrl: edgex.url, timeoutMs: 2_000, limits: { requests: 1_000 } },
    clock: realClock,
  });
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
    async close() {
      await edgex.close();
      layer.remove();
    },
  };
});
