import { amount, LocalBudget, type Market, type VenueId } from '@nightdesk/core';
import { expect, it } from 'vitest';
import { createTrading } from '../../../layers/exchange/src/trading.ts';
import { traitsOf } from '../../../layers/exchange/src/traits/index.ts';
import type { VenueClient } from '../../../layers/exchange/src/venue-client.ts';
import { VenueSession } from '../../../layers/exchange/src/venue-session.ts';
import { createManualClock } from '../../support/clocks.ts';
import { btcUsdt, btcUsdtPerpetual } from '../../support/markets.ts';

/** Places an order of one bitcoin at market. @returns its outcome, and whether ccxt was asked to send it */
async function place(venue: string, side: 'buy' | 'sell', market: Market = btcUsdt) {
  const sent: unknown[] = [];
  // The few members that placing calls.
  const client = {
    setMarkets: () => {},
    ...{ options: {}, has: {} },
    amountToPrecision: (_symbol: string, text: string) => text,
    createOrder: async (...order: unknown[]) => {
      sent.push(order);
      return { id: 'v1', status: 'closed', amount: '1', filled: '1', trades: [] };
    },
  } as unknown as VenueClient;
  const clock = createManualClock();
  const context = {
    ...{ clock, budget: new LocalBudget({ limits: [], clock }), refusals: [], wordings: [], aheadMs: 0 },
    ...{ risingNonces: false, originalUrl: (url: string) => url },
  };
  const session = new VenueSession(client, context, []);
  const trading = createTrading({ venue: venue as VenueId, session, traits: traitsOf(venue as VenueId) });
  const request = { clientOrderId: 'nd1', symbol: market.symbol, side, type: 'market', amount: amount('1') } as const;
  return { outcome: await trading.placeOrder(request, market), sent: sent.length };
}

it.each(['bitget', 'coinmate', 'luno'])(
  'an order to buy at market is not sent to %s, which would take its amount for its cost',
  async (venue) => {
    expect(await place(venue, 'buy')).toMatchObject({
      ...{ outcome: { kind: 'rejected', evidence: { code: 'not_supported' } }, sent: 0 },
    });
    expect(await place(venue, 'sell')).toMatchObject({ outcome: { kind: 'accepted' }, sent: 1 });
  },
);

it('an order to buy a perpetual at market is sent there, as contracts are counted by amount', async () => {
  expect(await place('bitget', 'buy', btcUsdtPerpetual)).toMatchObject({ outcome: { kind: 'accepted' }, sent: 1 });
});
