/** The embedded cloud's state folder: what a restart finds, who may read it, and that only one process uses it. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeskClient } from '../../local/supervisor/client.ts';
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
    running = await startCloud({ log, stateDirectory, warm: false, collects: false, streams: false, ...options });
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
