import * as kraken from './kraken-support.ts';
import { itTellsOfAccounts } from './streams-account-support.ts';

itTellsOfAccounts({
  venue: 'kraken',
  symbols: ['BTC/USD'],
  account: kraken.mainAccount,
  start: () => kraken.startSimulator({ limits: { callCounterMax: 10_000, callDecayPerSecond: 1_000 } }),
  // A UUID, made of ours.
  ids: /^[0-9a-f]{8}-[0-9a-f-]{27}$/,
  limits: { counter: 10_000, trading: 10_000, public: 10_000 },
  outsider: { pair: 'XBTUSD', type: 'buy', ordertype: 'market', volume: '0.01' },
});
