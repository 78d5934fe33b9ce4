/** The traits of every venue: the only place that tells venues apart by id. */
import type { VenueId } from '@nightdesk/core';
import { binance, binanceus } from './binance.ts';
import { bitmex } from './bitmex.ts';
import { edgex } from './edgex.ts';
import { kraken } from './kraken.ts';
import * as published from './published-limits.ts';
import { defaultTraits, type VenueTraits } from './venue-traits.ts';

export type { VenueTraits } from './venue-traits.ts';

const findsByClientOrderId: VenueTraits = { ...defaultTraits, findsByClientOrderId: true };

const traits: Readonly<Record<string, VenueTraits>> = {
  binance,
  binanceus,
  bitget: { ...findsByClientOrderId, ...published.bitget },
  bitmex,
  bybit: { ...defaultTraits, ...published.bybit },
  coinbase: { ...defaultTraits, ...published.coinbase },
  edgex,
  gate: { ...defaultTraits, ...published.gate },
  htx: { ...findsByClientOrderId, ...published.htx },
  kraken,
  kucoin: { ...defaultTraits, ...published.kucoin },
  mexc: findsByClientOrderId,
  okx: { ...findsByClientOrderId, ...published.okx },
};

export const traitsOf = (venue: VenueId): VenueTraits =>
  Object.hasOwn(traits, venue) ? (traits[venue] ?? defaultTraits) : defaultTraits;
