import type { EnvironmentName } from '@nightdesk/core';

/** A function was deployed without a variable it needs. Raised once, at cold start, so that it fails before any work. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';

  constructor(missing: readonly string[]) {
    super(`missing environment variables: ${missing.join(', ')}`);
  }
}

/**
 * The named environment variables, all present and not empty.
 *
 * @param names own key → name of the variable, usually picked from `environmentNames`
 * @throws EnvironmentError naming every variable that is missing
 */
export function readEnvironment<Key extends string>(
  names: Readonly<Record<Key, EnvironmentName>>,
  environment: NodeJS.ProcessEnv = process.env,
): Record<Key, string> {
  const entries = Object.entries<EnvironmentName>(names).map(([key, name]) => [key, environment[name] ?? ''] as const);
  const missing = entries.filter(([, value]) => value === '').map(([key]) => names[key as Key]);
  if (missing.length > 0) throw new EnvironmentError(missing);
  return Object.fromEntries(entries) as Record<Key, string>;
}

/** One that has a default where it is read: `undefined` where it is not set, or empty. */
export function readOptional(name: EnvironmentName, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const value = environment[name];
  return value === '' ? undefined : value;
}
