import { describe, expect, it } from 'vitest';
import { decimal } from '../../../local/simulators/engine/decimal.ts';
import type { StoreRecord } from '../../../local/simulators/engine/store.ts';
import type { Distance, OrderRequest, Side } from '../../../local/simulators/engine/types.ts';
import { accepted, type Bench, createBench } from './support.ts';

const share = (amount: string): Distance => ({ amount: decimal(amount), unit: 'share' });
const distance = (amount: string): Distance => ({ amount: decimal(amount), unit: 'price' });

function trailing(side: Side, offset: Distance, activation?: string): Partial<OrderRequest> {
  const when = side === 'sell' ? ('at-or-below' as const) : ('at-or-above' as const);
  const follows = {
    offset,
    ...(activation !== undefined && { activation: { price: decimal(activation), when: 'at-or-above' as const } }),
  };
  return { trigger: { price: decimal('0'), when, trailing: follows } };
}

/** Trades at prices one after the other, between two accounts that nobody else meets. */
function trade(bench: Bench, ...prices: string[]): void {
  for (const price of prices) {
    accepted(bench.place('bob', `sell 0.001 @ ${price}`));
    accepted(bench.place('cat', `buy 0.001 @ ${price}`));
  }
}

describe('a trailing trigger', () => {
  it.each([
    { name: 'a sell by a share', side: 'sell' as const, offset: share('0.1'), prices: ['120', '110'], at: '108' },
    { name: 'a sell by an amount', side: 'sell' as const, offset: distance('5'), prices: ['120', '116'], at: '115' },
    { name: 'a buy by a share', side: 'buy' as const, offset: share('0.1'), prices: ['80', '87'], at: '88' },
    { name: 'a buy by an amount', side: 'buy' as const, offset: distance('5'), prices: ['80', '84'], at: '85' },
  ])('follows the best price of $name and never goes back', ({ side, offset, prices, at }) => {
    const bench = createBench();
    trade(bench, '100');
    const { id } = accepted(bench.place('ann', `${side} 1 market`, trailing(side, offset)));
    trade(bench, ...prices);
    const order = bench.engine.orders.byId(id);
    expect([order?.status, order?.trigger?.price.toFixed()]).toEqual(['pending', at]);
  });

  it('fires when the last price falls to it, and not before', () => {
    const bench = createBench();
    trade(bench, '100');
    const { id } = accepted(bench.place('ann', 'sell 1 market', trailing('sell', share('0.1'))));
    trade(bench, '120', '108.01');
    expect(bench.engine.orders.byId(id)?.status).toBe('pending');
    accepted(bench.place('cat', 'buy 1 @ 90'));
    trade(bench, '108');
    expect(bench.engine.orders.byId(id)).toEqual(expect.objectContaining({ status: 'filled' }));
  });

  it('sleeps until its activation price, and starts from there', () => {
    const bench = createBench();
    trade(bench, '100');
    const { id } = accepted(bench.place('ann', 'sell 1 market', trailing('sell', distance('5'), '110')));
    const order = bench.engine.orders.byId(id);
    trade(bench, '60', '109');
    expect([order?.status, order?.trigger?.trailing?.best]).toEqual(['pending', undefined]);
    trade(bench, '111', '107');
    expect(order?.trigger?.price.toFixed()).toBe('106');
    expect(order?.status).toBe('pending');
  });

  it('carries its limit price along, on a tick, never above what was set aside for a buy', () => {
    const bench = createBench();
    trade(bench, '100');
    const terms = trailing('buy', share('0.1'));
    const follows = { ...terms.trigger?.trailing, offset: share('0.1'), limit: distance('1') };
    const trigger = { price: decimal('0'), when: 'at-or-above' as const, trailing: follows };
    const { id } = accepted(bench.place('ann', 'buy 1 market', { execution: 'limit', trigger }));
    const order = bench.engine.orders.byId(id);
    expect(bench.engine.ledger.entry('ann', 'BBB').locked.toFixed()).toBe('111');
    trade(bench, '77.77');
    expect(order?.price?.toFixed()).toBe('86.54');
  });

  it('keeps its best price over a restart', () => {
    const log: StoreRecord[] = [];
    const store = {
      load: () => ({
        orders: [...new Map(log.flatMap(({ orders }) => orders).map((order) => [order.id, order])).values()],
        balances: log.flatMap(({ balances }) => balances),
      }),
      append: (record: StoreRecord) => void log.push(structuredClone(record)),
      clear() {},
      close() {},
    };
    const before = createBench({ store });
    trade(before, '100');
    const { id } = accepted(before.place('ann', 'sell 1 market', trailing('sell', share('0.1'))));
    trade(before, '130');
    const after = createBench({ store, funded: false });
    expect(after.engine.orders.byId(id)?.trigger?.trailing?.best?.toFixed()).toBe('130');
    trade(after, '117.1');
    expect(after.engine.orders.byId(id)?.status).toBe('pending');
    trade(after, '117');
    expect(after.engine.orders.byId(id)?.status).toBe('expired');
  });

  it('is amended to another distance from the best price that it has seen', () => {
    const bench = createBench();
    trade(bench, '100');
    const { id } = accepted(bench.place('ann', 'sell 1 market', trailing('sell', share('0.1'))));
    trade(bench, '200');
    accepted(bench.engine.amend(id, { trailingOffset: distance('50') }));
    expect(bench.engine.orders.byId(id)?.trigger?.price.toFixed()).toBe('150');
    expect(bench.engine.amend(id, { trailingOffset: distance('0') })).toEqual({ ok: false, reason: 'would-trigger' });
  });
});

describe('an order with an end', () => {
  it('expires at its time and gives back what it held', () => {
    const bench = createBench();
    const { id } = accepted(bench.place('ann', 'buy 1 @ 90', { expiresAtMs: 1_000_500 }));
    bench.engine.expireOrders(1_000_499);
    expect(bench.engine.orders.byId(id)?.status).toBe('open');
    bench.engine.expireOrders(1_000_500);
    expect(bench.engine.orders.byId(id)).toEqual(
      expect.objectContaining({ status: 'expired', endReason: 'time-is-up' }),
    );
    expect(bench.engine.ledger.entry('ann', 'BBB').locked.toFixed()).toBe('0');
  });
});
