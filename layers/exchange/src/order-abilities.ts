/** What a venue can keep in a market: ccxt's word for it, corrected by what is known beyond. */
import type { Market, OrderAbilities, OrderType, TimeInForce } from '@nightdesk/core';
import { timesInForce } from '@nightdesk/core';
import type { VenueContext } from './ask-venue.ts';
import { offers, type VenueClient } from './venue-client.ts';

/** ccxt's words for kinds of markets. */
const sections = { spot: 'spot', perpetual: 'swap', future: 'future', option: 'option' } as const;

const inside = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** What ccxt says of placing orders in such a market; ccxt has resolved what its sections take over from each other. */
function claimsOf({ features }: VenueClient, { kind, contractType }: Market): unknown {
  const section = inside(features, sections[kind]);
  return inside(kind === 'spot' ? section : inside(section, contractType ?? ''), 'createOrder');
}

export interface OrderClaims {
  /** Each order of a contract says with which leverage, or in which margin mode. */
  leverage: boolean;
  marginMode: boolean;
}

/** What an order of the market can carry of its settings. */
export function settingsOfOrders(client: VenueClient, market: Market): OrderClaims {
  const claims = claimsOf(client, market);
  const says = (name: string): boolean => market.kind !== 'spot' && inside(claims, name) === true;
  return { leverage: says('leverage'), marginMode: says('marginMode') };
}

/**
 * What neither ccxt nor the venue's traits say it can is absent. Market and limit orders that are good till canceled are
 * always there. Orders with a trigger are the traits' alone: whether one can be followed for certain, ccxt does not tell.
 */
export function abilitiesOf({ session: { client }, traits }: VenueContext, market: Market): OrderAbilities {
  const claimed = inside(claimsOf(client, market), 'timeInForce');
  const isContract = market.kind !== 'spot';
  const carried = settingsOfOrders(client, market);
  const isKept = (time: TimeInForce): boolean =>
    inside(claimed, time) === true &&
    !traits.timesDropped.includes(time) &&
    (time !== 'GTD' || traits.goodTillParameters !== undefined);
  return {
    types: new Set<OrderType>(['market', 'limit', ...(traits.triggers?.types(market) ?? [])]),
    timesInForce: new Set(timesInForce.filter((time) => time === 'GTC' || isKept(time))),
    reduceOnly: isContract && offers(client, 'createReduceOnlyOrder'),
    iceberg: traits.displayParameters !== undefined,
    amends: traits.amends?.of(market) === true && offers(client, 'editOrder'),
    leverage: isContract && (carried.leverage || offers(client, 'setLeverage')),
    marginMode: isContract && (carried.marginMode || offers(client, 'setMarginMode')),
    ...traits.abilities?.(market),
  };
}
