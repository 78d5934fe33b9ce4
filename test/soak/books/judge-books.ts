/** Compares what the desk told of its accounts with what others did to them. Pure. */
import type { Deed } from './others.ts';

/** A difference or a transfer that the desk has told. */
export interface Told {
  account: string;
  atMs: number;
  /** `outsider_fill BTC/USDT 0.01`. */
  what: string;
  message?: string;
}

/** When an account was looked at and its venue answered. */
export interface AnsweredLook {
  account: string;
  atMs: number;
}

export interface BooksVerdict {
  /** What was told and was not so, or was told once more. */
  falseAlarms: Told[];
  /** Amounts below what counts as a difference: venues cut off parts of what they book. They alarm nobody. */
  dust: Told[];
  /** What was not told. */
  missed: Deed[];
  /** What took more than two looks, with how many. */
  late: (Deed & { looks: number })[];
  /** Of all deeds that were told: the longest time, by the desk's clock. */
  longestMs: number;
}

/** A difference is acted upon once two looks in a row have shown it. */
const looksMax = 2;

const isDust = (what: string): boolean => what.startsWith('dust ');

/** Each deed is told once, and each that is told answers for one deed. */
export function judgeBooks(
  deeds: readonly Deed[],
  told: readonly Told[],
  looks: readonly AnsweredLook[],
): BooksVerdict {
  const left = told.filter(({ what }) => !isDust(what));
  const dust = told.filter(({ what }) => isDust(what));
  const verdict: BooksVerdict = { falseAlarms: left, dust, missed: [], late: [], longestMs: 0 };
  for (const deed of deeds) {
    const place = left.findIndex(
      ({ account, what, atMs }) => account === deed.account && what === deed.expected && atMs >= deed.atMs,
    );
    const [found] = place === -1 ? [] : left.splice(place, 1);
    if (found === undefined) {
      verdict.missed.push(deed);
      continue;
    }
    const needed = looks.filter(
      ({ account, atMs }) => account === deed.account && atMs > deed.atMs && atMs <= found.atMs,
    ).length;
    if (needed > looksMax) verdict.late.push({ ...deed, looks: needed });
    verdict.longestMs = Math.max(verdict.longestMs, found.atMs - deed.atMs);
  }
  return verdict;
}
