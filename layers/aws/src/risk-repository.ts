import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  firstUse,
  genesisHash,
  isStricter,
  type JournalEvent,
  type RiskState,
  type RiskStore,
  type SwitchChange,
  seal,
  streams,
  VersionConflictError,
} from '@nightdesk/core';
import { createItemReader } from './item-reader.ts';
import { journalPut, readLastEvent } from './journal-repository.ts';
import { fromRiskItem } from './risk-item.ts';
import { readRiskRows } from './risk-rows.ts';
import { transact } from './transact.ts';

/**
 * How often a change of the switch is tried anew because somebody else changed it first. Many may throw the kill switch at
 * the same moment, and none of them may be told that it did not work.
 */
const conflictsMax = 24;
const conflictPauseMs = 10;

export function createRiskRepository(
  client: DynamoDBClient,
  tables: { risk: string; journal: string },
  reader = createItemReader(client),
): RiskStore {
  const get = async (account: string): Promise<RiskState | undefined> => {
    const item = await reader.get(tables.risk, { account });
    return item && fromRiskItem(item);
  };
  /**
   * Writes the switch on condition that it is still at the version read; false when it is not.
   *
   * @param end of its journal, where there is no row to tell it
   */
  const write = async (
    account: string,
    { before, end }: { before: RiskState | undefined; end?: JournalEvent | undefined },
    wanted: SwitchChange,
  ): Promise<boolean> => {
    const { atMs, ...change } = wanted;
    const data = { ...change, ...(before !== undefined && { before: before.state }) };
    const sequence = (before?.version ?? end?.sequence ?? 0) + 1;
    const entry = { stream: streams.risk(account), sequence, type: 'risk.switched', atMs, data };
    const event = seal(entry, before?.journalHash ?? end?.hash ?? genesisHash);
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
            ':state': { S: wanted.state },
            ':reason': { S: wanted.reason },
            ':by': { S: wanted.by },
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
  /** Sets the switch by what it says; tells whether it had to be. */
  const change = async (
    account: string,
    changeOf: (before: RiskState | undefined) => SwitchChange | undefined,
  ): Promise<boolean> => {
    for (let conflict = 0; conflict <= conflictsMax; conflict++) {
      const before = await get(account);
      const wanted = changeOf(before);
      if (wanted === undefined) return false;
      // A first switch that is refused and still not there is one whose row was lost: its journal has begun, and goes on.
      const end =
        before === undefined && conflict > 0
          ? await readLastEvent(client, tables.journal, streams.risk(account))
          : undefined;
      if (await write(account, { before, end }, wanted)) return true;
      await sleep(Math.random() * conflictPauseMs * (conflict + 1));
    }
    throw new VersionConflictError(`the switch of ${account}`);
  };
  return {
    get,
    async ensure(account, nowMs) {
      if ((await get(account)) !== undefined) return;
      // Losing the race means that somebody else set the switch, which is as good.
      await write(account, { before: undefined }, { ...firstUse, atMs: nowMs });
    },
    async setSwitch(account, wanted) {
      await change(account, () => wanted);
      const row = await get(account);
      if (row === undefined) throw new VersionConflictError(`the switch of ${account}`);
      return row;
    },
    tighten: (account, wanted) =>
      change(account, (before) =>
        before === undefined || isStricter(wanted.state, before.state) ? wanted : undefined,
      ),
    rows: (account, source) => readRiskRows(reader, tables.risk, { account, ...(source !== undefined && { source }) }),
    async saveDeskFigures(figures) {
      const input = {
        TableName: tables.risk,
        Key: { account: { S: '*' } },
        UpdateExpression: 'SET deskFigures = :figures ADD figuresVersion :one',
        // What all accounts are worth is no reason to let them trade: the switch is made by whoever may make it.
        ConditionExpression: 'attribute_exists(#state)',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':figures': { S: JSON.stringify(figures) }, ':one': { N: '1' } },
      };
      try {
        await client.send(new UpdateItemCommand(input));
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}

/** Every row that has a switch, in no order; strongly consistent, for verification. */
export async function* scanRisk(client: DynamoDBClient, tableName: string): AsyncIterable<RiskState> {
  for await (const page of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
    yield* (page.Items ?? []).map(fromRiskItem).filter((row) => row !== undefined);
  }
}
