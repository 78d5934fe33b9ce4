import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  backoffMsMax,
  backoffMsMin,
  collectionConfigSchema,
  connectionsPerVenueMax,
  editorSchema,
  marketStreamKinds,
  quoteFreshMsMax,
  quoteOf,
  quoteView,
  rewriteEveryMs,
  type StreamIssue,
  silenceMsMax,
  silenceMsMin,
  streamIncidents,
  type VenueId,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';

const text = readFileSync(join(import.meta.dirname, '../../../docs/streams.md'), 'utf8');
/** What the first columns of the tables name, several in one where they are told together. */
const firstColumns = [...text.matchAll(/^\| ([^|]+) \|/gm)].map(([, column = '']) => column);
const named = firstColumns.flatMap((column) => [...column.matchAll(/`([^`]+)`/g)].map(([, name]) => name));

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
}

const { properties = {} }: Schema = editorSchema('collection');

const reasons: Record<StreamIssue['reason'], true> = {
  ...{ unknown_symbol: true, inactive_market: true, no_markets: true, no_ranking: true },
  ...{ no_streams: true, no_contracts: true, not_offered: true, no_room: true },
};

describe('docs/streams.md', () => {
  it('explains every setting of streams, every reason why something is not streamed, and every incident', () => {
    const settings = Object.keys(properties.streams?.items?.properties ?? {});
    expect(settings).toContain('quotesPerSecond');
    for (const name of ['streams', 'streamAccounts', ...settings, ...Object.keys(reasons), ...streamIncidents])
      expect(named).toContain(name);
    for (const kind of marketStreamKinds) expect(text).toContain(`\`${kind}\``);
  });

  it('explains every field of a quote', () => {
    const level = [1, 1] as const;
    const book = {
      symbol: 'BTC/USDT',
      bids: [level],
      asks: [[2, 1] as const],
      exchangeTimeMs: 1,
      receivedMs: 1,
      sequence: 1,
    };
    const quote = quoteOf(book, 1, { venue: 'kraken' as VenueId, connection: 'a' });
    const { venue: _venue, symbol: _symbol, ...fields } = quoteView({ ...quote, last: 1, writtenMs: 1 }, 1, 1);
    for (const field of Object.keys(fields)) expect(named).toContain(field);
  });

  it('tells the figures that hold', () => {
    const { streams, streamAccounts } = collectionConfigSchema.parse({
      streams: [{ venues: ['kraken'], symbols: ['BTC/USDT'] }],
    });
    expect(streamAccounts).toBe(true);
    expect(streams[0]).toMatchObject({ kinds: ['books'], depth: 10, quotesPerSecond: 1, files: false });
    expect([quoteFreshMsMax, rewriteEveryMs, connectionsPerVenueMax]).toEqual([10_000, 300_000, 5]);
    expect([silenceMsMin, silenceMsMax, backoffMsMin, backoffMsMax]).toEqual([30_000, 600_000, 500, 30_000]);
  });

  it('counts costs from the prices that it names', () => {
    const perMillion = 0.625;
    const secondsOfMonth = 730 * 3_600;
    const rows = [...text.matchAll(/^\| ([\d,]+) \| ([\d.]+) \| (\d+) million \| (\d+) \$ \|$/gm)];
    expect(rows).toHaveLength(6);
    for (const [, markets = '', pace, millions, dollars] of rows) {
      const units = (Number(markets.replace(',', '')) * Number(pace) * secondsOfMonth) / 1_000_000;
      expect([Math.round(units), Math.round(units * perMillion)]).toEqual([Number(millions), Number(dollars)]);
    }
    const taskOf = (cores: number, gigabytes: number) => (730 * (cores * 0.03238 + gigabytes * 0.00356)).toFixed(2);
    for (const price of [taskOf(0.25, 0.5), taskOf(0.5, 1), (730 * 0.005).toFixed(2)])
      expect(text).toContain(`${price} $`);
  });
});
