import * as binance from './binance-support.ts';
import { itTellsOfAccounts } from './streams-account-support.ts';

itTellsOfAccounts({
  venue: 'binance',
  symbols: ['BTC/USDT'],
  account: binance.mainAccount,
  start: () => binance.startSimulator({ symbolsCount: 20 }),
  outsider: { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.01' },
});
