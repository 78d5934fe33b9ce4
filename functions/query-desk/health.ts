/** Whether every part answers. Each is asked at the same time and has its own time limit. */
import { setTimeout as sleep } from 'node:timers/promises';

const partTimeoutMs = 2_000;

export type HealthChecks = Readonly<Record<string, () => Promise<unknown>>>;

export interface Health {
  healthy: boolean;
  parts: Record<string, 'ok' | 'failing'>;
}

export async function checkHealth(checks: HealthChecks): Promise<Health> {
  const entries = await Promise.all(
    Object.entries(checks).map(async ([part, check]) => [part, await state(check)] as const),
  );
  const parts = Object.fromEntries(entries);
  return { healthy: entries.every(([, value]) => value === 'ok'), parts };
}

async function state(check: () => Promise<unknown>): Promise<'ok' | 'failing'> {
  const patience = new AbortController();
  const answered = check().then(
    () => 'ok' as const,
    () => 'failing' as const,
  );
  const silent = sleep(partTimeoutMs, 'failing' as const, { signal: patience.signal }).catch(() => 'failing' as const);
  const result = await Promise.race([answered, silent]);
  patience.abort();
  return result;
}
