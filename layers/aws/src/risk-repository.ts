import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamoDBClient, GetItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import {
  firstUse,
  genesisHash,
  type RiskState,
  type RiskStore,
  type SwitchChange,
  seal,
  streams,
  VersionConflictError,
} from '@nightdesk/core';
import { journalPut } from './journal-repository.ts';
import { fromRiskItem } from './risk-item.ts';
import { transact } from './transact.ts';

/**
 * How often a change of the switch is tried anew because somebody else changed it first. Many may throw the kill switch at
 * the same moment, and none of them may be told that it did not work.
 */
const conflictsMax = 24;
const conflictPauseMs = 10;

export function createRiskRepository(client: DynamoDBClient, tables: { risk: string; journal: string }): RiskStore {
  const get = async (account: string): Promise<RiskState | undefined> => {
    const input = { TableName: tables.risk, Key: { account: { S: account } }, ConsistentRead: true };
    const answer = await client.send(new GetItemCommand(input));
    return answer.Item && fromRiskItem(answer.Item);
  };
  /** Writes the switch on condition that it is still at the version read; false when it is not. */
  const write = async (account: string, before: RiskState | undefined, change: SwitchChange): Promise<boolean> => {
    const { atMs, ...data } = change;
    const sequence = (before?.version ?? 0) + 1;
    const entry = { stream: streams.risk(account), sequence, type: 'risk.switched', atMs, data };
    const event = seal(entry, before?.journalHash ?? genesisHash);
    const fields = ['#state = :state', 'reason = :reason', '#by = :by', 'version = :version'];
    const result = await transact(client, [
      {
        Update: {
          TableName: tables.risk,
          Key: { account: { S: account } },
          UpdateExpression: `SET ${fields.join(', ')}, journalHash = :hash, updatedAtMs = :atMs, reserved = if_not_exists(reserved, :zero)`,
          ConditionExpression: before === undefined ? 'attribute_not_exists(#state)' : 'version = :before',
          ExpressionAttributeNames: { '#state': 'state', '#by': 'by' },
          ExpressionAttributeValues: {
            ':state': { S: change.state },
            ':reason': { S: change.reason },
            ':by': { S: change.by },
            ':version': { N: String(sequence) },
            ':hash': { S: event.hash },
            ':atMs': { N: String(atMs) },
            ':zero': { N: '0' },
            ...(before !== undefined && { ':before': { N: String(before.version) } }),
          },
        },
      },
      journalPut(tables.journal, event),
    ]);
    return result.kind === 'written';
  };
  return {
    get,
    async ensure(account, nowMs) {
      if ((await get(account)) !== undefined) return;
      // Losing the race means that somebody else set the switch, which is as good.
      await write(account, undefined, { ...firstUse, atMs: nowMs });
    },
    async setSwitch(account, change) {
      for (let conflict = 0; conflict <= conflictsMax; conflict++) {
        const written = await write(account, await get(account), change);
        const row = written ? await get(account) : undefined;
        if (row !== undefined) return row;
        await sleep(Math.random() * conflictPauseMs * (conflict + 1));
      }
      throw new VersionConflictError(`the switch of ${account}`);
    },
  };
}

/** Every row that has a switch, in no order; strongly consistent, for verification. */
export async function* scanRisk(client: DynamoDBClient, tableName: string): AsyncIterable<RiskState> {
  for await (const page of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
    yield* (page.Items ?? []).map(fromRiskItem).filter((row) => row !== undefined);
  }
}
