/** What keeps one unit of work going. */
import type { DeskConfig, StreamUnit, UnitStatus } from '@nightdesk/core';

export interface UnitRunner {
  /**
   * Whether others may leave the unit to this task: it is connected, and what it brings can be used. It does not become false again for
   * a single book that is fetched anew.
   */
  readonly isRunning: boolean;
  readonly status: UnitStatus;
  /** Of what this unit streams, books that are not usable for now. */
  readonly booksLost: number;
  /** Takes over what is planned by now. Only called with the same id and the same settings. */
  adapt(unit: StreamUnit): void;
  /** Nobody else has the unit any more, or will within a moment: what others wrote of it last is to be put right. Must not wait. */
  confirm(): void;
  /** Called every beat, for what it looks after by itself. Must not throw, and must not wait. */
  tend(): void;
  /** Ends the connection, and writes what it still has. Bounded in time. */
  close(): Promise<void>;
}

/** How a runner ends by itself: it is closed, and opened anew. */
export interface RunnerEnd {
  /** For people. Holds no secret. */
  reason: string;
  /** Whether that is worth trying at once, such as with a key that has been replaced. */
  isRenewal: boolean;
}

/** @throws Error when the unit cannot be opened now: it is tried again later */
export type OpenUnit = (unit: StreamUnit, config: DeskConfig, onEnd: (end: RunnerEnd) => void) => Promise<UnitRunner>;
