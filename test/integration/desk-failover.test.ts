/** While a venue does not answer, new orders go to the next one of its group; those it may have already stay with it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConfigDocument, outageMs } from '@nightdesk/core';
import { priceAgeMsMax } from '@nightdesk/functions/shared/recent-prices.ts';
import { createDeskClient, type DeskClient } from '@nightdesk/local/supervisor/client.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConfiguredDesk, startConfiguredDesk } from '../support/configured-desk.ts';
import type { Desk } from '../support/desk.ts';

/** Within which new orders must be at the next venue, counted from the first that met no answer. */
const failoverMsMax = 5_000;
/** Within which every order has its final word. */
const settleMsMax = 60_000;
/** How long the venue is away in these tests. */
const awayMs = 8_000;
let configured: ConfiguredDesk;
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
  configured = await startConfiguredDesk(documents, ['main', 'backup']);
  desk = configured.desk;
  kraken = createDeskClient(desk.cloud.ready, 'kraken');
}, 240_000);
afterAll(() => configured.close());

async function post(): Promise<string> {
  const { status, body } = await configured.post('main');
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
    const elsewhere = (await kraken.simulatorOrders({ account: 'backup' })).length;
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
    expect(await kraken.simulatorOrders({ account: 'backup' })).toHaveLength(elsewhere + signals.length);
    expect(seen).toContain('failing');
    expect(await desk.records.verify()).toMatchObject({ kind: 'verified' });
  }, 240_000);

  it('takes orders again once it is back', () => untilBack(), 240_000);
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
    expect(await ordersOf(await post())).toEqual([['main', 'filled']]);
    expect(await kraken.simulatorOrders({ account: 'backup' })).toHaveLength(elsewhere);
    expect(await desk.simulatorOrders({ account: 'main' })).toHaveLength(atMain + 1);
  }, 240_000);
});
