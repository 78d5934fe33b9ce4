/**
 * Who of the tasks of the stream service does which unit. All of it is one row that every task changes each beat: who reads that
 * another has not counted on for a while takes its units over. Tasks judge each other by their own clock, so clocks that differ do no harm;
 * and a unit that two have for a moment only makes two write the same.
 */
import type { CoordinationRow, RowChange } from '../ports/coordination.ts';
import { type Roster, readRoster, removeTask, writeRoster } from './roster-row.ts';
import { shareUnits } from './share-units.ts';
import { connectionsPerVenueMax, type StreamUnit } from './stream-units.ts';

/** A task tells that it is there so often, milliseconds. */
export const beatEveryMs = 750;
/** A task whose count has stood still for so long is gone. With a beat on either side: taken over within 5 s. */
export const silentMsMax = 2_500;
/** A task that missed more of its own beats than one begins to judge others anew, milliseconds. */
const unseenMsMax = 2_000;
/** The row has no meaning once nobody has changed it for so long, milliseconds. The caller's clock tells when that is. */
export const rosterKeptMs = 86_400_000;

/** What a task remembers between its beats: when it saw the count of each task change last, by its own clock. */
export type RosterMemory = ReadonlyMap<string, { count: number; sinceMs: number }>;

export interface RosterTurn {
  task: string;
  /** It ends soon: it takes nothing on, keeps what nobody has taken over yet, and is not waited for. */
  isDraining: boolean;
  /** What there is to do now, in order of importance. */
  units: readonly StreamUnit[];
  /** Units of those that this task has going: books in use, accounts connected. */
  running: ReadonlySet<string>;
  memory: RosterMemory;
  /** A clock that never goes back; milliseconds. */
  nowMs: number;
}

export interface RosterResult {
  /** Units that this task is to have going now; what it has beyond that it ends. */
  mine: readonly string[];
  /** Those of them that are this task's alone: who had them before gives them up when it reads that. The others are still somebody else's. */
  owned: readonly string[];
  /** Units that nobody has room for. */
  unplaced: readonly string[];
  memory: RosterMemory;
  /** Tasks that are there, this one included. */
  tasks: readonly string[];
  /** Those of them that do not end soon: nobody else takes anything over. */
  staying: readonly string[];
}

export type TakeTurn = (row: CoordinationRow | undefined, turn: RosterTurn) => RowChange<RosterResult>;

/**
 * One beat of a task, for `CoordinationStore.change` (which wants `expiresAtMs` added: the clock here is not that of the calendar).
 *
 * - Units of silent tasks are free. A task takes those that fall to its share, and leaves the others theirs.
 * - A unit that another still has is begun first (`next#…` in the row), and claimed once it is `running`; the other gives it up when it
 *   reads that. So nothing is interrupted by tasks that come, or that drain.
 * - A task that others took out of the row, as they held it to be gone, comes back to it, and keeps of what it has running what
 *   falls to its share.
 */
export const takeTurn: TakeTurn = (row, turn) => {
  const roster = readRoster(row);
  const memory = look(roster, turn);
  for (const [task, { sinceMs }] of memory) if (turn.nowMs - sinceMs > silentMsMax) removeTask(roster, task);
  const { task, isDraining } = turn;
  roster.tasks.set(task, { count: countOf(memory, task), isDraining });
  forgetUnits(roster, turn);
  const shares = act(roster, turn);
  const mine = turn.units
    .map(({ id }) => id)
    .filter((id) => roster.owners.get(id) === task || roster.nexts.get(id) === task);
  // Nothing is left to hand on, so there is nobody to wait for.
  if (isDraining && mine.length === 0) removeTask(roster, task);
  return {
    row: writeRoster(roster),
    result: {
      mine,
      owned: mine.filter((id) => roster.owners.get(id) === task),
      unplaced: turn.units.map(({ id }) => id).filter((id) => !shares.has(id) && !roster.owners.has(id)),
      memory,
      tasks: [...new Set([...roster.tasks.keys(), task])].sort(),
      staying: [...roster.tasks].flatMap(([name, each]) => (each.isDraining ? [] : [name])).sort(),
    },
  };
};

/** What a task does last, by `CoordinationStore.change`: the others need not wait until they miss it. */
export function leaveRoster(row: CoordinationRow | undefined, task: string): RowChange<undefined> {
  const roster = readRoster(row);
  if (!roster.tasks.has(task)) return { result: undefined };
  removeTask(roster, task);
  return { row: writeRoster(roster), result: undefined };
}

const countOf = (memory: RosterMemory, task: string): number => memory.get(task)?.count ?? 0;

/** What this task knows of all, itself included, after reading the row. */
function look(roster: Roster, { task, memory, nowMs }: RosterTurn): Map<string, { count: number; sinceMs: number }> {
  // Who has not looked for a while cannot say that others were silent meanwhile: perhaps nobody could write.
  const isBlind = nowMs - (memory.get(task)?.sinceMs ?? nowMs) > unseenMsMax;
  const others = [...roster.tasks].map(([name, { count }]) => {
    const known = memory.get(name);
    return [name, { count, sinceMs: known?.count === count && !isBlind ? known.sinceMs : nowMs }] as const;
  });
  // Above whatever others may remember of this task.
  const count = Math.max(countOf(memory, task), roster.tasks.get(task)?.count ?? 0) + 1;
  return new Map([...others, [task, { count, sinceMs: nowMs }]]);
}

/**
 * Units that this task does not know are left to others, whose configuration may be newer; its own of those are gone. What it did not
 * know yet to be claimed by another, it knows now.
 */
function forgetUnits({ owners, nexts, lasts }: Roster, { task, units }: RosterTurn): void {
  const known = new Set(units.map(({ id }) => id));
  for (const byUnit of [owners, nexts]) {
    for (const [unit, name] of byUnit) if (name === task && !known.has(unit)) byUnit.delete(unit);
  }
  for (const [unit, name] of lasts) if (name === task) lasts.delete(unit);
}

/** Does this task's part of what is to be, and tells all of it. */
function act(roster: Roster, turn: RosterTurn): Map<string, string> {
  const { owners, nexts, tasks } = roster;
  const { task, units } = turn;
  const isStaying = (name: string | undefined): name is string =>
    name !== undefined && tasks.get(name)?.isDraining === false;
  const shares = shareUnits({
    units,
    tasks: [...tasks.keys()].filter(isStaying),
    holderOf: (id) => [nexts.get(id), owners.get(id)].find(isStaying),
  });
  // What is given up first makes room for what is taken.
  for (const { id } of units) if (shares.get(id) !== task) giveUp(roster, turn, { id, isShared: shares.has(id) });
  for (const unit of units) if (shares.get(unit.id) === task) take(roster, turn, unit);
  return shares;
}

function giveUp(
  { owners, nexts }: Roster,
  { task, isDraining }: RosterTurn,
  { id, isShared }: { id: string; isShared: boolean },
): void {
  if (nexts.get(id) === task) nexts.delete(id);
  // What another is to have is kept until that has it, and by a draining task even what nobody is to have.
  if (owners.get(id) === task && !isShared && !isDraining) owners.delete(id);
}

function take(roster: Roster, { task, running, units }: RosterTurn, { id, venue }: StreamUnit): void {
  const { owners, nexts, lasts } = roster;
  const owner = owners.get(id);
  const isMine = (each: string) => owners.get(each) === task || nexts.get(each) === task;
  const count = units.filter((each) => each.venue === venue && each.id !== id && isMine(each.id)).length;
  // What is on its way to another task still counts; there is room once it has gone.
  if (owner !== task && count >= connectionsPerVenueMax) return;
  if (owner === undefined || owner === task || running.has(id)) {
    const other = [owner, nexts.get(id)].find((name) => name !== undefined && name !== task);
    if (other !== undefined) lasts.set(id, other);
    owners.set(id, task);
    nexts.delete(id);
  } else if (!nexts.has(id) && !lasts.has(id)) {
    // One that a third has going is given up by that one first.
    nexts.set(id, task);
  }
}
