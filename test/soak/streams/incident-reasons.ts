/** What tasks say of why something befell: counts alone do not tell whether a fault was met as it should be. */
import type { StreamTaskStatus } from '@nightdesk/core';

/** By what befell and where, how often each reason was seen; those that differ in numbers and symbols alone are one. */
export type Reasons = Record<string, Record<string, number>>;

const reasonsMax = 8;

/** Adds what befell since the last look. Tasks tell the last few only, so it is to be asked often. */
export class ReasonBook {
  readonly reasons: Reasons = {};
  #seenMs = new Map<string, number>();

  add(tasks: readonly StreamTaskStatus[]): void {
    for (const { task, latest } of tasks) {
      const seenMs = this.#seenMs.get(task) ?? 0;
      for (const { atMs, venue, symbol, incident, reason } of latest) {
        if (atMs > seenMs) this.#count(`${incident} at ${venue}`, shapeOf(reason, symbol));
      }
      this.#seenMs.set(task, Math.max(seenMs, ...latest.map(({ atMs }) => atMs)));
    }
  }

  #count(what: string, reason: string): void {
    const known = this.reasons[what] ?? {};
    this.reasons[what] = known;
    if (reason in known || Object.keys(known).length < reasonsMax) known[reason] = (known[reason] ?? 0) + 1;
  }
}

const shapeOf = (reason: string, symbol = ''): string =>
  (symbol === '' ? reason : reason.replaceAll(symbol, '<symbol>')).replaceAll(/\d+(\.\d+)?/g, '#').slice(0, 160);
