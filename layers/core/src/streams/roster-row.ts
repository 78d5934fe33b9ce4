/** The row of the roster: who is there, who has which unit, and who is about to take one over. */
import type { CoordinationRow } from '../ports/coordination.ts';

/** What a task tells of itself. */
export interface RosterTask {
  /** Counts up with each beat. */
  count: number;
  isDraining: boolean;
}

export interface Roster {
  tasks: Map<string, RosterTask>;
  /** By unit. */
  owners: Map<string, string>;
  /** Who has begun a unit that another still has, by unit. */
  nexts: Map<string, string>;
  /** Who had a unit before, and does not know yet that another has claimed it, by unit. */
  lasts: Map<string, string>;
}

const taskPrefix = 'task#';
const unitPrefix = 'unit#';
const nextPrefix = 'next#';
const lastPrefix = 'last#';
const taskPattern = /^(\d+) (\d+)( draining)?$/;

/** What is not understood is left out: units that nobody is known to have are free. */
export function readRoster(row: CoordinationRow = {}): Roster {
  const tasks = new Map<string, RosterTask>();
  const names = new Map<number, string>();
  for (const [field, value] of Object.entries(row)) {
    const found = field.startsWith(taskPrefix) ? taskPattern.exec(String(value)) : null;
    if (found === null) continue;
    const name = field.slice(taskPrefix.length);
    names.set(Number(found[1]), name);
    tasks.set(name, { count: Number(found[2]), isDraining: found[3] !== undefined });
  }
  const byUnit = (prefix: string) =>
    new Map(
      Object.entries(row).flatMap(([field, value]): [string, string][] => {
        const name = field.startsWith(prefix) ? names.get(Number(value)) : undefined;
        return name === undefined ? [] : [[field.slice(prefix.length), name]];
      }),
    );
  return { tasks, owners: byUnit(unitPrefix), nexts: byUnit(nextPrefix), lasts: byUnit(lastPrefix) };
}

/**
 * Tasks have long names and are numbered anew in each row, so that it stays small: it is written more than once a second, and each
 * KB of it costs.
 */
export function writeRoster({ tasks, owners, nexts, lasts }: Roster): CoordinationRow {
  const names = [...tasks.keys()].sort();
  const row: Record<string, string | number> = {};
  for (const [name, { count, isDraining }] of tasks) {
    row[`${taskPrefix}${name}`] = `${names.indexOf(name)} ${count}${isDraining ? ' draining' : ''}`;
  }
  for (const [prefix, byUnit] of [
    [unitPrefix, owners],
    [nextPrefix, nexts],
    [lastPrefix, lasts],
  ] as const) {
    for (const [unit, name] of byUnit) row[`${prefix}${unit}`] = names.indexOf(name);
  }
  return row;
}

/** Takes a task out, with all that it had or wanted. */
export function removeTask({ tasks, owners, nexts, lasts }: Roster, task: string): void {
  tasks.delete(task);
  for (const byUnit of [owners, nexts, lasts]) {
    for (const [unit, name] of byUnit) if (name === task) byUnit.delete(unit);
  }
}
