/** A desk with a state folder of its own, as `npm start` would run it, and what the venue says of its orders. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDeskTables } from '@nightdesk/local/audit/desk-tables.ts';
import { createLocalClient } from '@nightdesk/local/audit/local-tables.ts';
import { describeVerification, verifyDesk } from '@nightdesk/local/audit/verify-desk.ts';
import { readStateFile } from '@nightdesk/local/cloud/state-file.ts';
import { createDeskClient, type DeskClient } from '@nightdesk/local/supervisor/client.ts';
import { type Cloud, type CloudOptions, startCloud } from '@nightdesk/local/supervisor/cloud.ts';
import type { TradingKeys } from '@nightdesk/local/supervisor/simulators.ts';
import { statePaths } from '@nightdesk/local/supervisor/state-directory.ts';

/** The venue that is simulated, and the account that the source `demo` trades with. */
const venue = 'binance';
export const account = 'main';

export interface BenchDesk {
  cloud: Cloud;
  /** Where it keeps everything. */
  stateDirectory: string;
  client: DeskClient;
  /** Where signals are posted. */
  signalUrl: string;
  simulatorUrl: string;
  /** Of `account` at the simulated venue. */
  keys: TradingKeys;
  /** Verifies the whole journal. @throws Error naming the first event that does not fit */
  verifyJournal(): Promise<string>;
  close(): Promise<void>;
}

/** @param options folder of the configuration, where it is to be another than the repository's, and whether there are streams, which take their share */
export async function startDesk(
  log: (message: string) => void,
  options: Pick<CloudOptions, 'configDirectory' | 'streams' | 'streamTasks'> = {},
): Promise<BenchDesk> {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'nightdesk-bench-'));
  const removeState = () => rmSync(stateDirectory, { recursive: true, force: true });
  const cloud = await startCloud({ stateDirectory, log, streams: false, ...options }).catch((error: unknown) => {
    removeState();
    throw error;
  });
  const { api, aws, signals, simulators } = cloud.ready;
  const keys = readStateFile(statePaths(stateDirectory).tradingKeys) as Record<string, TradingKeys>;
  return {
    ...{ cloud, stateDirectory },
    client: createDeskClient(cloud.ready, venue),
    signalUrl: `${api}/signals/demo/${signals.demo?.token}`,
    simulatorUrl: simulators[venue] ?? '',
    keys: keys[account] ?? { apiKey: '', secret: '' },
    async verifyJournal() {
      const client = createLocalClient(aws);
      const verification = await verifyDesk(client, await findDeskTables(client, 'local'));
      client.destroy();
      if (verification.kind !== 'verified') throw new Error(describeVerification(verification));
      return describeVerification(verification);
    },
    async close() {
      await cloud.close();
      removeState();
    },
  };
}
