/**
 * The position that a signal is planned with. On contracts it is the venue's word, with one position per market. A spot
 * account has balances only, and not all of a balance need be the desk's: there it is what the desk's own fills add up to,
 * and never more than the venue shows.
 */
import { type Amount, add, amount, compare, isPositive, minimum, zeroAmount } from '../money.ts';
import type { SignedPosition } from '../orders/plan-orders-types.ts';
import type { Balance, Position } from '../ports/account.ts';
import type { Market } from '../ports/market-data.ts';

export interface HoldingFigures {
  /** What the desk's fills add up to, in base asset; `undefined` where it has traded nothing yet. */
  ledgerQuantity?: string;
  /** Of the spot account; absent where it was not asked. */
  balances?: readonly Balance[];
  /** Of the contract; absent where it was not asked. */
  positions?: readonly Position[];
}

/** `undefined` where it cannot be told: nothing was asked, or the account has two positions in one market. */
export function positionOf(market: Market, figures: HoldingFigures): SignedPosition | undefined {
  return market.kind === 'spot' ? spotPosition(market, figures) : contractPosition(market, figures.positions);
}

const flat: SignedPosition = { side: 'flat', amount: zeroAmount };

const longOf = (held: Amount): SignedPosition => (isPositive(held) ? { side: 'long', amount: held } : flat);

function spotPosition(
  { base }: Market,
  { ledgerQuantity = '0', balances }: HoldingFigures,
): SignedPosition | undefined {
  if (balances === undefined) return undefined;
  const quantity = amount(ledgerQuantity);
  return isPositive(quantity) ? longOf(minimum(quantity, heldOf(base, balances))) : flat;
}

/** Free and in orders, where the venue tells both: a total may hold what is staked or lent. */
function heldOf(asset: string, balances: readonly Balance[]): Amount {
  const balance = balances.find((candidate) => candidate.asset === asset);
  if (balance === undefined) return zeroAmount;
  const { free, used, total } = balance;
  return free === undefined || used === undefined ? total : minimum(add(free, used), total);
}

function contractPosition({ symbol }: Market, positions?: readonly Position[]): SignedPosition | undefined {
  if (positions === undefined) return undefined;
  const open = positions.filter((position) => position.symbol === symbol && compare(position.amount, '0') > 0);
  const [position, ...others] = open;
  if (others.length > 0) return undefined;
  return position === undefined ? flat : { side: position.side, amount: position.amount };
}
