import { createTelemetry, systemClock } from '@nightdesk/aws';
import { createKeyRuntime } from '../shared/key-runtime.ts';
import { createHandler, KeysRefusedError, type KeysSummary } from './handler.ts';

const telemetry = createTelemetry('check-keys');
const checkAll = createHandler({ ...createKeyRuntime(telemetry), clock: systemClock });

export async function handler(): Promise<KeysSummary> {
  const summary = await checkAll();
  telemetry.flush();
  if (summary.refused.length > 0) throw new KeysRefusedError(summary.refused);
  return summary;
}
