/** Small rows that all functions share while they run. Any of them may be lost without harm to orders or money. */

export type CoordinationRow = Readonly<Record<string, string | number>>;

export interface RowChange<Result> {
  /** What the row becomes. Absent leaves it as it is. */
  row?: CoordinationRow;
  /** When the row has no meaning any more; UTC epoch milliseconds. Required with `row`. */
  expiresAtMs?: number;
  result: Result;
}

export interface CoordinationStore {
  /**
   * Decides on a row and writes what was decided, in one step as seen from outside: `decide` is called again with the
   * newer row when somebody else came first. It must be pure.
   *
   * @throws Error when the store does not answer in time, or others keep coming first
   */
  change<Result>(key: string, decide: (row: CoordinationRow | undefined) => RowChange<Result>): Promise<Result>;
}

/** Keys of the rows. An account's limits are counted wherever its requests come from. */
export const coordinationKeys = {
  egressLimit: (venue: string, egress: string, limit: string): string => `budget#${venue}#${egress}#${limit}`,
  keyLimit: (venue: string, account: string, limit: string): string => `budget#${venue}#key#${account}#${limit}`,
  keyLease: (account: string): string => `lease#key#${account}`,
  health: (venue: string): string => `health#${venue}`,
  /** Until when what can wait leaves a venue's request limits to others. */
  waiting: (venue: string): string => `waiting#${venue}`,
  /** Which task of the stream service has which unit of work. */
  streamRoster: (): string => 'streams#roster',
  /** Until when an account's dead man's switch is set at its venue. */
  deadMan: (account: string): string => `dead-man#${account}`,
};
