/** Stores of what is collected, in memory, with the rules of the real ones. They pass the same contract suites. */
import { mergeFunding, mergeTrades } from '@nightdesk/aws/candles/merge-trades.ts';
import {
  type CandleBlock,
  type CandleColumns,
  type CandleJob,
  type CandleJobs,
  type CandleStore,
  type ColdStore,
  canonicalJson,
  type FundingPoint,
  type LaneMember,
  type LaneRow,
  laneKeyOf,
  type PublicTrade,
  type QuarantinedCandle,
  type SeriesRecord,
  type SeriesStore,
  type Span,
  type SymbolRanking,
  seriesKeyOf,
  spanOfPeriod,
  type VenueIncident,
  VersionConflictError,
} from '@nightdesk/core';

const dayMs = 86_400_000;
/** How long SQS knows a message again. */
const deduplicationMs = 5 * 60_000;
/** What a candle would take without being packed. */
const candleBytes = 64;

const bytesOf = ({ openMs }: CandleColumns): number => openMs.length * candleBytes;
const within = ({ fromMs, toMs }: Span, atMs: number): boolean => atMs >= fromMs && atMs < toMs;
const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

/** Nobody who holds what was stored or read can change what is stored. Slices keep only what they show of their buffer. */
const copyColumns = (columns: CandleColumns): CandleColumns =>
  Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.slice()])) as CandleColumns;
const copyBlock = ({ candles, ...rest }: CandleBlock): CandleBlock => ({
  ...structuredClone(rest),
  candles: copyColumns(candles),
});
const copyRow = ({ plannedAtMs, members }: LaneRow): LaneRow => ({
  plannedAtMs,
  members: members.map((member) => ({ ...member, candles: copyColumns(member.candles) })),
});

/** Rows of a partition key, each under its own key. */
class Rows<Key extends string | number, Value> {
  readonly #partitions = new Map<string, Map<Key, Value>>();

  of(partition: string): Map<Key, Value> {
    const rows = this.#partitions.get(partition) ?? new Map<Key, Value>();
    this.#partitions.set(partition, rows);
    return rows;
  }

  /** In order of their keys. */
  sorted(partition: string): [Key, Value][] {
    return [...this.of(partition)].sort(([left], [right]) => (left < right ? -1 : 1));
  }

  /** Partitions that have a row. */
  names(): string[] {
    return [...this.#partitions].filter(([, rows]) => rows.size > 0).map(([name]) => name);
  }

  all(): Map<Key, Value>[] {
    return [...this.#partitions.values()];
  }
}

export interface MemoryCandles extends CandleStore {
  /** Forgets the rows of lanes whose time is over. */
  expire(nowMs: number): void;
}

/** @param copies false hands out what is stored itself, for who reads thousands of series of it and changes nothing */
export function createMemoryCandles({ copies = true }: { copies?: boolean } = {}): MemoryCandles {
  const shown = (row: LaneRow): LaneRow => (copies ? copyRow(row) : row);
  const blocks = new Rows<string, CandleBlock>();
  const lanes = new Rows<number, { row: LaneRow; expiresAtMs: number }>();
  const quarantined = new Rows<number, QuarantinedCandle>();
  return {
    async *readBlocks(series, { from, to }) {
      for (const [period, block] of blocks.sorted(seriesKeyOf(series))) {
        if (period >= from && period <= to) yield copyBlock(block);
      }
    },
    async readBlock(series, period) {
      const block = blocks.of(seriesKeyOf(series)).get(period);
      return block && copyBlock(block);
    },
    async writeBlock(series, block) {
      const rows = blocks.of(seriesKeyOf(series));
      if ((rows.get(block.period)?.version ?? 0) !== block.version) {
        throw new VersionConflictError(`the block ${block.period} of ${seriesKeyOf(series)}`);
      }
      const version = block.version + 1;
      rows.set(block.period, copyBlock({ ...block, version }));
      return { version, bytes: bytesOf(block.candles) };
    },
    async deleteBlocks(series, periods) {
      for (const period of periods) blocks.of(seriesKeyOf(series)).delete(period);
    },
    async readLane(lane, span, symbols) {
      const rows = lanes.sorted(laneKeyOf(lane)).filter(([plannedAtMs]) => within(span, plannedAtMs));
      const isWanted = ({ symbol }: LaneMember) => symbols?.has(symbol) ?? true;
      return rows.map(([, { row }]) => shown(symbols ? { ...row, members: row.members.filter(isWanted) } : row));
    },
    async lastOfLane(lane) {
      const [, last] = lanes.sorted(laneKeyOf(lane)).at(-1) ?? [];
      return last && shown(last.row);
    },
    async writeLane(lane, row, expiresAtMs) {
      lanes.of(laneKeyOf(lane)).set(row.plannedAtMs, { row: copyRow(row), expiresAtMs });
      return { bytes: row.members.reduce((sum, { candles }) => sum + bytesOf(candles), 0) };
    },
    async quarantine(candles) {
      for (const candle of candles) {
        quarantined.of(seriesKeyOf(candle.series)).set(candle.openMs, structuredClone(candle));
      }
    },
    async readQuarantine(series, span) {
      const rows = quarantined.sorted(seriesKeyOf(series)).filter(([openMs]) => within(span, openMs));
      return structuredClone(rows.map(([, candle]) => candle));
    },
    async releaseQuarantine(series, openTimesMs) {
      for (const openMs of openTimesMs) quarantined.of(seriesKeyOf(series)).delete(openMs);
    },
    expire(nowMs) {
      for (const rows of lanes.all()) {
        for (const [plannedAtMs, { expiresAtMs }] of rows) if (expiresAtMs <= nowMs) rows.delete(plannedAtMs);
      }
    },
  };
}

export function createMemorySeries(): SeriesStore {
  const records = new Rows<string, SeriesRecord>();
  const incidents = new Rows<number, VenueIncident>();
  const rankings = new Map<string, SymbolRanking>();
  const lasting = (venue: string) => [...incidents.of(venue).values()].find(({ toMs }) => toMs === undefined);
  return {
    get: async (series) => structuredClone(records.of(series.venue).get(seriesKeyOf(series))),
    list: async (venue) => structuredClone(records.sorted(venue).map(([, record]) => record)),
    venues: async () => records.names().sort() as Awaited<ReturnType<SeriesStore['venues']>>,
    async save(record) {
      const [rows, key] = [records.of(record.series.venue), seriesKeyOf(record.series)];
      if ((rows.get(key)?.version ?? 0) !== record.version) throw new VersionConflictError(`the series ${key}`);
      const saved = { ...structuredClone(record), version: record.version + 1 };
      rows.set(key, saved);
      return structuredClone(saved);
    },
    async incidents(venue, { fromMs, toMs }) {
      const touching = incidents
        .sorted(venue)
        .filter(([beganMs, incident]) => beganMs < toMs && (incident.toMs ?? Number.POSITIVE_INFINITY) > fromMs);
      return structuredClone(touching.map(([, incident]) => incident));
    },
    async openIncident(venue, incident) {
      if (lasting(venue) === undefined) incidents.of(venue).set(incident.fromMs, structuredClone(incident));
    },
    async closeIncident(venue, atMs) {
      const incident = lasting(venue);
      if (incident !== undefined) incident.toMs = Math.max(incident.fromMs, atMs);
    },
    ranking: async (venue) => structuredClone(rankings.get(venue)),
    saveRanking: async (venue, ranking) => void rankings.set(venue, structuredClone(ranking)),
  };
}

export function createMemoryCold(): ColdStore {
  const candleFiles = new Rows<string, CandleColumns>();
  /** By series and day, and then by the span that brought them; `day` is what was compacted. */
  const tradeFiles = new Rows<string, PublicTrade[]>();
  const fundingFiles = new Rows<string, FundingPoint[]>();
  return {
    async writeCandles(series, period, candles) {
      candleFiles.of(seriesKeyOf(series)).set(period, copyColumns(candles));
      return { bytes: bytesOf(candles) };
    },
    async readCandles(series, period) {
      const candles = candleFiles.of(seriesKeyOf(series)).get(period);
      return candles && copyColumns(candles);
    },
    async listCandles(series) {
      const files = candleFiles.sorted(seriesKeyOf(series));
      return files.map(([period, candles]) => ({ period, bytes: bytesOf(candles) }));
    },
    async writeTrades(series, { fromMs, toMs }, trades) {
      for (const [day, ofDay] of Map.groupBy(trades, ({ atMs }) => dayOf(atMs))) {
        tradeFiles.of(`${seriesKeyOf(series)} ${day}`).set(`${fromMs}-${toMs}`, structuredClone(ofDay));
      }
      return { bytes: trades.length * candleBytes };
    },
    async compactTrades(series, day) {
      const files = tradeFiles.of(`${seriesKeyOf(series)} ${day}`);
      const trades = mergeTrades([...files.values()]);
      files.clear();
      if (trades.length > 0) files.set('day', trades);
      return { bytes: trades.length * candleBytes, trades: trades.length };
    },
    async *readTrades(series, span) {
      for (let atMs = Math.floor(span.fromMs / dayMs) * dayMs; atMs < span.toMs; atMs += dayMs) {
        const files = tradeFiles.of(`${seriesKeyOf(series)} ${dayOf(atMs)}`);
        const trades = mergeTrades([...files.values()]).filter((trade) => within(span, trade.atMs));
        if (trades.length > 0) yield structuredClone(trades);
      }
    },
    async writeFunding(series, month, points) {
      const files = fundingFiles.of(seriesKeyOf(series));
      const merged = mergeFunding(files.get(month) ?? [], structuredClone(points));
      if (merged.length > 0) files.set(month, merged);
      return { bytes: merged.length * candleBytes };
    },
    async readFunding(series, span) {
      const files = fundingFiles.sorted(seriesKeyOf(series));
      const points = files.flatMap(([month, ofMonth]) => {
        const { fromMs, toMs } = spanOfPeriod(month);
        return fromMs < span.toMs && toMs > span.fromMs ? ofMonth : [];
      });
      return structuredClone(points.filter(({ atMs }) => within(span, atMs)));
    },
  };
}

export interface MemoryCandleJobs extends CandleJobs {
  /** What was taken and not yet received, in the order it was sent: what is new, and what is missing of the past. */
  readonly waiting: CandleJob[];
  readonly waitingBackfills: CandleJob[];
}

/** The two FIFO queues: each job once within five minutes. */
export function createMemoryCandleJobs({ nowMs }: { nowMs(): number }): MemoryCandleJobs {
  const sentAtMs = new Map<string, number>();
  const [waiting, waitingBackfills]: [CandleJob[], CandleJob[]] = [[], []];
  return {
    waiting,
    waitingBackfills,
    async send(jobs) {
      for (const job of jobs) {
        const content = canonicalJson(job);
        const known = sentAtMs.get(content);
        if (known !== undefined && nowMs() - known < deduplicationMs) continue;
        sentAtMs.set(content, nowMs());
        const queue = job.job === 'backfill' || job.job === 'fill' ? waitingBackfills : waiting;
        queue.push(structuredClone(job));
      }
    },
  };
}
