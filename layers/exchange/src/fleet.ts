/** What a venue object shares with those of other processes: request limits, the key's lane, how far the clock is off. */
import type { CoordinationStore, NonceLane, RequestBudget, RequestLimit } from '@nightdesk/core';

export interface VenueFleet {
  /** The shares of these limits that this process may use. */
  openBudget(limits: readonly RequestLimit[]): RequestBudget;
  /** For venues that want rising nonces. Absent where no key is used. */
  openLane?(): NonceLane;
  /** Rows of facts about venues. */
  store: CoordinationStore;
}
