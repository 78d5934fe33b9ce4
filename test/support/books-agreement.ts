/** Whether the desk's books say of an account what the venue's own ledger says. */
import { type AccountId, add, amount, assetFlows, compare, subtract, zeroAmount } from '@nightdesk/core';
import type { SimulatedDesk } from './simulated-desk.ts';
import { nameAtVenue, type SimulatedCustomer } from './simulated-venues.ts';

type Sums = Readonly<Record<string, string>>;

/** By asset, and by symbol for positions, as `desk venue`; nothing where the two agree. */
export async function disagreements(desk: SimulatedDesk, customer: SimulatedCustomer): Promise<Record<string, string>> {
  const { name, venue } = customer;
  const [own, theirs] = [await sumsOfDesk(desk, name), await sumsOfVenue(desk, customer)];
  const keys = new Set([...Object.keys(own), ...Object.keys(theirs)]);
  const apart = [...keys].filter((key) => compare(amount(own[key] ?? '0'), amount(theirs[key] ?? '0')) !== 0);
  return Object.fromEntries(apart.map((key) => [`${venue} ${name} ${key}`, `${own[key] ?? 0} ${theirs[key] ?? 0}`]));
}

/** What the books expect to find: their baselines, and what the desk has traded since. */
async function sumsOfDesk(desk: SimulatedDesk, account: string): Promise<Sums> {
  const id = account as AccountId;
  const [books, positions] = [await desk.books.get(id), await desk.positions.listByAccount(id)];
  if (books === undefined) throw new Error(`${account} has no books`);
  const flows = assetFlows(positions, desk.venueOf(account).wallets);
  const sums: Record<string, string> = {};
  for (const key of new Set([...Object.keys(books.baselines), ...Object.keys(flows)])) {
    const { total, traded } = books.baselines[key] ?? { total: zeroAmount, traded: zeroAmount };
    const subject = key.slice(key.indexOf(':') + 1);
    const isPosition = key.startsWith('position:');
    const quantity = positions.find(({ symbol }) => symbol === subject)?.quantity ?? zeroAmount;
    const flow = isPosition ? amount(quantity) : (flows[key]?.traded ?? zeroAmount);
    const expected = add(total, subtract(flow, traded));
    const sum = isPosition ? `position ${nameAtVenue('bybit', subject)}` : subject;
    sums[sum] = add(amount(sums[sum] ?? '0'), expected);
  }
  return sums;
}

async function sumsOfVenue({ control }: SimulatedDesk, { name, venue }: SimulatedCustomer): Promise<Sums> {
  type Ledger = Record<string, { free: string; locked: string }>;
  const { accounts } = await control<{ accounts: Record<string, Ledger> }>(venue, 'GET', 'balances');
  const { positions } = await control<{ positions: { account: string; symbol: string; size: string }[] }>(
    venue,
    'GET',
    'positions',
  );
  const sums: Record<string, string> = {};
  for (const [asset, { free, locked }] of Object.entries(accounts[name] ?? {})) {
    sums[asset] = add(amount(free), amount(locked));
  }
  for (const { account, symbol, size } of positions) {
    if (account === name) sums[`position ${symbol}`] = add(amount(sums[`position ${symbol}`] ?? '0'), amount(size));
  }
  return sums;
}
