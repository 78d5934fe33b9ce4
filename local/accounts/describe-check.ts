/** The onboarding check in lines for people. */
import { type AccountInspection, type Balance, compare, type KeyPermissions, keyAgeDays } from '@nightdesk/core';
import type { AccountCheck, CheckedKey } from './check-account.ts';

/** Less of an asset is left out: what trades leave over is worth next to nothing, whatever the asset. */
const dustMax = '0.000001';

export function describeCheck(check: AccountCheck, nowMs: number): string {
  const { account, venue, mode, keys, result } = check;
  const title = `${account} at ${venue}, ${mode}`;
  if (keys.length === 0) return `${title}: paper: no keys`;
  const sections = keys.map((key) => describeKey(key, nowMs));
  return [title, ...sections, `  ${account} is ${result}`].join('\n');
}

function describeKey({ purpose, storedAtMs, inspection, findings }: CheckedKey, nowMs: number): string {
  const facts = inspection === undefined ? [] : factsOf(inspection, storedAtMs, nowMs);
  const lines = [...facts, ...findings.map(({ severity, message }) => [severity, message] as const)];
  const name = purpose === 'trading' ? 'trading key' : 'read-only key';
  return [`  ${name}`, ...lines.map(([label, text]) => `    ${label.padEnd(12)} ${text}`)].join('\n');
}

type Fact = readonly [label: string, text: string];

function factsOf(
  { permissions, balances, clock, positionMode }: AccountInspection,
  storedAtMs = 0,
  nowMs: number,
): Fact[] {
  const key = permissions.kind === 'answered' ? permissions.value : undefined;
  return [
    ['permissions', key === undefined ? 'not told' : describePermissions(key)],
    ['addresses', describeBinding(key?.boundAddresses)],
    ['age', describeAge(key, storedAtMs, nowMs)],
    [
      'clock',
      clock.kind === 'answered' ? `${Math.abs(clock.value.aheadMs)} ms ${sideOf(clock.value.aheadMs)}` : 'not told',
    ],
    ['positions', positionModes[positionMode]],
    ['balances', balances.kind === 'answered' ? describeBalances(balances.value) : 'not told'],
  ];
}

const positionModes = {
  one_way: 'one per market (one-way)',
  hedge: 'long and short side by side (hedge)',
  unknown: 'not told',
  none: 'this venue has spot markets only',
} as const;

const words = { allowed: 'yes', denied: 'no', unknown: 'not told' } as const;

const describePermissions = ({ read, trade, withdraw, source }: KeyPermissions): string =>
  `read ${words[read]}, trade ${words[trade]}, withdraw ${words[withdraw]} (${source})`;

function describeBinding(addresses: KeyPermissions['boundAddresses'] = 'unknown'): string {
  if (addresses === 'unknown') return 'not told';
  return addresses.length === 0 ? 'any' : addresses.join(', ');
}

function describeAge(key: KeyPermissions | undefined, storedAtMs: number, nowMs: number): string {
  const made = key?.createdAtMs === undefined ? [] : [`made ${keyAgeDays(key.createdAtMs, nowMs)} d ago`];
  const stored = `in its secret for ${keyAgeDays(storedAtMs, nowMs)} d`;
  const expires =
    key?.expiresAtMs === undefined ? [] : [`expires ${new Date(key.expiresAtMs).toISOString().slice(0, 10)}`];
  return [...made, stored, ...expires].join(', ');
}

const sideOf = (aheadMs: number): string => (aheadMs >= 0 ? "ahead of the venue's" : "behind the venue's");

function describeBalances(balances: readonly Balance[]): string {
  const shown = balances.filter(({ total }) => compare(total, dustMax) > 0 || compare(total, '0') < 0);
  const hidden = balances.length - shown.length;
  const texts = shown.map(({ asset, total }) => `${asset} ${total}`);
  if (hidden > 0) texts.push(`and dust of ${hidden} more`);
  return texts.length === 0 ? 'none' : texts.join(', ');
}
