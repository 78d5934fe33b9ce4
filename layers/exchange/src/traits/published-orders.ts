/**
 * What venues publish about ids of orders and about how late a signed request is still taken, and how ccxt 4.5.84 passes an
 * id on; for those that need no other words here.
 */

import type { Market } from '@nightdesk/core';
import { hexOf, integerOf, uuidOf } from './client-order-ids.ts';
import { triggerByPurpose } from './order-traits.ts';
import type { VenueTraits } from './venue-traits.ts';

type PublishedOrders = Partial<
  Pick<
    VenueTraits,
    | 'abilities'
    | 'acceptanceMs'
    | 'amends'
    | 'bookDepths'
    | 'carriesClientOrderId'
    | 'clientOrderIdFor'
    | 'clientOrderIdParameter'
    | 'countsMarketBuysInQuote'
    | 'displayParameters'
    | 'findsByClientOrderId'
    | 'goodTillParameters'
    | 'leverageIsOfMarginMode'
    | 'timesDropped'
    | 'triggers'
  >
>;

const minuteMs = 60_000;

/** ccxt passes the mark on in orders of contracts, and does not say so. */
const reducesContracts = ({ kind }: Pick<Market, 'kind'>) => ({ reduceOnly: kind !== 'spot' });

/** ccxt's source knows IOC in small letters only, and no FOK. */
export const apex: PublishedOrders = { timesDropped: ['IOC', 'FOK'] };

export const aster: PublishedOrders = { abilities: reducesContracts, findsByClientOrderId: true };

/** https://docs.backpack.exchange: an unsigned number of 32 bits. */
export const backpack: PublishedOrders = { clientOrderIdFor: (orderId) => integerOf(orderId, 31) };

/** https://docs.bitfinex.com/reference/rest-auth-submit-order: `cid` is a number of 45 bits. */
export const bitfinex: PublishedOrders = {
  clientOrderIdFor: (orderId) => integerOf(orderId, 45),
  bookDepths: [1, 25, 100],
};

/**
 * https://www.bitget.com/api-doc/common/signature: 30 s to either side. https://www.bitget.com/api-doc/spot/trade/Place-Order: the
 * size of a market buy is in quote currency. ccxt minds that for classic accounts only, not for unified ones.
 */
export const bitget: PublishedOrders = {
  ...{ acceptanceMs: minuteMs, findsByClientOrderId: true, countsMarketBuysInQuote: true },
  abilities: reducesContracts,
};

/** ccxt reads both of orders at market only. */
export const blofin: PublishedOrders = { timesDropped: ['IOC', 'FOK'] };

/**
 * https://docs.cdp.coinbase.com/coinbase-app/authentication-authorization/api-key-authentication: a token is valid for two
 * minutes. ccxt replaces an id that is given by its own name for it.
 */
export const coinbase: PublishedOrders = {
  acceptanceMs: 2 * minuteMs + 10_000,
  clientOrderIdFor: uuidOf,
  clientOrderIdParameter: 'client_order_id',
  goodTillParameters: (endMs) => ({ timeInForce: 'GTD', end_time: new Date(endMs).toISOString() }),
  // One order before and after, which says by its `trigger_status` which of both it is in. It has no stops at market.
  triggers: { types: () => ['stop_limit'], timesInForce: ['GTC'], parametersOf: triggerByPurpose },
};

/** ccxt replaces whatever id is given by one that it makes up, and orders show that. */
export const coinbaseinternational: PublishedOrders = { carriesClientOrderId: false };

/** https://coinmate.docs.apiary.io: `total` of `buyInstant` is in the second currency of the pair. */
export const coinmate: PublishedOrders = { countsMarketBuysInQuote: true };

/**
 * https://docs.coins.ph/rest-api: an order without one gets an id by the venue, and ccxt sends its own parameter under a name
 * that the venue does not read.
 */
export const coinsph: PublishedOrders = { clientOrderIdParameter: 'newClientOrderId' };

/** https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html: up to 36 characters. ccxt drops its own parameter. */
export const cryptocom: PublishedOrders = { clientOrderIdParameter: 'client_oid' };

/** https://docs.dydx.xyz: a number of 32 bits. */
export const dydx: PublishedOrders = { clientOrderIdFor: (orderId) => integerOf(orderId, 31) };

/** https://www.gate.com/docs/developers/apiv4/en: `t-` and up to 28 characters; a minute to either side. */
export const gate: PublishedOrders = {
  acceptanceMs: 2 * minuteMs,
  clientOrderIdFor: (orderId) => `t-${orderId}`,
  findsByClientOrderId: true,
};

/** https://api-docs.grvt.io: a number of 64 bits, of which ccxt keeps what is exact. */
export const grvt: PublishedOrders = { clientOrderIdFor: (orderId) => integerOf(orderId, 52) };

/**
 * https://huobiapi.github.io/docs/spot/v1/en and usdt_swap/v1/en: a text on spot, a number on contracts; five minutes to
 * either side.
 */
export const htx: PublishedOrders = {
  acceptanceMs: 10 * minuteMs,
  clientOrderIdFor: (orderId, { kind }) => (kind === 'spot' ? orderId : integerOf(orderId, 52)),
  findsByClientOrderId: true,
  bookDepths: [5, 10, 20, 150],
};

/** https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/exchange-endpoint: 128 bits in hexadecimal. */
export const hyperliquid: PublishedOrders = { clientOrderIdFor: hexOf, findsByClientOrderId: true };

/** https://www.kucoin.com/docs-new/authentication: 5 s to either side. */
export const kucoin: PublishedOrders = {
  ...{ acceptanceMs: 10_000, findsByClientOrderId: true, bookDepths: [20, 100] },
  displayParameters: (contracts) => ({ iceberg: true, visibleSize: contracts }),
  abilities: reducesContracts,
};

/** ccxt's source knows IOC in small letters only, and no FOK. */
export const krakenfutures: PublishedOrders = { timesDropped: ['IOC', 'FOK'] };

/** https://apidocs.lighter.xyz: a number of 48 bits, of which ccxt takes 31. */
export const lighter: PublishedOrders = { clientOrderIdFor: (orderId) => integerOf(orderId, 31) };

/** https://www.luno.com/en/developers/api: `counter_volume` is in the second currency of the pair. */
export const luno: PublishedOrders = { countsMarketBuysInQuote: true };

/** ccxt sends every order as one that is good till canceled. */
export const ndax: PublishedOrders = { timesDropped: ['IOC', 'FOK', 'PO'] };

/**
 * https://www.okx.com/docs-v5/en/#overview-rest-authentication: 30 s to either side. …/#order-book-trading-trade-post-amend-order: an
 * amended order keeps its ids, and its new size includes what is filled.
 */
export const okx: PublishedOrders = {
  ...{ acceptanceMs: minuteMs, findsByClientOrderId: true, leverageIsOfMarginMode: true },
  amends: { of: () => true, wholeTerms: false },
};

/** https://docs.paradex.trade/trading/receive-window: 5 minutes unless the request says less, which ccxt does not. */
export const paradex: PublishedOrders = { acceptanceMs: 5 * minuteMs, findsByClientOrderId: true };

/** https://toobit-docs.github.io/apidocs/spot/v1/en: ccxt makes an id up for contracts unless the venue's own parameter is there. */
export const toobit: PublishedOrders = { clientOrderIdParameter: 'newClientOrderId' };

/** Neither takes an id of ours: ccxt sends none, and their orders show none. */
export const withoutIds: PublishedOrders = { carriesClientOrderId: false };
