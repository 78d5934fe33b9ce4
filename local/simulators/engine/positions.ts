/** The arithmetic of one position in a perpetual: what a trade does to it, and what it is worth. */
import { ceilBalance, type Decimal, floorBalance, smaller, zero } from './decimal.ts';
import type { Position, PositionSlot, Side } from './types.ts';

export interface PositionKey {
  readonly accountId: string;
  readonly instrumentId: string;
  readonly slot: PositionSlot;
}

export function emptyPosition(key: PositionKey, atMs: number): Position {
  const { accountId, instrumentId, slot } = key;
  return {
    ...{ accountId, instrumentId, slot, size: zero, entryValue: zero, margin: zero },
    ...{ realized: zero, fees: zero, funding: zero, netBefore: zero, openedAtMs: atMs, updatedAtMs: atMs },
  };
}

export interface PositionTrade {
  readonly side: Side;
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** `price` times `quantity`, as the trade was booked. */
  readonly value: Decimal;
  readonly fee: Decimal;
  readonly atMs: number;
}

/** What a trade closed of a position, and won or lost by that before fees. */
export interface Closing {
  readonly closed: Decimal;
  readonly realized: Decimal;
}

/**
 * Books a trade: first what it closes, then what it opens, so that one trade can turn a position round. A part that is
 * closed takes its share of the entry value with it, rounded to the places of balances; the last part takes the rest,
 * so nothing is ever lost by rounding.
 */
export function applyTrade(position: Position, trade: PositionTrade): Closing {
  const closed = closableBy(position, trade.side, trade.quantity);
  const closedValue = closed.eq(trade.quantity) ? trade.value : floorBalance(trade.price.times(closed));
  const share = closed.eq(position.size.abs())
    ? position.entryValue
    : floorBalance(position.entryValue.times(closed).div(position.size.abs()));
  const realized = closed.eq(zero) ? zero : signed(trade.side, closedValue).neg().minus(share);
  const opened = trade.quantity.minus(closed);
  if (opened.gt(zero) && closed.eq(position.size.abs())) {
    position.openedAtMs = trade.atMs;
    position.netBefore = netOf(position).plus(realized);
  }
  position.size = position.size.plus(signed(trade.side, trade.quantity));
  position.entryValue = position.entryValue.minus(share).plus(signed(trade.side, trade.value.minus(closedValue)));
  position.realized = position.realized.plus(realized);
  position.fees = position.fees.plus(trade.fee);
  position.updatedAtMs = trade.atMs;
  return { closed, realized };
}

/** How much of a position an order of this side and quantity could close. */
export function closableBy(position: Position, side: Side, quantity: Decimal): Decimal {
  const opposed = side === 'sell' ? position.size.gt(zero) : position.size.lt(zero);
  return opposed ? smaller(quantity, position.size.abs()) : zero;
}

/** All that a position has won and lost so far, fees and funding included. */
export function netOf(position: Position): Decimal {
  return position.realized.minus(position.fees).plus(position.funding);
}

export function unrealizedAt(position: Position, markPrice: Decimal): Decimal {
  return position.size.times(markPrice).minus(position.entryValue);
}

/** Average price at which what is held was bought or sold; zero when nothing is held. */
export function entryPriceOf(position: Position): Decimal {
  return position.size.eq(zero) ? zero : position.entryValue.div(position.size);
}

export function initialMargin(value: Decimal, leverage: Decimal): Decimal {
  return ceilBalance(value.abs().div(leverage));
}

export interface LiquidationInput {
  readonly position: Position;
  readonly maintenanceRate: Decimal;
  /** All that can be lost before the position's margin is below its maintenance margin, at its entry price. */
  readonly collateral: Decimal;
}

/**
 * The price at which what is left of the collateral equals the maintenance margin:
 * `size × (P − entry) + collateral = rate × |size| × P`, solved for P. Absent when no price above zero does that.
 */
export function liquidationPrice({ position, maintenanceRate, collateral }: LiquidationInput): Decimal | undefined {
  if (position.size.eq(zero)) return undefined;
  const slope = position.size.minus(maintenanceRate.times(position.size.abs()));
  const price = position.entryValue.minus(collateral).div(slope);
  return price.gt(zero) ? price : undefined;
}

function signed(side: Side, amount: Decimal): Decimal {
  return side === 'buy' ? amount : amount.neg();
}
