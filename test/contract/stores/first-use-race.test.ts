/** What only shows where somebody else acts between a refusal and the look for its reason. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoDbClient, createOrdersRepository } from '@nightdesk/aws';
import { expect, it } from 'vitest';
import { openCloudStores, tables } from './desk-cloud.ts';
import { activate, intends, wideLimits } from './desk-stores.ts';

it('an intent that was refused for a switch that is there by now is recorded, and not denied for a switch nobody threw', async () => {
  const desk = await openCloudStores();
  const client = createDynamoDbClient();
  const { send } = client;
  let looks = 0;
  client.send = (async (command: Parameters<typeof send>[0]) => {
    if (command instanceof GetItemCommand && looks++ === 0) await activate(desk.risk);
    return send.call(client, command);
  }) as typeof send;
  const orders = createOrdersRepository(client, tables);
  expect(await orders.insertIntent(intends(), wideLimits)).toMatchObject({ kind: 'created' });
  expect(looks).toBeGreaterThan(0);
  client.destroy();
  await desk.close();
});
