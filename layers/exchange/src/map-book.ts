/** ccxt's order books in Nightdesk's words. */
import { type BookLevel, compare, isPositive, type Market, type OrderBook } from '@nightdesk/core';
import { fromContracts } from './contract-amounts.ts';
import { Fields, listOf, present, UnparsableAnswerError } from './fields.ts';

/**
 * @param depthMax most levels per side.
 * @throws UnparsableAnswerError when a level makes no sense, or somebody bids what somebody else asks.
 */
export function mapBook(value: unknown, market: Market, depthMax: number): OrderBook {
  const fields = new Fields('book', value);
  const bids = levelsOf(fields.list('bids'), market).sort((left, right) => compare(right.price, left.price));
  const asks = levelsOf(fields.list('asks'), market).sort((left, right) => compare(left.price, right.price));
  const [bid, ask] = [bids[0], asks[0]];
  if (bid !== undefined && ask !== undefined && compare(bid.price, ask.price) >= 0) {
    throw new UnparsableAnswerError('book', 'bids', 'a price that is not below the best ask');
  }
  return {
    symbol: market.symbol,
    bids: bids.slice(0, depthMax),
    asks: asks.slice(0, depthMax),
    ...present({ atMs: fields.optionalTimeMs('timestamp'), sequence: sequenceOf(fields) }),
  };
}

/** Sorted by the caller: ccxt sorts books as texts once numbers are texts, and then "9" comes after "10". */
function levelsOf(levels: readonly unknown[], market: Market): BookLevel[] {
  return levels.flatMap((level) => {
    const [price, size] = listOf('level', level);
    const fields = new Fields('level', { price, amount: size });
    const text = fields.quantity('amount');
    // Nothing at a price is how venues spell a level that is gone.
    return isPositive(text) ? [{ price: fields.price('price'), amount: fromContracts(text, market) }] : [];
  });
}

/** Some venues number their books beyond what a number holds exactly; a wrong number would be worse than none. */
function sequenceOf(fields: Fields): number | undefined {
  const sequence = Number(fields.optionalDecimal('nonce'));
  return Number.isSafeInteger(sequence) ? sequence : undefined;
}
