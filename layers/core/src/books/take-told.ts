/**
 * What the venue itself tells of an account's money: deposits, withdrawals and funding. It is certain at once. What happened after
 * the balances were asked for is not in them yet, and waits for the next look.
 */
import { type Amount, add, compare, subtract, zeroAmount } from '../money.ts';
import type { Transfer } from '../ports/account.ts';
import { type AssetFlows, assetKeyOf, walletOf } from './asset-flows.ts';
import { type BooksDraft, baselineOf, explain, isFull, tell } from './books-draft.ts';
import type { ReconcileContext, VenueView } from './reconcile-types.ts';

export const transferIdOf = ({ direction, id }: Pick<Transfer, 'direction' | 'id'>): string =>
  `${transfersCursor}#${direction}:${id}`;

/** What it does to the balance: its fee is taken off beside it. */
export function effectOf({ direction, amount, fee }: Transfer): Amount {
  return direction === 'in'
    ? subtract(amount, fee ?? zeroAmount)
    : subtract(zeroAmount, add(amount, fee ?? zeroAmount));
}

/** What the balance of an asset is by now, less what the desk explains; by wallet. */
function gapsOf(
  draft: BooksDraft,
  asset: string,
  { wallets, flows }: Pick<VenueView, 'wallets'> & { flows: AssetFlows },
) {
  return wallets.map(({ wallet, balances }) => {
    const key = assetKeyOf(wallet, asset);
    const { total, traded } = baselineOf(draft, key);
    const expected = add(total, subtract(flows[key]?.traded ?? zeroAmount, traded));
    const actual = balances.find((balance) => balance.asset === asset)?.total ?? zeroAmount;
    return { key, gap: subtract(actual, expected) };
  });
}

/**
 * Records what is done. Venues do not say which purse it went to: it is the one that differs by so much, else the first; a
 * mistake shows as something that was moved between the two.
 */
export function takeTransfers(
  draft: BooksDraft,
  venue: VenueView,
  { flows, rates, isOpening }: Pick<ReconcileContext, 'rates'> & { flows: AssetFlows; isOpening: boolean },
): void {
  for (const transfer of venue.transfers ?? []) {
    const id = transferIdOf(transfer);
    if (transfer.status !== 'done' || transfer.atMs > venue.askedAtMs) continue;
    if (draft.settled.has(id) || isFull(draft)) continue;
    draft.settled.add(id);
    if (isOpening) continue;
    const { asset, direction, amount, fee, atMs } = transfer;
    const effect = effectOf(transfer);
    const gaps = gapsOf(draft, asset, { wallets: venue.wallets, flows });
    const place = gaps.find(({ gap }) => compare(gap, effect) === 0) ?? gaps[0];
    if (place === undefined) continue;
    explain(draft, { key: place.key, by: effect, happenedMs: atMs, toldMs: draft.nowMs }, rates);
    const kind = direction === 'in' ? 'deposit' : 'withdrawal';
    tell(draft, 'books.transfer', {
      id,
      kind,
      key: place.key,
      asset,
      amount,
      ...(fee && { fee }),
      transferredAtMs: atMs,
    });
    draft.actions.push({ kind: 'record_transfer', asset, amount: effect });
  }
}

/** All payments of a perpetual that became known are one event. */
export function takeFunding(
  draft: BooksDraft,
  venue: VenueView,
  { rates, isOpening }: Pick<ReconcileContext, 'rates'> & { isOpening: boolean },
): void {
  const wallets = venue.wallets.map(({ wallet }) => wallet);
  for (const [symbol, payments] of Map.groupBy(venue.funding, (payment) => payment.symbol)) {
    const wallet = walletOf(symbol, wallets);
    if (wallet === undefined || isFull(draft)) continue;
    const unknown = payments.filter(
      ({ id, atMs }) => atMs <= venue.askedAtMs && !draft.settled.has(fundingIdOf(symbol, id)),
    );
    for (const [asset, paid] of Map.groupBy(unknown, (payment) => payment.asset)) {
      for (const { id } of paid) draft.settled.add(fundingIdOf(symbol, id));
      if (isOpening) continue;
      const amount = paid.reduce((sum, payment) => add(sum, payment.amount), zeroAmount);
      const happenedMs = Math.min(...paid.map(({ atMs }) => atMs));
      explain(draft, { key: assetKeyOf(wallet, asset), by: amount, happenedMs, toldMs: draft.nowMs }, rates);
      tell(draft, 'books.funding', { symbol, asset, amount, ids: paid.map(({ id }) => id) });
    }
  }
}

/** Ids that no answer tells of any more are not kept: what is not told cannot be taken twice. */
export function forgetSettled(draft: BooksDraft, { asked, transfers = [], funding, trades }: VenueView): void {
  const told = new Set([
    ...transfers.map(transferIdOf),
    ...funding.map(({ symbol, id }) => fundingIdOf(symbol, id)),
    ...trades.map(({ symbol, tradeId }) => tradeSettledId(symbol, tradeId)),
  ]);
  const isAsked = (id: string) => asked.some((cursor) => id.startsWith(`${cursor}#`));
  for (const id of draft.settled) {
    if (isAsked(id) && !told.has(id)) draft.settled.delete(id);
  }
}

/** Ids begin with the cursor by which they are asked for, and no symbol has the sign that ends it. */
export const tradeSettledId = (symbol: string, tradeId: string): string => `${tradesCursorOf(symbol)}#${tradeId}`;
const fundingIdOf = (symbol: string, id: string): string => `${fundingCursorOf(symbol)}#${id}`;

export const transfersCursor = 'transfers';
export const tradesCursorOf = (symbol: string): string => `trades:${symbol}`;
export const fundingCursorOf = (symbol: string): string => `funding:${symbol}`;
