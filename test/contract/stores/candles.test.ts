import { createMemoryCandles } from '../../support/memory-candles.ts';
import { openCandleTable } from './candles-cloud.ts';
import { type CandleStoreHarness, candleBlocksContract } from './candles-contract.ts';
import { candleRowsContract } from './candles-rows-contract.ts';

async function openMemory(): Promise<CandleStoreHarness> {
  const candles = createMemoryCandles();
  return { candles, passTo: async (atMs) => candles.expire(atMs), close: async () => {} };
}

async function openTable(): Promise<CandleStoreHarness> {
  const { candles, passTo, close } = await openCandleTable();
  return { candles, passTo, close };
}

for (const [name, open] of [
  ['in memory', openMemory],
  ['DynamoDB', openTable],
] as const) {
  candleBlocksContract(name, open);
  candleRowsContract(name, open);
}
