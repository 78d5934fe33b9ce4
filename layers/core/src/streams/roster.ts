/**
 * Who of the tasks of the stream service does which unit. All of it is one row that every task changes each beat: who reads that
 * another has not counted on for a while takes its units over. Tasks judge each other by their own clock, so clocks that differ do no harm;
 * and a unit that two have for a moment only makes two write the same.
 */
import type { CoordinationRow, RowChange } from '../ports/coordination.ts';
import type { StreamUnit } from './stream-units.ts';

/** A task tells that it is there so often, milliseconds. */
export const beatEveryMs = 750;
/** A task whose count has stood still for so long is gone. With a beat on either side: taken over within 5 s. */
export const silentMsMax = 2_500;

/** What a task remembers of others between its beats: when it saw the count of each change last, by its own clock. */
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
  /** Units that nobody has room for. */
  unplaced: readonly string[];
  memory: RosterMemory;
  /** Tasks that are there, this one included. */
  tasks: readonly string[];
}

export type TakeTurn = (row: CoordinationRow | undefined, turn: RosterTurn) => RowChange<RosterResult>;
