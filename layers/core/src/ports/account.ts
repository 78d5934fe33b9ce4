/** What an account has at a venue, and what its keys can see and do there. */
import type { VenueOrderId } from '../ids.ts';
import type { Amount, Price } from '../money.ts';
import type { Market, MarketKind, Side } from './market-data.ts';
import type { Cause, Fill, VenueOrder } from './venue.ts';

/** Holdings of one asset. `free` and `used` are absent where the venue tells only the whole. */
export interface Balance {
  asset: string;
  /** Below zero where the venue takes off what is owed. */
  total: Amount;
  free?: Amount;
  /** In open orders or as margin. */
  used?: Amount;
  /** Owed of it, where the venue tells. */
  borrowed?: Amount;
}

/** An open position in a contract. What the venue does not tell is absent, never zero. */
export interface Position {
  symbol: string;
  side: 'long' | 'short';
  /** In the market's unit, see `amountUnitOf`; always above zero. */
  amount: Amount;
  /** The same as a number of contracts, which is how venues count it. */
  contracts: Amount;
  entryPrice?: Price;
  markPrice?: Price;
  liquidationPrice?: Price;
  /** In the settlement asset. */
  unrealizedPnl?: Amount;
  /** What of the account stands in for it, and below what of it the venue closes it; in the settlement asset. */
  initialMargin?: Amount;
  maintenanceMargin?: Amount;
  /** A decimal, e.g. `10`. */
  leverage?: string;
  marginMode?: 'cross' | 'isolated';
}

/** An order that rests at the venue, whoever placed it. */
export interface OpenOrder extends VenueOrder {
  symbol: string;
  side: Side;
  /** As it was placed; `filled` is a part of it. */
  amount: Amount;
  /** Absent on orders without a limit, such as stops. */
  price?: Price;
  /** UTC epoch milliseconds, by the venue's clock. */
  placedAtMs?: number;
}

/** One execution of any order of the account, whoever placed it. */
export interface OwnTrade extends Fill {
  symbol: string;
  side: Side;
  venueOrderId: VenueOrderId;
  /** As the venue has it, which is not always as Nightdesk has; absent where it does not tell with a trade. */
  clientOrderId?: string;
}

/** What came into the account or left it, other than by trading. */
export interface Transfer {
  /** The venue's, unique among its transfers of one direction. */
  id: string;
  direction: 'in' | 'out';
  asset: string;
  /** Above zero, without the fee. */
  amount: Amount;
  /** Taken off beside `amount`, in the same asset, where the venue tells. */
  fee?: Amount;
  /** By the venue's clock. */
  atMs: number;
  /** Only what is `done` has changed the balance for certain; one that is `pending` may have. */
  status: 'done' | 'pending' | 'failed';
}

/** What a perpetual has paid or cost its holder. */
export interface FundingPayment {
  id: string;
  symbol: string;
  asset: string;
  /** Below zero where it was paid by the account. */
  amount: Amount;
  atMs: number;
}

/** A purse of the account with balances of its own. Venues with one for everything have one. */
export interface Wallet {
  /** A stable name, e.g. `spot`, `futures`, `unified`. */
  name: string;
  /** Kinds of markets that are paid from it; `fetchBalances` of the first one shows it. */
  kinds: readonly [MarketKind, ...MarketKind[]];
  /** True where its totals already count open profits and losses, so that equity must not add them again. */
  countsOpenProfit: boolean;
}

/** How asking for a dead man's switch ended. */
export type DeadManOutcome = { kind: 'set' } | { kind: 'refused' | 'unknown'; cause: Cause };

/**
 * An account's own state at the venue. Each answer is that of one moment and may be old in the next.
 *
 * @throws VenueError when the venue does not answer or its answer makes no sense.
 */
export interface AccountPort {
  /**
   * Assets of which the account has or owes some; there is nothing of one that is not listed.
   *
   * @param kind which account, where the venue keeps one per kind of market; absent is the venue's usual one
   */
  fetchBalances(kind?: MarketKind): Promise<Balance[]>;
  /**
   * @param markets whose positions; absent is all of the venue's usual kind of contract, for which it is asked for its whole
   *   list of markets once
   */
  fetchPositions(markets?: readonly Market[]): Promise<Position[]>;
  /**
   * Client order ids are as the venue has them, which is not always as Nightdesk has.
   *
   * @param which one market, or all of a kind, for which the venue is asked for its whole list of markets once; absent is all
   *   of the venue's usual kind
   */
  fetchOpenOrders(which?: Market | MarketKind): Promise<OpenOrder[]>;
  /** Those of its purses that the desk can trade from. Asks nothing of the venue. */
  readonly wallets: readonly Wallet[];
  /**
   * Executions since a time, oldest first, none left out in between; of one market, or of all of a kind where
   * `tradesOfAllMarkets` says that the venue can tell.
   */
  fetchOwnTrades(which: Market | MarketKind, sinceMs: number): Promise<OwnTrade[]>;
  readonly tradesOfAllMarkets: boolean;
  /** Deposits and withdrawals since a time, oldest first; `undefined` where the venue cannot tell, or not to this key. */
  fetchTransfers(sinceMs: number): Promise<Transfer[] | undefined>;
  /** Since a time, oldest first; `undefined` where the venue cannot tell. */
  fetchFundingPayments(market: Market, sinceMs: number): Promise<FundingPayment[] | undefined>;
  /** True where the venue itself cancels all of an account's orders unless it is told again in time. */
  readonly hasDeadManSwitch: boolean;
  /**
   * Has the venue cancel all orders of the account (of the kind of market, where it keeps one switch for each) after so many
   * milliseconds, unless it is asked again before; 0 takes that back. Only where `hasDeadManSwitch`.
   */
  setDeadManSwitch(afterMs: number, kind?: MarketKind): Promise<DeadManOutcome>;
}

/** What is known of a permission: `unknown` where the venue does not tell. */
export type Allowance = 'allowed' | 'denied' | 'unknown';

/** What a key may do, in the venue's own word. */
export interface KeyPermissions {
  read: Allowance;
  trade: Allowance;
  withdraw: Allowance;
  /** Addresses the key is bound to; `unknown` where the venue does not tell, empty where it is bound to none. */
  boundAddresses: readonly string[] | 'unknown';
  /** When the key stops working; UTC epoch milliseconds. */
  expiresAtMs?: number;
  /** When the key was made, where the venue tells. */
  createdAtMs?: number;
  /** How this was found out, e.g. `GET /sapi/v1/account/apiRestrictions`, or why it could not be. */
  source: string;
}

export type PositionMode = 'one_way' | 'hedge' | 'unknown' | 'none';
