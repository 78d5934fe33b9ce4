/**
 * The books of an account: what the desk holds it to have, when its venue was asked last, and where the two differ. Kept by
 * reconciliation; a view of the `books#…` stream as far as differences go, and else of what the venue said last.
 */
import type { AccountConfig } from '../config/desk-config.ts';
import type { AccountId, VenueId } from '../ids.ts';
import type { Amount, Notional, Price } from '../money.ts';
import type { Balance, Position } from '../ports/account.ts';
import type { Cause } from '../ports/venue.ts';
import type { BreakerStates } from '../risk/breakers/breaker-state.ts';
import type { EquityMarks } from '../valuation/equity-marks.ts';

/**
 * What a difference is:
 *
 * - `missed_fill`: the venue filled an order of ours further than the desk knew: booked;
 * - `lost_order`: an order of ours is open at one of the two and not at the other: looked at again until both agree;
 * - `deposit`, `withdrawal`: recorded, and taken out of profit and loss;
 * - `outsider_order`, `outsider_fill`, `outsider_position`: somebody else trades with the account: alarmed;
 * - `drift`: nothing explains it: alarmed, and counted by the breaker;
 * - `dust`: worth less than `dustBelow`: taken over as it is.
 */
export const differenceKinds = [
  'missed_fill',
  'lost_order',
  'deposit',
  'withdrawal',
  'outsider_order',
  'outsider_fill',
  'outsider_position',
  'drift',
  'dust',
] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

export interface Difference {
  /** The same for the same difference at every look, e.g. `drift:spot:BTC`. */
  id: string;
  kind: DifferenceKind;
  /** What it is about: an asset, a symbol, or the venue's id of an order. */
  subject: string;
  /** What the venue shows more (above zero) or less than the desk explains. */
  amount?: Amount;
  /** The same, without its sign, in the owner's currency; absent where it cannot be valued. */
  worth?: Notional;
  firstSeenMs: number;
  /** When it was acted upon; absent while it is suspected. */
  confirmedAtMs?: number;
  /** Looks in a row that showed it. One alone may be of a moment between two answers. */
  looks: number;
  /** `confirmed` once it is acted upon: then it is in the journal. */
  state: 'suspected' | 'confirmed';
  /** For people. */
  message: string;
}

/** A balance with what it is worth; without where nothing tells. */
export interface ValuedBalance extends Balance {
  wallet: string;
  /** In the owner's currency. */
  worth?: Notional;
}

export interface ValuedPosition extends Position {
  wallet: string;
  /** Without its sign, in the owner's currency. */
  worth?: Notional;
  /** Share of the price by which it has to move for the venue to close it, percent; absent where the venue does not tell. */
  distanceToLiquidation?: string;
}

/** How a wallet stands behind its positions, in the owner's currency; what cannot be told is absent. */
export interface WalletMargin {
  wallet: string;
  used?: Notional;
  free?: Notional;
  maintenance?: Notional;
}

/** From where on an asset's changes are explained. */
export interface AssetBaseline {
  /** What the venue showed. */
  total: Amount;
  /** What the desk's own trades added up to then, by `assetFlows`. */
  traded: Amount;
  /** How much was traded until then at prices that are not known, see `assetFlows`; absent is nothing. */
  unpriced?: Amount;
  /**
   * Nothing can be told from it yet: it was taken while something was under way, or at a time at which the asset cannot be
   * compared. The next look at which it can takes another one.
   */
  provisional?: true;
}

export interface Books {
  account: AccountId;
  venue: VenueId;
  /** As it was at the last look. */
  mode?: AccountConfig['mode'];
  /**
   * - `agrees`: nothing differs;
   * - `differs`: something is confirmed, and not settled;
   * - `unanswered`: the venue did not tell at the last look; all else is what it was at `answeredAtMs`.
   */
  status: 'agrees' | 'differs' | 'unanswered';
  /** Last look, and the last one that the venue answered; UTC epoch milliseconds. */
  checkedAtMs: number;
  answeredAtMs: number;
  /** Looks in a row without an answer, and why the last one had none. */
  unansweredLooks: number;
  /** When the first of them was; absent where the last look was answered. */
  unansweredSinceMs?: number;
  cause?: Cause;
  balances: ValuedBalance[];
  positions: ValuedPosition[];
  margins: WalletMargin[];
  /** In the owner's currency, of one unit of each asset that could be valued, when the balances were. */
  rates: Record<string, Price>;
  /** Assets held whose worth nothing tells; they count as nothing. */
  unvalued: string[];
  /** Worth, day start, peak and losses. */
  marks?: EquityMarks;
  /** By `<wallet>:<asset>`, and `position:<symbol>` for contracts. */
  baselines: Record<string, AssetBaseline>;
  differences: Difference[];
  /** Up to when everything of a kind was looked at, e.g. `trades:BTC/USDT`, `transfers`. */
  cursors: Record<string, number>;
  /** What was told already and is not to be told again, by id of the difference; the newest few hundred. */
  settled: string[];
  breakers: BreakerStates;
  version: number;
  /** Of the account's `books#…` stream: how many events there are, and the hash of the last. */
  sequence: number;
  journalHash: string;
}
