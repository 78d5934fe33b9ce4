/** How a venue is asked what a key may do. Each venue that can tell has a file of its own beside this one. */
import type { Allowance, KeyPermissions } from '@nightdesk/core';

/** Calls one of ccxt's own methods for a single endpoint, e.g. `sapiGetAccountApiRestrictions`. */
export type Ask = (method: string, parameters?: Readonly<Record<string, string>>) => Promise<unknown>;

export interface KeyQuestion {
  /** The endpoint as the venue writes it, for people. */
  source: string;
  /** Every method that `read` asks with. */
  methods: readonly string[];
  /** @throws UnparsableAnswerError, or what `ask` throws. */
  read(ask: Ask, apiKey: string): Promise<Omit<KeyPermissions, 'source'>>;
}

/** An absent flag says nothing: venues leave permissions out that they did not know when the key was made. */
export function allowance(flag: boolean | undefined): Allowance {
  if (flag === undefined) return 'unknown';
  return flag ? 'allowed' : 'denied';
}

/** Entries of a list in one text, e.g. of addresses or permissions. */
export const entriesOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** The texts among the values of a list. */
export const textsOf = (list: readonly unknown[]): string[] =>
  list.filter((entry): entry is string => typeof entry === 'string' && entry !== '');

/** Addresses without those that stand for any. */
export const bindingOf = (addresses: readonly string[]): string[] =>
  addresses.filter((address) => !['*', '0.0.0.0', '0.0.0.0/0', '::/0'].includes(address));

/** An ISO time in UTC epoch milliseconds; venues write years before 1971 where there is no such time. */
export function timeMsOf(text: string | undefined): number | undefined {
  const timeMs = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isFinite(timeMs) && timeMs > 31_536_000_000 ? timeMs : undefined;
}

/** A time in seconds, where 0 stands for none, in milliseconds. */
export function secondsToMs(seconds: string | undefined): number | undefined {
  const timeMs = Math.round(Number(seconds ?? 0) * 1_000);
  return Number.isSafeInteger(timeMs) && timeMs > 0 ? timeMs : undefined;
}

/** The two times of a key, left out where the venue does not tell them. */
export function lifetime(createdAtMs: number | undefined, expiresAtMs: number | undefined) {
  return { ...(createdAtMs !== undefined && { createdAtMs }), ...(expiresAtMs !== undefined && { expiresAtMs }) };
}
