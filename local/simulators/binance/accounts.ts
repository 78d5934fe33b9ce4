/** The customers of the simulated venue, and the check that a request comes from one of them. */
import {
  badKeyFormat,
  invalidSignature,
  recvWindowTooLarge,
  rejectedKey,
  timestampAhead,
  timestampOutside,
} from './errors.ts';
import type { Params } from './params.ts';
import { isSignature, sign } from './signature.ts';

export type Permission = 'read' | 'trade' | 'withdraw' | 'internal-transfer' | 'margin' | 'futures';

export interface AccountOptions {
  /** How faults and reports name it. @default `account-1`, `account-2`, … by position */
  name?: string | undefined;
  apiKey: string;
  secret: string;
  /** Starting balances, asset to decimal string. */
  balances: Readonly<Record<string, string>>;
  /** @default ['read', 'trade'] */
  permissions?: readonly Permission[] | undefined;
  /** Addresses that may use the key; absent means any. */
  allowedAddresses?: readonly string[] | undefined;
}

export interface VenueAccount {
  readonly id: string;
  readonly uid: number;
  readonly apiKey: string;
  readonly secret: string;
  readonly startingBalances: Readonly<Record<string, string>>;
  readonly permissions: ReadonlySet<Permission>;
  readonly allowedAddresses: readonly string[] | undefined;
}

const recvWindowMsStandard = 5_000;
const recvWindowMsMax = 60_000;
const aheadMsMax = 1_000;
const firstUid = 354_937_000;

export class Accounts {
  readonly #byKey = new Map<string, VenueAccount>();

  /** @throws Error when two accounts share a key or a name. */
  constructor(options: readonly AccountOptions[]) {
    const names = new Set<string>();
    for (const [index, account] of options.entries()) {
      const id = account.name ?? `account-${index + 1}`;
      if (names.has(id)) throw new Error(`accounts[${index}].name "${id}" is used twice`);
      if (this.#byKey.has(account.apiKey)) throw new Error(`accounts[${index}].apiKey is used twice`);
      names.add(id);
      this.#byKey.set(account.apiKey, {
        id,
        uid: firstUid + index,
        apiKey: account.apiKey,
        secret: account.secret,
        startingBalances: account.balances,
        permissions: new Set(account.permissions ?? ['read', 'trade']),
        allowedAddresses: account.allowedAddresses,
      });
    }
  }

  all(): VenueAccount[] {
    return [...this.#byKey.values()];
  }

  byKey(apiKey: string | undefined): VenueAccount | undefined {
    return apiKey === undefined ? undefined : this.#byKey.get(apiKey);
  }

  byId(accountId: string): VenueAccount | undefined {
    return this.all().find(({ id }) => id === accountId);
  }

  /** @throws BinanceError -2014 or -2015. */
  requireKey(apiKey: string | undefined, caller: { address: string; permission: Permission }): VenueAccount {
    if (apiKey === undefined || !/^[A-Za-z0-9_-]{8,128}$/.test(apiKey)) throw badKeyFormat();
    const account = this.#byKey.get(apiKey);
    if (account === undefined || !account.permissions.has(caller.permission)) throw rejectedKey();
    if (account.allowedAddresses !== undefined && !account.allowedAddresses.includes(caller.address))
      throw rejectedKey();
    return account;
  }
}

/** Checks time and signature of a signed request. @throws BinanceError -1021, -1022, -1102 or -1131. */
export function verifySigned(account: VenueAccount, params: Params, request: { payload: string; nowMs: number }): void {
  const given = params.required('signature');
  const timestampMs = Number(params.required('timestamp'));
  const recvWindowMs = Number(params.optional('recvWindow') ?? recvWindowMsStandard);
  if (!(recvWindowMs <= recvWindowMsMax)) throw recvWindowTooLarge();
  if (!isSignature(given, sign(request.payload, account.secret))) throw invalidSignature();
  if (!(timestampMs < request.nowMs + aheadMsMax)) throw timestampAhead();
  if (request.nowMs - timestampMs > recvWindowMs) throw timestampOutside();
}
