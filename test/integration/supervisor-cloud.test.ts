/** The embedded cloud as a whole, on the real CDK app. */
import { roles } from '@nightdesk/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeskClient, type DeskClient } from '../../local/supervisor/client.ts';
import { type Cloud, startCloud } from '../../local/supervisor/cloud.ts';
import { waitFor } from '../support/waiting.ts';

const log = (): undefined => undefined;

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

  it('has its accounts compared with their venues, and answers what was found', async () => {
    const { payload } = await cloud.tick('plan-reconciliations');
    expect(JSON.parse(payload)).toEqual({ planned: 1 });
    const read = async <Body>(path: string) => (await client.call<Body>('GET', path, { role: 'viewer' })).body;
    type Accounts = { accounts: { status?: string; balances?: { asset: string }[] }[] };
    await waitFor(async () => expect((await read<Accounts>('/reconciliation')).accounts[0]?.status).toBe('agrees'));
    const [balances] = (await read<Accounts>('/balances?account=main')).accounts;
    expect(balances?.balances?.map(({ asset }) => asset)).toContain('USDT');
    expect(await read('/pnl')).toMatchObject({ accounts: [{ account: 'main', equity: expect.any(String) }] });
    expect(await read('/risk')).toMatchObject({
      all: { state: 'active', modes: { sandbox: { figures: { equity: expect.any(String) } } } },
      accounts: [{ account: 'main', figures: { equity: expect.any(String) } }],
    });
  });

  it('streams what collection.yaml names, also after the process that does so was killed', async () => {
    type Quotes = { quotes: { venue: string; bid: string; receivedMs: number; stale: boolean }[] };
    const freshQuotes = async (sinceMs: number) => {
      const { status, body } = await client.call<Quotes>('GET', '/quotes?symbol=BTC/USDT');
      expect({ status, body }).toMatchObject({ status: 200, body: { quotes: [{ venue: 'binance', stale: false }] } });
      expect(body.quotes[0]?.receivedMs).toBeGreaterThan(sinceMs);
    };
    await waitFor(() => freshQuotes(0));
    const [task] = cloud.services();
    const killedAtMs = Date.now();
    process.kill(task?.pid ?? 0, 'SIGKILL');
    await waitFor(() => freshQuotes(killedAtMs + 1));
    expect(cloud.services()).toMatchObject([{ service: 'nightdesk-local-stream', restarts: 1 }]);
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
    const second = await startCloud({ log, warm: false, streams: false });
    expect(second.ready.api).not.toBe(cloud.ready.api);
    expect(await createDeskClient(second.ready).simulatorOrders()).toEqual([]);
    await second.close();
  });
});
