/** Fifty entries at a time, newest first, between two times or transactions: how Kraken hands out the past. */
import type { AccountCall } from './context.ts';
import { invalidArguments } from './errors.ts';
import { isTxid } from './txid.ts';

export const entriesPerPage = 50;

export interface HistoryEntry<View> {
  readonly txid: string;
  /** The times that count for the range; any of them within it is enough. */
  readonly timesMs: readonly number[];
  view(): View;
}

export interface HistoryPage<View> {
  readonly entries: Readonly<Record<string, View>>;
  /** Of all that lie in the range. */
  readonly count: number;
}

/** @param entries newest first */
export function pageOf<View>(call: AccountCall, entries: readonly HistoryEntry<View>[]): HistoryPage<View> {
  const afterMs = readBound(call, 'start', entries) ?? Number.NEGATIVE_INFINITY;
  const untilMs = readBound(call, 'end', entries) ?? Number.POSITIVE_INFINITY;
  const offset = call.params.integer('ofs') ?? 0;
  if (offset < 0) throw invalidArguments('ofs');
  const found = entries.filter(({ timesMs }) => timesMs.some((atMs) => atMs > afterMs && atMs <= untilMs));
  const page = found.slice(offset, offset + entriesPerPage);
  return { entries: Object.fromEntries(page.map((entry) => [entry.txid, entry.view()])), count: found.length };
}

/** A Unix time in seconds, or the time of a transaction. */
function readBound(call: AccountCall, name: string, entries: readonly HistoryEntry<unknown>[]): number | undefined {
  const text = call.params.text(name);
  if (text === undefined) return undefined;
  if (isTxid(text)) {
    const entry = entries.find(({ txid }) => txid === text);
    if (entry === undefined) throw invalidArguments(name);
    return entry.timesMs[0];
  }
  if (!/^\d{1,12}(\.\d{1,9})?$/.test(text)) throw invalidArguments(name);
  return Number(text) * 1000;
}
