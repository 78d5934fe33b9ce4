/**
 * Comparing an account's venue with the desk's own records. Pure: the same answers and records always come to the same, so a
 * look that dies before it is saved is simply made again, and what was saved is never told twice.
 *
 * What nobody explains is acted upon once two looks in a row have shown it at quiet moments; what the venue tells itself
 * (deposits, withdrawals, funding, fills of the desk's orders) is certain at once. What has been told moves the baseline, so that
 * it is told once. It stays among the differences, for breakers to measure, until a later answer explains it or a person sets
 * the account's switch to active: whoever lets trading go on has taken note.
 */
import { type Amount, add, compare, isNegative, subtract, zeroAmount } from '../money.ts';
import { firstUse } from '../risk/switches.ts';
import { assetFlows } from './asset-flows.ts';
import type { Books, Difference } from './books.ts';
import {
  addStanding,
  announce,
  type BooksDraft,
  beginDraft,
  differencesMax,
  isFull,
  isPositionKey,
  moveBaseline,
  settle,
  tell,
  unexplainedIdOf,
  worthOfKey,
} from './books-draft.ts';
import { busySymbols, keysOf, roomOf } from './busy.ts';
import { compareOrders } from './compare-orders.ts';
import { compareTotals, type SeenTotal, walletCursorOf } from './compare-totals.ts';
import { doubtsOf } from './look-at-orders.ts';
import { countLook } from './look-count.ts';
import { createOwners, type OrderOwners } from './order-owners.ts';
import { takeOutsiderTrades } from './outsider-trades.ts';
import type { DeskView, ReconcileContext, Reconciled, VenueView } from './reconcile-types.ts';
import { effectOf, forgetSettled, takeFunding, takeTransfers } from './take-told.ts';
import { answeredAgain, neverAnswered } from './unanswered.ts';

/** Since when outsiders' trades are told: what was before is in the first baselines. */
export const openedCursor = 'opened';
/** Up to when all trades are explained, in markets too that were never asked for: the last look that suspected nothing. */
export const explainedCursor = 'explained';

export function reconcile(
  before: Books | undefined,
  { desk, venue }: { desk: DeskView; venue: VenueView },
  context: ReconcileContext,
): Reconciled {
  const { nowMs, rates } = context;
  const draft = beginDraft(before, nowMs);
  const isOpening = before === undefined || before.answeredAtMs === 0;
  const owners = createOwners(desk, context);
  const wallets = venue.wallets.map(({ wallet }) => wallet);
  const flows = assetFlows(desk.after.positions, wallets);
  for (const cursor of venue.asked) draft.cursors[cursor] = venue.askedAtMs;
  if (isOpening) draft.cursors[openedCursor] = venue.askedAtMs;
  noteByPerson(draft, desk.row);
  valueStanding(draft, rates);
  takeTransfers(draft, venue, { flows, rates, isOpening });
  takeFunding(draft, venue, { rates, isOpening });
  const openedMs = draft.cursors[openedCursor] ?? 0;
  const pending = takeOutsiderTrades(draft, venue, { owners, rates, nowMs, openedMs });
  compareOrders(draft, venue, { desk, owners, nowMs });
  const seen = compareTotals(draft, venue, {
    ...{ rates, flows, pending, dustBelow: context.dustBelow, ledger: desk.after.positions },
    ...{ busy: busyKeys(desk, venue, owners), room: roomOf(owners.orders, wallets, rates) },
    underWay: underWayOf(venue),
  });
  confirmTotals(draft, seen, context);
  for (const wallet of wallets) draft.cursors[walletCursorOf(wallet)] ??= venue.askedAtMs;
  if (draft.suspected.length === 0) draft.cursors[explainedCursor] = venue.askedAtMs;
  forgetSettled(draft, venue);
  if (isOpening) tell(draft, 'books.opened', { wallets: wallets.map(({ name }) => name), totals: draft.baselines });
  if (before !== undefined) answeredAgain(before, (type, data) => tell(draft, type, data));
  return { books: booksOf(draft, venue, context), actions: draft.actions, events: draft.events };
}

function booksOf(draft: BooksDraft, { askedAtMs }: VenueView, { account, venue, nowMs }: ReconcileContext): Books {
  const { before, standing, suspected, baselines, cursors, settled } = draft;
  const { cause: _answeredNow, unansweredSinceMs: _nor, ...known } = before ?? neverAnswered(account, venue);
  const all = [...standing.values(), ...suspected].sort((left, right) => left.firstSeenMs - right.firstSeenMs);
  // Somebody else may have any number of orders: they keep nothing out of the books that is about money.
  const orders = all.filter(({ kind }) => kind === 'outsider_order').slice(0, differencesMax);
  const money = all.filter(({ kind }) => kind !== 'outsider_order').slice(0, differencesMax);
  const named = [...money, ...orders].sort((left, right) => left.firstSeenMs - right.firstSeenMs);
  return {
    ...{ ...known, account, venue, status: standing.size === 0 ? 'agrees' : 'differs' },
    ...{ checkedAtMs: nowMs, answeredAtMs: askedAtMs, unansweredLooks: 0 },
    ...{ baselines, cursors, settled: [...settled], differences: named },
  };
}

/** What could not be valued when it was confirmed counts as soon as something tells what it is worth. */
function valueStanding(draft: BooksDraft, rates: ReconcileContext['rates']): void {
  for (const difference of draft.standing.values()) {
    const { id, kind, amount, worth } = difference;
    if (kind !== 'drift' || amount === undefined || worth !== undefined) continue;
    const found = worthOfKey(id.slice('drift:'.length), amount, rates);
    if (found !== undefined) draft.standing.set(id, { ...difference, worth: found });
  }
}

/** Kinds that stand until a person has taken note of them; the others end by themselves. */
const notedKinds: ReadonlySet<Difference['kind']> = new Set(['drift', 'outsider_fill', 'outsider_position']);

function noteByPerson(draft: BooksDraft, row: DeskView['row']): void {
  if (row === undefined || row.state !== 'active' || row.by.startsWith('breaker:') || row.by === firstUse.by) return;
  for (const difference of [...draft.standing.values()]) {
    const { kind, confirmedAtMs = difference.firstSeenMs } = difference;
    if (!notedKinds.has(kind) || row.updatedAtMs <= confirmedAtMs || isFull(draft)) continue;
    settle(draft, difference, `${row.by} let trading go on: ${row.reason}`);
    // What came or went without a word is no profit or loss of trading, once a person knows of it.
    const { subject: asset, amount } = difference;
    if (kind === 'drift' && amount !== undefined) draft.actions.push({ kind: 'record_transfer', asset, amount });
  }
}

function busyKeys(desk: DeskView, venue: VenueView, owners: OrderOwners): Set<string> {
  const { before, after, looks } = desk;
  const wallets = venue.wallets.map(({ wallet }) => wallet);
  const feeAssets = new Map(after.positions.map(({ symbol, fees }) => [symbol, Object.keys(fees)]));
  // What a look has just cleared up is in the records after; what it could not is open still.
  const shown = new Set(looks.filter(({ isShown }) => isShown).map((look) => look.after.orderId));
  const doubts = doubtsOf(after.orders, venue, owners).filter(
    ({ order, trades }) => trades.length > 0 || !shown.has(order.orderId),
  );
  const perhaps = [
    ...venue.trades.filter((trade) => owners.ownerOf({ ...trade, isWhole: false }).kind === 'perhaps_desk'),
    ...venue.openOrders.filter((open) => owners.ownerOf({ ...open, isWhole: true }).kind === 'perhaps_desk'),
  ].map(({ symbol }) => symbol);
  const untold = [...doubts.map(({ order: { symbol } }) => symbol), ...perhaps];
  const symbols = busySymbols(before, after, untold);
  return new Set([...symbols].flatMap((symbol) => keysOf(symbol, wallets, feeAssets.get(symbol))));
}

/** Each alone, and all that leave together: some venues take off at once what is to leave, and some when it has. */
function underWayOf({ transfers = [] }: VenueView): ReadonlyMap<string, Amount[]> {
  const moving = transfers.filter(({ status }) => status === 'pending');
  const effects = new Map<string, Amount[]>();
  for (const [asset, all] of Map.groupBy(moving, (transfer) => transfer.asset)) {
    const single = all.map(effectOf);
    const whole = single.filter(isNegative).reduce((sum, effect) => add(sum, effect), zeroAmount);
    effects.set(asset, [...single, whole]);
  }
  return effects;
}

/** Balances and positions that have differed for long enough. */
function confirmTotals(draft: BooksDraft, seen: readonly SeenTotal[], context: ReconcileContext): void {
  const counted = seen.map((total) => {
    const standingId = unexplainedIdOf(total.key);
    // What comes on top of a difference that stands is counted by itself, and then added to it.
    const isMore = draft.standing.has(standingId) && total.seen.id === standingId;
    const id = isMore ? `${standingId}:more` : total.seen.id;
    const prior = draft.before?.differences.find((known) => known.id === id && known.state === 'suspected');
    const times = { nowMs: context.nowMs, beforeMs: draft.before?.checkedAtMs };
    return { ...total, difference: countLook({ ...total.seen, id }, prior, times) };
  });
  for (const { key, amount, difference } of counted) {
    const other = counted.find((candidate) => isOtherEnd(candidate, { key, amount }));
    const isWaiting = other !== undefined && other.difference.state === 'suspected';
    if (difference.state === 'suspected' || isWaiting || isFull(draft)) {
      draft.suspected.push(asSuspected(difference));
      continue;
    }
    moveBaseline(draft, key, amount);
    if (other !== undefined) {
      const kind = isNegative(amount) ? 'withdrawal' : 'deposit';
      announce(draft, { ...difference, kind, message: `moved between ${key} and ${other.key}` }, false);
    } else if (difference.kind === 'dust') {
      announce(draft, difference, false);
    } else {
      // What takes back all that stands is told as its end, and nobody is alarmed once more.
      if (!evensOut(draft.standing.get(unexplainedIdOf(key)), amount)) announce(draft, difference, true);
      addStanding(draft, difference, { id: unexplainedIdOf(key), key, rates: context.rates });
    }
  }
}

const evensOut = (standing: Difference | undefined, amount: Amount): boolean =>
  standing?.amount !== undefined && compare(add(standing.amount, amount), '0') === 0;

function asSuspected({ confirmedAtMs: _not, ...difference }: Difference): Difference {
  return { ...difference, state: 'suspected' };
}

/** True where as much of the same asset is in another wallet as is missing here. */
function isOtherEnd(candidate: SeenTotal, { key, amount }: Pick<SeenTotal, 'key' | 'amount'>): boolean {
  if (candidate.key === key || isPositionKey(key) || isPositionKey(candidate.key)) return false;
  const isSameAsset = candidate.seen.subject === key.slice(key.indexOf(':') + 1);
  return isSameAsset && compare(candidate.amount, subtract(zeroAmount, amount)) === 0;
}
