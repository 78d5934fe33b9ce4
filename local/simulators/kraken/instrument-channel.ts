/** The `instrument` channel: all assets and pairs, told once, since they do not change here. */

import { powerOfTenth } from '../shared/invented-coins.ts';
import { lotDecimals, namesOf } from './catalog.ts';
import type { Subscription } from './channel.ts';
import type { KrakenVenue } from './context.ts';
import { exactNumber, rawNumber } from './socket-text.ts';

export function instrumentChannel(venue: KrakenVenue, withSnapshot: boolean): Subscription {
  return {
    acknowledged: { snapshot: withSnapshot },
    start(publish) {
      if (withSnapshot) publish('snapshot', { assets: assets(venue), pairs: pairs(venue) });
      return () => {};
    },
  };
}

function assets({ catalog }: KrakenVenue) {
  return catalog.assets().map((code) => {
    const { decimals } = namesOf(code);
    return {
      id: code,
      status: 'enabled',
      precision: decimals,
      precision_display: Math.min(decimals, 5),
      borrowable: false,
      collateral_value: 0,
      margin_rate: 0,
    };
  });
}

function pairs({ catalog }: KrakenVenue) {
  return catalog.list().map((spec) => ({
    symbol: spec.socketSymbol,
    base: spec.base,
    quote: spec.quote,
    status: spec.status,
    qty_precision: lotDecimals,
    qty_increment: rawNumber(powerOfTenth(lotDecimals)),
    qty_min: exactNumber(spec.orderMin),
    price_precision: spec.priceDecimals,
    price_increment: exactNumber(spec.tickSize),
    cost_precision: spec.costDecimals,
    cost_min: exactNumber(spec.costMin),
    marginable: false,
    has_index: false,
  }));
}
