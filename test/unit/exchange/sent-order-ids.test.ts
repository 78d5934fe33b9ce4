/** What ccxt makes of our order id at venues where it replaces, drops or misnames the one that its own parameter gives. */
import type { VenueId } from '@nightdesk/core';
import * as ccxt from 'ccxt';
import { expect, it } from 'vitest';
import { traitsOf } from '../../../layers/exchange/src/traits/index.ts';

const orderId = 'nd0123456789abcdefghijklmn';

/** A market of either kind, with what orders read of it. */
function marketOf(kind: 'spot' | 'perpetual') {
  const perpetual = kind === 'perpetual';
  return {
    ...{ id: 'BTCUSDT', symbol: perpetual ? 'BTC/USDT:USDT' : 'BTC/USDT', active: true, info: {} },
    ...{ base: 'BTC', quote: 'USDT', baseId: 'BTC', quoteId: 'USDT', ...(perpetual && { settle: 'USDT' }) },
    ...{ type: perpetual ? 'swap' : 'spot', spot: !perpetual, swap: perpetual, contract: perpetual },
    ...{ linear: perpetual, contractSize: 1, precision: { amount: 0.001, price: 0.01 }, limits: {} },
  };
}

/** Places an order by ccxt as the desk does. @returns what would have been signed and sent */
async function sent(venue: keyof typeof classes, kind: 'spot' | 'perpetual'): Promise<Record<string, unknown>> {
  const requests: Record<string, unknown>[] = [];
  const client = new classes[venue]();
  const market = marketOf(kind);
  client.setMarkets([market]);
  client.fetch2 = async (_path: string, _part: unknown, _method: string, parameters: Record<string, unknown>) => {
    requests.push(parameters);
    return {};
  };
  const { clientOrderIdFor, clientOrderIdParameter } = traitsOf(venue as string as VenueId);
  const parameters = { [clientOrderIdParameter]: clientOrderIdFor(orderId, { kind }) };
  await client.createOrder(market.symbol, 'limit', 'buy', 1, 100, parameters);
  expect(requests).toHaveLength(1);
  return requests[0] ?? {};
}

const classes = { coinsph: ccxt.coinsph, cryptocom: ccxt.cryptocom, toobit: ccxt.toobit };

it.each([
  ['coinsph', 'spot', 'newClientOrderId'],
  ['cryptocom', 'spot', 'client_oid'],
  ['cryptocom', 'perpetual', 'client_oid'],
  ['toobit', 'spot', 'newClientOrderId'],
  ['toobit', 'perpetual', 'newClientOrderId'],
] as const)('an order at %s (%s) is sent with our id as its %s', async (venue, kind, name) => {
  expect(await sent(venue, kind)).toMatchObject({ [name]: orderId });
});
