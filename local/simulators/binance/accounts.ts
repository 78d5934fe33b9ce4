/** The customers of the simulated venue, and the check that a request comes from one of them. */
import { AccountDirectory, type AccountOptions, isAddressAllowed, type VenueAccount } from '../shared/accounts.ts';
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

/** What a key may do. */
export const permissions = ['read', 'trade', 'withdraw', 'internal-transfer', 'margin', 'futures'] as const;
export type Permission = (typeof permissions)[number];

export type BinanceAccount = VenueAccount<Permission>;
export type BinanceAccountOptions = AccountOptions<Permission>;

const recvWindowMsStandard = 5_000;
const recvWindowMsMax = 60_000;
const aheadMsMax = 1_000;
const firstUid = 354_937_000;

export class Accounts extends AccountDirectory<Permission> {
  constructor(options: readonly BinanceAccountOptions[]) {
    super(options, ['read', 'trade']);
  }

  /** @throws BinanceError -2014 or -2015. */
  requireKey(apiKey: string | undefined, caller: { address: string; permission: Permission }): BinanceAccount {
    if (apiKey === undefined || !/^[A-Za-z0-9_-]{8,128}$/.test(apiKey)) throw badKeyFormat();
    const account = this.byKey(apiKey);
    if (account === undefined || !account.permissions.has(caller.permission)) throw rejectedKey();
    if (!isAddressAllowed(account, caller.address)) throw rejectedKey();
    return account;
  }
}

/** The number by which Binance knows an account. */
export function uidOf(account: BinanceAccount): number {
  return firstUid + account.index;
}

/** Checks time and signature of a signed request. @throws BinanceError -1021, -1022, -1102 or -1131. */
export function verifySigned(
  account: BinanceAccount,
  params: Params,
  request: { payload: string; nowMs: number },
): void {
  const given = params.required('signature');
  const timestampMs = Number(params.required('timestamp'));
  const recvWindowMs = Number(params.optional('recvWindow') ?? recvWindowMsStandard);
  if (!(recvWindowMs <= recvWindowMsMax)) throw recvWindowTooLarge();
  if (!isSignature(given, sign(request.payload, account.secret))) throw invalidSignature();
  if (!(timestampMs < request.nowMs + aheadMsMax)) throw timestampAhead();
  if (request.nowMs - timestampMs > recvWindowMs) throw timestampOutside();
}
