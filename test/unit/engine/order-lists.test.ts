import { beforeEach, describe, expect, it } from 'vitest';
import { decimal } from '../../../local/simulators/engine/decimal.ts';
import type { OrderRequest, Side } from '../../../local/simulators/engine/types.ts';
import { accepted, type Bench, createBench, instrument } from './support.ts';

interface Leg {
  price?: string;
  trigger?: string;
}

let bench: Bench;

beforeEach(() => {
  bench = createBench();
  accepted(bench.place('bob', 'sell 1 @ 100'));
  accepted(bench.place('cat', 'buy 1 @ 100'));
});

function legOf(side: Side, name: string, { price, trigger }: Leg): OrderRequest {
  const above = trigger !== undefined && decimal(trigger).gt(decimal('100'));
  return {
    accountId: 'ann',
    instrumentId: instrument.id,
    clientOrderId: name,
    side,
    execution: price === undefined ? 'market' : 'limit',
    timeInForce: 'good-till-canceled',
    ...(price !== undefined && { price: decimal(price) }),
    quantity: decimal('2'),
    ...(trigger !== undefined && {
      trigger: { price: decimal(trigger), when: above ? ('at-or-above' as const) : ('at-or-below' as const) },
    }),
    postOnly: trigger === undefined,
    attributes: {},
  };
}

function placeList(side: Side, target: Leg, stop: Leg) {
  const result = bench.engine.lists.place([legOf(side, 'target', target), legOf(side, 'stop', stop)], 'list');
  if (!result.ok) throw new Error(`list refused: ${result.reason}`);
  const [first, second] = result.orders.map(({ id }) => id);
  return { listId: result.listId, targetId: first ?? 0, stopId: second ?? 0 };
}

const statusOf = (id: number) => bench.engine.orders.byId(id)?.status;
const lockedOf = (asset: string) => bench.engine.ledger.entry('ann', asset).locked.toFixed();

describe('two orders that share what is set aside', () => {
  it.each([
    { side: 'sell' as const, target: '120', stop: { trigger: '90' }, asset: 'AAA', locked: '2' },
    { side: 'buy' as const, target: '80', stop: { trigger: '110' }, asset: 'BBB', locked: '220' },
    { side: 'buy' as const, target: '80', stop: { trigger: '110', price: '115' }, asset: 'BBB', locked: '230' },
  ])('lock what the dearer needs: $side $target or $stop', ({ side, target, stop, asset, locked }) => {
    placeList(side, { price: target }, stop);
    expect(lockedOf(asset)).toBe(locked);
  });

  it('end the stop when the target trades, even in part, and keep the rest of the target', () => {
    const { targetId, stopId } = placeList('sell', { price: '120' }, { trigger: '90' });
    accepted(bench.place('cat', 'buy 0.5 @ 120'));
    expect([statusOf(targetId), statusOf(stopId)]).toEqual(['partial', 'expired']);
    expect(bench.engine.orders.byId(stopId)?.endReason).toBe('other-of-list');
    expect(lockedOf('AAA')).toBe('1.5');
    accepted(bench.place('bob', 'buy 5 @ 50'));
    bench.engine.takeForHouse(instrument.id, { side: 'sell', limitPrice: decimal('50'), quantity: decimal('1') });
    expect(bench.engine.orders.byId(stopId)?.executed.toFixed()).toBe('0');
    expect(statusOf(targetId)).toBe('partial');
  });

  it('end the target when the stop triggers, and pay for it with what the target held', () => {
    const { targetId, stopId } = placeList('buy', { price: '80' }, { trigger: '110' });
    accepted(bench.place('bob', 'sell 9 @ 112'));
    accepted(bench.place('bob', 'sell 1 @ 110'));
    accepted(bench.place('cat', 'buy 1 @ 110'));
    expect([statusOf(targetId), statusOf(stopId)]).toEqual(['expired', 'filled']);
    expect(bench.engine.orders.byId(stopId)?.executedQuote.toFixed()).toBe('224');
    expect(lockedOf('BBB')).toBe('0');
  });

  it('let the target trade everything that the stop held', () => {
    const legs = [legOf('sell', 'stop', { trigger: '90' }), legOf('sell', 'target', { price: '120' })] as const;
    const [stop, target] = [
      { ...legs[0], quantity: decimal('1000') },
      { ...legs[1], quantity: decimal('1000') },
    ];
    const result = bench.engine.lists.place([stop, target], 'list');
    if (!result.ok) throw new Error(`list refused: ${result.reason}`);
    accepted(bench.place('bob', 'buy 800 @ 120'));
    accepted(bench.place('cat', 'buy 200 @ 120'));
    const [stopId = 0, targetId = 0] = result.orders.map(({ id }) => id);
    expect([statusOf(targetId), statusOf(stopId)]).toEqual(['filled', 'expired']);
    expect(bench.engine.ledger.free('ann', 'AAA').toFixed()).toBe('0');
  });

  it('end together when either is canceled', () => {
    const { targetId, stopId } = placeList('sell', { price: '120' }, { trigger: '90' });
    bench.engine.cancel(stopId);
    expect([statusOf(targetId), statusOf(stopId)]).toEqual(['canceled', 'canceled']);
    expect(lockedOf('AAA')).toBe('0');
  });

  it('are refused together, and nothing has changed', () => {
    const before = bench.events.length;
    const wouldTrigger = legOf('sell', 'stop', { trigger: '101' });
    const requests = [
      legOf('sell', 'target', { price: '120' }),
      { ...wouldTrigger, trigger: { price: decimal('101'), when: 'at-or-below' as const } },
    ] as const;
    expect(bench.engine.lists.place(requests, 'list')).toEqual({ ok: false, reason: 'would-trigger' });
    expect(bench.events.length).toBe(before);
    expect(lockedOf('AAA')).toBe('0');
  });

  it('are made smaller together, and the target keeps its place in the queue', () => {
    const { targetId, stopId } = placeList('sell', { price: '120' }, { trigger: '90' });
    const later = accepted(bench.place('bob', 'sell 1 @ 120'));
    bench.engine.reduce(targetId, decimal('0.5'), 'renamed');
    expect(bench.engine.orders.byId(stopId)?.quantity.toFixed()).toBe('0.5');
    expect(lockedOf('AAA')).toBe('0.5');
    accepted(bench.place('cat', 'buy 0.5 @ 120'));
    expect([statusOf(targetId), statusOf(later.id)]).toEqual(['filled', 'open']);
    const key = { accountId: 'ann', instrumentId: instrument.id };
    expect(bench.engine.orders.byClientOrderId({ ...key, clientOrderId: 'renamed' })?.id).toBe(targetId);
    expect(bench.engine.orders.byClientOrderId({ ...key, clientOrderId: 'target' })).toBeUndefined();
  });
});

describe('a quantity', () => {
  it.each(['0.5', '0.4'])('is never lowered to %s when 0.5 have traded', (quantity) => {
    const order = accepted(bench.place('ann', 'buy 2 @ 90'));
    bench.engine.fillShare(order.id, decimal('0.25'));
    expect(() => bench.engine.reduce(order.id, decimal(quantity))).toThrow(/has traded 0.5 already/);
    expect(() => bench.engine.amend(order.id, { quantity: decimal(quantity) })).toThrow(/has traded 0.5 already/);
    expect(bench.engine.orders.byId(order.id)?.quantity.toFixed()).toBe('2');
  });
});

describe('a fill before everybody else', () => {
  it.each([
    { share: '0.5', executed: '1', status: 'partial' },
    { share: '1', executed: '2', status: 'filled' },
    { share: '0.00001', executed: '0.001', status: 'partial' },
  ])('trades a share of $share at the own price', ({ share, executed, status }) => {
    accepted(bench.place('bob', 'buy 9 @ 95'));
    const order = accepted(bench.place('ann', 'buy 2 @ 90'));
    bench.engine.fillShare(order.id, decimal(share));
    const found = bench.engine.orders.byId(order.id);
    expect([found?.executed.toFixed(), found?.status]).toEqual([executed, status]);
    expect(found?.fills[0]?.price.toFixed()).toBe('90');
  });

  it('sets a waiting order going', () => {
    accepted(bench.place('bob', 'buy 9 @ 95'));
    const trigger = { price: decimal('50'), when: 'at-or-below' as const };
    const order = accepted(bench.place('ann', 'sell 2 market', { trigger }));
    bench.engine.fillShare(order.id, decimal('1'));
    expect(statusOf(order.id)).toBe('filled');
  });
});
