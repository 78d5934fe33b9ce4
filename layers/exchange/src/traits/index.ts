/** The traits of every venue: the only place that tells venues apart by id. */
import type { VenueId } from '@nightdesk/core';
import { binance, binanceus } from './binance.ts';
import { bitmex } from './bitmex.ts';
import { kraken } from './kraken.ts';
import { defaultTraits, type VenueTraits } from './venue-traits.ts';

export type { VenueTraits } from './venue-traits.ts';

const findsByClientOrderId: VenueTraits = { ...defaultTraits, findsByClientOrderId: true };

const traits: Readonly<Record<string, VenueTraits>> = {
  binance,
  binanceus,
  bitget: findsByClientOrderId,
  bitmex,
  htx: findsByClientOrderId,
  kraken,
  mexc: findsByClientOrderId,
  okx: findsByClientOrderId,
};

export const traitsOf = (venue: VenueId): VenueTraits =>
  Object.hasOwn(traits, venue) ? (traits[venue] ?? defaultTraits) : defaultTraits;
