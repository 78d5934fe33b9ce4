/** Signals to be planned, and venues that can keep everything. */
import {
  type AccountId,
  amount,
  type Market,
  notional,
  type OrderAbilities,
  type OrdersPlan,
  orderTypes,
  type PlanFigures,
  type PlannedOrder,
  planOrders,
  price,
  type Signal,
  type SignalId,
  type SignalSize,
  type SignedPosition,
  type SourceId,
  timesInForce,
  type VenueId,
} from '@nightdesk/core';

export function signalOf(change: Partial<Signal>): Signal {
  return {
    signalId: 'sg0001' as SignalId,
    source: 'demo' as SourceId,
    accounts: ['main' as AccountId],
    venue: 'fake' as VenueId,
    symbol: 'BTC/USDT',
    type: 'market',
    expiresAtMs: 60_000,
    receivedAtMs: 1_000,
    ...change,
  };
}

export const allAbilities: OrderAbilities = {
  types: new Set(orderTypes),
  timesInForce: new Set(timesInForce),
  reduceOnly: true,
  iceberg: true,
  amends: true,
  leverage: true,
  marginMode: true,
};

export const position = (side: SignedPosition['side'], size = '0'): SignedPosition => ({ side, amount: amount(size) });
export const base = (size: string): SignalSize => ({ base: amount(size) });
export const quote = (size: string): SignalSize => ({ quote: notional(size) });
export const contracts = (size: string): SignalSize => ({ contracts: amount(size) });

/** Figures in short: price, position, equity. */
export const figures = (at?: string, held?: SignedPosition, equity?: string): PlanFigures => ({
  ...(at !== undefined && { price: price(at) }),
  ...(held !== undefined && { position: held }),
  ...(equity !== undefined && { equity: notional(equity) }),
});

export interface Case {
  signal: Partial<Signal>;
  market: Market;
  figures?: PlanFigures;
  abilities?: Partial<OrderAbilities>;
}

export const plan = ({ signal, market, figures: known = {}, abilities = {} }: Case): OrdersPlan =>
  planOrders(signalOf({ symbol: market.symbol, ...signal }), known, {
    market,
    abilities: { ...allAbilities, ...abilities },
  });

/** The one order that is planned. @throws Error when it is none or two */
export function onlyOrder(planned: OrdersPlan): PlannedOrder {
  const [order, ...others] = planned.kind === 'orders' ? planned.orders : [];
  if (order === undefined || others.length > 0) throw new Error(`not one order: ${JSON.stringify(planned)}`);
  return order;
}
