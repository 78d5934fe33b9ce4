/** Wall-clock times in IANA time zones. Pure. */

/** A date and time as a clock on the wall shows it. */
export interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const dayMs = 86_400_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError when the zone is unknown. */
export function wallTimeAt(instantMs: number, timeZone: string): WallTime {
  const parts = new Map(
    formatterFor(timeZone)
      .formatToParts(instantMs)
      .map((part) => [part.type, Number(part.value)]),
  );
  const read = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? Number.NaN;
  return {
    year: read('year'),
    month: read('month'),
    day: read('day'),
    hour: read('hour'),
    minute: read('minute'),
    second: read('second'),
  };
}

/**
 * The instant, in epoch milliseconds, at which the wall clock first shows this time; `undefined` when it never does,
 * because the clock jumps over it in spring.
 */
export function instantOf(wall: WallTime, timeZone: string): number | undefined {
  const asUtcMs = utcMs(wall);
  // The offset before and after a change of clocks: no zone changes twice within the two days looked at.
  const candidates = [asUtcMs - dayMs, asUtcMs + dayMs]
    .map((probeMs) => asUtcMs - offsetMsAt(probeMs, timeZone))
    .filter((instantMs) => utcMs(wallTimeAt(instantMs, timeZone)) === asUtcMs);
  return candidates.length === 0 ? undefined : Math.min(...candidates);
}

function offsetMsAt(instantMs: number, timeZone: string): number {
  return utcMs(wallTimeAt(instantMs, timeZone)) - instantMs;
}

function utcMs(wall: WallTime): number {
  return Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second);
}

/** Formatters are costly to make, and a desk uses a handful of zones. */
function formatterFor(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}
