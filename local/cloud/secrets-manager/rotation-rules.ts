/** How often a secret is rotated. */
import type { PropertyReader } from '../property-reader.ts';
import { invalidParameter } from './errors.ts';
import type { Rotation } from './secret.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const daysMax = 1_000;
/** AWS starts no rotation more often. */
const everyMsMin = 4 * hourMs;

/**
 * `AutomaticallyAfterDays`, or a `ScheduleExpression` with a rate; `cron` is not emulated.
 *
 * @throws SecretsError naming what is wrong
 */
export function readRotationRules(rules: PropertyReader): Pick<Rotation, 'everyMs' | 'rules'> {
  const days = rules.optionalNumber('AutomaticallyAfterDays');
  const expression = rules.optionalText('ScheduleExpression');
  if ((days === undefined) === (expression === undefined)) {
    throw invalidParameter('Either AutomaticallyAfterDays or ScheduleExpression must be specified in RotationRules.');
  }
  if (days !== undefined) {
    if (!Number.isInteger(days) || days < 1 || days > daysMax) {
      throw invalidParameter(`AutomaticallyAfterDays must be from 1 to ${daysMax}.`);
    }
    return { everyMs: days * dayMs, rules: { AutomaticallyAfterDays: days } };
  }
  const [, count, unit] = /^rate\((\d+) (day|hour)s?\)$/.exec(expression ?? '') ?? [];
  const everyMs = Number(count) * (unit === 'day' ? dayMs : hourMs);
  if (!(everyMs >= everyMsMin)) throw invalidParameter(`The schedule expression is not valid here: ${expression}`);
  return { everyMs, rules: { ScheduleExpression: expression ?? '' } };
}
