/** What planning a signal starts from and ends in. */
import type { Amount, Notional, Price } from '../money.ts';
import type { Market, Side } from '../ports/market-data.ts';
import type { Cause, MarginMode, OrderAbilities, OrderTerms } from '../ports/venue.ts';
import type { Signal } from '../signals/signal.ts';
import type { ExitPlan } from './exits.ts';
import type { SizeFigure } from './size-order-units.ts';

/** What an account has of a market. On spot it is long or flat. */
export interface SignedPosition {
  side: 'long' | 'short' | 'flat';
  /** In the market's unit; zero when flat. */
  amount: Amount;
}

/** What planning may need to know. What is not known is absent. */
export interface PlanFigures {
  /** Where an order of `sideWanted` would start to fill now. */
  price?: Price;
  position?: SignedPosition;
  /** In the currency of `equityCurrencyOf`. */
  equity?: Notional;
}

/** What one order is to be. */
export interface PlannedOrder {
  /** `reduce` closes what stands in the way of the entry that follows it. */
  role: 'reduce' | 'entry';
  side: Side;
  /** In the market's unit, a multiple of its step. */
  amount: Amount;
  terms: OrderTerms;
  /** What risk reserves for it, in quote currency: zero where it is reduce-only. */
  notional: Notional;
  /** Nightdesk watches its trigger, because the venue cannot. */
  handling?: 'emulated';
  exitPlan?: ExitPlan;
  leverage?: string;
  marginMode?: MarginMode;
}

export type OrdersPlan =
  /** In the order in which they are to be placed, each once the one before is filled. */
  | { kind: 'orders'; orders: [entry: PlannedOrder] | [reduce: PlannedOrder, entry: PlannedOrder] }
  /** Everything is as it was asked for. */
  | { kind: 'nothing'; cause: Cause }
  /** `field` is the native signal's, and `cause.message` starts with it. */
  | { kind: 'denied'; cause: Cause; field: string };

export interface FiguresNeeded {
  price: boolean;
  position: boolean;
  equity: boolean;
}

/** All that a plan is made from. */
export interface PlanContext {
  signal: Signal;
  figures: PlanFigures;
  market: Market;
  abilities: OrderAbilities;
}

/** How planning one order ended. */
export type OrderPlan = { kind: 'order'; order: PlannedOrder } | { kind: 'nothing'; cause: Cause } | PlanDenial;

/** Why a leg is not carried out, and the signal's field to change. */
export interface PlanDenial {
  kind: 'denied';
  code: string;
  field: string;
  message: string;
}

export const denied = (code: string, field: string, message: string): PlanDenial => ({
  kind: 'denied',
  code,
  field,
  message,
});

/** Everything is as it was asked for, and why. */
export const nothing = (code: string, message: string): { kind: 'nothing'; cause: Cause } => ({
  kind: 'nothing',
  cause: { code, message },
});

/** How planning a signal ended, before its refusal is put into words. */
export type SignalPlan = OrderPlan | { kind: 'orders'; orders: [reduce: PlannedOrder, entry: PlannedOrder] };

const missingFigures: Readonly<Record<SizeFigure, readonly [code: string, message: string]>> = {
  price: ['price_missing', 'cannot be valued: the market shows no price; set a price, or try another market'],
  equity: ['equity_missing', "cannot be measured: the account's equity is not known; use size.quote"],
  position: ['position_missing', 'needs the present position, which is not known; try again, or use size.base'],
  stopPrice: ['not_supported', 'is measured against the stop-loss of an order that opens; give a stopLoss'],
};

/** A figure that is missing denies; it is never assumed. */
export function denyMissing(figure: SizeFigure, field: string): PlanDenial {
  const [code, message] = missingFigures[figure];
  return denied(code, field, message);
}
