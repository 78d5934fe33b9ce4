import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { environmentNames, type MetricName, metricNamespace } from '@nightdesk/core';
import { readEnvironment } from './environment.ts';

/** What a handler says about its work. Never given a secret, a body or a raw client error. */
export interface Telemetry {
  info(message: string, fields?: Record<string, string | number | boolean | undefined>): void;
  /** `error` is reduced to its class and message. */
  failure(message: string, error: unknown): void;
  /** With a venue, it is counted for that venue too: alarms watch the sum, and a person looks for the venue. */
  count(name: MetricName, value?: number, venue?: string): void;
  duration(name: MetricName, milliseconds: number, venue?: string): void;
  /** Highest share since the last flush, in percent. */
  percent(name: MetricName, percent: number, venue: string): void;
  /** Writes the metrics collected so far. */
  flush(): void;
}

/**
 * Log lines and metrics (embedded metric format) on standard output. Metrics carry the dimensions `service` and `stage`,
 * and those of a venue `venue` as well.
 *
 * @throws EnvironmentError when the stage is not set
 */
export function createTelemetry(serviceName: string): Telemetry {
  const { stage } = readEnvironment({ stage: environmentNames.stage });
  const logger = new Logger({ serviceName });
  const metrics = new Metrics({ namespace: metricNamespace, serviceName, defaultDimensions: { stage } });
  const ofVenues = new Map<string, VenueMetric>();
  /** Keeps a metric of a venue until the flush: each has a line of its own, as it has dimensions of its own. */
  const keep = (metric: Omit<VenueMetric, 'values'>, merge: (values: number[]) => number[]): void => {
    const key = `${metric.name} ${metric.venue}`;
    ofVenues.set(key, { ...metric, values: merge(ofVenues.get(key)?.values ?? []) });
  };
  return {
    info: (message, fields = {}) => logger.info(message, fields),
    failure: (message, error) => logger.error(message, describeError(error)),
    count(name, value = 1, venue) {
      metrics.addMetric(name, MetricUnit.Count, value);
      if (venue !== undefined) keep({ name, venue, unit: MetricUnit.Count }, ([sum = 0]) => [sum + value]);
    },
    duration(name, milliseconds, venue) {
      const unit = MetricUnit.Milliseconds;
      if (venue === undefined) metrics.addMetric(name, unit, milliseconds);
      else keep({ name, venue, unit }, (values) => [...values, milliseconds]);
    },
    percent: (name, percent, venue) =>
      keep({ name, venue, unit: MetricUnit.Percent }, ([highest = 0]) => [Math.max(highest, percent)]),
    flush() {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
      for (const { name, venue, unit, values } of ofVenues.values()) {
        for (const value of values) metrics.singleMetric().addDimension('venue', venue).addMetric(name, unit, value);
      }
      ofVenues.clear();
    },
  };
}

interface VenueMetric {
  name: MetricName;
  venue: string;
  unit: (typeof MetricUnit)[keyof typeof MetricUnit];
  values: number[];
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
