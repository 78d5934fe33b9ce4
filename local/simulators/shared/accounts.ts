/** The customers of a simulated venue, found by key and by name. */

export interface AccountOptions<Permission extends string> {
  /** How faults and reports name it. @default `account-1`, `account-2`, … by position */
  name?: string | undefined;
  apiKey: string;
  secret: string;
  /** Starting balances, asset to decimal string. */
  balances: Readonly<Record<string, string>>;
  /** What the key may do, in the venue's words. @default what reads and trades */
  permissions?: readonly Permission[] | undefined;
  /** Addresses that may use the key; absent means any. */
  allowedAddresses?: readonly string[] | undefined;
}

export interface VenueAccount<Permission extends string> {
  readonly id: string;
  /** Position in the list of accounts, from 0. */
  readonly index: number;
  readonly apiKey: string;
  readonly secret: string;
  readonly startingBalances: Readonly<Record<string, string>>;
  readonly permissions: ReadonlySet<Permission>;
  readonly allowedAddresses: readonly string[] | undefined;
}

export class AccountDirectory<Permission extends string> {
  readonly #byKey = new Map<string, VenueAccount<Permission>>();
  readonly #standardPermissions: readonly Permission[];

  /** @throws Error when two accounts share a key or a name. */
  constructor(options: readonly AccountOptions<Permission>[], standardPermissions: readonly Permission[]) {
    this.#standardPermissions = standardPermissions;
    for (const account of options) this.add(account);
  }

  /** @throws Error when another account has the key or the name. */
  add(account: AccountOptions<Permission>): void {
    const index = this.#byKey.size;
    const id = account.name ?? `account-${index + 1}`;
    if (this.byId(id) !== undefined) throw new Error(`accounts[${index}].name "${id}" is used twice`);
    if (this.#byKey.has(account.apiKey)) throw new Error(`accounts[${index}].apiKey is used twice`);
    this.#byKey.set(account.apiKey, {
      id,
      index,
      apiKey: account.apiKey,
      secret: account.secret,
      startingBalances: account.balances,
      permissions: new Set(account.permissions ?? this.#standardPermissions),
      allowedAddresses: account.allowedAddresses,
    });
  }

  all(): VenueAccount<Permission>[] {
    return [...this.#byKey.values()];
  }

  byKey(apiKey: string | undefined): VenueAccount<Permission> | undefined {
    return apiKey === undefined ? undefined : this.#byKey.get(apiKey);
  }

  byId(accountId: string): VenueAccount<Permission> | undefined {
    return this.all().find(({ id }) => id === accountId);
  }
}

/** Whether a key may be used from an address. */
export function isAddressAllowed(account: VenueAccount<string>, address: string): boolean {
  return account.allowedAddresses === undefined || account.allowedAddresses.includes(address);
}
