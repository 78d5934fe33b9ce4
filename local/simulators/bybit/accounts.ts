/** The customers of the simulated Bybit, and the check that a request comes from one of them. */
import { type AccountDirectory, type AccountOptions, isAddressAllowed, type VenueAccount } from '../shared/accounts.ts';
import { invalidKey, invalidSign, permissionDenied, requestExpired, unmatchedAddress } from './errors.ts';
import { isSignature, sign } from './signature.ts';

export const permissions = ['read', 'trade', 'transfer', 'withdraw'] as const;
export type Permission = (typeof permissions)[number];
export const standardPermissions: readonly Permission[] = ['read', 'trade'];

export type BybitAccountOptions = AccountOptions<Permission>;
export type BybitAccount = VenueAccount<Permission>;

const recvWindowMsStandard = '5000';
const recvWindowMsMax = 60_000;
const aheadMsMax = 1_000;
const firstUserId = 24_617_000;

export const userIdOf = (account: BybitAccount): number => firstUserId + account.index;

export interface Credentials {
  apiKey: string | undefined;
  timestamp: string | undefined;
  recvWindow: string | undefined;
  signature: string | undefined;
}

export interface SignedRequest extends Credentials {
  /** The query string of a GET, the body of a POST. */
  payload: string;
  address: string;
  nowMs: number;
}

/** Checks time, key, signature, address and permission, in this order. @throws BybitError 10001 to 10010 */
export function authenticate(
  accounts: AccountDirectory<Permission>,
  request: SignedRequest,
  permission: Permission,
): BybitAccount {
  const { apiKey = '', timestamp = '', recvWindow = recvWindowMsStandard, nowMs } = request;
  const times = { nowMs, timestampMs: timestamp, recvWindowMs: recvWindow };
  const account = accounts.byKey(apiKey);
  if (account === undefined) throw invalidKey();
  if (!isFresh(times)) throw requestExpired(times);
  const expected = sign(timestamp + apiKey + (request.recvWindow ?? '') + request.payload, account.secret);
  if (!isSignature(request.signature ?? '', expected)) throw invalidSign();
  if (!isAddressAllowed(account, request.address)) throw unmatchedAddress();
  if (!account.permissions.has(permission)) throw permissionDenied();
  return account;
}

/** `server_time - recv_window <= timestamp < server_time + 1000`, as Bybit documents it. */
function isFresh(times: { nowMs: number; timestampMs: string; recvWindowMs: string }): boolean {
  if (!/^\d{13}$/.test(times.timestampMs) || !/^\d{1,6}$/.test(times.recvWindowMs)) return false;
  const [timestampMs, recvWindowMs] = [Number(times.timestampMs), Number(times.recvWindowMs)];
  if (recvWindowMs > recvWindowMsMax) return false;
  return timestampMs >= times.nowMs - recvWindowMs && timestampMs < times.nowMs + aheadMsMax;
}
