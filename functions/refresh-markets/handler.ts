import type { Telemetry } from '@nightdesk/aws';
import type { DeskConfig, VenueId } from '@nightdesk/core';
import type { RefreshRequest } from './schema.ts';

export interface RefreshMarketsDependencies {
  loadConfig(): Promise<DeskConfig>;
  /** Makes the stored markets of a venue those of the venue now. @throws VenueError */
  refresh(venue: VenueId): Promise<{ written: number; removed: number }>;
  telemetry: Telemetry;
}

export interface RefreshSummary {
  refreshed: string[];
  failed: string[];
}

/**
 * Refreshes every enabled venue, or of those the ones that are asked for. One that fails leaves the others alone, and
 * its stored markets as they are.
 */
export function createHandler({ loadConfig, refresh, telemetry }: RefreshMarketsDependencies) {
  return async ({ venues: asked }: RefreshRequest = {}): Promise<RefreshSummary> => {
    const config = await loadConfig();
    const enabled = Object.keys(config.exchanges).filter((venue) => config.exchanges[venue]?.enabled);
    const venues = asked === undefined ? enabled : enabled.filter((venue) => asked.includes(venue));
    const summary: RefreshSummary = { refreshed: [], failed: [] };
    for (const venue of venues) {
      try {
        const { written, removed } = await refresh(venue as VenueId);
        telemetry.info('markets refreshed', { venue, written, removed });
        summary.refreshed.push(venue);
      } catch (error) {
        telemetry.failure(`markets of ${venue} could not be refreshed`, error);
        summary.failed.push(venue);
      }
    }
    return summary;
  };
}

/** Raised after all venues had their turn, so that a failure shows in the function's error count. */
export class RefreshIncompleteError extends Error {
  override readonly name = 'RefreshIncompleteError';

  constructor(failed: readonly string[]) {
    super(`markets not refreshed: ${failed.join(', ')}`);
  }
}
