/** Notices that the owner has saved a file of the configuration. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeskConfig } from '@nightdesk/core';
import { type ConfigText, parseConfigTexts, readConfigTexts } from '@nightdesk/infra/config/read-desk-config.ts';

export interface ConfigWatchOptions {
  /** Holds `exchanges.yaml` and the others. */
  directory: string;
  /** Names of the exchanges there are. */
  venues: readonly string[];
  /** What is in force when the watch begins. */
  inForce: DeskConfig;
  /** Puts a configuration in force as a whole. When it throws, the one from before must still be in force. */
  apply(config: DeskConfig): Promise<void>;
  log: (message: string) => void;
}

/**
 * Editors save in several steps, and folders that are shared with another system tell nobody of changes. So the files are
 * read this often, and are taken for saved once they read the same twice.
 */
const readEveryMs = 100;

/** @returns what ends the watch, once a change that is under way is through */
export function watchConfig(options: ConfigWatchOptions): () => Promise<void> {
  const ending = new AbortController();
  const watching = watchUntil(ending.signal, options);
  return async () => {
    ending.abort();
    await watching;
  };
}

async function watchUntil(ended: AbortSignal, { directory, venues, apply, log, ...options }: ConfigWatchOptions) {
  let inForce = JSON.stringify(options.inForce);
  let refused = false;
  for await (const reading of savedStates(directory, ended)) {
    try {
      const config = parse(reading, venues);
      const wanted = JSON.stringify(config);
      // Comments and the order of settings change nothing, nor does taking a mistake back.
      if (wanted !== inForce) await apply(config);
      if (wanted !== inForce || refused) log('the saved configuration is in force');
      inForce = wanted;
      refused = false;
    } catch (error) {
      refused = true;
      const reason = error instanceof Error ? error.message : String(error);
      log(`${reason}\nWhat was in force before stays in force.`);
    }
  }
}

/** What the files hold: at first, and each time they hold something else. */
async function* savedStates(directory: string, ended: AbortSignal): AsyncGenerator<Reading> {
  let given: string | undefined;
  let previous: string | undefined;
  while (!ended.aborted) {
    const reading = readTexts(directory);
    const state = JSON.stringify(reading);
    if (state === previous && state !== given) {
      given = state;
      yield reading;
    }
    previous = state;
    await sleep(readEveryMs, undefined, { signal: ended, ref: false }).catch(() => undefined);
  }
}

type Reading = { texts: ConfigText[] } | { failure: string };

/** A file that is not there, if only for a moment, is a state as well. */
function readTexts(directory: string): Reading {
  try {
    return { texts: readConfigTexts(directory) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

function parse(read: Reading, venues: readonly string[]): DeskConfig {
  if ('failure' in read) throw new Error(read.failure);
  return parseConfigTexts(read.texts, venues);
}
