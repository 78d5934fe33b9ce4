import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  backfillsMax,
  collectionConfigSchema,
  editorSchema,
  fillAttemptsMax,
  gapKinds,
  laneSizeMax,
  quarantineReasons,
  repeatMs,
  sealGraceMs,
  topSlack,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';

const text = readFileSync(join(import.meta.dirname, '../../../../docs/candles.md'), 'utf8');
/** What the first columns of the tables name. */
const named = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);

/** Names of all settings, those of `select` with it. */
function settingsOf({ properties = {} }: { properties?: Record<string, object> }, before = ''): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const { items = schema } = schema as { items?: object };
    return [`${before}${name}`, ...settingsOf(items, name === 'select' ? 'select.' : '')];
  });
}

/** All but those of streams, which docs/streams.md explains. */
function settingsOfCandles(): string[] {
  const { properties = {} }: { properties?: Record<string, object> } = editorSchema('collection');
  const { streams: _streams, streamAccounts: _accounts, ...others } = properties;
  return settingsOf({ properties: others });
}

describe('docs/candles.md', () => {
  it('explains every setting of what is collected, every kind of gap and every reason for quarantine', () => {
    const settings = settingsOfCandles();
    expect(settings).toContain('select.top');
    const issues = ['unknown_symbol', 'inactive_market', 'no_markets', 'no_ranking', 'no_funding'];
    for (const name of [...settings, ...issues, ...gapKinds, ...quarantineReasons]) expect(named).toContain(name);
  });

  it('tells the figures that hold', () => {
    expect([laneSizeMax, backfillsMax, fillAttemptsMax, topSlack]).toEqual([60, 4, 8, 1.25]);
    expect([repeatMs, sealGraceMs]).toEqual([600_000, 600_000]);
    const { hotDays, outlierPercent } = collectionConfigSchema.parse(undefined);
    expect([hotDays, outlierPercent]).toEqual([400, 20]);
  });
});
