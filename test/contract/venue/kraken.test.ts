import { uuidOf } from '@nightdesk/exchange/traits/client-order-ids.ts';
import { createKrakenSimulator } from '@nightdesk/local/simulators/kraken/simulator.ts';
import { openSimulated } from './simulated-venue.ts';
import { type ContractFault, venueContract } from './venue-contract.ts';

const credentials = { apiKey: 'k'.repeat(56), secret: Buffer.from('s'.repeat(64)).toString('base64') };
const orders = { path: '/0/private/AddOrder' };
const cancellations = { path: '/0/private/CancelOrder' };
const amendments = { path: '/0/private/AmendOrder' };
/** Kraken answers every question of an account to a POST. */
const questions = ['QueryOrders', 'OpenOrders', 'ClosedOrders', 'TradesHistory', 'QueryTrades'];

const faults: Record<ContractFault, object | object[]> = {
  lose_request: { kind: 'drop-request', match: orders },
  lose_answer: { kind: 'drop-answer', match: orders },
  fail_after_accept: { kind: 'error-after', status: 504, match: orders },
  partial_fill: { kind: 'partial-fill', ratio: '0.4', everyMs: 60_000, match: orders },
  lose_cancel_request: { kind: 'drop-request', match: cancellations },
  lose_cancel_answer: { kind: 'drop-answer', match: cancellations },
  no_answer_to_questions: questions.map((name) => ({
    kind: 'error-before',
    status: 503,
    match: { path: `/0/private/${name}` },
  })),
  lose_amend_request: { kind: 'drop-request', match: amendments },
  lose_amend_answer: { kind: 'drop-answer', match: amendments },
  no_answer_at_all: { kind: 'drop-request' },
  no_price: { kind: 'garbage', match: { path: '/0/public/*' } },
};

venueContract(
  "ccxt's kraken at the simulated Kraken",
  async () =>
    openSimulated({
      venue: 'kraken',
      simulator: await createKrakenSimulator({
        seed: 7,
        symbolsCount: 50,
        accounts: [{ name: 'main', ...credentials, balances: { USDT: '10000000', BTC: '100' } }],
      }),
      credentials,
      symbol: 'BTC/USDT',
      amount: '0.01',
      symbolAtVenue: 'XBTUSDT',
      faults,
      buys: (volume) => ({ pair: 'XBTUSDT', type: 'buy', ordertype: 'market', volume }),
      limits: { counter: 10_000, trading: 10_000, public: 10_000 },
      idAtVenue: uuidOf,
    }),
  { fill_or_kill: 'Kraken takes no fill-or-kill orders', trailing_stop: 'the simulated Kraken has none' },
);
