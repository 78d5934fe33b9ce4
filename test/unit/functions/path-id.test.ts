/** Ids in paths come from outside, and go into keys of tables that take neither an empty key nor one above 2,048 bytes. */

import { createHandler as createManageOrders } from '@nightdesk/functions/manage-orders/handler.ts';
import { pathId } from '@nightdesk/functions/shared/path-id.ts';
import { expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { createMemorySignalQueue } from '../../support/memory-signal-queue.ts';
import { createMemoryMarkets, createMemorySignals } from '../../support/memory-stores.ts';
import { OrderLab } from '../../support/order-lab.ts';
import { createRecordingTelemetry } from '../../support/telemetry.ts';
import { callDesk, roleSecrets, secretsPrefix } from './desk-caller.ts';

/** As DynamoDB does: "One or more parameter values were invalid", which would be answered 500. */
const strictGet = async (id: string): Promise<undefined> => {
  if (id === '' || new TextEncoder().encode(id).length > 2_048) throw new Error('ValidationException');
  return undefined;
};

it.each([
  ['nothing', ''],
  ['more than a key may have', 'n'.repeat(4_000)],
  ['a slash', 'nd1/events'],
  ['other alphabets', 'заказ-🔥'],
  ['a control character', 'nd1\u0000'],
])('a request for an order whose id is %s is answered that there is none', async (_, id) => {
  const lab = new OrderLab();
  for (const routeKey of ['PATCH /orders/{id}', 'DELETE /orders/{id}']) {
    const handler = createManageOrders({
      ...{ clock: lab.clock, telemetry: createRecordingTelemetry(), secretsPrefix, secrets: roleSecrets() },
      ...{ queue: createMemorySignalQueue(lab.clock), loadConfig: async () => deskConfig() },
      ...{ signals: createMemorySignals(lab.tables), orders: { get: strictGet } },
      markets: createMemoryMarkets(lab.tables),
    });
    const body = JSON.stringify({ price: '90' });
    const answer = await callDesk(handler, { role: 'trader', routeKey, pathParameters: { id }, body });
    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  }
});

it.each(['nd1', 'sg2k3', `nd${'a'.repeat(24)}`])('%s is an id', (id) => {
  expect(pathId({ pathParameters: { id } } as never, 'id')).toBe(id);
});
