/** What reconciliation is told, and what it answers. */
import type { AccountId, VenueId } from '../ids.ts';
import type { Notional } from '../money.ts';
import type { Order } from '../orders/order.ts';
import type { Balance, FundingPayment, OpenOrder, OwnTrade, Position, Transfer, Wallet } from '../ports/account.ts';
import type { BooksEvent } from '../ports/stores.ts';
import type { PositionRow } from '../positions/ledger.ts';
import type { RiskState } from '../risk/risk-state.ts';
import type { Rates } from '../valuation/rates.ts';
import type { Books, Difference } from './books.ts';

/** The desk's own records of an account at one moment. */
export interface DeskRecords {
  positions: readonly PositionRow[];
  /** Those that are not final, and those somebody still looks after. */
  orders: readonly Order[];
}

/** One order that was asked about singly at this look. */
export interface OrderLook {
  before: Order;
  after: Order;
  /** The venue showed it: where lists do not have it, they are late. */
  isShown: boolean;
  /** It showed the order without fills that it tells as trades: those were booked from the trades. */
  isHiding?: boolean;
}

export interface DeskView {
  /** Before the venue was asked, and after its last answer: what changed in between is settling, and no difference. */
  before: DeskRecords;
  after: DeskRecords;
  /** Recent ones that have ended, as far as something at the venue could be theirs. */
  ended: readonly Order[];
  looks: readonly OrderLook[];
  /** The account's own: a person who sets it to active has taken note of what was told. */
  row: Pick<RiskState, 'state' | 'by' | 'reason' | 'updatedAtMs'> | undefined;
}

export interface ToldWallet {
  wallet: Wallet;
  balances: readonly Balance[];
}

/**
 * What the venue answered. Balances and positions were asked for before all else: whatever changed them is then in the lists
 * that were asked for later, or in the desk's records after.
 */
export interface VenueView {
  /** When the first question was asked; UTC epoch milliseconds. */
  askedAtMs: number;
  wallets: readonly ToldWallet[];
  positions: readonly Position[];
  openOrders: readonly OpenOrder[];
  /** Of all markets whose cursor is in `asked`, since `tradesSinceMs`. */
  trades: readonly OwnTrade[];
  /** Absent where they were not asked for, or cannot be told. */
  transfers?: readonly Transfer[];
  funding: readonly FundingPayment[];
  /** Perpetuals whose funding the venue does not tell. */
  fundingUntold: readonly string[];
  /** Cursors of what was asked for in full: `trades:<symbol>`, `transfers`, `funding:<symbol>`. */
  asked: readonly string[];
}

export interface ReconcileContext {
  account: AccountId;
  venue: VenueId;
  nowMs: number;
  rates: Rates;
  dustBelow: Notional;
  /** An order's id in the form that the venue has it in a market. */
  clientOrderIdOf(orderId: string, symbol: string): string;
}

export type BooksAction =
  /** People are to know: somebody else trades here, or something is gone that nobody can explain. */
  | { kind: 'alarm'; difference: Difference }
  /** Deposits less withdrawals, and drift of which a person took note, move the marks that losses are measured from. Below zero left the account. */
  | { kind: 'record_transfer'; asset: string; amount: string }
  /** The order is open at one of the two and not at the other, or was filled further than the desk knows. */
  | { kind: 'look_at_order'; orderId: string; reason: string };

export interface Reconciled {
  books: Books;
  actions: BooksAction[];
  events: BooksEvent[];
}
