import type { DeskConfig, VenueId } from '@nightdesk/core';
import { createPublicVenues } from '@nightdesk/functions/shared/public-venue.ts';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';

const opened = vi.hoisted((): { modes: string[]; failure: Error | undefined } => ({ modes: [], failure: undefined }));
// The real one needs the venue layer and an exchange to talk to; test/integration has both.
vi.mock('@nightdesk/exchange', () => ({
  createVenue: async ({ mode }: { mode: string }) => {
    opened.modes.push(mode);
    if (opened.failure !== undefined) throw opened.failure;
    return {};
  },
}));

const limits = { orderNotionalMax: '1000', openNotionalMax: '5000', exposureMax: '9%', dailyLossMax: '9%' };
const withMode = (mode: 'sandbox' | 'live', settings = {}): DeskConfig =>
  deskConfig({
    exchanges: { fake: settings },
    accounts: { main: { exchange: 'fake', mode } },
    risk: { accounts: mode === 'live' ? { main: limits } : {} },
  });
const withoutAccounts = (settings = {}): DeskConfig => deskConfig({ exchanges: { other: settings } });

let openVenue: ReturnType<typeof createPublicVenues>;
const open = (config: DeskConfig, venue = 'fake') => openVenue(venue as VenueId, config);

beforeEach(() => {
  Object.assign(opened, { modes: [], failure: undefined });
  openVenue = createPublicVenues({ clock: createManualClock(), directory: '/opt/venues' });
});

describe('a venue that is asked without keys', () => {
  it('is opened once, and anew when its settings change', async () => {
    const [first, second] = [await open(withMode('sandbox')), await open(withMode('sandbox'))];
    expect(second).toBe(first);
    expect(await open(withMode('sandbox', { timeoutMs: 700 }))).not.toBe(first);
    expect(opened.modes).toEqual(['sandbox', 'sandbox']);
  });

  it('is asked at its real address from when an account there is live, whatever was opened before', async () => {
    await open(withMode('sandbox'));
    await open(withMode('live'));
    expect(opened.modes).toEqual(['sandbox', 'live']);
  });

  it('is asked at its real address before it has an account, unless the exchange is kept to its sandbox', async () => {
    await open(withoutAccounts(), 'other');
    await open(withoutAccounts({ sandbox: true }), 'other');
    expect(opened.modes).toEqual(['live', 'sandbox']);
  });

  it('is asked at its real address for a paper account, unless the exchange is kept to its sandbox', async () => {
    const onPaper = (settings = {}): DeskConfig =>
      deskConfig({
        exchanges: { fake: settings },
        accounts: { main: { exchange: 'fake', mode: 'paper', paper: { balances: { USDT: '100' } } } },
      });
    await open(withMode('sandbox'));
    await open(onPaper());
    await open(onPaper({ sandbox: true }));
    expect(opened.modes).toEqual(['sandbox', 'live', 'sandbox']);
  });

  it('that could not be opened is tried again', async () => {
    opened.failure = new Error('no such class');
    await expect(open(withMode('sandbox'))).rejects.toThrow('no such class');
    opened.failure = undefined;
    await open(withMode('sandbox'));
    expect(opened.modes).toHaveLength(2);
  });
});
