import { describe, expect, it } from 'vitest';
import { UnparsableAnswerError } from '../../../layers/exchange/src/fields.ts';
import { mapFills, mapOrder } from '../../../layers/exchange/src/map-order.ts';

const order = {
  id: '28',
  clientOrderId: 'nd1',
  status: 'closed',
  amount: '0.010',
  filled: '0.010',
  cost: '600.00',
  timestamp: 1_795_000_000_000,
  trades: [
    { id: '1', price: '60000', amount: '0.004', fee: { currency: 'BNB', cost: '0.0001' } },
    { id: '2', price: '60000', amount: '0.006', timestamp: 1_795_000_000_001 },
  ],
};

describe("a venue's order", () => {
  it('keeps quantities as decimals in one spelling, and its fills', () => {
    expect(mapOrder(order, {})).toEqual({
      venueOrderId: '28',
      clientOrderId: 'nd1',
      status: 'filled',
      filled: '0.01',
      amount: '0.01',
      cost: '600',
      fills: [
        {
          tradeId: '1',
          price: '60000',
          amount: '0.004',
          fee: { asset: 'BNB', amount: '0.0001' },
          atMs: 1_795_000_000_000,
        },
        { tradeId: '2', price: '60000', amount: '0.006', atMs: 1_795_000_000_001 },
      ],
    });
  });

  it.each([
    ['open', 'open'],
    ['canceling', 'open'],
    ['canceled', 'canceled'],
    ['expired', 'expired'],
    ['rejected', 'rejected'],
  ])('that is %s is %s', (status, expected) => {
    expect(mapOrder({ ...order, status }, {}).status).toBe(expected);
  });

  it('that is closed short of its amount was canceled', () => {
    expect(mapOrder({ ...order, filled: '0.004' }, {}).status).toBe('canceled');
  });

  it('has the price of its limit, and no other that is called its price', () => {
    const priced = { ...order, price: '90.0' };
    expect(mapOrder({ ...priced, type: 'limit' }, {})).toMatchObject({ price: '90' });
    expect(mapOrder({ ...priced, type: 'stop_limit' }, {})).toMatchObject({ price: '90' });
    for (const type of ['market', 'stop', 'trailing-stop']) {
      expect(mapOrder({ ...priced, type }, {})).not.toHaveProperty('price');
    }
    expect(mapOrder({ ...order, price: '+50.0', type: 'limit' }, {})).not.toHaveProperty('price');
  });

  it.each(['triggerPrice', 'stopLossPrice', 'takeProfitPrice'])('has the trigger that ccxt calls its %s', (name) => {
    expect(mapOrder({ ...order, [name]: '95.0' }, {})).toMatchObject({ triggerPrice: '95' });
    expect(mapOrder({ ...order, [name]: '0' }, {})).not.toHaveProperty('triggerPrice');
  });

  it('has no amount where the venue says none, or zero', () => {
    for (const amount of [undefined, '0']) {
      expect(mapOrder({ ...order, amount, status: 'open' }, {})).not.toHaveProperty('amount');
    }
  });

  it('has no cost where the venue says zero for something that was filled', () => {
    expect(mapOrder({ ...order, cost: '0' }, {})).not.toHaveProperty('cost');
  });

  it.each([
    ['id', undefined],
    ['id', 28],
    ['status', undefined],
    ['status', 'half'],
    ['filled', undefined],
    ['filled', null],
    ['filled', 'NaN'],
    ['filled', Number.NaN],
    ['filled', false],
    ['filled', '-1'],
    ['filled', '0x10'],
    ['filled', '1e99'],
    ['cost', 'Infinity'],
    ['trades', 'none'],
  ])('is not believed with %s = %s: never a zero for what is absent', (field, value) => {
    expect(() => mapOrder({ ...order, [field]: value }, {})).toThrow(UnparsableAnswerError);
  });

  it.each([undefined, null, '<html>', [], 5])('is not found in %j', (value) => {
    expect(() => mapOrder(value, {})).toThrow(UnparsableAnswerError);
  });
});

describe("a venue's trades", () => {
  const trade = { id: '1', price: '2', amount: '3', timestamp: 1_795_000_000_000 };

  it('are left out without an id or a time, as they could not be told apart', () => {
    expect(
      mapFills(
        [
          { ...trade, id: undefined },
          { ...trade, timestamp: undefined },
        ],
        {},
      ),
    ).toEqual([]);
  });

  it('have the first of their fees where the venue lists several', () => {
    const [fill] = mapFills([{ ...trade, fees: [{ currency: 'USDT', cost: '-0.5' }] }], {});
    expect(fill?.fee).toEqual({ asset: 'USDT', amount: '-0.5' });
  });

  it('have no fee where a part of it is missing', () => {
    const [fill] = mapFills([{ ...trade, fee: { currency: 'USDT', cost: undefined } }], {});
    expect(fill).not.toHaveProperty('fee');
  });

  it('are not believed with a price that is no number', () => {
    expect(() => mapFills([{ ...trade, price: 'null' }], {})).toThrow(UnparsableAnswerError);
  });
});
