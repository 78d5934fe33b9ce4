import * as bybit from './bybit-support.ts';
import { itTellsOfAccounts } from './streams-account-support.ts';

itTellsOfAccounts({
  venue: 'bybit',
  symbols: [bybit.spot, bybit.perpetual],
  account: bybit.mainAccount,
  start: () => bybit.startSimulator(),
  limits: { orders: 1_000, weight: 10_000 },
  outsider: {
    ...{ category: 'spot', symbol: 'BTCUSDT', side: 'Buy' },
    ...{ orderType: 'Market', qty: '0.01', marketUnit: 'baseCoin' },
  },
});
