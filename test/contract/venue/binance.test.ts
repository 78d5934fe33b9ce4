import { createBinanceSimulator } from '@nightdesk/local/simulators/binance/simulator.ts';
import { openSimulated } from './simulated-venue.ts';
import { type ContractFault, venueContract } from './venue-contract.ts';

const credentials = { apiKey: 'k'.repeat(64), secret: 's'.repeat(64) };
const orders = { method: 'POST', path: '/api/v3/order' };
const cancellations = { method: 'DELETE', path: '/api/v3/order' };
const amendments = { method: 'PUT', path: '/api/v3/order' };

const faults: Record<ContractFault, object> = {
  lose_request: { kind: 'drop-request', match: orders },
  lose_answer: { kind: 'drop-answer', match: orders },
  fail_after_accept: { kind: 'error-after', status: 504, match: orders },
  partial_fill: { kind: 'partial-fill', ratio: '0.4', everyMs: 60_000, match: orders },
  lose_cancel_request: { kind: 'drop-request', match: cancellations },
  lose_cancel_answer: { kind: 'drop-answer', match: cancellations },
  lose_amend_request: { kind: 'drop-request', match: amendments },
  lose_amend_answer: { kind: 'drop-answer', match: amendments },
  no_answer_at_all: { kind: 'drop-request' },
  no_answer_to_questions: { kind: 'error-before', status: 503, match: { method: 'GET' } },
  no_price: { kind: 'garbage', match: { path: '/api/v3/ticker/*' } },
};

venueContract("ccxt's binance at the simulated Binance", async () =>
  openSimulated({
    venue: 'binance',
    simulator: await createBinanceSimulator({
      seed: 7,
      symbolsCount: 50,
      accounts: [{ name: 'main', ...credentials, balances: { USDT: '10000000', BTC: '100' } }],
    }),
    credentials,
    symbol: 'BTC/USDT',
    amount: '0.01',
    symbolAtVenue: 'BTCUSDT',
    faults,
    limits: { 'orders-10s': 1_000, weight: 60_000 },
    buys: (quantity) => ({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity }),
  }),
);
