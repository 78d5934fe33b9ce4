/** What a leg is begun with, and the position that its fills are added to. */
import {
  type AccountId,
  addingTo,
  type IntentId,
  type KnownPosition,
  readLeg,
  type SignalMessage,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { insertWithin } from '../../support/gates.ts';
import {
  createMemoryOrders,
  createMemoryPositions,
  createMemoryRisk,
  MemoryTables,
} from '../../support/memory-stores.ts';
import { fill, intent, observed } from '../../support/orders.ts';

const main = 'main' as AccountId;
const message = (action: string) =>
  ({ account: main, signal: { action, source: 'demo', symbol: 'BTC/USDT' } }) as unknown as SignalMessage;
const failing = () => Promise.reject(new Error('no answer'));

describe('what a leg is begun with', () => {
  const tables = new MemoryTables();
  const rows = { account: undefined, all: undefined, source: undefined };
  const asked: unknown[] = [];
  const ports = {
    orders: createMemoryOrders(tables),
    positions: createMemoryPositions(tables),
    risk: {
      rows: async (...of: unknown[]) => {
        asked.push(of);
        return rows;
      },
    },
  };
  const read = (action: string, changed: object = {}, source = {}) =>
    readLeg(
      message(action),
      'nd1' as IntentId,
      {
        policy: { account: { id: main }, limits: { source } },
        ports: { ...ports, ...changed },
      } as unknown as Parameters<typeof readLeg>[2],
    );

  it('is the order, what it is judged by and the position', async () => {
    expect(await read('buy')).toEqual({
      order: undefined,
      rows,
      position: { of: { account: main, symbol: 'BTC/USDT' }, row: undefined },
    });
  });

  it('has the row of the source only where that has a limit', async () => {
    asked.length = 0;
    await read('buy');
    await read('buy', {}, { ordersPerMinuteMax: 3 });
    expect(asked).toEqual([
      [main, undefined],
      [main, 'demo'],
    ]);
  });

  it('is the order alone for what places none', async () => {
    expect(await read('cancel')).toEqual({ order: undefined });
  });

  it('goes without what cannot be read yet, but not without the order', async () => {
    expect(await read('buy', { risk: { rows: failing }, positions: { get: failing } })).toEqual({ order: undefined });
    await expect(read('buy', { orders: { get: failing } })).rejects.toThrow('no answer');
  });
});

describe('fills', () => {
  it('are added to the position that was read ahead until some are written, and then to what there is', async () => {
    const tables = new MemoryTables();
    const risk = createMemoryRisk(tables);
    await Promise.all([risk.ensure('*', 1), risk.ensure(main, 1)]);
    const orders = createMemoryOrders(tables);
    const inserted = await insertWithin(orders, { type: 'order.intended', atMs: 1_000, intent });
    if (inserted.kind !== 'created') throw new Error(inserted.kind);
    const given: unknown[] = [];
    const position: KnownPosition = { of: { account: main, symbol: intent.symbol }, row: undefined };
    const store = addingTo(position, {
      ...orders,
      apply(order, event, known) {
        given.push(known);
        return orders.apply(order, event);
      },
    });
    let order = inserted.order;
    // The second tells how much was filled, and not yet by which trades.
    for (const seen of [observed('open', '0'), observed('open', '1'), observed('filled', '2', [fill('a', '2')])]) {
      order = await store.apply(order, seen);
    }
    expect(given).toEqual([position, position, undefined]);
  });
});
