/** What only the real table can come to: a row that was lost, and made anew by the release of an order. */
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoDbClient } from '@nightdesk/aws';
import { notional, streams } from '@nightdesk/core';
import { expect, it } from 'vitest';
import { insertWithin } from '../../support/gates.ts';
import { openCloudStores, tables } from './desk-cloud.ts';
import { activate, intends, main, switched, wideLimits } from './desk-stores.ts';

it('an account whose row was lost places nothing, however much its limits allow', async () => {
  const desk = await openCloudStores();
  const client = createDynamoDbClient();
  const row = { account: { S: main }, reserved: { N: '-200' } };
  await client.send(new PutItemCommand({ TableName: tables.risk, Item: row }));
  await activate(desk.risk);
  // 200 is above the largest order, and less than nothing is reserved: the one must not make up for the other.
  for (const [limits, code] of [
    [wideLimits, 'open_notional_limit'],
    [{ ...wideLimits, orderNotionalMax: notional('1') }, 'order_notional_limit'],
  ] as const) {
    const result = await insertWithin(desk.orders, intends(), limits);
    expect(result).toMatchObject({ kind: 'denied', denial: { code } });
  }
  client.destroy();
  await desk.close();
});

it('a switch whose row was lost can be set again, and its journal goes on', async () => {
  const desk = await openCloudStores();
  const client = createDynamoDbClient();
  await desk.risk.setSwitch(main, switched('active'));
  const before = await desk.risk.setSwitch(main, switched('reducing'));
  await client.send(new DeleteItemCommand({ TableName: tables.risk, Key: { account: { S: main } } }));
  // Nobody sets it on first use: whoever may lets trading go on has to be a person.
  await desk.risk.ensure(main, 1_000);
  expect(await desk.risk.get(main)).toBeUndefined();
  const row = await desk.risk.setSwitch(main, switched('halted'));
  expect(row).toMatchObject({ state: 'halted', version: 3, reserved: '0' });
  const events = await desk.journal.read(streams.risk(main));
  expect(events.map(({ sequence, prevHash }) => [sequence, prevHash])[2]).toEqual([3, before.journalHash]);
  client.destroy();
  await desk.close();
});
