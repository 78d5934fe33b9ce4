import { createMemorySeries } from '../../support/memory-candles.ts';
import { openCandleTable } from './candles-cloud.ts';
import { seriesStoreContract } from './candles-series-contract.ts';

seriesStoreContract('in memory', async () => ({ series: createMemorySeries(), close: async () => {} }));

seriesStoreContract('DynamoDB', async () => {
  const { series, close } = await openCandleTable();
  return { series, close };
});
