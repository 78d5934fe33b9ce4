/** Resident memory of processes over time, as Linux tells it. */
import { readFileSync } from 'node:fs';

const pageBytes = 4_096;
const megabyte = 1_000_000;

export interface MemoryOverTime {
  /** Medians of the first and the last third, after what a process needs to begin; megabytes. */
  firstMb: number;
  lastMb: number;
  mostMb: number;
  samples: number;
}

/** `undefined` where the system does not tell, or the process is gone. */
export function residentMbOf(pid: number): number | undefined {
  try {
    // Second field of statm: see proc_pid_statm(5).
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return (pages * pageBytes) / megabyte;
  } catch {
    return undefined;
  }
}

const medianOf = (values: readonly number[]): number => {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

/** `undefined` for too few samples to tell. */
export function compareThirds(samples: readonly number[]): MemoryOverTime | undefined {
  const third = Math.floor(samples.length / 3);
  if (third === 0) return undefined;
  const rounded = (value: number): number => Math.round(value * 10) / 10;
  return {
    firstMb: rounded(medianOf(samples.slice(0, third))),
    lastMb: rounded(medianOf(samples.slice(-third))),
    mostMb: rounded(Math.max(...samples)),
    samples: samples.length,
  };
}
