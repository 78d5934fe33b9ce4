import type { z } from 'zod';
import type { Issue } from './errors.ts';

/** Longest name of an unknown key that is repeated to the sender. */
const keyLengthMax = 64;

/** What a schema found wrong, one issue per field; every unknown key is a field of its own. */
export function issuesOf({ issues }: z.ZodError): Issue[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
    const message = 'is not a known key';
    return issue.keys.map((key) => ({ path: [...path, key.slice(0, keyLengthMax)].join('.'), message }));
  });
}
