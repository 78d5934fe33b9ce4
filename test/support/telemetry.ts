import { describeError, type Telemetry } from '@nightdesk/aws';
import type { MetricName } from '@nightdesk/core';

export interface RecordingTelemetry extends Telemetry {
  /** Every log line, as the text that would be written. */
  readonly lines: string[];
  readonly counts: Map<MetricName, number>;
  /** Names with the venue, as `RateLimitAnswers binance`. */
  readonly venueValues: Map<string, number>;
  readonly durations: { name: MetricName; milliseconds: number }[];
  flushes: number;
}

/** Keeps what a handler says, so that a test can read it. */
export function createRecordingTelemetry(): RecordingTelemetry {
  const lines: string[] = [];
  const counts = new Map<MetricName, number>();
  const venueValues = new Map<string, number>();
  const durations: RecordingTelemetry['durations'] = [];
  return {
    lines,
    counts,
    durations,
    venueValues,
    flushes: 0,
    info: (message, fields = {}) => void lines.push(JSON.stringify({ message, ...fields })),
    failure: (message, error) => void lines.push(JSON.stringify({ message, ...describeError(error) })),
    count(name, value = 1, venue) {
      counts.set(name, (counts.get(name) ?? 0) + value);
      if (venue !== undefined) venueValues.set(`${name} ${venue}`, (venueValues.get(`${name} ${venue}`) ?? 0) + value);
    },
    percent: (name, percent, venue) => void venueValues.set(`${name} ${venue}`, percent),
    duration: (name, milliseconds) => void durations.push({ name, milliseconds }),
    flush() {
      this.flushes += 1;
    },
  };
}

/** Says nothing to anybody. */
export const silentTelemetry: Telemetry = {
  info: () => {},
  failure: () => {},
  count: () => {},
  duration: () => {},
  percent: () => {},
  flush: () => {},
};
