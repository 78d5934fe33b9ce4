/** What reconciliation is told, for tests of its rules: a desk and a venue that agree, and what a test changes about them. */
import {
  type AccountId,
  amount,
  type Books,
  type DeskRecords,
  type DeskView,
  notional,
  type OpenOrder,
  type Order,
  type OwnTrade,
  type PositionRow,
  price,
  type ReconcileContext,
  type Reconciled,
  reconcile,
  type VenueId,
  type VenueOrderId,
  type VenueView,
  type Wallet,
  zeroAmount,
  zeroNotional,
} from '@nightdesk/core';

export const spotWallet: Wallet = { name: 'spot', kinds: ['spot'], countsOpenProfit: false };
export const futuresWallet: Wallet = { name: 'futures', kinds: ['perpetual'], countsOpenProfit: false };

export const row = (symbol: string, change: Partial<PositionRow> = {}): PositionRow => ({
  ...{ account: 'main' as AccountId, venue: 'fake' as VenueId, symbol, quantity: zeroAmount, cost: zeroNotional },
  ...{ unpriced: zeroAmount, realizedPnl: zeroNotional, unpricedClosed: zeroAmount, fees: {} },
  ...{ version: 1, journalHash: 'h', updatedAtMs: 0 },
  ...change,
});

/** What the desk has, before and after the venue was asked. */
export const deskOf = (
  records: { positions?: readonly PositionRow[]; orders?: readonly Order[] } = {},
  change: Partial<DeskView> = {},
): DeskView => {
  const both: DeskRecords = { positions: records.positions ?? [], orders: records.orders ?? [] };
  return { before: both, after: both, ended: [], looks: [], row: undefined, ...change };
};

/** Balances as `{spot: {BTC: '1'}}`. */
export const venueOf = (
  balances: Record<string, Record<string, string>>,
  change: Partial<VenueView> & { kept?: readonly Wallet[] } = {},
): VenueView => {
  const { kept = [spotWallet, futuresWallet], ...rest } = change;
  return {
    askedAtMs: 0,
    wallets: kept.map((wallet) => ({
      wallet,
      balances: Object.entries(balances[wallet.name] ?? {}).map(([asset, total]) => ({ asset, total: amount(total) })),
    })),
    ...{ positions: [], openOrders: [], trades: [], funding: [], fundingUntold: [], asked: [] },
    ...rest,
  };
};

export const trade = (change: Partial<OwnTrade> = {}): OwnTrade => ({
  ...{ tradeId: 't1', symbol: 'BTC/USDT', side: 'buy', amount: amount('1'), price: price('100'), atMs: 1 },
  venueOrderId: 'x1' as VenueOrderId,
  ...change,
});

export const openOrder = (change: Partial<OpenOrder> = {}): OpenOrder => ({
  ...{ symbol: 'BTC/USDT', side: 'buy', amount: amount('1'), status: 'open', filled: zeroAmount, fills: [] },
  venueOrderId: 'x1' as VenueOrderId,
  ...change,
});

export interface LookAt {
  desk: DeskView;
  venue: VenueView;
  rates?: ReconcileContext['rates'];
}

const minuteMs = 60_000;

/** Looks a minute apart, each told what it is given; the outcome of the last, and everything that was told. */
export function looks(...given: LookAt[]): Reconciled & { told: string[] } {
  let books: Books | undefined;
  let last: Reconciled | undefined;
  const told: string[] = [];
  for (const [index, { desk, venue, rates = { BTC: price('100'), USDT: price('1') } }] of given.entries()) {
    const nowMs = (index + 1) * minuteMs;
    last = reconcile(
      books,
      { desk, venue: { ...venue, askedAtMs: nowMs } },
      {
        ...{ account: 'main' as AccountId, venue: 'fake' as VenueId, nowMs, rates, dustBelow: notional('1') },
        clientOrderIdOf: (orderId) => `form-${orderId}`,
      },
    );
    books = last.books;
    told.push(
      ...last.events.map(({ type, data }) =>
        [type, data.kind, data.key ?? data.subject, data.amount].filter(Boolean).join(' '),
      ),
    );
  }
  if (last === undefined) throw new Error('there was no look');
  return { ...last, told };
}
