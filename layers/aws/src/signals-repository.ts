import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { genesisHash, type SignalRecord, type SignalsStore, seal, streams } from '@nightdesk/core';
import { journalPut } from './journal-repository.ts';
import { transact } from './transact.ts';

/** How long a signal is kept outside the journal: far beyond any resend. */
const keptSeconds = 30 * 86_400;

export function createSignalsRepository(
  client: DynamoDBClient,
  tables: { signals: string; journal: string },
): SignalsStore {
  return {
    async get(signalId) {
      const input = { TableName: tables.signals, Key: { signalId: { S: signalId } }, ConsistentRead: true };
      const answer = await client.send(new GetItemCommand(input));
      if (answer.Item === undefined) return undefined;
      const { signal, duplicateRule } = unmarshall(answer.Item);
      return { signal, duplicateRule } as SignalRecord;
    },
    async insert(record) {
      const { signalId, receivedAtMs } = record.signal;
      const entry = {
        stream: streams.signal(signalId),
        sequence: 1,
        type: 'signal.accepted',
        atMs: receivedAtMs,
        data: record,
      };
      const expiresAt = Math.ceil(receivedAtMs / 1000) + keptSeconds;
      const result = await transact(client, [
        {
          Put: {
            TableName: tables.signals,
            Item: marshall({ signalId, ...record, expiresAt }, { removeUndefinedValues: true }),
            ConditionExpression: 'attribute_not_exists(signalId)',
          },
        },
        journalPut(tables.journal, seal(entry, genesisHash)),
      ]);
      return result.kind === 'written';
    },
    async openWindow(windowKey, nowMs, windowMs) {
      const expiresAt = Math.ceil((nowMs + windowMs) / 1000) + keptSeconds;
      const open = new UpdateItemCommand({
        TableName: tables.signals,
        Key: { signalId: { S: `window#${windowKey}` } },
        UpdateExpression: 'SET startedAtMs = :now, expiresAt = :expires',
        ConditionExpression: 'attribute_not_exists(startedAtMs) OR startedAtMs <= :ended',
        ExpressionAttributeValues: {
          ':now': { N: String(nowMs) },
          ':ended': { N: String(nowMs - windowMs) },
          ':expires': { N: String(expiresAt) },
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      try {
        await client.send(open);
        return nowMs;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        // The window that is running came with the refusal, so nothing can have changed in between.
        const startedAtMs = Number(error.Item?.startedAtMs?.N);
        if (!Number.isSafeInteger(startedAtMs)) throw error;
        return startedAtMs;
      }
    },
  };
}
