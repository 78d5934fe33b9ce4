/** What an account's keys can see and do at a venue. */
import type { Amount, Price } from '../money.ts';

/** Holdings of one asset. `free` and `used` are absent where the venue tells only the whole. */
export interface Balance {
  asset: string;
  total: Amount;
  free?: Amount;
  /** In open orders or as margin. */
  used?: Amount;
}

/** An open position in a contract. What the venue does not tell is absent, never zero. */
export interface Position {
  symbol: string;
  side: 'long' | 'short';
  /** In the base asset, always above zero. */
  amount: Amount;
  /** Number of contracts, where the venue counts in those. */
  contracts?: Amount;
  entryPrice?: Price;
  markPrice?: Price;
  liquidationPrice?: Price;
  /** In the settlement asset. */
  unrealizedPnl?: Amount;
  leverage?: string;
  marginMode?: 'cross' | 'isolated';
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
