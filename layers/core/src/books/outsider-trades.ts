/** Trades of the account that no order of the desk made: somebody else, or the venue itself by closing a position. */
import { type Amount, add, notionalOf, subtract, zeroAmount } from '../money.ts';
import type { OwnTrade, Wallet } from '../ports/account.ts';
import { partsOf } from '../positions/position-delta.ts';
import { assetKeyOf, walletOf } from './asset-flows.ts';
import { addStanding, announce, type BooksDraft, explain, isFull } from './books-draft.ts';
import { positionKeyOf } from './busy.ts';
import { countLook } from './look-count.ts';
import type { OrderOwners } from './order-owners.ts';
import type { ReconcileContext, VenueView } from './reconcile-types.ts';
import { tradeSettledId, tradesCursorOf } from './take-told.ts';

/** Changes of baselines, by key. */
export type Effects = ReadonlyMap<string, Amount>;

/** What a trade does to balances, or to the position: what a contract's trade makes is known when it is closed, and then by the venue. */
export function effectsOf(trade: OwnTrade, wallets: readonly Wallet[]): [string, Amount][] {
  const { symbol, side, amount, price, fee } = trade;
  const wallet = walletOf(symbol, wallets);
  if (wallet === undefined) return [];
  const { base, quote, settle } = partsOf(symbol);
  const cost = notionalOf(amount, price) as string as Amount;
  const [up, down] = [(size: Amount) => size, (size: Amount) => subtract(zeroAmount, size)];
  const [bought, paid] = side === 'buy' ? [up, down] : [down, up];
  const fees: [string, Amount][] = fee === undefined ? [] : [[assetKeyOf(wallet, fee.asset), down(fee.amount)]];
  if (settle !== undefined) return [[positionKeyOf(symbol), bought(amount)], ...fees];
  return [[assetKeyOf(wallet, base), bought(amount)], [assetKeyOf(wallet, quote), paid(cost)], ...fees];
}

/**
 * Takes over what was seen at two looks: by then an order of the desk that was just recorded is known to be one.
 *
 * @returns what those do that are not taken over yet, which explains as much of the differences of this look
 */
export function takeOutsiderTrades(
  draft: BooksDraft,
  venue: VenueView,
  {
    owners,
    rates,
    nowMs,
    openedMs,
  }: Pick<ReconcileContext, 'rates' | 'nowMs'> & { owners: OrderOwners; openedMs: number },
): Effects {
  const wallets = venue.wallets.map(({ wallet }) => wallet);
  const foreign = venue.trades.filter(
    (trade) =>
      trade.atMs > openedMs &&
      // What happened later is not in the balances.
      trade.atMs <= venue.askedAtMs &&
      !draft.settled.has(tradeSettledId(trade.symbol, trade.tradeId)) &&
      owners.ownerOf({ ...trade, isWhole: false }).kind === 'outsider',
  );
  const pending = new Map<string, Amount>();
  for (const [name, trades] of Map.groupBy(foreign, ({ symbol, venueOrderId }) => `${symbol} ${venueOrderId}`)) {
    if (takeOrder(draft, trades, { name, wallets, rates, nowMs })) continue;
    for (const [key, by] of trades.flatMap((trade) => effectsOf(trade, wallets))) {
      pending.set(key, add(pending.get(key) ?? zeroAmount, by));
    }
    // They have to be told again at the next look.
    holdCursor(draft, trades);
  }
  return pending;
}

function holdCursor({ cursors }: BooksDraft, trades: readonly OwnTrade[]): void {
  for (const { symbol, atMs } of trades) {
    const cursor = tradesCursorOf(symbol);
    cursors[cursor] = Math.min(cursors[cursor] ?? atMs, atMs);
  }
}

interface Taking extends Pick<ReconcileContext, 'rates' | 'nowMs'> {
  /** Symbol and the venue's id of the order. */
  name: string;
  wallets: readonly Wallet[];
}

/** @param trades of one order. @returns whether they are taken over */
function takeOrder(draft: BooksDraft, trades: readonly OwnTrade[], { name, wallets, rates, nowMs }: Taking): boolean {
  const symbol = name.slice(0, name.indexOf(' '));
  const venueOrderId = name.slice(symbol.length + 1);
  const id = `outsider_fill:${symbol}:${venueOrderId}`;
  const amount = trades.reduce(
    (sum, { side, amount: size }) => (side === 'buy' ? add(sum, size) : subtract(sum, size)),
    zeroAmount,
  );
  const message = `an order that this desk did not place traded ${amount} of ${symbol} (order ${venueOrderId} at the venue)`;
  const prior = draft.before?.differences.find((known) => known.id === id && known.state === 'suspected');
  // Whose it is does not hang on how much of it was traded, so that counts as the same at every look.
  const { amount: _other, ...known } = prior ?? {};
  const seen = { id, kind: 'outsider_fill' as const, subject: symbol, message, isQuiet: true };
  const counted = countLook(seen, prior && (known as typeof prior), { nowMs, beforeMs: draft.before?.checkedAtMs });
  const difference = { ...counted, amount };
  if (difference.state === 'suspected' || isFull(draft)) {
    draft.suspected.push({ ...difference, state: 'suspected' });
    return false;
  }
  for (const trade of trades) {
    draft.settled.add(tradeSettledId(symbol, trade.tradeId));
    const [happenedMs, toldMs] = [trade.atMs, difference.firstSeenMs];
    for (const [key, by] of effectsOf(trade, wallets)) explain(draft, { key, by, happenedMs, toldMs }, rates);
  }
  announce(draft, difference, true);
  addStanding(draft, difference, { id: `outsider_fill:${symbol}`, key: positionKeyOf(symbol), rates });
  return true;
}
