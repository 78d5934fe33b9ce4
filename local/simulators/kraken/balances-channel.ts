/** The `balances` channel: what an account has of each asset, and each change of it. */
import { type Decimal, zero } from '../engine/decimal.ts';
import type { BalanceEntry } from '../engine/types.ts';
import type { AccountChannel } from './channel.ts';
import { exactNumber, timeText } from './socket-text.ts';
import { otherTxid } from './txid.ts';

export const balancesChannel: AccountChannel = ({ venue, listen }, accountId, params) => {
  const withSnapshot = params.snapshot ?? true;
  return {
    acknowledged: { snapshot: withSnapshot },
    start(publish) {
      const entries = venue.market.engine.ledger.balancesOf(accountId);
      const told = new Map(entries.map((entry) => [entry.asset, totalOf(entry)]));
      if (withSnapshot) publish('snapshot', entries.map(snapshotEntry));
      let entriesTold = 0;
      const tell = (entry: BalanceEntry, type: string) => {
        const balance = totalOf(entry);
        const amount = balance.minus(told.get(entry.asset) ?? zero);
        // What an order sets aside changes nothing of the whole.
        if (amount.eq(zero)) return;
        told.set(entry.asset, balance);
        entriesTold += 1;
        const ledgerId = otherTxid('L', `ledger/${accountId}/${venue.nowMs()}/${entriesTold}`);
        publish('update', [updateEntry({ asset: entry.asset, amount, balance, type, ledgerId, nowMs: venue.nowMs() })]);
      };
      return listen((event) => {
        if (event.type === 'transfer' && event.accountId === accountId) {
          const type = event.delta.gt(zero) ? 'deposit' : 'withdrawal';
          tell(venue.market.engine.ledger.entry(accountId, event.asset), type);
        }
        if (event.type !== 'balances' || event.accountId !== accountId) return;
        for (const entry of event.entries) tell(entry, 'trade');
      });
    },
  };
};

function totalOf({ free, locked }: BalanceEntry): Decimal {
  return free.plus(locked);
}

function snapshotEntry(entry: BalanceEntry) {
  const balance = exactNumber(totalOf(entry));
  return {
    asset: entry.asset,
    asset_class: 'currency',
    balance,
    wallets: [{ type: 'spot', id: 'main', balance }],
  };
}

interface LedgerEntry {
  asset: string;
  amount: Decimal;
  balance: Decimal;
  type: string;
  ledgerId: string;
  nowMs: number;
}

function updateEntry({ asset, amount, balance, type, ledgerId, nowMs }: LedgerEntry) {
  return {
    ledger_id: ledgerId,
    ref_id: otherTxid('T', `reference/${ledgerId}`),
    timestamp: timeText(nowMs),
    type,
    subtype: '',
    category: type,
    asset,
    asset_class: 'currency',
    amount: exactNumber(amount),
    balance: exactNumber(balance),
    fee: exactNumber(zero),
    wallet_type: 'spot',
    wallet_id: 'main',
  };
}
