import { accountOf, type DeskConfig, SecretUnavailableError } from '@nightdesk/core';
import { createVenueStreams } from '@nightdesk/stream/src/venue-streams.ts';
import { expect, it } from 'vitest';
import { realClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { marketUnit } from '../../support/fake-streams.ts';

/** A desk whose venue layer is empty: nothing gets further than to the class of its venue. */
function streams(values: Record<string, string>) {
  const reads: string[] = [];
  const opened = createVenueStreams({
    ...{ directory: '/nowhere', clock: realClock, random: () => 0, secretsPrefix: 'desk' },
    fleetOf: () => {
      throw new Error('no venue is opened here');
    },
    findMarket: async () => undefined,
    secrets: {
      async get(name, { fresh = false } = {}) {
        reads.push(fresh ? `${name} anew` : name);
        const value = values[name];
        if (value === undefined) throw new SecretUnavailableError(name, 'is not there');
        return value;
      },
    },
  });
  return { ...opened, reads };
}

const configOf = (main: Record<string, unknown>): DeskConfig =>
  deskConfig({ accounts: { main: { exchange: 'fake', mode: 'sandbox', ...main } } });

function mainOf(config: DeskConfig) {
  const account = accountOf(config, 'main');
  if (account === undefined) throw new Error('main is configured');
  return account;
}

it('listens with the key that may only read, where the account has one', async () => {
  const { openAccount, reads } = streams({});
  await expect(openAccount(mainOf(configOf({ readOnlySecret: true })))).rejects.toThrow('desk/accounts/main/read-only');
  await expect(openAccount(mainOf(configOf({})))).rejects.toThrow('desk/accounts/main/trading');
  expect(reads).toEqual(['desk/accounts/main/read-only', 'desk/accounts/main/trading']);
});

it('reads a secret anew that was of no use as it was read last', async () => {
  const values = { 'desk/accounts/main/trading': '{"apiKey":""}' };
  const { openAccount, reads } = streams(values);
  const account = mainOf(configOf({}));
  await expect(openAccount(account)).rejects.toThrow('is not filled in yet');
  values['desk/accounts/main/trading'] = '{"apiKey":"k","secret":"s"}';
  await expect(openAccount(account)).rejects.toThrow('no venue is opened here');
  expect(reads).toEqual(['desk/accounts/main/trading', 'desk/accounts/main/trading anew']);
});

it('says which exchange is not configured', async () => {
  const { openMarkets, offersOf } = streams({});
  const config = { ...deskConfig(), exchanges: {} };
  const unit = marketUnit(0, ['BTC/USDT']);
  await expect(openMarkets(unit, config)).rejects.toThrow('exchange "fake" is not configured');
  await expect(offersOf(unit.venue, config)).rejects.toThrow('exchange "fake" is not configured');
});
