import { createTelemetry } from '@nightdesk/aws';
import { createKeyRuntime } from '../shared/key-runtime.ts';
import { createHandler } from './handler.ts';
import { parseRotationEvent } from './schema.ts';

const telemetry = createTelemetry('rotate-key');
const rotate = createHandler(createKeyRuntime(telemetry));

export async function handler(event: unknown): Promise<void> {
  try {
    await rotate(parseRotationEvent(event));
  } finally {
    telemetry.flush();
  }
}
