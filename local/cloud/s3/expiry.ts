/** Removes what lifecycle rules say has come to its end. */
import { dueBeforeMs } from './lifecycle.ts';
import { rangeOfPrefix } from './object-index.ts';
import type { S3Parts } from './parts.ts';
import { removeAbandoned } from './store.ts';

/** Removes everything that is due, some at a time, so that requests get their turn in between. */
export async function sweepExpired(parts: S3Parts, isStopped: () => boolean): Promise<void> {
  for (const { name, rules } of parts.buckets.values()) {
    for (const { prefix, expirationDays, abortDays } of rules) {
      if (expirationDays !== undefined) await expire(parts, { bucket: name, prefix, days: expirationDays }, isStopped);
      if (abortDays !== undefined) await abort(parts, { bucket: name, prefix, days: abortDays });
    }
  }
}

interface Due {
  readonly bucket: string;
  readonly prefix: string;
  readonly days: number;
}

async function expire(parts: S3Parts, { bucket, prefix, days }: Due, isStopped: () => boolean): Promise<void> {
  const { index, clock } = parts;
  const range = rangeOfPrefix(Buffer.from(prefix));
  const beforeMs = dueBeforeMs(clock.nowMs(), days);
  // Ends with what is due: what was found is gone when the next are looked for.
  for (let keys = index.olderThan(bucket, range, beforeMs); keys.length > 0 && !isStopped(); ) {
    const found = keys;
    index.transact(() => {
      for (const key of found) index.delete(bucket, key);
    });
    await removeAbandoned(parts);
    keys = index.olderThan(bucket, range, beforeMs);
  }
}

async function abort(parts: S3Parts, { bucket, prefix, days }: Due): Promise<void> {
  const { index, uploads, clock } = parts;
  const due = uploads.olderThan(bucket, prefix, dueBeforeMs(clock.nowMs(), days));
  index.transact(() => due.forEach(uploads.end));
  await removeAbandoned(parts);
}
