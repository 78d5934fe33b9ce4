/** The embedded cloud as a whole, on the real CDK app. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roles } from '@nightdesk/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeskClient, type DeskClient } from '../../local/supervisor/client.ts';
import { type Cloud, type CloudOptions, startCloud } from '../../local/supervisor/cloud.ts';

const logged: string[] = [];
const log = (message: string): void => void logged.push(message);

function signal(id: string) {
  return {
    id,
    symbol: 'BTC/USDT',
    action: 'buy',
    size: { base: '0.01' },
    type: 'market',
    sentAt: new Date().toISOString(),
  };
}

describe('the embedded cloud in memory', () => {
  let cloud: Cloud;
  let client: DeskClient;

  beforeAll(async () => {
    cloud = await startCloud({ log });
    client = createDeskClient(cloud.ready);
  });

  afterAll(() => cloud.close());

  it('turns a signal with a path token into one filled order', async () => {
    const posted = await client.postSignal(signal('with-token'));
    expect(posted).toMatchObject({ status: 202, body: { status: 'accepted' } });
    const { orders } = await client.waitForOrder(posted.body.signalId ?? '');
    const [order] = orders;
    expect(await client.simulatorOrders({ clientOrderId: order?.orderId ?? '' })).toMatchObject([
      { account: 'main', symbol: 'BTCUSDT', side: 'BUY', origQty: '0.01000000' },
    ]);
  });

  it('takes a signed signal', async () => {
    const posted = await client.postSignal(signal('signed'), { authentication: 'signing' });
    expect(posted).toMatchObject({ status: 202, body: { status: 'accepted' } });
  });

  it('answers a resent signal as a duplicate', async () => {
    const body = signal('sent-twice');
    const first = await client.postSignal(body);
    expect(await client.postSignal(body)).toMatchObject({
      status: 200,
      body: { signalId: first.body.signalId, status: 'duplicate' },
    });
  });

  it('knows a token for every role', async () => {
    expect(Object.keys(cloud.ready.tokens).sort()).toEqual([...roles].sort());
    for (const role of roles) expect(await client.call('GET', '/orders', { role })).toMatchObject({ status: 200 });
  });

  it('fires a schedule by hand and gives what its function returned', async () => {
    const { payload, functionError } = await cloud.tick('refresh-markets');
    expect(functionError).toBeUndefined();
    expect(JSON.parse(payload)).toMatchObject({ refreshed: ['binance'], failed: [] });
  });

  it('names the schedules there are when asked for another', async () => {
    await expect(cloud.tick('nothing')).rejects.toThrow('refresh-markets');
  });

  it('passes faults on to the simulated venue, and refuses those it does not know', async () => {
    await expect(client.setFaults({ kind: 'no-such-fault' })).rejects.toThrow('kind');
    await client.setFaults({ kind: 'delay', delayMs: 1 });
    await client.clearFaults();
  });

  it('runs a second cloud beside the first', async () => {
    const second = await startCloud({ log, warm: false });
    expect(second.ready.api).not.toBe(cloud.ready.api);
    expect(await createDeskClient(second.ready).simulatorOrders()).toEqual([]);
    await second.close();
  });
});

describe('the embedded cloud with state on disk', () => {
  let stateDirectory: string;
  let running: Cloud | undefined;

  beforeEach(() => {
    stateDirectory = mkdtempSync(join(tmpdir(), 'nightdesk-cloud-'));
  });

  afterEach(async () => {
    await running?.close();
    rmSync(stateDirectory, { recursive: true, force: true });
  });

  async function start(options: Partial<CloudOptions> = {}): Promise<Cloud> {
    running = await startCloud({ log, stateDirectory, warm: false, ...options });
    return running;
  }

  it('continues with its tokens, orders and markets, and forgets them when told to', async () => {
    const first = await start();
    const posted = await createDeskClient(first.ready).postSignal(signal('kept'));
    const signalId = posted.body.signalId ?? '';
    const { orders } = await createDeskClient(first.ready).waitForOrder(signalId);
    await first.close();

    logged.length = 0;
    const second = await start();
    expect(logged).not.toContain('loading the markets of the venues');
    expect({ tokens: second.ready.tokens, signals: second.ready.signals }).toEqual({
      tokens: first.ready.tokens,
      signals: first.ready.signals,
    });
    const client = createDeskClient(second.ready);
    expect((await client.getSignal(signalId)).body.orders.map(({ orderId }) => orderId)).toEqual(
      orders.map(({ orderId }) => orderId),
    );
    expect(await client.simulatorOrders({ clientOrderId: orders[0]?.orderId ?? '' })).toHaveLength(1);
    await second.close();

    const third = await start({ fresh: true });
    expect(third.ready.tokens).not.toEqual(first.ready.tokens);
    expect(await createDeskClient(third.ready).simulatorOrders()).toEqual([]);
  });

  it('writes its addresses and tokens for its owner only, and takes them away when it stops', async () => {
    const cloud = await start();
    const path = join(stateDirectory, 'ready.json');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(cloud.ready);
    for (const file of ['ready.json', 'trading-keys.json']) {
      expect(statSync(join(stateDirectory, file)).mode & 0o777, file).toBe(0o600);
    }
    await cloud.close();
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('refuses a folder that another one uses, and leaves that one alone', async () => {
    const cloud = await start();
    const attempt = startCloud({ log, stateDirectory, warm: false, fresh: true });
    await expect(attempt).rejects.toThrow(`is in use by process ${process.pid}`);
    expect((await fetch(`${cloud.ready.api}/health`)).status).toBe(200);
  });
});
