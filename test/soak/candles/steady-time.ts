/** The machine's time without its stalls, for clocks that pass many times faster: what is late there is late by as many times. */

export interface SteadyTime {
  /** Milliseconds with decimals, which never go back. */
  nowMs(): number;
  close(): void;
}

/** Of a turn of the event loop that takes longer no more than this counts, milliseconds: at 40 times the speed it is a second. */
const turnMsMax = 25;
/** How often a turn is begun where there is nothing else to do, milliseconds. */
const tickMs = 5;

/** Between two turns nothing that waits can happen; time that passes in between would let all of it happen at once. */
export function createSteadyTime(machineMs: () => number = () => performance.now()): SteadyTime {
  let turnAtMs = machineMs();
  let countedMs = 0;
  const ofTurn = (): number => Math.min(machineMs() - turnAtMs, turnMsMax);
  const timer = setInterval(() => {
    countedMs += ofTurn();
    turnAtMs = machineMs();
  }, tickMs);
  return { nowMs: () => countedMs + ofTurn(), close: () => clearInterval(timer) };
}
