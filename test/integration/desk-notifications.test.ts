import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Notice, secretNames } from '@nightdesk/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChannelServer, type Received, startChannelServer } from '../support/channel-server.ts';
import { type ConfiguredDesk, startConfiguredDesk } from '../support/configured-desk.ts';

const signingSecret = 'what the receiver and the desk know';
const path = '/hooks/very-secret-path';
/** A person is told within seconds; a busy machine takes longer. */
const toldMsMax = 25_000;
const pollEveryMs = 50;

const notifications = `channels:
  hook: { type: webhook, accounts: [main] }
  team:
    type: slack
    severityMin: critical
    events: { order.filled: true }
    templates: { order.filled: "<{account}> {side} {symbol}" }
  away: { type: telegram }
`;

let hook: ChannelServer;
let team: ChannelServer;
let configured: ConfiguredDesk;

/** Fills in the secret of a channel, as soon as the desk has made it. */
async function putSecret(channel: string, value: object): Promise<void> {
  const { aws } = configured.desk.ready;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SecretsManagerClient({ endpoint: aws, region: 'us-east-1', credentials });
  const SecretId = secretNames.channel('nightdesk/local', channel);
  const put = new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(value) });
  const trial = () =>
    client.send(put).then(
      () => 'done',
      (error: Error) => error.name,
    );
  await soon(trial, (ended) => ended === 'done');
  client.destroy();
}

beforeAll(async () => {
  hook = await startChannelServer({ status: 204 });
  team = await startChannelServer({ status: 200, body: 'ok' });
  configured = await startConfiguredDesk({ notifications }, ['main']);
  await putSecret('hook', { url: `${hook.url}${path}`, secret: signingSecret });
  await putSecret('team', { url: `${team.url}${path}` });
  await putSecret('away', { botToken: '7312:AAE-token_of-a-bot', chatId: '-100123' });
});
afterAll(async () => {
  await configured?.close();
  await Promise.all([hook.close(), team.close()]);
});

const noticeOf = ({ body }: Received) => JSON.parse(body) as Notice & { orderId?: string; text: string };

/** What a channel received that is about this, as soon as it has. */
const receivedBy = (server: ChannelServer, isIt: (request: Received) => boolean): Promise<Received[]> =>
  soon(
    async () => server.received.filter(isIt),
    (found) => found.length > 0,
  );

async function soon<Value>(ask: () => Promise<Value>, isSo: (value: Value) => boolean): Promise<Value> {
  const endsAtMs = performance.now() + toldMsMax;
  for (;;) {
    const value = await ask();
    if (isSo(value)) return value;
    if (performance.now() > endsAtMs) throw new Error(`not told in ${toldMsMax} ms\n${configured.desk.log.join('\n')}`);
    await sleep(pollEveryMs);
  }
}

describe('an order that is filled', () => {
  it('is told to a webhook with a valid signature, and to Slack in the owner’s words', async () => {
    const order = await configured.order('main');
    expect(order.state).toBe('filled');
    const [request] = await receivedBy(
      hook,
      (each) => noticeOf(each).orderId === order.orderId && noticeOf(each).kind === 'order.filled',
    );
    if (request === undefined) throw new Error('no request');
    const { 'x-nightdesk-timestamp': timestamp, ...headers } = request.headers;
    const digest = createHmac('sha256', signingSecret).update(`${timestamp}.${request.body}`).digest('hex');
    expect(request).toMatchObject({ method: 'POST', path });
    expect(headers['x-nightdesk-signature']).toBe(`sha256=${digest}`);
    expect(Math.abs(Number(timestamp) * 1_000 - Date.now())).toBeLessThan(300_000);
    const notice = noticeOf(request);
    expect(headers['idempotency-key']).toBe(notice.id);
    expect(notice).toMatchObject({
      severity: 'info',
      account: 'main',
      venue: 'binance',
      symbol: 'BTC/USDT',
      side: 'buy',
      amount: '0.01',
      filled: '0.01',
      state: 'filled',
      signalId: order.signalId,
    });
    expect(notice.text).toMatch(/^BUY 0\.01 BTC\/USDT at binance \(main\) filled at [\d,.]+\.$/);

    const isFill = ({ body }: Received) => JSON.parse(body).text === '&lt;main&gt; BUY BTC/USDT';
    expect((await receivedBy(team, isFill)).length).toBeGreaterThan(0);
  });
});

describe('a switch', () => {
  it('of all accounts is told to every channel, with who set it and why', async () => {
    const { api, tokens } = configured.desk.ready;
    const set = (state: string, reason: string) =>
      fetch(`${api}/risk/*/switch`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${tokens.admin}`, 'content-type': 'application/json' },
        body: JSON.stringify({ state, reason }),
      });
    expect((await set('halted', 'a drill')).status).toBe(200);
    const [request] = await receivedBy(hook, (each) => noticeOf(each).kind === 'risk.switched');
    expect(request && noticeOf(request)).toMatchObject({
      severity: 'critical',
      account: '*',
      state: 'halted',
      by: 'admin',
      reason: 'a drill',
    });
    const isDrill = ({ body }: Received) => body.includes('CRITICAL: Trading of all accounts was switched');
    expect(await receivedBy(team, isDrill)).toHaveLength(1);
    const ids = hook.received.map((each) => noticeOf(each).id);
    expect(new Set(ids).size).toBe(ids.length);
    expect((await set('active', 'the drill is over')).status).toBe(200);
  });
});

describe('a channel outside this machine', () => {
  it('fails by itself, is said to, and no secret of any channel is', async () => {
    await configured.order('main');
    const lines = await soon(
      async () => configured.desk.log.filter((line) => line.includes('channel away could not be reached')),
      (found) => found.length > 0,
    );
    expect(lines.join()).not.toContain('AAE-token');
    expect(await configured.told(['very-secret-path', 'AAE-token_of-a-bot', signingSecret])).toEqual([]);
  });
});

describe('a channel that is saved while the desk runs', () => {
  it('gets a secret to fill in, and is told from then on', async () => {
    configured.save('notifications', `${notifications}  late: { type: webhook }\n`);
    const late = await startChannelServer({ status: 200 });
    try {
      await putSecret('late', { url: late.url, secret: signingSecret });
      // Functions use a configuration for a few seconds before they ask for a newer one.
      const askAgain = async () => {
        await configured.order('main');
        return late.received;
      };
      const [told] = await soon(askAgain, (received) => received.length > 0);
      expect(told && noticeOf(told)).toMatchObject({ kind: 'order.filled', account: 'main' });
    } finally {
      await late.close();
    }
  });
});
