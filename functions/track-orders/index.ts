import { createTelemetry, systemClock } from '@nightdesk/aws';
import type { Context } from 'aws-lambda';
import { createExecutionRuntime } from '../shared/execution-runtime.ts';
import { createAdaptiveHandler, type TrackingSummary } from './handler.ts';

/** Kept free so that the last question can still be answered and written down. */
const closingMs = 8_000;

const telemetry = createTelemetry('track-orders');
const track = createAdaptiveHandler({ ...createExecutionRuntime(telemetry), telemetry });

export async function handler(_event: unknown, context: Context): Promise<TrackingSummary> {
  try {
    return await track(systemClock.nowMs() + context.getRemainingTimeInMillis() - closingMs);
  } finally {
    telemetry.flush();
  }
}
