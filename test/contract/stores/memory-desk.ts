import { createMemoryBooks } from '../../support/memory-books.ts';
import {
  createMemoryJournal,
  createMemoryMarkets,
  createMemoryOrders,
  createMemoryPaper,
  createMemoryPositions,
  createMemoryRisk,
  createMemorySignals,
  MemoryTables,
} from '../../support/memory-stores.ts';
import type { DeskStores } from './desk-stores.ts';

/** The stores that other tests use, empty. */
export async function openMemoryStores(): Promise<DeskStores> {
  const tables = new MemoryTables();
  return {
    signals: createMemorySignals(tables),
    orders: createMemoryOrders(tables),
    positions: createMemoryPositions(tables),
    risk: createMemoryRisk(tables),
    markets: createMemoryMarkets(tables),
    paper: createMemoryPaper(tables),
    books: createMemoryBooks(tables),
    journal: createMemoryJournal(tables),
    expireSignals: () => tables.signals.clear(),
    close: async () => {},
  };
}
