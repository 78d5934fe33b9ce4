/** How long processes have computed, as Linux tells it. */
import { readFileSync } from 'node:fs';

/** Of the kernel's clock for this, everywhere that Node runs on Linux (`getconf CLK_TCK`). */
const tickMs = 10;
/** Fields of `/proc/<pid>/stat` behind the name, which may hold blanks: see proc_pid_stat(5), 14 and 15. */
const [userField, systemField] = [11, 12];

/** @returns milliseconds of user and system time together; `undefined` where the system does not tell, or the process is gone */
export function cpuMsOf(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[userField]) + Number(fields[systemField])) * tickMs;
}

/** Of all of them; those that cannot be told count nothing. `undefined` where none can. */
export function cpuMsOfAll(pids: readonly number[]): number | undefined {
  const known = pids.map(cpuMsOf).filter((each) => each !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each, 0);
}
