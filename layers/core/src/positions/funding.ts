/**
 * What perpetuals have paid their holder or cost him, counted beside the profit of a position, by asset. Venues tell the same
 * payments again with every question, so each is known by its id.
 */
import { type JournalEvent, seal, streams } from '../journal/chain.ts';
import { add, zeroAmount } from '../money.ts';
import type { FundingPayment } from '../ports/account.ts';
import type { LedgerPosition, PositionRow } from './ledger.ts';

export const positionFunded = 'position.funded';

/** Enough of a payment to know it again. */
export type FundedMark = Pick<FundingPayment, 'id' | 'atMs'>;

/**
 * Payments whose ids a position keeps: a day of hourly ones. What is older than all of them counts as known, since venues are
 * asked from the newest on, and tell the oldest first.
 */
export const fundedKeptMax = 24;

const isEarlier = (left: FundedMark, right: FundedMark): boolean =>
  left.atMs === right.atMs ? left.id < right.id : left.atMs < right.atMs;

/** Has the payment been counted already? */
export function isFunded({ funded = [] }: Pick<LedgerPosition, 'funded'>, payment: FundedMark): boolean {
  const [oldest] = funded;
  const isFull = funded.length >= fundedKeptMax;
  return funded.some(({ id }) => id === payment.id) || (isFull && oldest !== undefined && isEarlier(payment, oldest));
}

/**
 * The position with a payment; the very same one where it has been counted already.
 *
 * @throws RangeError when the payment is of another market
 */
export function applyFunding<Position extends LedgerPosition>(position: Position, payment: FundingPayment): Position {
  const { id, asset, amount, atMs, symbol } = payment;
  if (symbol !== position.symbol) throw new RangeError(`a payment for ${symbol} is not one for ${position.symbol}`);
  if (isFunded(position, payment)) return position;
  const { funding = {}, funded = [] } = position;
  const marks = [...funded, { id, atMs }].sort((left, right) => (isEarlier(left, right) ? -1 : 1));
  return {
    ...position,
    funding: { ...funding, [asset]: add(funding[asset] ?? zeroAmount, amount) },
    funded: marks.slice(-fundedKeptMax),
  };
}

/** A position with payments that it did not have yet, and the event that says so; `undefined` where it has them all. */
export function recordFunding(
  before: PositionRow,
  payments: readonly FundingPayment[],
  atMs: number,
): { position: PositionRow; journalEvent: JournalEvent } | undefined {
  const added: FundingPayment[] = [];
  let funded = before;
  for (const payment of [...payments].sort((left, right) => (isEarlier(left, right) ? -1 : 1))) {
    const next = applyFunding(funded, payment);
    if (next !== funded) added.push(payment);
    funded = next;
  }
  if (added.length === 0) return undefined;
  const sequence = before.version + 1;
  const stream = streams.position(before.account, before.symbol);
  const entry = { stream, sequence, type: positionFunded, atMs, data: { payments: added } };
  const journalEvent = seal(entry, before.journalHash);
  return {
    position: { ...funded, version: sequence, journalHash: journalEvent.hash, updatedAtMs: atMs },
    journalEvent,
  };
}
