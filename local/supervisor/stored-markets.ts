/** Which venues' markets are in their table. Until they are, no signal for a venue can be understood. */
import type { DeskConfig } from '@nightdesk/core';
import type { InvokeResult } from '../cloud/lambda/index.ts';
import { readStateFile, writeStateFile } from '../cloud/state-file.ts';

export interface StoredMarketsOptions {
  /** File that remembers the venues; absent remembers them as long as this process lives. */
  path: string | undefined;
  /** Runs the function that refreshes the markets, of all venues when none are named. */
  refresh(venues?: readonly string[]): Promise<InvokeResult>;
  log: (message: string) => void;
}

export interface StoredMarkets {
  /** Loads the markets of the venues that have none yet. What fails is logged, and left to the next refresh by schedule. */
  loadMissing(config: DeskConfig): Promise<void>;
}

export function createStoredMarkets({ path, refresh, log }: StoredMarketsOptions): StoredMarkets {
  const stored = path === undefined ? undefined : (readStateFile(path) as { marketsOf?: string[] } | undefined);
  const loaded = new Set(stored?.marketsOf);
  return {
    async loadMissing({ exchanges }) {
      const venues = Object.keys(exchanges).filter((venue) => exchanges[venue]?.enabled && !loaded.has(venue));
      if (venues.length === 0) return;
      log(`loading the markets of ${venues.join(', ')}`);
      const failure = await refresh(loaded.size === 0 ? undefined : venues).then(failureOf, String);
      if (failure !== undefined) {
        log(`not all markets could be loaded: ${failure}`);
        return;
      }
      for (const venue of venues) loaded.add(venue);
      if (path !== undefined) writeStateFile(path, { marketsOf: [...loaded] });
    },
  };
}

const failureOf = ({ functionError, payload, logTail }: InvokeResult): string | undefined =>
  functionError === undefined ? undefined : `${payload}\n${logTail}`;
