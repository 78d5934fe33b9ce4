/** The traits of every venue: the only place that tells venues apart by id. */
import type { VenueId } from '@nightdesk/core';
import { type AccountTraits, accounts } from './account-traits.ts';
import { binance, binanceus } from './binance.ts';
import { bitmex } from './bitmex.ts';
import { bybit } from './bybit.ts';
import { candleTraits } from './candle-traits.ts';
import { edgex } from './edgex.ts';
import { kraken } from './kraken.ts';
import * as limits from './published-limits.ts';
import * as orders from './published-orders.ts';
import { defaultTraits, type VenueTraits } from './venue-traits.ts';

export type { VenueTraits, Wording } from './venue-traits.ts';

const findsByClientOrderId: VenueTraits = { ...defaultTraits, findsByClientOrderId: true };
const withoutIds: VenueTraits = { ...defaultTraits, ...orders.withoutIds };

// With regional venues of the same interface, as Bybit has.
const gate: VenueTraits = { ...defaultTraits, ...limits.gate, ...orders.gate };
const okx: VenueTraits = { ...defaultTraits, ...limits.okx, ...orders.okx };

const traits: Readonly<Record<string, VenueTraits>> = {
  apex: { ...defaultTraits, ...orders.apex },
  aster: { ...defaultTraits, ...orders.aster },
  backpack: { ...defaultTraits, ...orders.backpack },
  binance,
  binanceus,
  bitbank: withoutIds,
  bitfinex: { ...defaultTraits, ...orders.bitfinex },
  bitflyer: withoutIds,
  bitget: { ...defaultTraits, ...limits.bitget, ...orders.bitget },
  bitmex,
  blofin: { ...defaultTraits, ...orders.blofin },
  bybit,
  bybiteu: bybit,
  bybitid: bybit,
  coinbase: { ...defaultTraits, ...limits.coinbase, ...orders.coinbase },
  coinbaseinternational: { ...defaultTraits, ...orders.coinbaseinternational },
  coincheck: withoutIds,
  coinmate: { ...defaultTraits, ...orders.coinmate },
  coinsph: { ...defaultTraits, ...orders.coinsph },
  cryptocom: { ...defaultTraits, ...orders.cryptocom },
  dydx: { ...defaultTraits, ...orders.dydx },
  edgex,
  gate,
  gateeu: gate,
  grvt: { ...defaultTraits, ...orders.grvt },
  htx: { ...defaultTraits, ...limits.htx, ...orders.htx },
  hyperliquid: { ...defaultTraits, ...orders.hyperliquid },
  kraken,
  krakenfutures: { ...defaultTraits, ...orders.krakenfutures },
  kucoin: { ...defaultTraits, ...limits.kucoin, ...orders.kucoin },
  lighter: { ...defaultTraits, ...orders.lighter },
  luno: { ...defaultTraits, ...orders.luno },
  mexc: findsByClientOrderId,
  myokx: okx,
  ndax: { ...defaultTraits, ...orders.ndax },
  okx,
  okxus: okx,
  paradex: { ...defaultTraits, ...orders.paradex },
  toobit: { ...defaultTraits, ...orders.toobit },
};

/** Regional venues have the accounts of the one whose interface they share. */
const accountsOf: Readonly<Record<string, Partial<AccountTraits>>> = {
  ...accounts,
  ...{ bybiteu: accounts.bybit, bybitid: accounts.bybit, gateeu: accounts.gate },
  ...{ myokx: accounts.okx, okxus: accounts.okx },
};

const ownOf = <Entry>(entries: Readonly<Record<string, Entry>>, venue: VenueId): Entry | undefined =>
  Object.hasOwn(entries, venue) ? entries[venue] : undefined;

export const traitsOf = (venue: VenueId): VenueTraits => ({
  ...(ownOf(traits, venue) ?? defaultTraits),
  ...ownOf(accountsOf, venue),
  ...ownOf(candleTraits, venue),
});
