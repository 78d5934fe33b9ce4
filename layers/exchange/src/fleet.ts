/** What a venue object shares with those of other processes: request limits, the key's lane, how far clocks are off. */
import { type Clock, NonceLane, type RequestBudget, type RequestLimit } from '@nightdesk/core';

export interface VenueFleet {
  /** The shares of these limits that this process may use. */
  openBudget(limits: readonly RequestLimit[]): RequestBudget;
  /** For venues that want rising nonces. Absent where no key is used. */
  openLane?(): NonceLane;
  /** How far clocks here are ahead of the venue's by the last probe, milliseconds; `undefined` where none of late tells. */
  readAheadMs(): Promise<number | undefined>;
}

/** A lane without others: the requests of this process take turns. */
export const openLoneLane = (clock: Clock): NonceLane =>
  new NonceLane({ key: '', owner: '', clock, store: { change: async (_key, decide) => decide(undefined).result } });
