/** What a task of the stream service tells of itself, every two seconds. */
import type { StreamIncidentKind, StreamKind } from '../ports/streams.ts';

/** Shares of values; milliseconds. Absent where there were none. */
export interface LatencyFigures {
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

/** One kind of stream at one venue, over the last minute where nothing else is said. */
export interface StreamFigures {
  venue: string;
  kind: StreamKind;
  subscriptions: number;
  updatesPerSecond: number;
  /** From the venue's own time to its being received. */
  lagMs?: LatencyFigures;
  /** From being received to being readable by others: of books, the quote; of orders, the queue. */
  publishMs?: LatencyFigures;
  /** Since the task began, by what befell. */
  incidents: Partial<Record<StreamIncidentKind, number>>;
  /** Quotes written, and updates that a newer one replaced before they were, since the task began. */
  written: number;
  conflated: number;
}

export interface UnitStatus {
  unit: string;
  venue: string;
  subscriptions: number;
  isOpen: boolean;
  heardMs?: number;
}

export interface StreamTaskStatus {
  task: string;
  startedAtMs: number;
  atMs: number;
  /** It hands its work on and ends. */
  isDraining: boolean;
  units: readonly UnitStatus[];
  streams: readonly StreamFigures[];
  /** Units that no task has room for. */
  unplaced: number;
  memory: { residentBytes: number; heapBytes: number };
  /** By how much timers came late in the last seconds. */
  eventLoopDelayMs: LatencyFigures;
  /** What befell last, newest first. */
  latest: readonly { atMs: number; venue: string; symbol?: string; incident: StreamIncidentKind; reason: string }[];
}
