/** Funding of perpetuals: at every full interval holders of one side pay those of the other. */
import type { Bookings } from './bookings.ts';
import type { ChangeLog } from './change-log.ts';
import { type Decimal, decimal, floorBalance, zero } from './decimal.ts';
import { houseAccountId } from './ledger.ts';
import type { MarketState } from './market-state.ts';
import { markPriceOf, type PositionBook } from './position-book.ts';
import { hashUnit, seedOf } from './random.ts';
import type { Booking, Position } from './types.ts';

export const fundingIntervalMs = 8 * 3_600_000;

const rateDecimals = 8;
/** Rates lie around a hundredth of a percent, as they mostly do. */
const meanRate = 0.0001;
const rateSwing = 0.0003;

/** The rate of the interval that ends at the first full one at or after a time; above zero, longs pay. */
export function fundingRateAt(seed: number, name: string, atMs: number): Decimal {
  const unit = hashUnit(seedOf(seed, `${name}/funding`), Math.ceil(atMs / fundingIntervalMs));
  return decimal((meanRate + rateSwing * (unit - 0.5)).toFixed(rateDecimals));
}

/** When the interval that a time falls into ends. */
export function nextFundingMs(nowMs: number): number {
  return (Math.floor(nowMs / fundingIntervalMs) + 1) * fundingIntervalMs;
}

export interface FundingOptions {
  positions: PositionBook;
  bookings: Bookings;
  changes: ChangeLog;
  nowMs(): number;
}

/**
 * Books one funding on all positions of a market: size × mark price × rate. The market maker takes what the customers'
 * payments add up to, so that nothing is won or lost by rounding.
 */
export function settleFunding(options: FundingOptions, market: MarketState, rate: Decimal): Booking[] {
  const { positions, bookings, changes } = options;
  const { id: instrumentId, quote: asset } = market.instrument;
  const price = markPriceOf(market);
  const held = positions.all().filter((position) => position.instrumentId === instrumentId && !position.size.eq(zero));
  const booked: Booking[] = [];
  let sum = zero;
  const pay = (position: Position, amount: Decimal) => {
    const { accountId, slot, size } = position;
    const at = { instrumentId, slot, size, price, rate };
    const atMs = options.nowMs();
    const booking: Booking = { id: bookings.takeId(), accountId, asset, kind: 'funding', amount, atMs, position: at };
    positions.pay(position, asset, amount);
    bookings.add(booking);
    changes.noteBooking(booking);
    booked.push(booking);
  };
  for (const position of held) {
    if (position.accountId === houseAccountId) continue;
    const amount = floorBalance(position.size.times(price).times(rate)).neg();
    sum = sum.plus(amount);
    pay(position, amount);
  }
  if (!sum.eq(zero)) pay(positions.open({ accountId: houseAccountId, instrumentId, slot: 'net' }), sum.neg());
  return booked;
}
