import { createHmac } from 'node:crypto';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { lookGapMsMin, type Notice, secretNames } from '@nightdesk/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChannelServer, type Received, startChannelServer } from '../support/channel-server.ts';
import { type ConfiguredDesk, startConfiguredDesk } from '../support/configured-desk.ts';
import { soon, waitMsMax } from '../support/waiting.ts';

const signingSecret = 'what the receiver and the desk know';
const path = '/hooks/very-secret-path';
/** What must show at two looks takes the time between them longer, twice where the desk looks by itself in between. */
const foundMsMax = 2 * lookGapMsMin + waitMsMax;

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
  await tradeAsOutsider();
  // What the desk does by itself starts functions, which know no channel until they ask for the configuration again.
  const order = async () => {
    await configured.order('main');
    return hook.received;
  };
  await soon(order, (received) => received.length > 0);
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

/** When the account was compared with its venue last. */
async function checkedAtMs(): Promise<number> {
  type Accounts = { accounts: { account: string; checkedAtMs?: number }[] };
  const { body } = await configured.desk.call<Accounts>('GET', '/reconciliation');
  return body.accounts.find(({ account }) => account === 'main')?.checkedAtMs ?? 0;
}

/** Has the account compared with its venue now, as the planner has it once a minute. */
async function lookAtMain(): Promise<void> {
  const plannedAtMs = Date.now();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SQSClient({ endpoint: configured.desk.ready.aws, region: 'us-east-1', credentials });
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: 'nightdesk-local-reconciliations.fifo' }));
  const MessageBody = JSON.stringify({ account: 'main', plannedAtMs });
  const place = { MessageGroupId: 'main', MessageDeduplicationId: `test.${plannedAtMs}` };
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...place }));
  client.destroy();
  await soon(checkedAtMs, (ms) => ms >= plannedAtMs);
}

/** Somebody with the same key buys at the simulated venue. It is told when two looks with a while between them have shown it. */
const tradeAsOutsider = async () => {
  await lookAtMain();
  const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.01' };
  const { status } = await fetch(`${configured.desk.ready.simulators.binance}/__sim/outsider`, {
    method: 'POST',
    body: JSON.stringify({ action: 'order', account: 'main', params: order }),
  });
  expect(status).toBe(200);
  await lookAtMain();
};

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

describe('what comparing an account with its venue shows', () => {
  const isOutsider = (each: Received) => noticeOf(each).kind === 'books.outsider_fill';
  const lookAgain = async () => {
    if (Date.now() - (await checkedAtMs()) > lookGapMsMin) await lookAtMain();
    return hook.received;
  };

  it('is told once to each channel of the account: a trade of somebody else', { timeout: 2 * foundMsMax }, async () => {
    await soon(lookAgain, (received) => received.some(isOutsider), { withinMs: foundMsMax });
    const [told, ...again] = hook.received.filter(isOutsider);
    expect(again).toEqual([]);
    expect(told && noticeOf(told)).toMatchObject({
      severity: 'critical',
      account: 'main',
      subject: 'BTC/USDT',
      amount: '0.01',
      text: expect.stringMatching(/^CRITICAL: Somebody else trades with account main: .* traded 0\.01 of BTC\/USDT/),
    });
    const toTeam = ({ body }: Received) => body.includes('Somebody else trades with account main');
    expect(await receivedBy(team, toTeam)).toHaveLength(1);
  });
});
