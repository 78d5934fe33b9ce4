/**
 * What an account is worth, for sizes that are a share of it. The policy is never to count too much:
 *
 * - only what can be valued counts: the currency itself; where it is one of the account's limit currencies, those others one
 *   to one, as the limits count them; and on spot the market's base asset at the price given. All else counts as nothing;
 * - what is owed is taken off. A debt in an asset that cannot be valued leaves the equity unknown;
 * - open losses of positions are taken off, and open gains do not count: a venue may count either in its balances already,
 *   so a loss can be taken off twice.
 */
import {
  type Amount,
  add,
  isNegative,
  isPositive,
  type Notional,
  notional,
  notionalOf,
  type Price,
  subtract,
} from '../money.ts';
import type { Balance, Position } from '../ports/account.ts';
import type { Market } from '../ports/market-data.ts';

/** The currency that equity is counted in: what contracts settle in, and on spot what is paid with. */
export const equityCurrencyOf = ({ quote, settle, contractType }: Market): string =>
  contractType === 'inverse' || contractType === 'quanto' ? (settle ?? quote) : quote;

export interface EquityFigures {
  balances: readonly Balance[];
  /** Currencies that count one to one: those that the account's limits are in. */
  quotes: readonly string[];
  /** Of the market; without it its base asset does not count. */
  price?: Price;
  /** Open positions that settle in the same account; absent where none were asked for. */
  positions?: readonly Position[];
}

/** `undefined` where a debt cannot be valued. Not below zero. */
export function equityOf(
  market: Market,
  { balances, quotes, price, positions = [] }: EquityFigures,
): Notional | undefined {
  const currency = equityCurrencyOf(market);
  const alike = new Set(quotes.includes(currency) ? [currency, ...quotes] : [currency]);
  let equity = notional('0');
  for (const balance of balances) {
    const { asset } = balance;
    const own = ownOf(balance);
    if (alike.has(asset)) equity = add(equity, own as string as Notional);
    else if (market.kind === 'spot' && asset === market.base && price !== undefined) {
      equity = add(equity, notionalOf(own, price));
    } else if (isNegative(own)) return undefined;
  }
  for (const { unrealizedPnl } of positions) {
    if (unrealizedPnl !== undefined && isNegative(unrealizedPnl))
      equity = add(equity, unrealizedPnl as string as Notional);
  }
  return isPositive(equity) ? equity : notional('0');
}

/** A total below zero has what is owed taken off already; one above may not have. */
const ownOf = ({ total, borrowed }: Balance): Amount =>
  borrowed === undefined || isNegative(total) ? total : subtract(total, borrowed);
