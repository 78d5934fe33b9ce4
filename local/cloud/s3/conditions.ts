/** Conditions of reads and writes (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html). */
import type { IncomingHttpHeaders } from 'node:http';
import { noSuchKey, notImplemented, preconditionFailed } from './errors.ts';
import type { StoredObject } from './object-index.ts';

/** Two of them bear each other's names: an ETag that matches outweighs a time that does not. */
type Names = Record<'match' | 'noneMatch' | 'modifiedSince' | 'unmodifiedSince', string>;
const ofReads: Names = {
  match: 'if-match',
  noneMatch: 'if-none-match',
  modifiedSince: 'if-modified-since',
  unmodifiedSince: 'if-unmodified-since',
};
const ofCopies: Names = {
  match: 'x-amz-copy-source-if-match',
  noneMatch: 'x-amz-copy-source-if-none-match',
  modifiedSince: 'x-amz-copy-source-if-modified-since',
  unmodifiedSince: 'x-amz-copy-source-if-unmodified-since',
};

/** @returns whether the client has the object already. @throws S3Error `PreconditionFailed` */
export const isUnchanged = (headers: IncomingHttpHeaders, object: StoredObject): boolean =>
  judge(headers, object, ofReads) !== undefined;

/** @throws S3Error `PreconditionFailed` */
export function checkCopySource(headers: IncomingHttpHeaders, source: StoredObject): void {
  const unchanged = judge(headers, source, ofCopies);
  if (unchanged !== undefined) throw preconditionFailed(unchanged);
}

/** @returns the name of the condition by which the object is unchanged. */
function judge(headers: IncomingHttpHeaders, { etag, modifiedMs }: StoredObject, names: Names): string | undefined {
  const match = text(headers, names.match);
  const noneMatch = text(headers, names.noneMatch);
  const modifiedSince = readTime(text(headers, names.modifiedSince));
  const unmodifiedSince = readTime(text(headers, names.unmodifiedSince));
  // Times in headers have no milliseconds.
  const modified = Math.floor(modifiedMs / 1000) * 1000;
  if (match !== undefined) {
    if (!matches(match, etag)) throw preconditionFailed(names.match);
  } else if (unmodifiedSince !== undefined && modified > unmodifiedSince) {
    throw preconditionFailed(names.unmodifiedSince);
  }
  if (noneMatch !== undefined) return matches(noneMatch, etag) ? names.noneMatch : undefined;
  return modifiedSince !== undefined && modified <= modifiedSince ? names.modifiedSince : undefined;
}

/**
 * Of a write or a deletion. To be asked in the same step, so that of several that are under way one wins.
 *
 * @throws S3Error as S3 refuses writes: 412, and 404 where there is nothing that could match
 */
export function checkWrite(headers: IncomingHttpHeaders, key: string, current: StoredObject | undefined): void {
  const match = text(headers, 'if-match');
  const noneMatch = text(headers, 'if-none-match');
  if (noneMatch !== undefined && noneMatch !== '*') throw notImplemented('If-None-Match of writes other than *');
  if (noneMatch !== undefined && current !== undefined) throw preconditionFailed('If-None-Match');
  if (match === undefined) return;
  if (current === undefined) throw noSuchKey(key);
  if (!matches(match, current.etag)) throw preconditionFailed('If-Match');
}

function text(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return value === undefined ? undefined : String(value);
}

const matches = (condition: string, etag: string): boolean =>
  condition.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^"|"$/g, '') === etag);

/** What is no date is passed over, as HTTP says. */
function readTime(value: string | undefined): number | undefined {
  const timeMs = value === undefined ? Number.NaN : Date.parse(value);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
