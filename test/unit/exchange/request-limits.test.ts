import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError, type VenueId } from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { describe, expect, it } from 'vitest';
import { requestLimits } from '../../../layers/exchange/src/request-limits.ts';
import { traitsOf } from '../../../layers/exchange/src/traits/index.ts';

const limitsOf = (venue: string, given?: Record<string, number>, rateLimitMs = 100) =>
  requestLimits({ venue: venue as VenueId, traits: traitsOf(venue as VenueId), rateLimitMs, given });

describe('the limits of a venue', () => {
  it("are Binance's own, of which ccxt counts a fifth", () => {
    expect(limitsOf('binance')).toEqual([
      expect.objectContaining({ name: 'weight', unitsMax: 6_000, windowMs: 60_000, unitsPerWeight: 5 }),
      expect.objectContaining({ name: 'orders-10s', unitsMax: 100, windowMs: 10_000, scope: 'key' }),
      expect.objectContaining({ name: 'orders-day', unitsMax: 200_000, windowMs: 86_400_000, scope: 'key' }),
    ]);
  });

  it('are what ccxt knows where nothing else is known, over the window of the traits', () => {
    const rate = { name: 'rate', scope: 'egress', kind: 'rolling', counts: 'all', unitsPerWeight: 1 };
    expect(limitsOf('luno')).toEqual([{ ...rate, unitsMax: 50, windowMs: 5_000 }]);
  });

  it('let one request through where the rate is slower than the window', () => {
    expect(limitsOf('luno', undefined, 8_000)).toMatchObject([{ unitsMax: 1, windowMs: 8_000 }]);
  });

  it('are replaced by what is given, one by one', () => {
    expect(limitsOf('kraken', { counter: 20 })).toMatchObject([
      { name: 'counter', unitsMax: 20 },
      { name: 'trading', unitsMax: 60 },
      { name: 'public' },
    ]);
  });

  it('are named when one is given that the venue does not have', () => {
    expect(() => limitsOf('kraken', { weight: 20 })).toThrow(
      new ConfigurationError('exchange "kraken" has no limit "weight"; it has counter, trading, public'),
    );
  });
});

describe('the page on deploying', () => {
  const rows = readFileSync(join(paths.root, 'docs/deploy.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const venues = [
    'binance',
    'binanceus',
    'kraken',
    'bybit',
    'okx',
    'kucoin',
    'gate',
    'bitget',
    'htx',
    'coinbase',
    'bitmex',
  ];

  it.each(venues)('lists the limits of %s by name and amount', (venue) => {
    const row = rows.find((line) => line.split('|')[1]?.includes(`\`${venue}\``)) ?? '';
    for (const { name, unitsMax } of limitsOf(venue)) {
      expect(row).toContain(`\`${name}\``);
      expect(row.replaceAll(',', '')).toContain(String(unitsMax));
    }
  });
});
