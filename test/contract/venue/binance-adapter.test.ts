import type { VenueId } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { createBinanceSimulator } from '@nightdesk/local/simulators/binance/simulator.ts';
import { realClock } from '../../support/clocks.ts';
import { buildTemporaryVenueLayer } from '../../support/venue-layer.ts';
import { type ContractFault, venueContract } from './venue-contract.ts';

const credentials = { apiKey: 'k'.repeat(64), secret: 's'.repeat(64) };
const orders = { method: 'POST', path: '/api/v3/order' };
const cancellations = { method: 'DELETE', path: '/api/v3/order' };

const faults: Record<ContractFault, object> = {
  lose_request: { kind: 'drop-request', match: orders },
  lose_answer: { kind: 'drop-answer', match: orders },
  fail_after_accept: { kind: 'error-after', status: 504, match: orders },
  partial_fill: { kind: 'partial-fill', ratio: '0.4', everyMs: 60_000, match: orders },
  lose_cancel_request: { kind: 'drop-request', match: cancellations },
  lose_cancel_answer: { kind: 'drop-answer', match: cancellations },
  no_answer_at_all: { kind: 'drop-request' },
  no_answer_to_questions: { kind: 'error-before', status: 503, match: { method: 'GET' } },
  no_price: { kind: 'garbage', match: { path: '/api/v3/ticker/*' } },
};

venueContract("ccxt's binance at the simulated Binance", async () => {
  const layer = await buildTemporaryVenueLayer();
  const simulator = await createBinanceSimulator({
    seed: 7,
    symbolsCount: 50,
    accounts: [{ name: 'main', ...credentials, balances: { USDT: '10000000', BTC: '100' } }],
  });
  const control = (method: string, path: string, body?: object) =>
    fetch(`${simulator.url}/__sim/${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
  const venue = await createVenue({
    venue: 'binance' as VenueId,
    directory: layer.directory,
    credentials,
    mode: 'sandbox',
    exchangeConfig: { baseUrl: simulator.url, timeoutMs: 2_000 },
    clock: realClock,
  });
  return {
    venue,
    symbol: 'BTC/USDT',
    amount: '0.01',
    async inject(fault) {
      const answer = await control('POST', 'faults', faults[fault]);
      if (!answer.ok) throw new Error(await answer.text());
    },
    async clearFaults() {
      await control('DELETE', 'faults');
    },
    async countOrders(clientOrderId) {
      const answer = await control('GET', `orders?clientOrderId=${clientOrderId}`);
      return ((await answer.json()) as { orders: unknown[] }).orders.length;
    },
    async close() {
      await simulator.close();
      layer.remove();
    },
  };
});
