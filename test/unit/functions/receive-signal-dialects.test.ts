/** What a sender of another format is answered, and that nothing of its secrets is left anywhere. */
import { beforeEach, describe, expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { createReceiver, type Receiver } from './signal-receiver.ts';

const source = { authentication: ['token', 'signing'], accounts: ['main', 'second'], defaultAccount: 'main' };
const relay = { action: 'buy', symbol: 'BTC/USDT', notional: '500', signalId: 'relay-1' };

let receiver: Receiver;
beforeEach(() => {
  receiver = createReceiver();
});

describe('a signal in another format', () => {
  it('is answered with its dialect, first and when it is resent', async () => {
    expect(await receiver.post(relay)).toMatchObject({
      status: 202,
      body: { status: 'accepted', dialect: 'trade-relay' },
    });
    expect(await receiver.post(relay)).toMatchObject({
      status: 200,
      body: { status: 'duplicate', dialect: 'trade-relay' },
    });
  });

  it('is answered with the names of unknown keys, and without that field where there are none', async () => {
    const { body } = await receiver.post({ ...relay, nickname: 'something private' });
    expect(body).toMatchObject({ unknownKeys: ['nickname'] });
    expect(JSON.stringify(body)).not.toContain('private');
    expect((await receiver.post({ ...relay, signalId: 'relay-2' })).body).not.toHaveProperty('unknownKeys');
  });

  it('is read as its source says', async () => {
    const strict = createReceiver(deskConfig({ sources: { demo: { ...source, dialect: 'native' } } }));
    const { status, body } = await strict.post(relay);
    expect([status, body.error?.issues?.map(({ path }) => path)]).toEqual([400, ['notional', 'signalId', 'size']]);
  });

  it('leaves nothing of its secret in the queue, the tables, the log or the answer', async () => {
    const secret = 'hunter2hunter2';
    const alert = { ...relay, token: secret, secret, passphrase: secret };
    expect((await receiver.post(alert)).status).toBe(202);
    expect((await receiver.post({ ...alert, signalId: undefined, symbol: 'BTCUSDT' })).status).toBeGreaterThanOrEqual(
      200,
    );
    expect((await receiver.post({ ...alert, symbol: 'NOT/THERE' })).status).toBeGreaterThanOrEqual(200);
    const { tables, queue, telemetry, answers } = receiver;
    const kept = JSON.stringify([tables, queue, telemetry, answers], (_key, value: unknown) =>
      value instanceof Map ? [...value] : value,
    );
    expect(kept).toContain('BTC/USDT');
    expect(kept).not.toContain(secret);
  });
});

describe('a signal that is not sure', () => {
  it.each([
    ['below the minimum', 0.59, 422],
    ['at the minimum', 0.6, 202],
  ])('is answered by its confidence: %s', async (_name, confidence, status) => {
    const answer = await receiver.post({ ...relay, confidence });
    expect(answer.status).toBe(status);
    if (status === 422)
      expect(answer.body.error).toMatchObject({ code: 'low_confidence', issues: [{ path: 'confidence' }] });
  });

  it('is judged by the minimum of its source', async () => {
    const bold = createReceiver(deskConfig({ sources: { demo: { ...source, minConfidence: 0 } } }));
    expect((await bold.post({ ...relay, confidence: 0 })).status).toBe(202);
  });
});
