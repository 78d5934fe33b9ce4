/** While a venue does not answer, new orders go to the next one of its group; those it may have already stay with it. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConfigDocument, outageMs } from '@nightdesk/core';
import { priceAgeMsMax } from '@nightdesk/functions/shared/recent-prices.ts';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { createDeskClient, type DeskClient } from '@nightdesk/local/supervisor/client.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, startDesk } from '../support/desk.ts';

const configDirectory = mkdtempSync(join(tmpdir(), 'nightdesk-failover-'));
/** Within which new orders must be at the next venue, counted from the first that met no answer. */
const failoverMsMax = 5_000;
/** Within which every order has its final word. */
const settleMsMax = 20_000;
/** How long the venue is away in these tests. */
const awayMs = 8_000;
let desk: Desk;
let kraken: DeskClient;

const documents: Partial<Record<ConfigDocument, string>> = {
  exchanges: `
binance:
  failover: { group: spot, rank: primary }
  timeoutMs: 2000
kraken:
  failover: { group: spot, rank: secondary }
`,
  accounts: `
main: { exchange: binance, mode: sandbox }
backup: { exchange: kraken, mode: sandbox }
`,
  sources: `
demo:
  authentication: [token, signing]
  accounts: [main, backup]
  defaultAccount: main
  failover: true
`,
};

beforeAll(async () => {
  cpSync(paths.config, configDirectory, { recursive: true });
  desk = await startDesk({ configDirectory });
  for (const [name, text] of Object.entries(documents)) writeFileSync(join(configDirectory, `${name}.yaml`), text);
  const endsAtMs = performance.now() + settleMsMax;
  while (!(await isInForce())) {
    if (performance.now() > endsAtMs) throw new Error(`the configuration did not take effect: ${desk.log.join('\n')}`);
    await sleep(250);
  }
  kraken = createDeskClient(desk.cloud.ready, 'kraken');
}, 60_000);

afterAll(async () => {
  await desk.close();
  rmSync(configDirectory, { recursive: true });
});

/** The last thing that the new documents bring is that the source may use both accounts. */
async function isInForce(): Promise<boolean> {
  if (desk.cloud.ready.simulators.kraken === undefined) return false;
  const signal = { id: 'in-force', account: 'backup', symbol: 'BTC/USDT', action: 'buy', size: { base: '0.01' } };
  return (await desk.postSignal({ ...signal, sentAt: new Date().toISOString() })).status <= 202;
}

let count = 0;
async function post(size = '0.01', account = 'main'): Promise<string> {
  count += 1;
  const signal = { account, symbol: 'BTC/USDT', action: 'buy', size: { base: size }, sentAt: new Date().toISOString() };
  const { status, body } = await desk.postSignal({ id: `failover-${count}`, ...signal });
  if (status !== 202) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
  return body.signalId ?? '';
}

const ordersOf = async (signalId: string) =>
  (await desk.settle([signalId])).map(({ account, state }) => [account, state]);

describe('a venue that refuses connections', () => {
  it('loses no signal: each is filled at the next venue within five seconds, and at one venue only', async () => {
    expect(await ordersOf(await post())).toEqual([['main', 'filled']]);
    // Else the next order is valued by the price of this one, is recorded, and may not go elsewhere any more.
    await sleep(priceAgeMsMax);
    await desk.setFaults({ kind: 'refuse-connections', forMs: awayMs });
    const startMs = performance.now();
    const signals: string[] = [];
    const seen = new Set<string>();
    while (performance.now() - startMs < failoverMsMax) {
      signals.push(await post());
      const { body } = await desk.call<{ health: { status: string } }>('GET', '/exchanges/binance');
      seen.add(body.health.status);
      await sleep(250);
    }
    for (const signalId of signals) {
      const { status, orders } = await desk.waitForOrder(signalId, settleMsMax);
      const filled = orders.filter(({ state }) => state === 'filled').map(({ account }) => account);
      expect([status, filled], JSON.stringify(orders)).toEqual(['executed', ['backup']]);
      expect(orders.find(({ account }) => account === 'main')).toMatchObject({
        ...{ state: 'denied', failedOverTo: 'backup', cause: { code: 'failed_over' } },
      });
    }
    // One more than these, from waiting for the configuration.
    expect(await kraken.simulatorOrders({ account: 'backup' })).toHaveLength(signals.length + 1);
    expect(seen).toContain('failing');
  }, 60_000);

  it('takes orders again once it is back', () => untilBack(), 90_000);
});

/** Posts until an order is filled at the account that the signal names. @throws Error when that takes longer than an outage lasts */
async function untilBack(): Promise<void> {
  const endsAtMs = performance.now() + awayMs + outageMs + settleMsMax;
  while (!(await ordersOf(await post())).some(([account, state]) => account === 'main' && state === 'filled')) {
    if (performance.now() > endsAtMs) throw new Error('orders still go elsewhere');
    await sleep(1_000);
  }
}

describe('a venue that takes orders and hides that it did', () => {
  it('keeps what it may have: such an order is never placed elsewhere as well', async () => {
    await untilBack();
    const atMain = (await desk.simulatorOrders({ account: 'main' })).length;
    const elsewhere = (await kraken.simulatorOrders({ account: 'backup' })).length;
    await desk.setFaults({ kind: 'drop-answer', match: { method: 'POST', path: '/api/v3/order' }, count: 1 });
    expect(await ordersOf(await post('0.02'))).toEqual([['main', 'filled']]);
    expect(await kraken.simulatorOrders({ account: 'backup' })).toHaveLength(elsewhere);
    expect(await desk.simulatorOrders({ account: 'main' })).toHaveLength(atMain + 1);
  }, 90_000);
});
