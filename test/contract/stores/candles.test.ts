import { createMemoryCandles } from '../../support/memory-candles.ts';
import { openCandleTable } from './candles-cloud.ts';
import { candleStoreContract } from './candles-contract.ts';

candleStoreContract('in memory', async () => {
  const candles = createMemoryCandles();
  return { candles, passTo: async (atMs) => candles.expire(atMs), close: async () => {} };
});

candleStoreContract('DynamoDB', async () => {
  const table = await openCandleTable();
  return { candles: table.candles, passTo: table.passTo, close: table.close };
});
