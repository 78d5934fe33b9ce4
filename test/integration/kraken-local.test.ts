import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noWatchdog } from '../../local/cloud/lambda/watchdog.ts';
import { createSimulatedVenues, type SimulatedVenues } from '../../local/supervisor/simulators.ts';
import { deskConfig } from '../support/desk-config.ts';
import { callPrivate } from './kraken-support.ts';

let venues: SimulatedVenues;

beforeAll(async () => {
  venues = createSimulatedVenues({
    ...{ stateDirectory: undefined, keysPath: undefined, seed: 1, watchdog: noWatchdog },
    log: () => undefined,
    onUnexpectedExit: (error) => {
      throw error;
    },
  });
  await venues.serve(
    deskConfig({
      exchanges: { kraken: { enabled: true } },
      accounts: { main: { exchange: 'kraken', mode: 'sandbox' } },
    }),
  );
});
afterAll(() => venues.stop());

describe('local mode', () => {
  it('stands in for Kraken, with keys of its form and enough to trade with', async () => {
    const { kraken: url = '' } = venues.urls();
    const { main: account } = venues.keys();
    if (account === undefined) throw new Error('the account has no keys');
    expect(Buffer.from(account.secret, 'base64')).toHaveLength(64);
    const info = await callPrivate(url, 'GetApiKeyInfo', {}, { account });
    expect(info).toMatchObject({ error: [], result: { apiKeyName: 'main', apiKey: account.apiKey } });
    const order = { pair: 'XBTUSD', type: 'buy', ordertype: 'market', volume: '1' };
    expect((await callPrivate(url, 'AddOrder', order, { account })).error).toEqual([]);
  });
});
