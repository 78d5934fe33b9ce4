import { createSqsClient, createSqsReconciliationsQueue, type ReconciliationMessage } from '@nightdesk/aws';
import type { AccountId } from '@nightdesk/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { createSqs } from '../../../local/cloud/sqs/index.ts';
import { serve } from '../stores/desk-cloud.ts';

async function open() {
  let origin = '';
  const sqs = createSqs({ clock: createMovableClock(), origin: () => origin });
  const endpoint = await serve(sqs);
  origin = endpoint.url;
  const held = sqs.createQueue({
    name: 'reconciliations.fifo',
    properties: { FifoQueue: true, DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' },
  });
  const client = createSqsClient();
  onTestFinished(async () => {
    client.destroy();
    await endpoint.close();
  });
  const receive = async (messagesMax = 10) =>
    (await sqs.receive({ queue: held, messagesMax, waitMs: 0 })).map(
      ({ body }) => JSON.parse(body) as ReconciliationMessage,
    );
  return { queue: createSqsReconciliationsQueue(client, sqs.urlOf(held)), receive };
}

const planned = (name: string, plannedAtMs: number): ReconciliationMessage => ({
  account: name as AccountId,
  plannedAtMs,
});

describe('the queue of accounts to be reconciled', () => {
  it('takes any number of accounts, each once in a minute', async () => {
    const { queue, receive } = await open();
    const accounts = Array.from({ length: 12 }, (_, index) => planned(`account-${index}`, 120_000));
    await queue.send(accounts);
    await queue.send(accounts.map((message) => ({ ...message, plannedAtMs: 179_999 })));
    const received = [...(await receive()), ...(await receive())];
    expect(received).toHaveLength(12);
    expect(received).toEqual(expect.arrayContaining(accounts));
  });

  it('gives the second look at an account to nobody while the first is under way', async () => {
    const { queue, receive } = await open();
    await queue.send([planned('main', 60_000), planned('second', 60_000)]);
    await queue.send([planned('main', 120_000)]);
    // One message a time, as the event source does.
    const received = [await receive(1), await receive(1), await receive(1)];
    expect(received).toEqual([[planned('main', 60_000)], [planned('second', 60_000)], []]);
  });

  it('says which account it did not take', async () => {
    const client = { send: async () => ({ Failed: [{ Id: '1', Code: 'InternalError', Message: 'later' }] }) };
    const queue = createSqsReconciliationsQueue(client as never, 'http://127.0.0.1/reconciliations.fifo');
    const sending = queue.send([planned('main', 1), planned('second', 1)]);
    await expect(sending).rejects.toThrow('the queue refused the account second: InternalError later');
  });

  it('is asked nothing where there is no account', async () => {
    const queue = createSqsReconciliationsQueue({} as never, 'http://127.0.0.1/reconciliations.fifo');
    await expect(queue.send([])).resolves.toBeUndefined();
  });
});
