/** What one change of an order did to the desk's position. */
import type { AccountId, IntentId, VenueId } from '../ids.ts';
import {
  type Amount,
  add,
  compare,
  isPositive,
  type Notional,
  notionalOf,
  subtract,
  zeroAmount,
  zeroNotional,
} from '../money.ts';
import type { Order } from '../orders/order.ts';
import type { Side } from '../ports/market-data.ts';
import type { Fee, Fill } from '../ports/venue.ts';

export interface PositionDelta {
  account: AccountId;
  venue: VenueId;
  symbol: string;
  side: Side;
  /** What was filled since the version before, in the market's unit. Zero where only fees became known. */
  quantity: Amount;
  /** What `quantity` cost in the currency that the market's profit is paid in. Absent where that is not known. */
  cost?: Notional;
  /**
   * The trades behind `quantity`, oldest first, where there are several and all are told: one that turns a position round closes it at
   * another price than the next one opens it.
   */
  trades?: PricedTrade[];
  /** Of the fills that became known, in their own currencies. */
  fees: Fee[];
  orderId: IntentId;
  /** Of the order, with this change. */
  orderVersion: number;
}

export interface PricedTrade {
  quantity: Amount;
  cost: Notional;
}

/** Stable coins that a contract in dollars is paid in, which count one to one. */
const dollarCoins: ReadonlySet<string> = new Set(['USDC', 'USDT']);

export interface SymbolParts {
  base: string;
  quote: string;
  /** Absent on spot. */
  settle?: string;
}

/** The assets that a unified symbol names: `BTC/USDT` is spot, `BTC/USDT:USDT` and `BTC/USDT:USDT-270326` settle in USDT. */
export function partsOf(symbol: string): SymbolParts {
  const [pair = '', contract] = symbol.split(':');
  const [base = '', quote = ''] = pair.split('/');
  const settle = contract?.split('-')[0];
  return { base, quote, ...(settle !== undefined && { settle }) };
}

/**
 * What the profit of a market is in, where it is the difference of what was paid and got. On inverse and quanto contracts,
 * which are paid in another currency than they are quoted in, it is not: `undefined`.
 */
export function profitCurrencyOf(symbol: string): string | undefined {
  const { quote, settle = quote } = partsOf(symbol);
  return settle === quote || (quote === 'USD' && dollarCoins.has(settle)) ? settle : undefined;
}

/** The increase between two versions of an order; `undefined` where nothing was filled and no fee became known. */
export function positionDelta(before: Order | undefined, after: Order): PositionDelta | undefined {
  const { account, venue, symbol, side, orderId, version } = after;
  if (side === undefined) return undefined;
  const known = new Set(before?.fills.map(({ tradeId }) => tradeId));
  const added = after.fills.filter(({ tradeId }) => !known.has(tradeId));
  // A fill may be told before its fee is.
  const paid = new Set(before?.fills.filter(({ fee }) => fee !== undefined).map(({ tradeId }) => tradeId));
  const fees = after.fills.flatMap(({ tradeId, fee }) => (fee === undefined || paid.has(tradeId) ? [] : [fee]));
  const quantity = subtract(after.filled, before?.filled ?? zeroAmount);
  if (compare(quantity, '0') === 0 && fees.length === 0) return undefined;
  const priced = profitCurrencyOf(symbol) === undefined ? {} : pricesOf({ before, after, added, quantity });
  return { ...{ account, venue, symbol, side, quantity, fees, orderId, orderVersion: version }, ...priced };
}

interface Increase {
  before: Order | undefined;
  after: Order;
  added: readonly Fill[];
  quantity: Amount;
}

/**
 * By the fills behind exactly this quantity, else by what the order had cost before and has now. Where more was filled before than
 * its fills told, those that become known now may be behind that part instead, which was counted by the order's cost.
 */
function pricesOf({ before, after, added, quantity }: Increase): Pick<PositionDelta, 'cost' | 'trades'> {
  const trades = compare(amountOf(added), quantity) === 0 ? tradesOf(added) : undefined;
  const byTrades = trades?.reduce((total, { cost }) => add(total, cost), zeroNotional);
  const isTold = before === undefined || compare(amountOf(before.fills), before.filled) === 0;
  if (isTold && trades !== undefined) return { cost: byTrades, ...(trades.length > 1 && { trades }) };
  const cost = costSince(before, after) ?? byTrades;
  return cost === undefined ? {} : { cost };
}

const tradesOf = (fills: readonly Fill[]): PricedTrade[] =>
  fills
    .filter(({ amount }) => isPositive(amount))
    .toSorted((left, right) => left.atMs - right.atMs)
    .map(({ amount, price }) => ({ quantity: amount, cost: notionalOf(amount, price) }));

const amountOf = (fills: readonly Fill[]): Amount => fills.reduce((sum, fill) => add(sum, fill.amount), zeroAmount);

function costSince(before: Order | undefined, after: Order): Notional | undefined {
  const isFirst = before === undefined || compare(before.filled, '0') === 0;
  const paid = isFirst ? zeroNotional : before.cost;
  if (after.cost === undefined || paid === undefined) return undefined;
  const cost = subtract(after.cost, paid);
  // What was filled cannot have cost less than nothing: the venue has corrected its figures, and the difference is none.
  return compare(cost, '0') > 0 ? cost : undefined;
}
