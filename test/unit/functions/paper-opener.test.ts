import { type AccountId, amount, type ConfiguredAccount, price, type VenueId } from '@nightdesk/core';
import { createPaperOpener } from '@nightdesk/functions/shared/paper-opener.ts';
import { createVenueOpener } from '@nightdesk/functions/shared/venue-opener.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { FakeVenue } from '../../support/fake-venue.ts';
import { btcUsdt } from '../../support/markets.ts';
import { createMemoryPaper, MemoryTables } from '../../support/memory-stores.ts';

const id = 'paper' as AccountId;
const name = 'fake' as VenueId;
const paper = { balances: { USDT: amount('100000') }, latencyMs: 100, makerFee: '0.001', takerFee: '0.002' };
const request = { clientOrderId: 'nd1', symbol: 'BTC/USDT', side: 'buy', type: 'market', amount: amount('1') } as const;

let clock: ManualClock;
let fake: FakeVenue;

beforeEach(() => {
  clock = createManualClock();
  fake = new FakeVenue({ clock });
  fake.setPrice('BTC/USDT', price('100'));
});

describe('opening a paper account', () => {
  const account = (change = {}) =>
    ({
      id,
      venue: name,
      exchange: 'fake',
      mode: 'paper',
      readOnlySecret: false,
      paper,
      exchangeConfig: {},
      ...change,
    }) as never as ConfiguredAccount;
  const openPaper = () =>
    createPaperOpener({
      ...{ store: createMemoryPaper(new MemoryTables()), clock, openPublicVenue: async () => fake },
      findMarket: async () => btcUsdt,
    });
  const secrets = { get: () => Promise.reject(new Error('nobody asks for a secret')) };
  const opener = (rest = {}) =>
    createVenueOpener({ secrets, secretsPrefix: 'desk', directory: '/none', clock, ...rest });

  it('asks for no secret, and keeps the venue until its settings change', async () => {
    const open = opener({ openPaper: openPaper() });
    const first = await open(account());
    expect(await open(account())).toBe(first);
    expect(await open(account({ paper: { ...paper, latencyMs: 5 } }))).not.toBe(first);
    expect((await first.placeOrder(request, btcUsdt)).kind).toBe('accepted');
  });

  it('never opens the real venue in its place', async () => {
    await expect(opener()(account())).rejects.toThrow('cannot be opened here');
    await expect(openPaper()(account({ paper: undefined }))).rejects.toThrow('nothing to begin with');
  });
});
