/** What is under way at the moment of a look, so that a difference in it says nothing yet. */
import {
  type Amount,
  add,
  compare,
  divideBy,
  isNegative,
  isPositive,
  notionalOf,
  scaleBy,
  subtract,
  zeroAmount,
} from '../money.ts';
import { finalStates, type Order } from '../orders/order.ts';
import { awaitsTrades, isSettling } from '../orders/tracked.ts';
import { isInDoubt } from '../orders/tracking-schedule.ts';
import type { Wallet } from '../ports/account.ts';
import { partsOf } from '../positions/position-delta.ts';
import { ownersRate, type Rates } from '../valuation/rates.ts';
import { assetKeyOf, assetsOf, walletOf } from './asset-flows.ts';
import { newestOf } from './order-owners.ts';
import type { DeskRecords } from './reconcile-types.ts';

/** A position's place among the baselines. */
export const positionKeyOf = (symbol: string): string => `position:${symbol}`;

/** Symbols in which the desk's own records changed during the look, or are not complete. */
export function busySymbols(before: DeskRecords, after: DeskRecords, untold: readonly string[]): Set<string> {
  const versions = new Map(before.positions.map(({ symbol, version }) => [symbol, version]));
  const changed = after.positions.filter(({ symbol, version }) => versions.get(symbol) !== version);
  const orders = [...before.orders, ...after.orders].filter(
    (order) => (!finalStates.has(order.state) && isInDoubt(order)) || isSettling(order) || awaitsTrades(order),
  );
  return new Set([...changed, ...orders].map(({ symbol }) => symbol).concat(untold));
}

/** Baselines that a symbol's trades move, fees in assets that were paid before included. */
export function keysOf(symbol: string, wallets: readonly Wallet[], feeAssets: readonly string[] = []): string[] {
  const wallet = walletOf(symbol, wallets);
  if (wallet === undefined) return [];
  const keys = [...assetsOf(symbol), ...feeAssets].map((asset) => assetKeyOf(wallet, asset));
  return partsOf(symbol).settle === undefined ? keys : [...keys, positionKeyOf(symbol)];
}

/** The most that fills which the venue has not told yet can have moved, by key: up and down. */
export type Room = ReadonlyMap<string, { up: Amount; down: Amount }>;

/** A market order's price is not known, and a limit may be bettered: what is paid may be so much more than expected. */
const slack = '1.05';

export function roomOf(orders: readonly Order[], wallets: readonly Wallet[], rates: Rates): Room {
  const room = new Map<string, { up: Amount; down: Amount }>();
  const widen = (key: string, by: Amount) => {
    const { up, down } = room.get(key) ?? { up: zeroAmount, down: zeroAmount };
    room.set(key, isNegative(by) ? { up, down: add(down, by) } : { up: add(up, by), down });
  };
  for (const order of newestOf(orders)) {
    const { symbol, side, amount, filled, state } = order;
    const wallet = walletOf(symbol, wallets);
    if (wallet === undefined || amount === undefined || finalStates.has(state) || state === 'waiting') continue;
    const rest = subtract(amount, filled);
    const { base, quote, settle } = partsOf(symbol);
    const signed = side === 'buy' ? rest : subtract(zeroAmount, rest);
    const worth = quoteOf(order, rest, rates);
    if (settle !== undefined) {
      widen(positionKeyOf(symbol), signed);
      if (worth === undefined) continue;
      // What a contract makes or loses, and its fee, is a part of what is traded.
      widen(assetKeyOf(wallet, settle), worth);
      widen(assetKeyOf(wallet, settle), subtract(zeroAmount, worth));
      continue;
    }
    widen(assetKeyOf(wallet, base), signed);
    if (worth !== undefined) widen(assetKeyOf(wallet, quote), side === 'buy' ? subtract(zeroAmount, worth) : worth);
  }
  return room;
}

function quoteOf({ symbol, price }: Order, rest: Amount, rates: Rates): Amount | undefined {
  const { base, quote } = partsOf(symbol);
  const [baseRate, quoteRate] = [ownersRate(rates, base), ownersRate(rates, quote)];
  const isKnown = baseRate !== undefined && quoteRate !== undefined && isPositive(quoteRate);
  const at = price ?? (isKnown ? divideBy(baseRate, quoteRate) : undefined);
  return at && (scaleBy(notionalOf(rest, at), slack) as string as Amount);
}

/** True where such fills can be behind a difference. */
export function fitsIn(room: Room, key: string, amount: Amount): boolean {
  const bounds = room.get(key);
  if (bounds === undefined) return false;
  return isNegative(amount) ? compare(amount, bounds.down) >= 0 : compare(amount, bounds.up) <= 0;
}
