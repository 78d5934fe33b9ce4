/** Candle intervals and where each candle begins. */
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const fixedIntervals: Readonly<Record<string, number>> = {
  '1s': 1_000,
  '1m': minuteMs,
  '3m': 3 * minuteMs,
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '30m': 30 * minuteMs,
  '1h': hourMs,
  '2h': 2 * hourMs,
  '4h': 4 * hourMs,
  '6h': 6 * hourMs,
  '8h': 8 * hourMs,
  '12h': 12 * hourMs,
  '1d': dayMs,
  '3d': 3 * dayMs,
  '1w': 7 * dayMs,
};

/** The epoch began on a Thursday; weeks begin on Monday. */
const firstMondayMs = 4 * dayMs;

export interface Span {
  openMs: number;
  /** First millisecond of the next candle. */
  endMs: number;
}

export function isInterval(interval: string): boolean {
  return interval === '1M' || fixedIntervals[interval] !== undefined;
}

/** The candle that a time falls into. @throws Error for an unknown interval: ask `isInterval` first. */
export function spanAt(interval: string, atMs: number): Span {
  if (interval === '1M') {
    const at = new Date(atMs);
    const openMs = Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
    return { openMs, endMs: Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1) };
  }
  const lengthMs = fixedIntervals[interval];
  if (lengthMs === undefined) throw new Error(`"${interval}" is not a candle interval`);
  const offsetMs = interval === '1w' ? firstMondayMs : 0;
  const openMs = Math.floor((atMs - offsetMs) / lengthMs) * lengthMs + offsetMs;
  return { openMs, endMs: openMs + lengthMs };
}
