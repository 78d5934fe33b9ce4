/** How the process itself fares. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LatencyFigures, StreamTaskStatus } from '@nightdesk/core';

/** So often the histogram looks how late its timer came. */
const resolutionMs = 20;
const nanosecondsPerMs = 1e6;

export interface ProcessGauges {
  /** By how much timers came late since the last reset. */
  eventLoopDelayMs(): LatencyFigures;
  resetEventLoopDelay(): void;
  memory(): StreamTaskStatus['memory'];
}

export function createProcessGauges(): ProcessGauges {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  // The histogram counts from one look to the next, so what is beyond its own pace is what came late.
  const lateMs = (nanoseconds: number): number =>
    Math.max(0, Math.round((nanoseconds / nanosecondsPerMs - resolutionMs) * 10) / 10);
  return {
    eventLoopDelayMs: () => ({
      p50: lateMs(histogram.percentile(50)),
      p90: lateMs(histogram.percentile(90)),
      p99: lateMs(histogram.percentile(99)),
      max: lateMs(histogram.max),
    }),
    resetEventLoopDelay: () => histogram.reset(),
    memory() {
      const { rss, heapUsed } = process.memoryUsage();
      return { residentBytes: rss, heapBytes: heapUsed };
    },
  };
}
