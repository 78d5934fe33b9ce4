import { createTelemetry, type Telemetry } from '@nightdesk/aws';
import { monotonicMs } from '@nightdesk/exchange/streams/monotonic-ms.ts';
import { startHealthServer } from './health/health-server.ts';
import { createProcessGuard } from './process-guard.ts';
import { createStreamService, type StreamService } from './service.ts';
import { wireService } from './wiring.ts';

/**
 * Runs the service until the process is asked to end: with 0 after it has handed its work on, and otherwise with a code by which whoever
 * runs it starts it anew.
 *
 * @param healthPort on loopback; 0 is nowhere
 * @throws EnvironmentError naming every variable that is missing
 */
export async function run(healthPort: number): Promise<void> {
  const telemetry = createTelemetry('stream');
  const guard = createProcessGuard({ telemetry, monotonicMs, exit: (code) => process.exit(code) });
  process.on('uncaughtException', guard.onException);
  process.on('unhandledRejection', guard.onRejection);
  const service = createStreamService(wireService(telemetry));
  // Whoever asks twice does not want to wait: the second signal does what signals do.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end(service));
  if (healthPort !== 0) await answerHealth(service, { healthPort, telemetry });
  service.start();
  telemetry.info('the stream service has begun', { healthPort });
}

/** A port that somebody else has is no reason not to stream: the check then fails, where there is one. */
async function answerHealth(
  service: StreamService,
  { healthPort, telemetry }: { healthPort: number; telemetry: Telemetry },
): Promise<void> {
  await startHealthServer(healthPort, () => service.health()).catch((error: unknown) =>
    telemetry.failure(`health cannot be told at port ${healthPort}`, error),
  );
}

async function end(service: StreamService): Promise<never> {
  await service.stop();
  process.exit(0);
}
