/** The positions of all accounts: what orders in perpetuals must set aside, and how money moves when they trade. */
import type { Bookkeeping, OrderFunds, Paid, SideOfTrade } from './bookkeeping.ts';
import type { ChangeLog } from './change-log.ts';
import { ceilBalance, type Decimal, decimal, floorBalance, floorToStep, smaller, zero } from './decimal.ts';
import { feeAccountId, houseAccountId, type Ledger } from './ledger.ts';
import type { MarketState } from './market-state.ts';
import { PositionSettings } from './position-settings.ts';
import { applyTrade, closableBy, emptyPosition, initialMargin, type PositionKey, unrealizedAt } from './positions.ts';
import { type Instrument, type Order, type OrderRequest, opposite, type Position, type RejectReason } from './types.ts';

export interface PositionBookOptions {
  ledger: Ledger;
  changes: ChangeLog;
  nowMs(): number;
  /** The market of an instrument, which knows its mark price. */
  marketOf(instrumentId: string): MarketState;
}

/** Fees for opening and for closing are set aside with an order. */
const feesPerOrder = decimal('2');

export class PositionBook implements Bookkeeping {
  readonly settings = new PositionSettings();
  readonly #options: PositionBookOptions;
  readonly #positions = new Map<string, Position>();

  constructor(options: PositionBookOptions) {
    this.#options = options;
  }

  find(key: PositionKey): Position | undefined {
    return this.#positions.get(keyOf(key));
  }

  /** The position with this key, made empty if there is none. */
  open(key: PositionKey): Position {
    const existing = this.find(key);
    if (existing !== undefined) return existing;
    const position = emptyPosition(key, this.#options.nowMs());
    this.#positions.set(keyOf(key), position);
    return position;
  }

  /** The positions of an account, those of size zero too. */
  of(accountId: string): Position[] {
    return this.all().filter((position) => position.accountId === accountId);
  }

  all(): Position[] {
    return [...this.#positions.values()];
  }

  /** Puts a stored position back. */
  restore(position: Position): void {
    this.#positions.set(keyOf(position), position);
  }

  clear(): void {
    this.#positions.clear();
    this.settings.clear();
  }

  /** What the positions of an account settled in an asset would win or lose at the mark prices. */
  unrealized(accountId: string, asset: string): Decimal {
    let sum = zero;
    for (const position of this.of(accountId)) {
      if (position.size.eq(zero)) continue;
      const market = this.#options.marketOf(position.instrumentId);
      if (market.instrument.quote === asset) sum = sum.plus(unrealizedAt(position, markPriceOf(market)));
    }
    return sum;
  }

  /** What an account may still set aside: unrealized losses count, unrealized gains do not. */
  available(accountId: string, asset: string): Decimal {
    const free = this.#options.ledger.free(accountId, asset);
    return free.plus(smaller(this.unrealized(accountId, asset), zero));
  }

  fundsFor(request: OrderRequest, market: MarketState): OrderFunds | RejectReason {
    const { instrument } = market;
    const asked = askedQuantity(request, market);
    if (asked === undefined) return 'no-liquidity';
    const position = this.find({ ...request, slot: request.slot ?? 'net' });
    const closable = position === undefined ? zero : closableBy(position, request.side, asked.quantity);
    if (request.reduceOnly === true) {
      return closable.eq(zero) ? 'nothing-to-reduce' : { quantity: closable, reserve: zero };
    }
    const value = asked.price.times(asked.quantity.minus(closable));
    const fees = value.times(instrument.fees?.taker ?? zero).times(feesPerOrder);
    const margin = initialMargin(value, this.settings.leverage(request.accountId, instrument.id));
    const reserve = margin.plus(ceilBalance(fees));
    if (reserve.gt(zero) && this.available(request.accountId, instrument.quote).lt(reserve)) {
      return 'insufficient-balance';
    }
    return { quantity: asked.quantity, reserve };
  }

  reserveAsset(_request: OrderRequest, instrument: Instrument): string {
    return instrument.quote;
  }

  tradable(order: Order): Decimal | undefined {
    if (order.reduceOnly !== true) return undefined;
    const position = this.find({ ...order, slot: order.slot ?? 'net' });
    return position === undefined ? zero : closableBy(position, order.side, order.quantity);
  }

  settle(trade: SideOfTrade): Paid {
    const { ledger, nowMs } = this.#options;
    const { order, side, instrument, price, quantity } = trade;
    const key = { accountId: order?.accountId ?? houseAccountId, instrumentId: instrument.id };
    const position = this.open({ ...key, slot: order?.slot ?? 'net' });
    const fee = order === undefined ? zero : floorBalance(trade.quote.times(trade.feeRate));
    if (order !== undefined) this.#releaseShare(order, trade);
    const closing = applyTrade(position, { side, quantity, price, value: trade.quote, fee, atMs: nowMs() });
    ledger.settle(key.accountId, instrument.quote, closing.realized.minus(fee));
    if (!fee.eq(zero)) ledger.credit(feeAccountId, instrument.quote, fee);
    this.#adjustMargin(position, instrument);
    this.#options.changes.notePosition(position);
    return { commission: fee, commissionAsset: instrument.quote, ...closing };
  }

  release(order: Order, instrument: Instrument, amount: Decimal): void {
    const released = smaller(order.reserved, amount);
    this.#options.ledger.hold(order.accountId, instrument.quote, released.neg());
    order.reserved = order.reserved.minus(released);
  }

  /** Books a funding payment on a position. */
  pay(position: Position, asset: string, amount: Decimal): void {
    position.funding = position.funding.plus(amount);
    position.updatedAtMs = this.#options.nowMs();
    this.#options.ledger.settle(position.accountId, asset, amount);
    this.#options.changes.notePosition(position);
  }

  /** Changes the leverage and with it what positions lock. Answers false, and changes nothing, when there is not enough. */
  setLeverage(accountId: string, instrument: Instrument, leverage: Decimal): boolean {
    const held = this.of(accountId).filter(({ instrumentId }) => instrumentId === instrument.id);
    const more = held.reduce(
      (sum, { entryValue, margin }) => sum.plus(initialMargin(entryValue, leverage)).minus(margin),
      zero,
    );
    if (more.gt(zero) && this.available(accountId, instrument.quote).lt(more)) return false;
    this.settings.set(accountId, instrument.id, { leverage });
    for (const position of held) {
      this.#adjustMargin(position, instrument);
      this.#options.changes.notePosition(position);
    }
    return true;
  }

  /** Gives back the part of an order's reserve that stands for what just traded. */
  #releaseShare(order: Order, { instrument, quantity }: SideOfTrade): void {
    const remaining = order.quantity.minus(order.executed);
    const last = quantity.gte(remaining);
    const share = last ? order.reserved : floorBalance(order.reserved.times(quantity).div(remaining));
    this.release(order, instrument, share);
  }

  #adjustMargin(position: Position, instrument: Instrument): void {
    // The market maker's means are without limit.
    if (position.accountId === houseAccountId) return;
    const leverage = this.settings.leverage(position.accountId, instrument.id);
    const margin = initialMargin(position.entryValue, leverage);
    this.#options.ledger.hold(position.accountId, instrument.quote, margin.minus(position.margin));
    position.margin = margin;
  }
}

/** The mark price of a market: its reference, else its last trade. */
export function markPriceOf(market: MarketState): Decimal {
  return market.markPrice() ?? market.tape.lastPrice ?? zero;
}

/** The quantity an order asks for, and the price at which it is to be set aside for; absent when nobody would trade. */
function askedQuantity(request: OrderRequest, market: MarketState): { quantity: Decimal; price: Decimal } | undefined {
  const limitPrice = request.price ?? (request.reservesWhenTriggered === true ? request.trigger?.price : undefined);
  const { quantity, quoteQuantity } = request;
  if (quantity !== undefined && limitPrice !== undefined) return { quantity, price: limitPrice };
  const estimate = market.book.estimate(opposite(request.side), { quantity, quoteQuantity });
  if (estimate.quantity.lte(zero)) return undefined;
  return {
    quantity: quantity ?? floorToStep(estimate.quantity, market.instrument.stepSize),
    price: estimate.quote.div(estimate.quantity),
  };
}

function keyOf({ accountId, instrumentId, slot }: PositionKey): string {
  return `${accountId} ${instrumentId} ${slot}`;
}
