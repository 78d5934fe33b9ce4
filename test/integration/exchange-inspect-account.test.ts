import { type Finding, isRefused, judgeAccount, type VenueId } from '@nightdesk/core';
import { type InspectAccountOptions, inspectAccount } from '@nightdesk/exchange';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as binance from '../support/binance-answers.ts';
import { realClock } from '../support/clocks.ts';
import fc from '../support/property.ts';
import { credentials, request, type ScriptedBinance, startScriptedBinance } from '../support/scripted-binance.ts';
import type { Script, ScriptedAnswer } from '../support/scripted-server.ts';
import { type BuiltVenueLayer, openVenueLayer } from '../support/venue-layer.ts';

let layer: BuiltVenueLayer;
let scripted: ScriptedBinance;
beforeAll(async () => {
  layer = await openVenueLayer();
});
afterAll(() => layer.remove());
beforeEach(async () => {
  scripted = await startScriptedBinance(layer.directory);
});
afterEach(() => scripted.server.close());

const goodKey = {
  ...{ ipRestrict: true, enableReading: true, enableWithdrawals: false, enableSpotAndMarginTrading: true },
};
const restrictions = 'GET /sapi/v1/account/apiRestrictions';
const account = 'GET /api/v3/account';
const time = 'GET /api/v3/time';
const keyRefused = { status: 401, body: { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' } };

const healthy: Record<string, ScriptedAnswer | Script> = {
  ...binance.exchangeInfoRoutes,
  [time]: () => ({ body: { serverTime: Date.now() } }),
  [restrictions]: { body: goodKey },
  [account]: {
    body: {
      balances: [
        { asset: 'BTC', free: '1.5', locked: '0.5' },
        { asset: 'ETH', free: '0', locked: '0' },
      ],
    },
  },
  'GET /fapi/v1/positionSide/dual': { body: { dualSidePosition: true } },
};

const inspect = (
  changes: Partial<InspectAccountOptions['exchangeConfig']> = {},
  mode: 'sandbox' | 'live' = 'live',
  keys = credentials,
) =>
  inspectAccount({
    ...{ venue: 'binance' as VenueId, directory: layer.directory, credentials: keys, mode, clock: realClock },
    exchangeConfig: { baseUrl: scripted.server.url, timeoutMs: 1_000, ...changes },
  });

async function findings(answers: typeof healthy, mode: 'sandbox' | 'live' = 'live'): Promise<Finding[]> {
  scripted.answerWith({ ...healthy, ...answers });
  const inspection = await inspect(undefined, mode);
  return judgeAccount(inspection, { venue: 'binance', mode, purpose: 'trading', nowMs: Date.now() });
}

describe('an account that is asked about', () => {
  it('shows its permissions, balances, position mode and clock, and passes', async () => {
    scripted.answerWith(healthy);
    const inspection = await inspect();
    expect(inspection).toMatchObject({
      clock: { kind: 'answered' },
      permissions: { kind: 'answered', value: { read: 'allowed', trade: 'allowed', withdraw: 'denied' } },
      balances: { kind: 'answered', value: [{ asset: 'BTC', total: '2' }] },
      positionMode: 'hedge',
    });
    expect(await findings({})).toEqual([]);
  });

  it.each<[string, typeof healthy, string, RegExp]>([
    [
      'may withdraw',
      { [restrictions]: { body: { ...goodKey, enableWithdrawals: true } } },
      'key_can_withdraw',
      /may withdraw/,
    ],
    [
      'may not trade',
      { [restrictions]: { body: { ...goodKey, enableSpotAndMarginTrading: false } } },
      'key_cannot_trade',
      /may not trade/,
    ],
    [
      'may not read',
      { [restrictions]: { body: { ...goodKey, enableReading: false } } },
      'key_cannot_read',
      /may not read/,
    ],
    ['is refused', { [restrictions]: keyRefused, [account]: keyRefused }, 'key_refused', /binance refuses the key/],
    ['is refused once it was used', { [account]: keyRefused }, 'key_refused', /binance refuses the key/],
    [
      'cannot be told about, with real money',
      { [restrictions]: { status: 500, body: 'oops' } },
      'permissions_unanswered',
      /did not answer/,
    ],
    [
      'is answered about by a page of something in front of the venue, with real money',
      { [restrictions]: { body: '<html>just a moment</html>' } },
      'permissions_unanswered',
      /did not answer/,
    ],
  ])('is refused when its key %s', async (_name, answers, code, message) => {
    const found = await findings(answers);
    expect(found).toContainEqual({ severity: 'refused', code, message: expect.stringMatching(message) });
    expect(isRefused(found)).toBe(true);
  });

  it('is only warned of where a test network has no answer', async () => {
    const found = await findings({ [restrictions]: { status: 404, body: 'not here' } }, 'sandbox');
    expect(found).toMatchObject([{ severity: 'warning', code: 'withdrawal_untold' }]);
  });

  it.each([-30_000, 30_000])('is refused when the clock is off by %i ms, and by how much is said', async (offMs) => {
    const found = await findings({ [time]: () => ({ body: { serverTime: Date.now() - offMs } }) });
    expect(found).toMatchObject([
      {
        severity: 'refused',
        code: 'clock_off',
        message: expect.stringContaining(`30 s ${offMs > 0 ? 'ahead of' : 'behind'}`),
      },
    ]);
  });

  it('is refused when its venue is in maintenance', async () => {
    const maintenance = { status: 400, body: { code: -1016, msg: 'This service is no longer available.' } };
    const found = await findings({ [restrictions]: maintenance, [account]: maintenance });
    expect(isRefused(found)).toBe(true);
    expect(found.map(({ message }) => message).join()).toContain('no longer available');
  });

  it('is refused when nobody answers at the address of its venue', async () => {
    const inspection = await inspect({ baseUrl: 'http://127.0.0.1:9' });
    const found = judgeAccount(inspection, { venue: 'binance', mode: 'sandbox', purpose: 'trading', nowMs: 0 });
    expect(found).toContainEqual(expect.objectContaining({ severity: 'refused', code: 'venue_unreachable' }));
  });

  it('is refused when its proxy refuses, which is not taken for a fault of its venue', async () => {
    scripted.answerWith(healthy);
    const inspection = await inspect({ proxies: ['http://127.0.0.1:9'] });
    const found = judgeAccount(inspection, { venue: 'binance', mode: 'live', purpose: 'trading', nowMs: 0 });
    expect(found).toMatchObject([{ severity: 'refused', code: 'proxy_refused' }]);
    expect(scripted.server.requests).toEqual([]);
  });

  it('lets no key into what is told, whatever the venue repeats of it', async () => {
    const repeated = { status: 400, body: { code: -1, msg: `key ${credentials.apiKey} and ${credentials.secret}` } };
    const found = await findings({ [restrictions]: repeated, [account]: repeated, [time]: repeated });
    const told = JSON.stringify(found);
    expect(found.length).toBeGreaterThan(0);
    for (const value of Object.values(credentials)) expect(told).not.toContain(value);
  });
});

describe('whatever a venue says of an account', () => {
  it('no key appears in it, of any form and wherever the venue repeats it', async () => {
    const key = fc.stringMatching(/^[A-Za-z0-9+/=_.:-]{8,64}$/);
    const wrap = fc.constantFrom<(value: string) => string>(
      (value) => value,
      encodeURIComponent,
      (value) => `https://binance.test/api?apiKey=${value}&signature=${value}`,
      (value) => `{"apiKey":"${value}"}`,
    );
    await fc.assert(
      fc.asyncProperty(
        key,
        key,
        wrap,
        fc.constantFrom(400, 401, 403, 418, 500),
        async (apiKey, secret, wrapped, status) => {
          const answer = { status, body: { code: -1_000, msg: `${wrapped(apiKey)} ${wrapped(secret)}` } };
          scripted.answerWith({ ...healthy, [restrictions]: answer, [account]: answer });
          const inspection = await inspect(undefined, 'live', { apiKey, secret });
          const found = judgeAccount(inspection, { venue: 'binance', mode: 'live', purpose: 'trading', nowMs: 0 });
          const told = JSON.stringify([inspection, found]);
          for (const value of [apiKey, secret]) expect(told).not.toContain(value);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('a key that is revoked while it is in use', () => {
  it('rejects an order: the refusal is no ban, though ccxt takes it for one once the key has worked', async () => {
    const market = await scripted.market();
    scripted.answerWith({ 'POST /api/v3/order': { body: binance.openOrder }, ...binance.nothingFound });
    const venue = await scripted.connect();
    expect(await venue.placeOrder(request, market)).toMatchObject({ kind: 'accepted' });
    for (const code of [-2015, -2014, -1022]) {
      scripted.answerWith({ 'POST /api/v3/order': { status: 401, body: { code, msg: 'refused' } } });
      const outcome = await venue.placeOrder(request, market);
      expect(outcome).toMatchObject({ kind: 'rejected', evidence: { code: 'authentication_failed' } });
      expect(scripted.server.requests).toHaveLength(1);
    }
  });
});
