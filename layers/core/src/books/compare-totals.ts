/** Balances and positions: what the venue shows, and what is explained. */
import {
  type Amount,
  absolute,
  add,
  compare,
  divideBy,
  isNegative,
  isPositive,
  type Notional,
  subtract,
  zeroAmount,
} from '../money.ts';
import type { Position, Wallet } from '../ports/account.ts';
import { averageEntryOf, type PositionRow } from '../positions/ledger.ts';
import { partsOf, profitCurrencyOf } from '../positions/position-delta.ts';
import { ownOf } from '../valuation/value-account.ts';
import { type AssetFlow, type AssetFlows, assetKeyOf, kindOfSymbol, walletOf } from './asset-flows.ts';
import { type BooksDraft, baselineOf, subjectOf, worthOfKey } from './books-draft.ts';
import { fitsIn, positionKeyOf, type Room } from './busy.ts';
import type { Seen } from './look-count.ts';
import type { Effects } from './outsider-trades.ts';
import type { ReconcileContext, VenueView } from './reconcile-types.ts';

/** One thing that is compared. */
interface Total {
  key: string;
  actual: Amount;
  flow: AssetFlow;
  /**
   * - `compared`: a difference means something;
   * - `untold`: something moves it that nobody can tell, so it is taken as it is until that is over;
   * - `asleep`: it cannot be told for the moment, and will be as it was.
   */
  state: 'compared' | 'untold' | 'asleep';
  isOpening: boolean;
}

export interface TotalsContext extends Pick<ReconcileContext, 'rates' | 'dustBelow'> {
  flows: AssetFlows;
  ledger: readonly PositionRow[];
  /** What is told already and not taken over yet. */
  pending: Effects;
  busy: ReadonlySet<string>;
  room: Room;
  /** What deposits and withdrawals will have done, or have done already, that are under way; by asset. */
  underWay: ReadonlyMap<string, readonly Amount[]>;
}

/** A difference in one baseline. */
export interface SeenTotal {
  key: string;
  amount: Amount;
  seen: Seen;
}

/** What differs. Baselines are taken of what is seen for the first time, and of what could not be compared before. */
export function compareTotals(draft: BooksDraft, venue: VenueView, context: TotalsContext): SeenTotal[] {
  const positions = positionTotals(draft, venue, context);
  const mixed = new Set(positions.filter((total) => isForeign(draft, total, context)).map(({ key }) => subjectOf(key)));
  const totals = [...positions, ...assetTotals(draft, venue, { ...context, mixed })];
  return totals.flatMap((total) => compareOne(draft, total, context) ?? []);
}

function compareOne(draft: BooksDraft, compared: Total, context: TotalsContext): SeenTotal | undefined {
  const { key, actual, flow, state, isOpening } = compared;
  const { pending, busy } = context;
  const isQuiet = !busy.has(key);
  const known = baselineOf(draft, key);
  if (state === 'asleep' && draft.baselines[key] !== undefined) return undefined;
  const hasMoved = compare(flow.unpriced, known.unpriced ?? '0') !== 0;
  const isUntold = state !== 'compared' || hasMoved;
  if (isUntold || isOpening || known.provisional === true) {
    const unpriced = compare(flow.unpriced, '0') === 0 ? {} : { unpriced: flow.unpriced };
    const isSure = isQuiet && (state === 'compared' || isOpening);
    // What is told and waits to be taken over is in the balance already.
    const total = subtract(actual, pending.get(key) ?? zeroAmount);
    draft.baselines[key] = { total, traded: flow.traded, ...unpriced, ...(!isSure && { provisional: true }) };
    return undefined;
  }
  const expected = add(known.total, subtract(flow.traded, known.traded));
  const amount = subtract(actual, add(expected, pending.get(key) ?? zeroAmount));
  if (compare(amount, '0') === 0) return undefined;
  return { key, amount, seen: classify(key, amount, { isQuiet, ...context }) };
}

function classify(
  key: string,
  amount: Amount,
  { rates, dustBelow, room, underWay, isQuiet }: TotalsContext & { isQuiet: boolean },
): Seen {
  const worth = worthOfKey(key, amount, rates);
  const [isPosition, subject] = [key.startsWith('position:'), subjectOf(key)];
  const isMoving = !isPosition && (underWay.get(subject) ?? []).some((effect) => compare(effect, amount) === 0);
  const moving = isNegative(amount) ? 'withdrawal' : 'deposit';
  const isDust = !isPosition && worth !== undefined && compare(worth, dustBelow) < 0;
  const kind = isPosition ? 'outsider_position' : isMoving ? moving : isDust ? 'dust' : 'drift';
  return {
    ...{
      id: isPosition ? `outsider_${key}` : `${kind}:${key}`,
      kind,
      subject,
      amount,
      message: messageOf(key, amount),
    },
    ...(worth !== undefined && { worth }),
    // What is under way is told when it is done.
    isQuiet: isQuiet && !isMoving,
    mayBeFill: fitsIn(room, key, amount),
  };
}

function messageOf(key: string, amount: Amount): string {
  const [size, way] = [absolute(amount), isNegative(amount) ? 'less' : 'more'];
  return key.startsWith('position:')
    ? `the position in ${subjectOf(key)} is ${size} ${way} than this desk has traded`
    : `the venue shows ${size} ${subjectOf(key)} ${way} in ${key.slice(0, key.indexOf(':'))} than the desk can explain`;
}

const isWalletNew = ({ cursors }: BooksDraft, wallet: Wallet): boolean => cursors[walletCursorOf(wallet)] === undefined;

/** Since when a wallet is compared. */
export const walletCursorOf = ({ name }: Wallet): string => `wallet:${name}`;

const signedOf = ({ side, amount }: Position): Amount => (side === 'long' ? amount : subtract(zeroAmount, amount));

function positionTotals(draft: BooksDraft, venue: VenueView, { ledger }: TotalsContext): Total[] {
  const wallets = venue.wallets.map(({ wallet }) => wallet);
  const contracts = ledger.filter(({ symbol }) => kindOfSymbol(symbol) !== 'spot');
  const kept = Object.keys(draft.baselines)
    .filter((key) => key.startsWith('position:'))
    .map(subjectOf);
  const symbols = new Set([...venue.positions, ...contracts].map(({ symbol }) => symbol).concat(kept));
  return [...symbols].sort().flatMap((symbol) => {
    const wallet = walletOf(symbol, wallets);
    if (wallet === undefined) return [];
    const held = venue.positions.filter((position) => position.symbol === symbol);
    const actual = held.reduce((sum, position) => add(sum, signedOf(position)), zeroAmount);
    const traded = contracts.find((row) => row.symbol === symbol)?.quantity ?? zeroAmount;
    const flow = { traded, unpriced: zeroAmount };
    return [
      { key: positionKeyOf(symbol), actual, flow, state: 'compared' as const, isOpening: isWalletNew(draft, wallet) },
    ];
  });
}

/** True where a part of the position is not the desk's: its profit is told by nobody but the venue. */
const isForeign = (draft: BooksDraft, { key, actual, flow }: Total, { busy }: TotalsContext): boolean =>
  (compare(actual, flow.traded) !== 0 && !busy.has(key)) || draft.standing.has(`outsider_position:${subjectOf(key)}`);

interface AssetsContext extends TotalsContext {
  /** Contracts of whose position a part is not the desk's. */
  mixed: ReadonlySet<string>;
}

function assetTotals(draft: BooksDraft, venue: VenueView, context: AssetsContext): Total[] {
  return venue.wallets.flatMap(({ wallet, balances }) => {
    const prefix = assetKeyOf(wallet, '');
    const totals = new Map(balances.map((balance) => [assetKeyOf(wallet, balance.asset), ownOf(balance)]));
    const others = [...Object.keys(draft.baselines), ...Object.keys(context.flows)];
    const keys = new Set([...totals.keys(), ...others.filter((key) => key.startsWith(prefix))]);
    const isOpening = isWalletNew(draft, wallet);
    return [...keys].sort().map((key) => ({
      ...{ key, isOpening, actual: totals.get(key) ?? zeroAmount },
      flow: context.flows[key] ?? { traded: zeroAmount, unpriced: zeroAmount },
      state: stateOf(subjectOf(key), wallet, { venue, context }),
    }));
  });
}

/** How closely the venue's average price has to be the desk's own; beyond, they count profits in another way. */
const entryToleranceShare = '0.001';

function stateOf(
  asset: string,
  wallet: Wallet,
  { venue, context: { mixed, ledger } }: { venue: VenueView; context: AssetsContext },
): Total['state'] {
  const wallets = venue.wallets.map((told) => told.wallet);
  const isPaidIn = (symbol: string) => partsOf(symbol).settle === asset && walletOf(symbol, wallets) === wallet;
  const open = venue.positions.filter(({ symbol }) => isPaidIn(symbol));
  if ([...mixed].some(isPaidIn)) return 'untold';
  if (open.some((position) => isEnteredOtherwise(position, ledger))) return 'untold';
  if (venue.fundingUntold.some(isPaidIn)) return 'untold';
  return wallet.countsOpenProfit && open.length > 0 ? 'asleep' : 'compared';
}

function isEnteredOtherwise({ symbol, entryPrice }: Position, ledger: readonly PositionRow[]): boolean {
  const row = ledger.find((candidate) => candidate.symbol === symbol);
  const own = row && profitCurrencyOf(symbol) !== undefined ? averageEntryOf(row) : undefined;
  if (own === undefined || entryPrice === undefined || !isPositive(own)) return false;
  const apart = subtract(entryPrice as string as Notional, own as string as Notional);
  const share = divideBy(isNegative(apart) ? subtract('0' as Notional, apart) : apart, own);
  return compare(share, entryToleranceShare) > 0;
}
