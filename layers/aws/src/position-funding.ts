/** Funding payments of the desk's positions in DynamoDB: the position and its journal event in one transaction. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type PositionsStore, recordFunding, VersionConflictError } from '@nightdesk/core';
import { journalPut } from './journal-repository.ts';
import { positionPut } from './positions-repository.ts';
import { transact } from './transact.ts';

/** Fills of one market that are written at the same moment; each try lets at least one of them through. */
const conflictsMax = 24;
const pauseMs = 10;

interface FundingTables {
  positions: string;
  journal: string;
}

/** `PositionsStore.fund`, on positions as `get` reads them: strongly consistent. */
export function createFunding(
  client: DynamoDBClient,
  tables: FundingTables,
  get: PositionsStore['get'],
): PositionsStore['fund'] {
  return async ({ account, symbol }, payments, atMs) => {
    for (let conflict = 0; conflict <= conflictsMax; conflict++) {
      const before = await get(account, symbol);
      const applied = before && recordFunding(before, payments, atMs);
      if (applied === undefined) return before;
      const { position, journalEvent } = applied;
      const items = [positionPut(tables.positions, before, position), journalPut(tables.journal, journalEvent)];
      if ((await transact(client, items)).kind === 'written') return position;
      // Read anew: what was filled or valued in between stays, and what was funded in between is known by its id.
      await sleep(Math.random() * pauseMs * (conflict + 1));
    }
    throw new VersionConflictError(`the position of ${account} in ${symbol}`);
  };
}
