import { createHmac } from 'node:crypto';
import { parseDeskConfig, type SignalMessage } from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/receive-signal/handler.ts';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { beforeEach, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { btcUsdt } from '../../support/markets.ts';
import { createMemoryMarkets, createMemorySignals, MemoryTables } from '../../support/memory-stores.ts';

const secret = 'secret of the source';
/** Neither id nor time: known again by its content only. */
const body = '{"symbol":"BTC/USDT","action":"buy","size":{"base":"1"}}';
const config = parseDeskConfig({
  exchanges: { fake: {} },
  accounts: { main: { exchange: 'fake', mode: 'sandbox' } },
  sources: { demo: { authentication: ['signing'], accounts: ['main'], defaultAccount: 'main' } },
  risk: { default: { orderNotionalMax: '1000', openNotionalMax: '5000' } },
});

let clock: ManualClock;
let sent: SignalMessage[];
let handler: ReturnType<typeof createHandler>;

beforeEach(async () => {
  const tables = new MemoryTables();
  const markets = createMemoryMarkets(tables);
  await markets.replaceAll(btcUsdt.venue, [btcUsdt]);
  clock = createManualClock();
  sent = [];
  handler = createHandler({
    loadConfig: async () => config,
    secrets: { get: async () => secret },
    secretsPrefix: 'nightdesk/test',
    signals: createMemorySignals(tables),
    markets,
    queue: { send: async (messages) => void sent.push(...messages) },
    clock,
    telemetry: {
      info: () => {},
      failure: () => {},
      count: () => {},
      duration: () => {},
      percent: () => {},
      flush: () => {},
    },
  });
});

function signedNow(): APIGatewayProxyEventV2 {
  const timestamp = String(Math.floor(clock.nowMs() / 1000));
  const signature = `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
  return {
    headers: { 'x-nightdesk-timestamp': timestamp, 'x-nightdesk-signature': signature },
    pathParameters: { source: 'demo' },
    requestContext: { requestId: 'request-1', http: { sourceIp: '203.0.113.7' } },
    body,
  } as unknown as APIGatewayProxyEventV2;
}

it('knows the very same signed request again until its signature is too old, beyond the duplicate window', async () => {
  const request = signedNow();
  expect((await handler(request)).status).toBe(202);
  for (const secondsLater of [61, 120, 110]) {
    clock.advance(secondsLater * 1000);
    expect(await handler(request)).toMatchObject({ status: 200, body: { status: 'duplicate' } });
  }
  clock.advance(60_000);
  await expect(handler(request)).rejects.toMatchObject({ code: 'not_authenticated' });
  expect(sent).toHaveLength(1);
});

it('still takes an equal signal that is signed anew after the window, and the first as a resend even then', async () => {
  const first = signedNow();
  expect((await handler(first)).status).toBe(202);
  clock.advance(61_000);
  expect((await handler(signedNow())).status).toBe(202);
  expect((await handler(first)).status).toBe(200);
  expect(sent).toHaveLength(2);
});
