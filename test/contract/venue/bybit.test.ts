import { createBybitSimulator } from '@nightdesk/local/simulators/bybit/simulator.ts';
import { describe } from 'vitest';
import { openSimulated } from './simulated-venue.ts';
import { type ContractFault, venueContract } from './venue-contract.ts';

const credentials = { apiKey: 'k'.repeat(18), secret: 's'.repeat(36) };
const orders = { path: '/v5/order/create' };
const cancellations = { path: '/v5/order/cancel' };
const amendments = { path: '/v5/order/amend' };

const marketOrder = { orderType: 'Market', marketUnit: 'baseCoin' };

const faults: Record<ContractFault, object> = {
  lose_request: { kind: 'drop-request', match: orders },
  lose_answer: { kind: 'drop-answer', match: orders },
  fail_after_accept: { kind: 'error-after', status: 504, match: orders },
  partial_fill: { kind: 'partial-fill', ratio: '0.4', everyMs: 60_000, match: orders },
  lose_cancel_request: { kind: 'drop-request', match: cancellations },
  lose_cancel_answer: { kind: 'drop-answer', match: cancellations },
  no_answer_to_questions: { kind: 'error-before', status: 503, match: { method: 'GET' } },
  lose_amend_request: { kind: 'drop-request', match: amendments },
  lose_amend_answer: { kind: 'drop-answer', match: amendments },
  no_answer_at_all: { kind: 'drop-request' },
  no_price: { kind: 'garbage', match: { path: '/v5/market/*' } },
};

describe.each([
  ['spot', 'BTC/USDT'],
  ['a linear perpetual', 'BTC/USDT:USDT'],
])('%s', (kind, symbol) => {
  venueContract(`ccxt's bybit at the simulated Bybit, ${kind}`, async () =>
    openSimulated({
      venue: 'bybit',
      simulator: await createBybitSimulator({
        seed: 7,
        symbolsCount: 50,
        accounts: [{ name: 'main', ...credentials, balances: { USDT: '10000000', BTC: '100' } }],
      }),
      credentials,
      symbol,
      amount: '0.01',
      symbolAtVenue: 'BTCUSDT',
      amountTooSmall: '0.0000001',
      faults,
      buys: (qty) => ({
        category: kind === 'spot' ? 'spot' : 'linear',
        symbol: 'BTCUSDT',
        side: 'Buy',
        ...marketOrder,
        qty,
      }),
      limits: { orders: 1_000, weight: 10_000 },
    }),
  );
});
