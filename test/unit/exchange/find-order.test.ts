import { amount, LocalBudget, type OrderReference } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { OrderSearch } from '../../../layers/exchange/src/find-order.ts';
import { traitsOf } from '../../../layers/exchange/src/traits/index.ts';
import type { VenueClient } from '../../../layers/exchange/src/venue-client.ts';
import { VenueSession } from '../../../layers/exchange/src/venue-session.ts';
import { createManualClock } from '../../support/clocks.ts';
import { btcUsdt, btcUsdtPerpetual } from '../../support/markets.ts';

const sinceMs = 1_795_000_000_900;
const reference: OrderReference = {
  ...{ clientOrderId: 'nd1', symbol: 'BTC/USDT', side: 'buy', amount: amount('1'), sinceMs },
};

const listed = (change: object) => ({
  ...{ id: 'v1', clientOrderId: 'nd1', status: 'closed', side: 'buy', amount: '1', filled: '1', trades: [] },
  timestamp: sinceMs + 50,
  ...change,
});

/** Asks a venue that looks no order up by our id, and lists these as closed as ccxt does: none before `since`. */
function find(
  orders: readonly ReturnType<typeof listed>[],
  venue = 'some',
  { market = btcUsdt, client: more = {} } = {},
) {
  const client = {
    has: { fetchOpenOrders: true, fetchClosedOrders: true, fetchMyTrades: true },
    options: {},
    setMarkets: () => {},
    fetchOpenOrders: async () => [],
    fetchClosedOrders: async (_symbol: string, since: number) => orders.filter(({ timestamp }) => timestamp >= since),
    fetchMyTrades: async () => [],
    ...more,
  } as unknown as VenueClient;
  const clock = createManualClock();
  const budget = new LocalBudget({ limits: [], clock });
  const context = {
    clock,
    budget,
    refusals: [],
    wordings: [],
    risingNonces: false,
    aheadMs: 0,
    originalUrl: (url: string) => url,
  };
  const session = new VenueSession(client, context, []);
  return new OrderSearch({ session, traits: traitsOf(venue as never), reference, market }).run();
}

describe('looking for an order among past orders', () => {
  it('finds one that the venue dates before it was placed: clocks differ, and some venues cut times to seconds', async () => {
    expect(await find([listed({ timestamp: 1_795_000_000_000 })])).toMatchObject({ kind: 'found' });
    expect(await find([listed({ timestamp: sinceMs - 5_000 })])).toMatchObject({ kind: 'found' });
  });

  it('does not call it absent while an order without our id could be it', async () => {
    const cause = { code: 'ambiguous_order' };
    expect(await find([listed({ clientOrderId: undefined })])).toMatchObject({ kind: 'unknown', cause });
    expect(await find([listed({ clientOrderId: undefined, amount: undefined })])).toMatchObject({ cause });
  });

  it('does not call it absent where ccxt gives orders ids of its own, while one of those could be it', async () => {
    const cause = { code: 'ambiguous_order' };
    const theirs = listed({ clientOrderId: 'nfqkvdjp-01234567' });
    expect(await find([theirs], 'coinbaseinternational')).toMatchObject({ kind: 'unknown', cause });
  });

  it.each([
    ['another id', {}],
    ['no id and another side', { clientOrderId: undefined, side: 'sell' }],
    ['no id and another amount', { clientOrderId: undefined, amount: '2' }],
  ])('calls it absent where the only order has %s', async (_name, change) => {
    expect(await find([listed({ clientOrderId: 'other', ...change })])).toMatchObject({ kind: 'absent' });
  });
});

it('asks for the trades of an order by its id, where a page of all might not reach back to them', async () => {
  const trade = { id: 't1', order: 'v1', side: 'buy', amount: '1', price: '100', timestamp: sinceMs + 50 };
  const asked: unknown[] = [];
  const fetchMyTrades = async (...[, , , parameters]: unknown[]) => {
    asked.push(parameters);
    return [trade];
  };
  const found = await find([listed({})], 'bybit', { market: btcUsdtPerpetual, client: { fetchMyTrades } });
  expect(found).toMatchObject({ kind: 'found', order: { fills: [{ tradeId: 't1', amount: '1' }] } });
  expect(asked).toEqual([{ orderLinkId: 'nd1' }]);
});
