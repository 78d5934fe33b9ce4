/** What an account of the desk does in one minute, decided by the dice. */
import { amount, type Order, price } from '@nightdesk/core';
import type { SimulatedDesk, Wish } from '../../support/simulated-desk.ts';
import type { Dice } from '../dice.ts';
import type { SoakMarket } from '../markets.ts';
import type { BooksAccount } from './accounts.ts';

const kinds = { market: 4, crossing: 2, resting: 3, far: 1, cancel: 2, amend: 1, bracket: 2, close: 1 } as const;
const actionsMax = 3;

/** What cannot be done in such a weather is left to tracking, or not done. @returns what failed */
export async function tradeForAMinute(desk: SimulatedDesk, account: BooksAccount, dice: Dice): Promise<unknown[]> {
  const failures: unknown[] = [];
  const count = Math.floor(dice.between(0, actionsMax + 1));
  for (let index = 0; index < count; index++) {
    const wish = await wishOf(desk, account, dice);
    if (wish !== undefined) await desk.trade(account.name, wish).catch((error: unknown) => failures.push(error));
  }
  return failures;
}

async function wishOf(desk: SimulatedDesk, account: BooksAccount, dice: Dice): Promise<Wish | undefined> {
  const market = dice.pick(account.markets);
  const kind = dice.weighted(kinds);
  const action = dice.pick(['buy', 'sell'] as const);
  const { symbol } = market;
  const size = { base: amount((market.size * dice.between(0.4, 1.6)).toFixed(market.sizeDecimals)) };
  const now = await priceOf(desk, account, market);
  /** So many percent dearer for a buyer, or cheaper for a seller. */
  const priceAt = (percent: number) =>
    price((now * (1 + (action === 'buy' ? percent : -percent) / 100)).toFixed(market.priceDecimals));
  if (kind === 'cancel' || kind === 'amend') {
    const open = await openOrderOf(desk, account, dice);
    if (open === undefined) return undefined;
    const meant = { symbol: open.symbol, orderId: open.orderId };
    if (kind === 'cancel') return { action: 'cancel', ...meant };
    const changed = price((Number(open.price) * dice.between(0.998, 1.002)).toFixed(decimalsOf(account, open)));
    return { action: 'amend', ...meant, change: { price: changed } };
  }
  if (kind === 'crossing') return { symbol, action, size, type: 'limit', price: priceAt(0.1) };
  if (kind === 'resting') return { symbol, action, size, type: 'limit', price: priceAt(-dice.between(0.05, 0.4)) };
  if (kind === 'far') return { symbol, action, size, type: 'limit', price: priceAt(-8) };
  if (kind === 'bracket') {
    const takeProfits = [{ level: { percent: dice.pick(['0.5', '1']) }, portion: '1' }];
    const stopLoss = { level: { percent: dice.pick(['0.5', '1']) } };
    const side = market.kind === 'spot' ? 'buy' : action;
    return { symbol, action: side, size, exitPlan: { takeProfits, stopLoss, onFailure: 'keep' } };
  }
  if (kind === 'close' && market.kind === 'perpetual') return { symbol, action: 'close' };
  return { symbol, action, size };
}

const decimalsOf = ({ markets }: BooksAccount, { symbol }: Order): number =>
  markets.find((market) => market.symbol === symbol)?.priceDecimals ?? 0;

/** An entry with a limit that rests at the venue, as far as one is there. */
async function openOrderOf(desk: SimulatedDesk, { name }: BooksAccount, dice: Dice): Promise<Order | undefined> {
  const open = [...desk.tables.orders.values()].filter(
    ({ account, state, type, role }) =>
      account === name && state === 'open' && type === 'limit' && (role === undefined || role === 'entry'),
  );
  return open.length === 0 ? undefined : dice.pick(open);
}

export async function priceOf(desk: SimulatedDesk, { venue }: BooksAccount, { name }: SoakMarket): Promise<number> {
  const { price: now } = await desk.control<{ price: string }>(venue, 'POST', 'price', { symbol: name, factor: 1 });
  return Number(now);
}
