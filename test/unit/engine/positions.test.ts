import { describe, expect, it } from 'vitest';
import { decimal } from '../../../local/simulators/engine/decimal.ts';
import {
  applyTrade,
  emptyPosition,
  entryPriceOf,
  liquidationPrice,
  netOf,
} from '../../../local/simulators/engine/positions.ts';
import { isOpen, type Side } from '../../../local/simulators/engine/types.ts';
import { createPositionBench } from './position-support.ts';

const newPosition = () => emptyPosition({ accountId: 'ann', instrumentId: 'AAABBB', slot: 'net' }, 0);

function trade(position: ReturnType<typeof newPosition>, side: Side, quantity: string, price: string) {
  const [amount, at] = [decimal(quantity), decimal(price)];
  const value = at.times(amount);
  return applyTrade(position, { side, quantity: amount, price: at, value, fee: decimal('0.1'), atMs: 7 });
}

describe('a position', () => {
  it('averages its entry price, and keeps it while it is reduced', () => {
    const position = newPosition();
    trade(position, 'buy', '1', '100');
    trade(position, 'buy', '3', '120');
    expect(entryPriceOf(position).toFixed()).toBe('115');
    const { closed, realized } = trade(position, 'sell', '1', '130');
    expect([closed.toFixed(), realized.toFixed()]).toEqual(['1', '15']);
    expect(entryPriceOf(position).toFixed()).toBe('115');
  });

  it('turned round in one trade wins for what it closed and enters at the trade for the rest', () => {
    const position = newPosition();
    trade(position, 'sell', '2', '100');
    const { closed, realized } = trade(position, 'buy', '5', '90');
    expect([closed.toFixed(), realized.toFixed()]).toEqual(['2', '20']);
    expect([position.size.toFixed(), entryPriceOf(position).toFixed()]).toEqual(['3', '90']);
    expect(netOf(position).toFixed()).toBe('19.8');
  });

  it('is liquidated where its collateral is down to the maintenance margin', () => {
    const long = newPosition();
    trade(long, 'buy', '2', '100');
    const terms = { maintenanceRate: decimal('0.01'), collateral: decimal('20') };
    // 2 × (P − 100) + 20 = 0.01 × 2 × P
    expect(liquidationPrice({ position: long, ...terms })?.toFixed(4)).toBe('90.9090');
    const short = newPosition();
    trade(short, 'sell', '2', '100');
    expect(liquidationPrice({ position: short, ...terms })?.toFixed(4)).toBe('108.9108');
    expect(liquidationPrice({ position: long, ...terms, collateral: decimal('500') })).toBeUndefined();
    expect(liquidationPrice({ position: newPosition(), ...terms })).toBeUndefined();
  });
});

describe('orders in a perpetual', () => {
  it('lock a margin by leverage and the fees of both ways, and give back what is not needed', () => {
    const { engine, place } = createPositionBench();
    engine.perpetuals.setLeverage('ann', 'AAABBB', decimal('20'));
    place('ann', 'buy 2 @ 100');
    expect(engine.ledger.entry('ann', 'BBB').locked.toFixed()).toBe('10.22');
    place('bob', 'sell 2 @ 100');
    expect(engine.ledger.entry('ann', 'BBB').locked.toFixed()).toBe('10');
    place('ann', 'sell 2 @ 101');
    expect(engine.ledger.entry('ann', 'BBB').locked.toFixed()).toBe('10');
  });

  it('are refused when losses that are not taken yet leave too little', () => {
    const { place, mark } = createPositionBench();
    place('ann', 'buy 50 @ 100');
    place('bob', 'sell 50 @ 100');
    mark('2100');
    expect(place('bob', 'sell 50 @ 100')).toEqual({ ok: false, reason: 'insufficient-balance' });
    mark('100');
    expect(place('bob', 'sell 50 @ 100').ok).toBe(true);
  });

  it('may wait for the mark price instead of the last trade', () => {
    const { engine, place, mark } = createPositionBench();
    place('bob', 'sell 5 @ 100');
    const trigger = { price: decimal('110'), when: 'at-or-above', by: 'mark' } as const;
    place('ann', 'buy 1 market', { trigger, reservesWhenTriggered: true });
    place('cat', 'buy 1 @ 100');
    expect(engine.orders.openOf('ann').length).toBe(1);
    mark('111');
    place('cat', 'buy 1 @ 100');
    expect(engine.orders.of('ann')[0]?.status).toBe('filled');
  });

  it('end when their funds are gone by the time their trigger fires', () => {
    const { engine, place, mark } = createPositionBench();
    place('bob', 'sell 5 @ 100');
    const trigger = { price: decimal('110'), when: 'at-or-above', by: 'mark' } as const;
    place('ann', 'buy 1 market', { trigger, reservesWhenTriggered: true });
    engine.transfers.grant('ann', 'BBB', decimal('-100000'));
    mark('111');
    place('cat', 'buy 1 @ 100');
    expect(engine.orders.of('ann')[0]).toMatchObject({ status: 'canceled', endReason: 'insufficient-balance' });
  });

  it('leave with their exits only what they opened, of which the first to trigger ends the other', () => {
    const { engine, place, position } = createPositionBench();
    place('bob', 'sell 10 @ 100');
    place('bob', 'buy 10 @ 90');
    const exits = {
      takeProfit: { trigger: { price: decimal('120'), when: 'at-or-above' as const } },
      stopLoss: { trigger: { price: decimal('95'), when: 'at-or-below' as const } },
      scope: 'fill' as const,
    };
    place('ann', 'buy 3 market');
    place('ann', 'buy 2 market', { exits });
    place('cat', 'sell 1 @ 90');
    expect(position('ann')?.size.toFixed()).toBe('3');
    expect(engine.orders.of('ann').filter(isOpen)).toEqual([]);
    expect(engine.orders.of('ann').map(({ status }) => status)).toEqual(['filled', 'filled', 'canceled', 'filled']);
  });

  it('keep their terms when an amendment is refused', () => {
    const { engine, place } = createPositionBench();
    const placed = place('ann', 'buy 2 @ 100');
    if (!placed.ok) throw new Error(placed.reason);
    const refused = engine.amend(placed.order.id, { quantity: decimal('50000') });
    expect(refused).toEqual({ ok: false, reason: 'insufficient-balance' });
    expect(engine.ledger.entry('ann', 'BBB').locked.toFixed()).toBe('20.22');
    expect(engine.amend(placed.order.id, { price: decimal('50') }).ok).toBe(true);
    expect(engine.ledger.entry('ann', 'BBB').locked.toFixed()).toBe('10.11');
  });
});
