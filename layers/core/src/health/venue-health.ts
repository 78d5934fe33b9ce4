/**
 * Whether a venue is there: from a probe every minute, and from what orders meet at it in between. Pure; the row it reads
 * and writes is shared by all functions and may be lost, which makes a venue `unknown` until the next probe.
 */
import type { CoordinationRow } from '../ports/coordination.ts';
import type { VenueProbe } from '../ports/status.ts';

/** One probe, as it is kept. */
export interface ProbeSample {
  atMs: number;
  status: VenueProbe['status'];
  latencyMs: number;
}

/**
 * - `ok`: it answers;
 * - `degraded`: it answers, and of the last probes too many failed;
 * - `failing`: two probes in a row failed, or an order met no answer just now;
 * - `maintenance`: it says so of itself;
 * - `unknown`: no probe of late.
 */
export type HealthStatus = 'ok' | 'degraded' | 'failing' | 'maintenance' | 'unknown';

export interface VenueHealth {
  status: HealthStatus;
  /** Why it is not `ok`, for people. */
  reason?: string;
  /** Probes behind the figures below, at most `samplesMax`. */
  probes: number;
  /** Share of them that failed, 0 to 1. Absent without probes. */
  errorRate?: number;
  /** Time to an answer, of the probes that had one; milliseconds. */
  latencyMs?: { p50: number; p90: number; p99: number };
  /** How far our clock is ahead of the venue's, milliseconds. */
  aheadMs?: number;
  /** When it was probed last; UTC epoch milliseconds. */
  probedAtMs?: number;
}

/** An hour of probes. */
export const samplesMax = 60;
/** A probe older than this says nothing of now: three that were due did not come. */
export const probeAgeMsMax = 180_000;
/** How long one order that met no answer keeps others away. Then the next one tries again. */
export const outageMs = 30_000;
/** From this share of failed probes on, a venue that answers is `degraded`. */
const degradedErrorRate = 0.2;
/** A row that nobody wrote to for this long belongs to a venue that is no longer configured. */
export const healthRowAgeMsMax = 24 * 3_600_000;

/** Codes of causes that say that a venue cannot be reached or does not do its work, rather than something of one order. */
const outageCodes: ReadonlySet<string> = new Set([
  'network',
  'timeout',
  'unavailable',
  'maintenance',
  'rate_limited',
  'venue_blocked',
  'proxy_refused',
  'unparsable_answer',
]);

export const isOutage = (code: string | undefined): boolean => code !== undefined && outageCodes.has(code);

/** False for a probe that did not get its turn within our own limits, which says nothing of the venue. */
export const wasAsked = ({ cause }: VenueProbe): boolean => cause?.code !== 'not_sent';

/** The row after a probe. */
export function afterProbe(row: CoordinationRow | undefined, probe: VenueProbe, nowMs: number): CoordinationRow {
  if (!wasAsked(probe)) return row ?? {};
  const { status, latencyMs, aheadMs, cause } = probe;
  // An answer that is not understood is an answer all the same, unless it is one of a venue that does not do its work.
  const answered = status === 'unknown' && !isOutage(cause?.code);
  const sample: ProbeSample = { atMs: nowMs, status: answered ? 'ok' : status, latencyMs };
  const samples = [...probesOf(row), sample].slice(-samplesMax);
  const { probeReason: _reason, ...rest } = row ?? {};
  return {
    ...rest,
    samples: JSON.stringify(samples),
    ...(aheadMs !== undefined && { aheadMs }),
    ...(cause !== undefined && { probeReason: `${cause.code}: ${cause.message}` }),
  };
}

/** The row after an order or a question met no answer. */
export function afterOutage(row: CoordinationRow | undefined, reason: string, nowMs: number): CoordinationRow {
  return { ...row, outageUntilMs: nowMs + outageMs, outageReason: reason };
}

/** What the row says now. */
export function healthOf(row: CoordinationRow | undefined, nowMs: number): VenueHealth {
  const samples = probesOf(row);
  const newest = samples.at(-1);
  const outage = outageOf(row, nowMs);
  const figures = figuresOf(samples, row);
  if (outage !== undefined) return { status: 'failing', reason: outage, ...figures };
  if (newest === undefined) return { status: 'unknown', reason: 'it was not probed yet', ...figures };
  if (nowMs - newest.atMs > probeAgeMsMax) {
    return { status: 'unknown', reason: 'the last probe is too old', ...figures };
  }
  const reason = typeof row?.probeReason === 'string' ? row.probeReason : 'the last probes failed';
  if (newest.status === 'maintenance') return { status: 'maintenance', reason, ...figures };
  // One lost answer is no outage; two in a row are.
  if (failed(newest) && failed(samples.at(-2))) return { status: 'failing', reason, ...figures };
  const { errorRate = 0 } = figures;
  if (errorRate < degradedErrorRate) return { status: 'ok', ...figures };
  return { status: 'degraded', reason: `${Math.round(errorRate * 100)} % of the last probes failed`, ...figures };
}

/** May new orders go there? What is not known is not held against a venue: its own answer will tell. */
export const isFailing = ({ status }: VenueHealth): boolean => status === 'failing' || status === 'maintenance';

const failed = (sample: ProbeSample | undefined): boolean => sample !== undefined && sample.status !== 'ok';

function outageOf(row: CoordinationRow | undefined, nowMs: number): string | undefined {
  const untilMs = Number(row?.outageUntilMs ?? 0);
  return nowMs < untilMs ? String(row?.outageReason) : undefined;
}

/** The last probes, oldest first. Rows written by an older version, or damaged, count as none: the next probes fill them again. */
export function probesOf(row: CoordinationRow | undefined): ProbeSample[] {
  if (typeof row?.samples !== 'string') return [];
  const samples = parseSamples(row.samples);
  return Array.isArray(samples) && samples.every(isSample) ? samples : [];
}

function parseSamples(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSample(value: unknown): value is ProbeSample {
  if (typeof value !== 'object' || value === null) return false;
  const { atMs, status, latencyMs } = value as Partial<ProbeSample>;
  return typeof atMs === 'number' && typeof status === 'string' && typeof latencyMs === 'number';
}

function figuresOf(samples: readonly ProbeSample[], row: CoordinationRow | undefined): Omit<VenueHealth, 'status'> {
  const newest = samples.at(-1);
  if (newest === undefined) return { probes: 0 };
  const latencies = samples.filter((sample) => !failed(sample)).map(({ latencyMs }) => latencyMs);
  const sorted = latencies.toSorted((left, right) => left - right);
  const quantile = (share: number): number => Number(sorted[Math.ceil(share * sorted.length) - 1]);
  return {
    probes: samples.length,
    errorRate: samples.filter(failed).length / samples.length,
    ...(sorted.length > 0 && { latencyMs: { p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99) } }),
    ...(typeof row?.aheadMs === 'number' && { aheadMs: row.aheadMs }),
    probedAtMs: newest.atMs,
  };
}
