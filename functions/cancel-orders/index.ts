import { createTelemetry } from '@nightdesk/aws';
import { type OpenCanceled, parseCancelRequest } from '../shared/cancel-request.ts';
import { createExecutionRuntime } from '../shared/execution-runtime.ts';
import { createHandler } from './handler.ts';

const telemetry = createTelemetry('cancel-orders');
const cancel = createHandler({ ...createExecutionRuntime(telemetry), telemetry });

export async function handler(event: unknown): Promise<OpenCanceled> {
  try {
    return await cancel(parseCancelRequest(event));
  } finally {
    telemetry.flush();
  }
}
