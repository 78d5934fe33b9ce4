/** Lifecycle rules: what goes by itself, and when (https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html). */
import type { PropertyReader } from '../property-reader.ts';

export interface LifecycleRule {
  readonly id: string;
  readonly prefix: string;
  /** Objects go so many days after they were last written. */
  readonly expirationDays: number | undefined;
  /** Uploads in parts go so many days after they began. */
  readonly abortDays: number | undefined;
}

const dayMs = 86_400_000;

const knownProperties: ReadonlySet<string> = new Set([
  'Id',
  'Status',
  'Prefix',
  'ExpirationInDays',
  'AbortIncompleteMultipartUpload',
]);

/** Those that are enabled. @param owner what errors call the bucket. @throws Error naming a property that is not emulated */
export function readRules(
  owner: string,
  configuration: PropertyReader | undefined,
  names: readonly string[][],
): LifecycleRule[] {
  const rules = configuration?.optionalChildren('Rules') ?? [];
  return rules.flatMap((rule, position) => {
    const unknown = (names[position] ?? []).filter((name) => !knownProperties.has(name));
    if (unknown.length > 0) throw new Error(`${owner}: ${unknown.join(', ')} of a lifecycle rule is not emulated`);
    if (rule.text('Status') !== 'Enabled') return [];
    const read: LifecycleRule = {
      id: rule.optionalText('Id') ?? `rule-${position + 1}`,
      prefix: rule.optionalText('Prefix') ?? '',
      expirationDays: rule.optionalNumber('ExpirationInDays'),
      abortDays: rule.optionalChild('AbortIncompleteMultipartUpload')?.optionalNumber('DaysAfterInitiation'),
    };
    for (const days of [read.expirationDays, read.abortDays]) {
      if (days !== undefined && !(Number.isInteger(days) && days > 0)) {
        throw new Error(`${owner}: the days of lifecycle rule ${read.id} must be a whole number above 0`);
      }
    }
    return [read];
  });
}

/** Number of the day in UTC. */
export const dayOf = (timeMs: number): number => Math.floor(timeMs / dayMs);

/** S3 adds the days and rounds up to the next midnight in UTC. */
export const dueMs = (startMs: number, days: number): number => (dayOf(startMs) + days + 1) * dayMs;

/** What began before this instant is due now: the inverse of `dueMs`. */
export const dueBeforeMs = (nowMs: number, days: number): number => (dayOf(nowMs) - days) * dayMs;

/** Value of the header `x-amz-expiration`: of several rules, the one by which it goes first. */
export function expirationHeader(
  rules: readonly LifecycleRule[],
  { key, modifiedMs }: { key: string; modifiedMs: number },
): string | undefined {
  const [first] = rules
    .flatMap(({ id, prefix, expirationDays: days }) =>
      days !== undefined && key.startsWith(prefix) ? [{ id, atMs: dueMs(modifiedMs, days) }] : [],
    )
    .sort((left, right) => left.atMs - right.atMs);
  return first && `expiry-date="${new Date(first.atMs).toUTCString()}", rule-id="${encodeURIComponent(first.id)}"`;
}
