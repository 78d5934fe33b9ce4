/** What only shows where somebody else acts between a refusal and the look for its reason. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoDbClient, createOrdersRepository } from '@nightdesk/aws';
import { expect, it } from 'vitest';
import { openCloudStores, tables } from './desk-cloud.ts';
import { activate, intends, wideLimits } from './desk-stores.ts';

it('an intent that was refused for a switch that is there by now is recorded, and not denied for a switch nobody threw', async () => {
  const desk = await openCloudStores();
  const client = createDynamoDbClient();
  let switched: Promise<void> | undefined;
  client.middlewareStack.add((next, context) => async (call) => {
    if (context.commandName !== GetItemCommand.name) return next(call);
    switched ??= activate(desk.risk);
    await switched;
    return next(call);
  });
  const orders = createOrdersRepository(client, tables);
  expect(await orders.insertIntent(intends(), wideLimits)).toMatchObject({ kind: 'created' });
  expect(switched).toBeDefined();
  client.destroy();
  await desk.close();
});
