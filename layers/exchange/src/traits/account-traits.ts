/** What Nightdesk has to know of a venue to tell an account's money and its history. */
import type { MarketKind, Wallet } from '@nightdesk/core';
import type { CallParameters } from '../venue-client.ts';

/**
 * Where what comes into the wallets and leaves them is listed:
 *
 * - `deposits`: what comes from outside reaches the wallets themselves, so ccxt's deposits and withdrawals are all of it;
 * - `moves`: it reaches another purse of the owner first. What is moved between that and `account` (ccxt's name) counts;
 * - `ledger`: the same, where a ledger tells the moves; one question for each of `questions`. ccxt makes floating-point numbers of
 *   what a ledger tells, so the amount is read in the venue's own field `change`, and both ends of a span are always told.
 */
export type TransferList =
  | { list: 'deposits' }
  | { list: 'moves'; account: string }
  | { list: 'ledger'; questions: readonly CallParameters[]; change: string; untilParameter: string };

/** A dead man's switch that is checked to work as `AccountPort.setDeadManSwitch` says. */
export interface DeadManTraits {
  /** The venue takes no shorter one, milliseconds. Shorter ones are made this long. */
  afterMsMin: number;
  afterMsMax: number;
}

export interface AccountTraits {
  /** Absent is what can be told of a venue by what ccxt says that it has. */
  wallets?: readonly [Wallet, ...Wallet[]];
  /**
   * The questions whose answers together are the trades of all markets of a kind; absent where the venue wants a market named, or
   * where nobody has looked whether it tells of all.
   */
  tradesOf?: (kind: MarketKind) => readonly CallParameters[];
  /** ccxt picks the market's trades out of a page of those of all, which hides whether the page was full: it is asked for all. */
  listsTradesTogether: boolean;
  /** Parameter by which a list of trades is read on from where a page ended, counted from the newest; pages by time need none. */
  tradesOffsetParameter?: string;
  /** Longest span of time of one question about the past, milliseconds; what is longer is asked about piece by piece. */
  historySpanMsMax: number;
  /** Most entries of transfers, of a ledger or of funding in one answer. An answer this long may not be the whole. */
  recordsPageSize: number;
  /** Which part of a span of time a full page of them shows, as `pageOrder`. */
  recordsPageOrder: 'oldest_first' | 'newest_first' | 'unknown';
  /** How exact their times are, milliseconds. */
  recordsTimeStepMs: number;
  transfers: TransferList;
  /** Funding that the account paid is told above zero. */
  fundingPaidIsPositive: boolean;
  deadMan?: DeadManTraits;
}

const dayMs = 86_400_000;

export const defaultAccountTraits: AccountTraits = {
  listsTradesTogether: false,
  // Binance and Bybit answer for a week at most, and the last span ends a little after now.
  historySpanMsMax: 6 * dayMs,
  recordsPageSize: 50,
  recordsPageOrder: 'unknown',
  // Kraken tells its transfers, and Binance its withdrawals, to the second; nobody has looked at all others.
  recordsTimeStepMs: 1_000,
  transfers: { list: 'deposits' },
  fundingPaidIsPositive: false,
};

const spot: Wallet = { name: 'spot', kinds: ['spot'], countsOpenProfit: false };
const contracts: readonly [MarketKind, ...MarketKind[]] = ['perpetual', 'future'];
const everything: readonly [MarketKind, ...MarketKind[]] = ['spot', 'perpetual', 'future', 'option'];

const unified = (countsOpenProfit: boolean): readonly [Wallet] => [
  { name: 'unified', kinds: everything, countsOpenProfit },
];
/** @param kinds only those whose balance `fetchBalance({ type: 'swap' })` shows */
const apart = (countsOpenProfit: boolean, kinds = contracts): readonly [Wallet, Wallet] => [
  spot,
  { name: 'futures', kinds, countsOpenProfit },
];

/**
 * What totals are made of is read in ccxt 4.5.84, in each venue's `fetchBalance`: an equity or margin balance has open profits in
 * it, a wallet balance or quantity has not.
 */
export const accounts = {
  /** `marginBalance` of USDⓈ-M futures; no question about spot trades goes without a symbol. Deposits reach the spot wallet. */
  binance: {
    wallets: apart(true),
    recordsPageSize: 1_000,
  },
  binanceus: { wallets: [spot] },
  /**
   * A page of trades is one of all pairs, and its ends are whole seconds, in which there may be more than fit: `ofs` of
   * https://docs.kraken.com/api-reference/account-data/get-trades-history reads on. Its switch: https://docs.kraken.com/api-reference/trading/cancel-all-orders-after-x,
   * which takes whole seconds up to a day.
   */
  kraken: {
    wallets: [spot],
    tradesOf: (kind) => (kind === 'spot' ? [{}] : []),
    listsTradesTogether: true,
    tradesOffsetParameter: 'ofs',
    recordsPageSize: 500,
    recordsPageOrder: 'newest_first',
    deadMan: { afterMsMin: 1_000, afterMsMax: dayMs },
  },
  krakenfutures: {
    wallets: [{ name: 'futures', kinds: contracts, countsOpenProfit: false }],
    deadMan: { afterMsMin: 1_000, afterMsMax: dayMs },
  },
  /**
   * `walletBalance`. What is deposited reaches the funding account, and the unified one by a transfer of the owner's or of
   * Bybit's: https://bybit-exchange.github.io/docs/v5/asset/deposit/set-deposit-acct, and `TRANSFER_IN` of
   * https://bybit-exchange.github.io/docs/v5/enum#typeuta-translog. Funding is an `execFee`: paid above zero, as fees are.
   *
   * Its "disconnected cancel all" waits for streams to break, not for a request to be late, so it is no switch of this kind:
   * https://bybit-exchange.github.io/docs/v5/order/dcp.
   */
  bybit: {
    wallets: unified(false),
    tradesOf: (kind) => {
      if (kind === 'spot' || kind === 'option') return [{ type: kind }];
      return ['linear', 'inverse'].map((subType) => ({ type: 'swap', subType }));
    },
    transfers: {
      ...{ list: 'ledger', change: 'change', untilParameter: 'endTime' },
      questions: [{ type: 'TRANSFER_IN' }, { type: 'TRANSFER_OUT' }],
    },
    recordsPageOrder: 'newest_first',
    fundingPaidIsPositive: true,
  },
  /**
   * `eq`. Moves between the funding and the trading account are bills of the trading account. Its switch takes 0 or 10 s to
   * 120 s: https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-cancel-all-after
   */
  okx: {
    wallets: unified(true),
    tradesOf: (kind) => [{ type: kind === 'perpetual' ? 'swap' : kind }],
    transfers: { list: 'moves', account: 'trading' },
    deadMan: { afterMsMin: 10_000, afterMsMax: 120_000 },
    recordsPageSize: 100,
  },
  /** ccxt finds out whether the account is unified, and then shows all of it for every kind: one wallet counts nothing twice. */
  gate: { wallets: unified(false) },
  bitget: { wallets: apart(true, ['perpetual']) },
  htx: { wallets: apart(true, ['perpetual']) },
  kucoin: { wallets: apart(true, ['perpetual']) },
  mexc: { wallets: apart(true, ['perpetual']) },
  aster: { wallets: apart(false, ['perpetual']) },
  hyperliquid: { wallets: apart(true, ['perpetual']) },
  deribit: { wallets: unified(true) },
  cryptocom: { wallets: unified(false) },
  /** `layers/exchange/custom/bitmex`: what a position has won or lost so far counts into `total`. */
  bitmex: { wallets: unified(true), recordsPageSize: 500 },
  /** `layers/exchange/custom/edgex`: `totalEquity`. */
  edgex: { wallets: [{ name: 'futures', kinds: ['perpetual'], countsOpenProfit: true }], recordsPageSize: 100 },
} as const satisfies Readonly<Record<string, Partial<AccountTraits>>>;
