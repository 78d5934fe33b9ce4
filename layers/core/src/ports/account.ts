/** What an account has at a venue, and what its keys can see and do there. */
import type { Amount, Price } from '../money.ts';
import type { Market, MarketKind, Side } from './market-data.ts';
import type { VenueOrder } from './venue.ts';

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
