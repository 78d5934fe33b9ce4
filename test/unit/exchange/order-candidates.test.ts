/** Orders at a venue that shows no id of ours: told by what they are and when they were placed, or not at all. */
import { amount, type OrderReference, price, type VenueOrderId } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { btcUsdt } from '../../support/markets.ts';
import { nowMs, scripted, tradingOn } from './scripted-trading.ts';

/** `acceptanceMs` here; the call may begin 2 s after its record, and its last request leave 2 s after that. */
const acceptanceMs = 10_000;
const lastMs = nowMs + 2_000 + 2_000 + acceptanceMs;

const reference: OrderReference = {
  ...{ clientOrderId: 'nd1', symbol: 'BTC/USDT', side: 'buy', amount: amount('1'), type: 'limit', price: price('90') },
  ...{ attemptedAtMs: nowMs, sinceMs: nowMs - 500 },
};

const listed = (change: object = {}) => ({
  ...{ id: 'v1', clientOrderId: undefined, status: 'open', side: 'buy', type: 'limit', price: '90', amount: '1' },
  ...{ filled: '0', trades: [], timestamp: nowMs + 300 },
  ...change,
});

function find(orders: readonly object[], change: Partial<OrderReference> = {}, past: readonly object[] = []) {
  const client = scripted({
    fetchOpenOrders: async () => orders,
    fetchClosedOrders: async () => past,
    fetchMyTrades: async () => [],
  });
  const traits = { carriesClientOrderId: false, acceptanceMs };
  return tradingOn(client, 'some', traits).findOrder({ ...reference, ...change }, btcUsdt);
}

const ambiguous = (count: RegExp) => ({
  ...{ kind: 'unknown', cause: { code: 'ambiguous_order', message: expect.stringMatching(count) } },
});
const absent = { kind: 'absent', evidence: { code: 'order_not_found' } };

describe('an order without an id of ours', () => {
  it('is ours where it is the only one that it can be', async () => {
    expect(await find([listed()])).toMatchObject({ kind: 'found', order: { venueOrderId: 'v1', status: 'open' } });
    expect(await find([], {}, [listed({ status: 'closed', filled: '1' })])).toMatchObject({
      ...{ kind: 'found', order: { venueOrderId: 'v1', status: 'filled' } },
    });
  });

  it('is one order, as it is by now, where two lists show it', async () => {
    const outcome = await find([listed()], {}, [listed({ status: 'closed', filled: '1' })]);
    expect(outcome).toMatchObject({ kind: 'found', order: { status: 'filled' } });
  });

  it('stays unknown where there are several, and how many is told', async () => {
    expect(await find([listed(), listed({ id: 'v2' })])).toMatchObject(ambiguous(/^2 orders/));
    expect(await find([listed(), listed({ id: 'v2' }), listed({ id: 'v3' })])).toMatchObject(ambiguous(/^3 orders/));
  });

  it('is not one that the desk knows as another of its own', async () => {
    const others = ['v2' as VenueOrderId];
    expect(await find([listed(), listed({ id: 'v2' })], { others })).toMatchObject({
      ...{ kind: 'found', order: { venueOrderId: 'v1' } },
    });
    expect(await find([listed({ id: 'v2' })], { others })).toMatchObject(absent);
  });

  it.each([
    ['side', { side: 'sell' }],
    ['amount', { amount: '2' }],
    ['price', { price: '91' }],
    ['time, long before', { timestamp: nowMs - 3_600_000 }],
    ['time, more than a minute before', { timestamp: nowMs - 60_001 }],
    ['time, after anything could be under way', { timestamp: lastMs + 60_001 }],
  ])('is not ours with another %s', async (_what, change) => {
    expect(await find([listed(change)])).toMatchObject(absent);
    expect(await find([listed(), listed({ id: 'v2', ...change })])).toMatchObject({ kind: 'found' });
  });

  it.each([
    ['amount', { amount: undefined }],
    ['price', { price: undefined }],
    ['side', { side: undefined }],
    ['time', { timestamp: undefined }],
    ['id', { id: undefined }],
    ['certain time: it is from shortly before', { timestamp: nowMs - 5_001 }],
    ['certain time: it is from shortly after', { timestamp: lastMs + 5_001 }],
  ])('may be ours, and is not taken for it, where it shows no %s', async (_what, change) => {
    expect(await find([listed(change)])).toMatchObject(ambiguous(/^an order/));
    expect(await find([listed(), listed({ id: 'v2', ...change })])).toMatchObject(ambiguous(/^2 orders/));
  });

  it.each([nowMs - 5_000, nowMs, lastMs + 5_000])('may be dated %d, as clocks differ', async (timestamp) => {
    expect(await find([listed({ timestamp })])).toMatchObject({ kind: 'found' });
  });

  it('is not told from others without the time of the call', async () => {
    const { attemptedAtMs: _, ...untimed } = reference;
    const client = scripted({ fetchOpenOrders: async () => [listed()], fetchClosedOrders: async () => [] });
    const trading = tradingOn(client, 'some', { carriesClientOrderId: false, acceptanceMs });
    expect(await trading.findOrder(untimed, btcUsdt)).toMatchObject(ambiguous(/^an order/));
  });

  it('at market is told without its price, and a limit order is not taken for it', async () => {
    const { price: _, ...rest } = reference;
    const atMarket = { ...rest, type: 'market' as const };
    const ask = (order: object) => {
      const client = scripted({ fetchOpenOrders: async () => [order], fetchClosedOrders: async () => [] });
      return tradingOn(client, 'some', { carriesClientOrderId: false, acceptanceMs }).findOrder(atMarket, btcUsdt);
    };
    expect(await ask(listed({ type: 'market', price: '97' }))).toMatchObject({ kind: 'found' });
    expect(await ask(listed({ price: '97' }))).toMatchObject(ambiguous(/^an order/));
  });

  const findNamed = (orders: readonly object[], traits: object = {}) => {
    const lists = { fetchOpenOrders: async () => orders, fetchClosedOrders: async () => [] };
    return tradingOn(scripted(lists), 'some', { acceptanceMs, ...traits }).findOrder(reference, btcUsdt);
  };

  it('is ours at a venue that takes our ids and shows none', async () => {
    expect(await findNamed([listed()])).toMatchObject({ kind: 'found', order: { venueOrderId: 'v1' } });
  });

  it('is in doubt where others show theirs, or orders can be asked for by ours', async () => {
    expect(await findNamed([listed(), listed({ id: 'v2', clientOrderId: 'theirs' })])).toMatchObject(
      ambiguous(/^an order/),
    );
    expect(await findNamed([listed()], { findsByClientOrderId: true })).toMatchObject(ambiguous(/^an order/));
  });
});
