/** Whether an account may be traded with, after its venue was asked what its key may do. Decides only. */
import type { Balance, KeyPermissions, PositionMode } from '../ports/account.ts';
import type { Cause } from '../ports/venue.ts';

export type Answered<Value> = { kind: 'answered'; value: Value } | { kind: 'failed'; cause: Cause };

/** What a venue answered when it was asked about an account. */
export interface AccountInspection {
  /** How far this machine's clock is ahead of the venue's, milliseconds. */
  clock: Answered<{ aheadMs: number }>;
  /** `untold` where the venue has no answer to this for anybody; `source` then says so. */
  permissions: Answered<KeyPermissions> | { kind: 'untold'; why: string };
  balances: Answered<readonly Balance[]>;
  positionMode: PositionMode;
}

/** What a key is for: a read-only one must not be able to trade. */
export type KeyPurpose = 'trading' | 'readOnly';

export interface Finding {
  severity: 'refused' | 'warning';
  /** Stable word. */
  code: FindingCode;
  /** For people: what is wrong and what to do. Holds no secret. */
  message: string;
}

export type FindingCode =
  | 'key_can_withdraw'
  | 'key_cannot_read'
  | 'key_cannot_trade'
  | 'read_only_key_can_trade'
  | 'key_refused'
  | 'permission_missing'
  | 'key_expired'
  | 'key_expires_soon'
  | 'key_too_old'
  | 'key_not_bound'
  | 'withdrawal_untold'
  | 'permissions_unanswered'
  | 'clock_off'
  | 'venue_in_maintenance'
  | 'proxy_refused'
  | 'venue_unreachable'
  | 'balances_unanswered';

export interface JudgedAccount {
  venue: string;
  mode: 'sandbox' | 'live';
  purpose: KeyPurpose;
  nowMs: number;
}

/** Binance refuses what is 5 s old, the strictest of the large venues. */
export const clockOffMsMax = 5_000;
/** Keys are to be replaced after this many days. */
export const keyAgeDaysMax = 30;
const expiresSoonDays = 7;
const dayMs = 86_400_000;

/** Every fault, those that refuse the account first. Without one of those the account may be traded with. */
export function judgeAccount(inspection: AccountInspection, account: JudgedAccount): Finding[] {
  const findings = [
    ...judgeClock(inspection.clock, account),
    ...judgePermissions(inspection.permissions, account),
    ...judgeBalances(inspection.balances, account),
  ];
  const unique = findings.filter(({ code }, index) => findings.findIndex((each) => each.code === code) === index);
  return unique.sort((left, right) => Number(left.severity === 'warning') - Number(right.severity === 'warning'));
}

export const isRefused = (findings: readonly Finding[]): boolean =>
  findings.some(({ severity }) => severity === 'refused');

/** Whole days from a key's making to now. */
export const keyAgeDays = (createdAtMs: number, nowMs: number): number => Math.floor((nowMs - createdAtMs) / dayMs);

const refused = (code: FindingCode, message: string): Finding => ({ severity: 'refused', code, message });
const warning = (code: FindingCode, message: string): Finding => ({ severity: 'warning', code, message });

function judgeClock(clock: AccountInspection['clock'], { venue }: JudgedAccount): Finding[] {
  if (clock.kind === 'failed' || Math.abs(clock.value.aheadMs) <= clockOffMsMax) return [];
  const seconds = Math.round(Math.abs(clock.value.aheadMs) / 1_000);
  const side = clock.value.aheadMs > 0 ? 'ahead of' : 'behind';
  return [refused('clock_off', `this machine's clock is ${seconds} s ${side} that of ${venue}: set it right, by NTP`)];
}

function judgePermissions(permissions: AccountInspection['permissions'], account: JudgedAccount): Finding[] {
  const { venue, mode } = account;
  const atTheVenue = `make sure at ${venue} itself that the key may not withdraw`;
  if (permissions.kind === 'answered') return judgeKey(permissions.value, account);
  if (permissions.kind === 'untold') {
    return [
      warning('withdrawal_untold', `it cannot be told whether the key may withdraw: ${permissions.why}; ${atTheVenue}`),
    ];
  }
  const known = findingOf(permissions.cause, venue);
  if (known !== undefined) return [known];
  const { code, message } = permissions.cause;
  const text = `${venue} did not answer what the key may do (${code}: ${message})`;
  // With real money, what could be told and was not is as bad as a yes.
  return [
    mode === 'live'
      ? refused('permissions_unanswered', `${text}; try again`)
      : warning('withdrawal_untold', `${text}; ${atTheVenue}`),
  ];
}

function judgeKey(key: KeyPermissions, { venue, purpose, nowMs }: JudgedAccount): Finding[] {
  const findings: Finding[] = [];
  const { createdAtMs, expiresAtMs } = key;
  if (key.withdraw === 'allowed') {
    findings.push(refused('key_can_withdraw', `the key may withdraw: take that right from it at ${venue}`));
  } else if (key.withdraw === 'unknown') {
    const message = `${venue} does not tell whether the key may withdraw: make sure there that it may not`;
    findings.push(warning('withdrawal_untold', message));
  }
  if (key.read === 'denied') findings.push(refused('key_cannot_read', `the key may not read: allow it at ${venue}`));
  if (purpose === 'trading' && key.trade === 'denied') {
    findings.push(refused('key_cannot_trade', `the key may not trade: allow it at ${venue}`));
  }
  if (purpose === 'readOnly' && key.trade === 'allowed') {
    const message = `the read-only key may trade: take that right from it at ${venue}`;
    findings.push(refused('read_only_key_can_trade', message));
  }
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) {
    findings.push(refused('key_expired', `the key has expired: make another one at ${venue}`));
  } else if (expiresAtMs !== undefined && expiresAtMs - nowMs < expiresSoonDays * dayMs) {
    const days = Math.ceil((expiresAtMs - nowMs) / dayMs);
    findings.push(warning('key_expires_soon', `the key expires within ${days} d: rotate it before that`));
  }
  if (createdAtMs !== undefined && keyAgeDays(createdAtMs, nowMs) > keyAgeDaysMax) {
    findings.push(warning('key_too_old', `the key is ${keyAgeDays(createdAtMs, nowMs)} d old: rotate it`));
  }
  if (key.boundAddresses !== 'unknown' && key.boundAddresses.length === 0) {
    findings.push(warning('key_not_bound', `the key works from any address: bind it to the desk's at ${venue}`));
  }
  return findings;
}

function judgeBalances(balances: AccountInspection['balances'], { venue }: JudgedAccount): Finding[] {
  if (balances.kind === 'answered') return [];
  const { code, message } = balances.cause;
  const text = `${venue} did not tell the balances (${code}: ${message})`;
  return [findingOf(balances.cause, venue) ?? refused('balances_unanswered', text)];
}

/** What a failed question says about the account, where it says something of its own. */
function findingOf({ code, message }: Cause, venue: string): Finding | undefined {
  switch (code) {
    case 'authentication_failed':
      return refused('key_refused', `${venue} refuses the key, or this address for it: ${message}`);
    case 'permission_denied':
    case 'account_not_enabled':
    case 'account_suspended':
      return refused('permission_missing', `${venue} denies the key what the desk needs: ${message}`);
    case 'clock_refused':
      return refused('clock_off', `${venue} refuses the time of this machine: set its clock right, by NTP: ${message}`);
    case 'maintenance':
      return refused('venue_in_maintenance', `${venue} is in maintenance: try again later: ${message}`);
    case 'proxy_refused':
      return refused('proxy_refused', `the proxy refuses: look at proxies in the configuration: ${message}`);
    case 'network':
    case 'timeout':
      return refused('venue_unreachable', `${venue} cannot be reached from here: ${message}`);
    default:
      return undefined;
  }
}
