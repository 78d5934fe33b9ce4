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
  /**
   * Loads the markets of the venues that have none yet, one refresh at a time: what is asked for meanwhile is looked at after it,
   * by the configuration that was given last. Resolves once nothing is left to be looked at, and never rejects: what fails is
   * logged, and left to the next change or to the next refresh by schedule.
   */
  loadMissing(config: DeskConfig): Promise<void>;
  /** Begins no refresh any more, and neither tells nor remembers what becomes of one that is under way, which ends with its function. */
  close(): void;
}

export function createStoredMarkets({ path, refresh, log }: StoredMarketsOptions): StoredMarkets {
  const stored = path === undefined ? undefined : (readStateFile(path) as { marketsOf?: string[] } | undefined);
  const loaded = new Set(stored?.marketsOf);
  let wanted: DeskConfig | undefined;
  let loading: Promise<void> | undefined;
  let closed = false;

  async function loadWanted(): Promise<void> {
    while (wanted !== undefined && !closed) {
      const config = wanted;
      wanted = undefined;
      // All that can still fail by now is to write down what was loaded, which is then loaded again after the next start.
      await load(config).catch((error: unknown) => log(`that markets are loaded was not remembered: ${String(error)}`));
    }
    loading = undefined;
  }

  async function load({ exchanges }: DeskConfig): Promise<void> {
    const venues = Object.keys(exchanges).filter((venue) => exchanges[venue]?.enabled && !loaded.has(venue));
    if (venues.length === 0) return;
    log(`loading the markets of ${venues.join(', ')}`);
    const failure = await refresh(loaded.size === 0 ? undefined : venues).then(failureOf, String);
    if (closed) return;
    if (failure !== undefined) {
      log(`not all markets could be loaded: ${failure}`);
      return;
    }
    log(`the markets of ${venues.join(', ')} are loaded`);
    for (const venue of venues) loaded.add(venue);
    if (path !== undefined) writeStateFile(path, { marketsOf: [...loaded] });
  }

  return {
    async loadMissing(config) {
      if (closed) return;
      wanted = config;
      loading ??= loadWanted();
      await loading;
    },
    close() {
      closed = true;
    },
  };
}

const failureOf = ({ functionError, payload, logTail }: InvokeResult): string | undefined =>
  functionError === undefined ? undefined : `${payload}\n${logTail}`;
