import { type Order, price, type Side, type Ticker, watchTrigger } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { intended, orderAfter } from '../../support/orders.ts';

const waiting: Order = { ...orderAfter(intended), state: 'waiting', handling: 'emulated' };
const at = (last: string) => ({ last: price(last), bid: price('1'), ask: price('9999') });

type Kind = 'stop' | 'stop_limit' | 'take_profit';

describe('a trigger', () => {
  it.each<[Kind, Side, string, boolean]>([
    ['stop', 'buy', '99.99', false],
    ['stop', 'buy', '100', true],
    ['stop', 'buy', '101', true],
    ['stop', 'sell', '100.01', false],
    ['stop', 'sell', '100', true],
    ['stop_limit', 'buy', '100', true],
    ['stop_limit', 'sell', '100.01', false],
    ['take_profit', 'buy', '100.01', false],
    ['take_profit', 'buy', '100', true],
    ['take_profit', 'sell', '99.99', false],
    ['take_profit', 'sell', '100', true],
  ])('at 100 of a %s to %s is reached by a trade at %s: %s', (type, side, last, isReached) => {
    const watched = watchTrigger({ ...waiting, type, side, triggerPrice: price('100') }, at(last));
    expect(watched).toEqual(isReached ? { kind: 'triggered', price: last } : { kind: 'waits' });
  });

  it.each<[Side, Pick<Ticker, 'bid' | 'ask'>, string]>([
    ['buy', { ask: price('101'), bid: price('1') }, 'triggered'],
    ['buy', { bid: price('101') }, 'price_missing'],
    ['sell', { bid: price('99'), ask: price('999') }, 'triggered'],
    ['sell', { ask: price('99') }, 'price_missing'],
  ])('of a stop to %s goes by %j where no trade is told: %s', (side, ticker, kind) => {
    expect(watchTrigger({ ...waiting, type: 'stop', side, triggerPrice: price('100') }, ticker).kind).toBe(kind);
  });

  it.each<[string, Partial<Order>]>([
    ['it is placed', { state: 'open', type: 'stop', triggerPrice: price('100') }],
    ['it has no trigger', { type: 'stop' }],
    ['it has no trail', { type: 'trailing_stop' }],
  ])('is not watched where %s', (_, changes) => {
    expect(watchTrigger({ ...waiting, side: 'buy', ...changes }, at('100'))).toEqual({ kind: 'waits' });
  });

  it('is not watched for what was never an order', () => {
    const { side: _, ...without } = waiting;
    expect(watchTrigger(without, at('100'))).toEqual({ kind: 'waits' });
  });
});

describe('a trailing stop', () => {
  const trailing = (side: Side, trailedTo?: string, triggerPrice?: string): Order => ({
    ...waiting,
    ...{ side, type: 'trailing_stop' as const, trail: { percent: '10' } },
    ...(trailedTo !== undefined && { trailedTo: price(trailedTo) }),
    ...(triggerPrice !== undefined && { triggerPrice: price(triggerPrice) }),
  });

  it.each<[Side, string | undefined, string | undefined, string, string]>([
    // Begins at once, or where it is to begin.
    ['sell', undefined, undefined, '100', 'trailed'],
    ['sell', undefined, '110', '109', 'waits'],
    ['sell', undefined, '110', '110', 'trailed'],
    ['buy', undefined, '90', '91', 'waits'],
    ['buy', undefined, '90', '90', 'trailed'],
    // Follows what is worth writing down: a tenth of its distance of 10.
    ['sell', '100', undefined, '100.99', 'waits'],
    ['sell', '100', undefined, '101', 'trailed'],
    ['buy', '100', undefined, '99.01', 'waits'],
    ['buy', '100', undefined, '99', 'trailed'],
    // Is reached once the price is its distance behind the best one.
    ['sell', '100', undefined, '90.01', 'waits'],
    ['sell', '100', undefined, '90', 'triggered'],
    ['buy', '100', undefined, '109.99', 'waits'],
    ['buy', '100', undefined, '110', 'triggered'],
    ['buy', '100', undefined, '150', 'triggered'],
  ])('to %s, best %s, from %s, at %s: %s', (side, best, from, last, kind) => {
    expect(watchTrigger(trailing(side, best, from), at(last)).kind).toBe(kind);
  });

  it('keeps a distance that is an amount of the price, too', () => {
    const order: Order = { ...trailing('sell', '100'), trail: { distance: price('2') } };
    expect([watchTrigger(order, at('98.01')).kind, watchTrigger(order, at('98')).kind]).toEqual(['waits', 'triggered']);
  });
});
