import {
  type AccountId,
  accountOf,
  type ConfiguredAccount,
  type Secrets,
  SecretUnavailableError,
} from '@nightdesk/core';
import type { CreateVenueOptions } from '@nightdesk/exchange';
import { createVenueOpener } from '@nightdesk/functions/shared/venue-opener.ts';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { createFakeSecrets, type FakeSecrets } from '../../support/fake-secrets.ts';
import { FakeVenue } from '../../support/fake-venue.ts';

const created = vi.hoisted((): { with: unknown[]; create: () => unknown } => ({ with: [], create: () => undefined }));
// The real one needs the venue layer; how credentials are read is its own.
vi.mock('@nightdesk/exchange', async (importOriginal) => ({
  ...(await importOriginal<typeof import('@nightdesk/exchange')>()),
  createVenue: async (options: unknown) => {
    created.with.push(options);
    return created.create();
  },
}));

const clock = createManualClock();
const keysOf = (account: string) => JSON.stringify({ apiKey: `key of ${account}`, secret: `secret of ${account}` });

let secrets: FakeSecrets;
let open: ReturnType<typeof createVenueOpener>;

beforeEach(() => {
  created.with.length = 0;
  created.create = () => new FakeVenue({ clock });
  secrets = createFakeSecrets({
    'desk/accounts/main/trading': keysOf('main'),
    'desk/accounts/second/trading': keysOf('second'),
  });
  open = createVenueOpener({ secrets, secretsPrefix: 'desk', directory: '/opt/venues', clock });
});

function account(id: string, changes: Partial<ConfiguredAccount> = {}): ConfiguredAccount {
  const configured = accountOf(deskConfig(), id as AccountId);
  if (configured === undefined) throw new Error(`${id} is not configured`);
  return { ...configured, ...changes };
}

describe('a venue', () => {
  it("is opened with the account's own credentials, mode and settings, once", async () => {
    await open(account('main'));
    await open(account('main'));
    const { exchangeConfig } = account('main');
    const expected: Partial<CreateVenueOptions> = {
      ...{ venue: account('main').venue, directory: '/opt/venues', mode: 'sandbox', exchangeConfig, clock },
      credentials: { apiKey: 'key of main', secret: 'secret of main' },
      secretName: 'desk/accounts/main/trading',
    };
    expect(created.with).toMatchObject([expected]);
  });

  it('is one per account', async () => {
    await Promise.all([open(account('main')), open(account('second'))]);
    expect(created.with).toHaveLength(2);
  });

  it('is opened once for all orders that come at the same moment', async () => {
    await Promise.all([open(account('main')), open(account('main'))]);
    expect(created.with).toHaveLength(1);
  });

  it('is opened anew when its keys were rotated or its settings changed', async () => {
    await open(account('main'));
    secrets.values.set('desk/accounts/main/trading', keysOf('a newer main'));
    await open(account('main'));
    const { exchangeConfig } = account('main');
    await open(account('main', { exchangeConfig: { ...exchangeConfig, timeoutMs: 1_000 } }));
    expect(created.with).toHaveLength(3);
    expect(created.with[1]).toMatchObject({ credentials: { apiKey: 'key of a newer main' } });
  });

  it('that could not be opened is tried again by the next order', async () => {
    created.create = () => Promise.reject(new Error('no such venue'));
    await expect(open(account('main'))).rejects.toThrow('no such venue');
    created.create = () => new FakeVenue({ clock });
    await expect(open(account('main'))).resolves.toBeDefined();
  });
});

describe('credentials', () => {
  it.each([
    ['are missing', undefined],
    ['are no JSON', 'the-secret-key'],
    ['have a field too many', '{"apiKey":"the-secret-key","the-secret-key":""}'],
    ['are not filled in', '{"apiKey":"","secret":""}'],
  ])('that %s are refused by the name of their secret, never by its value', async (_name, text) => {
    if (text === undefined) secrets.values.clear();
    else secrets.values.set('desk/accounts/main/trading', text);
    const refusal = await open(account('main')).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SecretUnavailableError);
    expect(String(refusal)).toContain('desk/accounts/main/trading');
    expect(String(refusal)).not.toContain('the-secret-key');
    expect(refusal).toMatchObject({ temporary: false });
    expect(created.with).toEqual([]);
  });

  it('that were not usable are read anew by the next order, and then used as long as any', async () => {
    const stored = secrets.values;
    stored.set('desk/accounts/main/trading', '{}');
    const reads: boolean[] = [];
    let cached = '{}';
    const cachedSecrets: Secrets = {
      get: async (name, { fresh = false } = {}) => {
        reads.push(fresh);
        if (fresh) cached = stored.get(name) ?? '';
        return cached;
      },
    };
    open = createVenueOpener({ secrets: cachedSecrets, secretsPrefix: 'desk', directory: '/opt/venues', clock });
    await expect(open(account('main'))).rejects.toThrow('is not filled in yet');
    stored.set('desk/accounts/main/trading', keysOf('main'));
    await open(account('main'));
    await open(account('main'));
    expect(reads).toEqual([false, true, false]);
    expect(created.with).toHaveLength(1);
  });
});
