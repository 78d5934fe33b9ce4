/** Whether the machine has processors to spare: only then is one more process worth its start. */
import { cpus } from 'node:os';

/** What the processors did since the machine started, in milliseconds of all of them together. */
interface Sample {
  atMs: number;
  idleMs: number;
  totalMs: number;
}

export interface ProcessorMeter {
  /** Begins to look, unless somebody has just begun. */
  look(): void;
  /** How many processors had nothing to do since somebody began to look; none where nobody did. */
  idle(): number;
}

/** The system counts in hundredths of a second, so what is shorter says little. */
const lookMsMin = 40;

/** @param read what every processor did so far */
export function createProcessorMeter(read: typeof cpus = cpus, nowMs = () => performance.now()): ProcessorMeter {
  let before: Sample | undefined;
  let last: Sample | undefined;
  let processors = 0;

  function sample(): Sample {
    const all = read();
    processors = all.length;
    const sum = (each: (times: (typeof all)[number]['times']) => number): number =>
      all.reduce((total, { times }) => total + each(times), 0);
    return {
      atMs: nowMs(),
      idleMs: sum(({ idle }) => idle),
      totalMs: sum((times) => Object.values(times).reduce((total, ms) => total + ms, 0)),
    };
  }

  function look(): void {
    if (last !== undefined && nowMs() - last.atMs < lookMsMin) return;
    before = last;
    last = sample();
  }

  return {
    look,
    idle() {
      look();
      if (before === undefined || last === undefined || last.totalMs <= before.totalMs) return 0;
      return (processors * (last.idleMs - before.idleMs)) / (last.totalMs - before.totalMs);
    },
  };
}

/** Of this machine. Where the system does not tell, as in some containers, all of them seem to be idle or none. */
export const processors = createProcessorMeter();
