/** The header `Range` (RFC 9110, section 14.2). S3 gives one range of an object, not several. */
import type { ByteRange } from './blobs.ts';
import { S3Error } from './errors.ts';

/** @returns undefined where the whole object is the answer. @throws S3Error `InvalidRange` when no byte of it is there */
export function readRange(header: string | undefined, bytes: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const from = first === '' ? Math.max(bytes - Number(last), 0) : Number(first);
  const to = first === '' || last === '' ? bytes : Math.min(Number(last) + 1, bytes);
  if (from < to) return { from, to };
  throw new S3Error('InvalidRange', 'The requested range is not satisfiable', {
    status: 416,
    details: { RangeRequested: String(header), ActualObjectSize: String(bytes) },
  });
}
