/** What only shows where somebody else acts between a refusal and the look for its reason. */
import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoDbClient, createOrdersRepository } from '@nightdesk/aws';
import { notional, type RiskState } from '@nightdesk/core';
import { expect, it } from 'vitest';
import { gateFor } from '../../support/gates.ts';
import { openCloudStores, tables } from './desk-cloud.ts';
import { activate, intends } from './desk-stores.ts';

/** What was read ahead of it, and is not so any more. */
const riskRow = (account: string): RiskState => ({
  ...{ account, state: 'active', reason: 'r', by: 'risk', reserved: notional('0'), counters: {} },
  ...{ figuresVersion: 0, version: 1, journalHash: '', updatedAtMs: 0 },
});

it('an intent that was refused for a switch that is there by now is recorded, and not denied for a switch nobody threw', async () => {
  const desk = await openCloudStores();
  const client = createDynamoDbClient();
  let switched: Promise<void> | undefined;
  client.middlewareStack.add((next, context) => async (call) => {
    if (context.commandName !== BatchGetItemCommand.name) return next(call);
    switched ??= activate(desk.risk);
    await switched;
    return next(call);
  });
  const orders = createOrdersRepository(client, tables);
  const rows = { account: riskRow('main'), all: riskRow('*') };
  const event = intends();
  const result = await orders.insertIntent(event, { ...gateFor(event.intent), rows });
  expect(result).toMatchObject({ kind: 'created' });
  expect(switched).toBeDefined();
  client.destroy();
  await desk.close();
});
