/** Balances of all accounts: what is free, what is locked by orders, and the only ways to move it. */
import { type Decimal, decimal, zero } from './decimal.ts';
import type { BalanceEntry } from './types.ts';

/** The market maker's account: it may owe, because its coins come from outside the simulation. */
export const houseAccountId = '@house';
/** Where commissions go, so that nothing ever leaves the ledger unseen. */
export const feeAccountId = '@fees';

interface Balance {
  free: Decimal;
  locked: Decimal;
}

export class Ledger {
  readonly #accounts = new Map<string, Map<string, Balance>>();
  readonly #touched = new Map<string, Set<string>>();

  free(accountId: string, asset: string): Decimal {
    return this.#accounts.get(accountId)?.get(asset)?.free ?? zero;
  }

  balancesOf(accountId: string): BalanceEntry[] {
    return [...(this.#accounts.get(accountId) ?? [])].map(([asset, balance]) => ({ asset, ...balance }));
  }

  entry(accountId: string, asset: string): BalanceEntry {
    const balance = this.#balance(accountId, asset);
    return { asset, free: balance.free, locked: balance.locked };
  }

  accountIds(): string[] {
    return [...this.#accounts.keys()];
  }

  /** Adds to (or with a negative amount takes from) the free part. @throws Error when a customer would go below zero. */
  credit(accountId: string, asset: string, amount: Decimal): void {
    const free = this.free(accountId, asset);
    if (free.plus(amount).lt(zero) && accountId !== houseAccountId) {
      throw new Error(`account ${accountId} has ${free} ${asset} free and cannot give ${amount.neg()}`);
    }
    this.settle(accountId, asset, amount);
  }

  /** As `credit`, but may leave a customer owing: what positions lose is lost whether it is there or not. */
  settle(accountId: string, asset: string, amount: Decimal): void {
    const balance = this.#balance(accountId, asset);
    balance.free = balance.free.plus(amount);
    this.#touch(accountId, asset);
  }

  /** Moves from free to locked, or with a negative amount back, whether that much is free or not. */
  hold(accountId: string, asset: string, amount: Decimal): void {
    const balance = this.#balance(accountId, asset);
    balance.free = balance.free.minus(amount);
    balance.locked = balance.locked.plus(amount);
    this.#touch(accountId, asset);
  }

  /** Moves from free to locked. @throws Error when not that much is free: ask `free` first. */
  lock(accountId: string, asset: string, amount: Decimal): void {
    this.credit(accountId, asset, amount.neg());
    const balance = this.#balance(accountId, asset);
    balance.locked = balance.locked.plus(amount);
  }

  /** Moves from locked to free. @throws Error when not that much is locked. */
  unlock(accountId: string, asset: string, amount: Decimal): void {
    const balance = this.#balance(accountId, asset);
    if (balance.locked.lt(amount)) {
      throw new Error(`account ${accountId} has ${balance.locked} ${asset} locked and cannot release ${amount}`);
    }
    balance.locked = balance.locked.minus(amount);
    balance.free = balance.free.plus(amount);
    this.#touch(accountId, asset);
  }

  /** Puts a stored balance back. */
  restore(accountId: string, asset: string, balance: { free: string; locked: string }): void {
    const entry = this.#balance(accountId, asset);
    entry.free = decimal(balance.free);
    entry.locked = decimal(balance.locked);
  }

  /** The balances that changed since the last call, per account. */
  takeTouched(): Map<string, Set<string>> {
    const touched = new Map(this.#touched);
    this.#touched.clear();
    return touched;
  }

  /** Sum over all accounts of one asset: constant but for deposits and withdrawals. */
  total(asset: string): Decimal {
    let sum = zero;
    for (const balances of this.#accounts.values()) {
      const balance = balances.get(asset);
      if (balance !== undefined) sum = sum.plus(balance.free).plus(balance.locked);
    }
    return sum;
  }

  clear(): void {
    this.#accounts.clear();
    this.#touched.clear();
  }

  #balance(accountId: string, asset: string): Balance {
    let account = this.#accounts.get(accountId);
    if (account === undefined) {
      account = new Map();
      this.#accounts.set(accountId, account);
    }
    let balance = account.get(asset);
    if (balance === undefined) {
      balance = { free: zero, locked: zero };
      account.set(asset, balance);
    }
    return balance;
  }

  #touch(accountId: string, asset: string): void {
    const assets = this.#touched.get(accountId);
    if (assets === undefined) this.#touched.set(accountId, new Set([asset]));
    else assets.add(asset);
  }
}
