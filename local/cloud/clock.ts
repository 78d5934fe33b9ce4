/** Time for the embedded cloud. Everything that waits or expires asks this clock, so that tests can move it. */
export interface CloudClock {
  /** UTC epoch milliseconds. */
  nowMs(): number;
  /** Runs `action` once after `delayMs`; the returned function cancels it. Never keeps the process alive. */
  after(delayMs: number, action: () => void): () => void;
}

/** Longest delay a Node timer takes; a longer one would fire at once. */
const timerDelayMsMax = 2 ** 31 - 1;

export const systemClock: CloudClock = {
  nowMs: () => Date.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, Math.min(Math.max(delayMs, 0), timerDelayMsMax));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export interface MovableClock extends CloudClock {
  /** Moves time forward and runs, in due order, everything that falls due on the way. */
  advance(byMs: number): void;
}

/** A clock that stands still until it is moved. */
export function createMovableClock(startMs = Date.UTC(2026, 0, 1)): MovableClock {
  let nowMs = startMs;
  let nextId = 0;
  const pending = new Map<number, { dueMs: number; action: () => void }>();

  function nextDue(untilMs: number): number | undefined {
    let found: number | undefined;
    for (const [id, entry] of pending) {
      const best = found === undefined ? undefined : pending.get(found);
      if (entry.dueMs <= untilMs && (best === undefined || entry.dueMs < best.dueMs)) found = id;
    }
    return found;
  }

  return {
    nowMs: () => nowMs,
    after(delayMs, action) {
      const id = nextId++;
      pending.set(id, { dueMs: nowMs + Math.max(delayMs, 0), action });
      return () => void pending.delete(id);
    },
    advance(byMs) {
      const untilMs = nowMs + byMs;
      for (let id = nextDue(untilMs); id !== undefined; id = nextDue(untilMs)) {
        const entry = pending.get(id);
        pending.delete(id);
        if (entry === undefined) break;
        nowMs = Math.max(nowMs, entry.dueMs);
        entry.action();
      }
      nowMs = untilMs;
    },
  };
}
