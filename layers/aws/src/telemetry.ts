import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { environmentNames, type MetricName, metricNamespace } from '@nightdesk/core';
import { readEnvironment } from './environment.ts';

/** What a handler says about its work. Never given a secret, a body or a raw client error. */
export interface Telemetry {
  info(message: string, fields?: Record<string, string | number | boolean | undefined>): void;
  /** `error` is reduced to its class and message. */
  failure(message: string, error: unknown): void;
  count(name: MetricName, value?: number): void;
  duration(name: MetricName, milliseconds: number): void;
  /** Writes the metrics collected so far. */
  flush(): void;
}

/**
 * Log lines and metrics (embedded metric format) on standard output. Metrics carry the dimensions `service` and `stage`.
 *
 * @throws EnvironmentError when the stage is not set
 */
export function createTelemetry(serviceName: string): Telemetry {
  const { stage } = readEnvironment({ stage: environmentNames.stage });
  const logger = new Logger({ serviceName });
  const metrics = new Metrics({ namespace: metricNamespace, serviceName, defaultDimensions: { stage } });
  return {
    info: (message, fields = {}) => logger.info(message, fields),
    failure: (message, error) => logger.error(message, describeError(error)),
    count: (name, value = 1) => void metrics.addMetric(name, MetricUnit.Count, value),
    duration: (name, milliseconds) => void metrics.addMetric(name, MetricUnit.Milliseconds, milliseconds),
    flush: () => void metrics.publishStoredMetrics(),
  };
}

/** Class, message and place of an error: clients attach requests and headers to theirs, and those stay out of the log. */
export function describeError(error: unknown): { errorName: string; errorMessage: string; errorAt?: string } {
  if (!(error instanceof Error)) return { errorName: 'unknown', errorMessage: typeof error };
  const errorAt = error.stack
    ?.split('\n')
    .find((line) => line.trimStart().startsWith('at '))
    ?.trim();
  return { errorName: error.name, errorMessage: error.message, ...(errorAt !== undefined && { errorAt }) };
}
