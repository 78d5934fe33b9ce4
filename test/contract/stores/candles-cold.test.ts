import { createMemoryCold } from '../../support/memory-candles.ts';
import { openArchive } from './candles-bucket.ts';
import { coldStoreContract } from './candles-cold-contract.ts';

coldStoreContract('in memory', async () => ({ cold: createMemoryCold(), close: async () => {} }));

coldStoreContract('S3', async () => {
  const { cold, close } = await openArchive();
  return { cold, close };
});
