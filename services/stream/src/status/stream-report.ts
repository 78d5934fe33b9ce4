/** What a task tells of itself: its status to whoever looks, and metrics to alarms. */
import type { Telemetry } from '@nightdesk/aws';
import {
  type Clock,
  marketStreamKinds,
  metricNames,
  type QuoteStore,
  type StreamFigures,
  type StreamIncidentKind,
  type StreamTaskStatus,
  type UnitStatus,
} from '@nightdesk/core';
import type { ProcessGauges } from './process-gauges.ts';
import type { StreamMeter } from './stream-meter.ts';

/** What counts as which metric. */
const gaps: readonly StreamIncidentKind[] = ['gap', 'checksum', 'crossed', 'silent', 'thin'];
const reconnects: readonly StreamIncidentKind[] = ['disconnected'];
const refusals: readonly StreamIncidentKind[] = ['refused'];

export interface StreamReportOptions {
  task: string;
  quotes: Pick<QuoteStore, 'writeStatus'>;
  telemetry: Pick<Telemetry, 'count' | 'duration' | 'flush'>;
  gauges: ProcessGauges;
  clock: Pick<Clock, 'nowMs'>;
  monotonicMs(): number;
  meter: StreamMeter;
  units: { statuses(): UnitStatus[]; booksLost(): number };
  roster: { readonly isDraining: boolean; readonly last: { unplaced: readonly string[] } | undefined };
}

/** What there was of a venue up to the last time: metrics are of what came since. */
interface Told {
  gaps: number;
  reconnects: number;
  refusals: number;
  news: number;
}

export class StreamReport {
  readonly #options: StreamReportOptions;
  readonly #startedAtMs: number;
  readonly #told = new Map<string, Told>();
  #toldMs: number;

  constructor(options: StreamReportOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.nowMs();
    this.#toldMs = options.monotonicMs();
  }

  /** @throws Error when the store did not take it */
  async writeStatus(): Promise<void> {
    const { task, clock, quotes, meter, units, roster, gauges } = this.#options;
    const status: StreamTaskStatus = {
      ...{ task, startedAtMs: this.#startedAtMs, atMs: clock.nowMs(), isDraining: roster.isDraining },
      ...{ units: units.statuses(), streams: meter.figures(), latest: meter.latest },
      unplaced: roster.last?.unplaced.length ?? 0,
      memory: gauges.memory(),
      eventLoopDelayMs: gauges.eventLoopDelayMs(),
    };
    await quotes.writeStatus(status);
  }

  tellMetrics(): void {
    const { telemetry, meter, units, roster, gauges, monotonicMs } = this.#options;
    const nowMs = monotonicMs();
    const passedSeconds = (nowMs - this.#toldMs) / 1_000;
    this.#toldMs = nowMs;
    for (const [venue, ofVenue] of Map.groupBy(meter.figures(), (each) => each.venue)) {
      this.#tellOf(venue, ofVenue, passedSeconds);
    }
    telemetry.count(metricNames.booksLost, units.booksLost());
    telemetry.count(metricNames.streamUnitsUnplaced, roster.last?.unplaced.length ?? 0);
    telemetry.duration(metricNames.streamEventLoopDelayMs, gauges.eventLoopDelayMs().p99);
    telemetry.count(metricNames.streamMemoryBytes, gauges.memory().residentBytes);
    gauges.resetEventLoopDelay();
    meter.sweep();
    telemetry.flush();
  }

  #tellOf(venue: string, streams: readonly StreamFigures[], seconds: number): void {
    const { telemetry } = this.#options;
    const incidents = (kinds: readonly StreamIncidentKind[]) =>
      sumOf(streams, (each) => kinds.reduce((sum, kind) => sum + (each.incidents[kind] ?? 0), 0));
    const sums: Told = {
      ...{ gaps: incidents(gaps), reconnects: incidents(reconnects), refusals: incidents(refusals) },
      news: sumOf(streams, ({ kind, written }) => (kind === 'orders' ? written : 0)),
    };
    const before = this.#told.get(venue) ?? { gaps: 0, reconnects: 0, refusals: 0, news: 0 };
    this.#told.set(venue, sums);
    // Of an account nothing may come for days, and all is well; of markets that are subscribed, something always does.
    const markets = streams.filter(({ kind }) => marketStreamKinds.some((each) => each === kind));
    const subscriptions = sumOf(markets, (each) => each.subscriptions);
    const updates = sumOf(markets, ({ updatesPerSecond }) => updatesPerSecond) * seconds;
    telemetry.count(metricNames.streamSubscriptions, subscriptions, venue);
    telemetry.count(metricNames.streamUpdates, Math.round(updates), venue);
    // Each costs a line for its venue, so what did not befall is not told.
    const told = [
      [metricNames.streamGaps, sums.gaps - before.gaps],
      [metricNames.streamReconnects, sums.reconnects - before.reconnects],
      [metricNames.streamRefusals, sums.refusals - before.refusals],
    ] as const;
    for (const [name, count] of told) if (count > 0) telemetry.count(name, count, venue);
    telemetry.count(metricNames.orderNewsSent, sums.news - before.news);
    const lags = streams.flatMap(({ lagMs }) => (lagMs === undefined ? [] : [lagMs.p99]));
    if (lags.length > 0) {
      // For the alarm, and for whoever looks which venue it was.
      telemetry.duration(metricNames.streamLagMs, Math.max(...lags));
      telemetry.duration(metricNames.streamLagMs, Math.max(...lags), venue);
    }
    const books = streams.find(({ kind }) => kind === 'books')?.publishMs;
    if (books !== undefined) telemetry.duration(metricNames.quotePublishMs, books.p99);
  }
}

const sumOf = (streams: readonly StreamFigures[], figure: (of: StreamFigures) => number): number =>
  streams.reduce((sum, each) => sum + figure(each), 0);
