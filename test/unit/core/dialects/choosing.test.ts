import { claimants, dialectNames, readBody } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { chartValues, documentedAlerts, fillIn } from '../../../support/documented-alerts.ts';
import fc from '../../../support/property.ts';
import { read, refusal } from './reading.ts';

const values = chartValues('2026-11-21T00:00:00Z');
const alerts = documentedAlerts.map((alert) => ({ ...alert, text: fillIn(alert, values) }));

describe('every documented alert', () => {
  it('is there for each dialect', () => {
    expect([...new Set(alerts.map(({ dialect }) => dialect))].sort()).toEqual([...dialectNames].sort());
  });

  it.each(alerts)('is claimed by its dialect and by no other: $dialect ($index)', ({ dialect, text }) => {
    const names = claimants(readBody(text, 'auto')).map(({ name }) => name);
    // What nobody claims is native, so a native body need not be claimed.
    expect(names.length === 0 ? ['native'] : names).toEqual([dialect]);
  });

  it.each(alerts)('is read alike when its source names the dialect: $dialect ($index)', ({ dialect, text }) => {
    const name = dialectNames.find((candidate) => candidate === dialect) ?? 'native';
    expect(read(text, name)).toEqual(read(text));
    expect(read(text)).toMatchObject({ dialect, unknownKeys: [] });
  });

  it('keeps its dialect whatever unknown keys are added', () => {
    const json = alerts.filter(({ text }) => text.startsWith('{'));
    fc.assert(
      fc.property(fc.constantFrom(...json), fc.stringMatching(/^x[a-z]{1,8}$/), ({ text, dialect }, key) => {
        const names = claimants(readBody(JSON.stringify({ ...JSON.parse(text), [key]: '1' }), 'auto'));
        expect(names.map(({ name }) => name)).toEqual(names.length === 0 ? [] : [dialect]);
      }),
    );
  });

  it('is ambiguous or still its own when keys of another one are added, never silently another', () => {
    const json = alerts.filter(({ text, dialect }) => text.startsWith('{') && dialect !== 'native');
    fc.assert(
      fc.property(fc.constantFrom(...json), fc.constantFrom(...json), (one, other) => {
        const names = claimants(
          readBody(JSON.stringify({ ...JSON.parse(one.text), ...JSON.parse(other.text) }), 'auto'),
        );
        const own = new Set(names.map(({ name }): string => name));
        expect(own.size).toBeGreaterThan(0);
        if (own.size === 1) expect([one.dialect, other.dialect].some((name) => own.has(name))).toBe(true);
      }),
    );
  });
});

describe('a body that could be read in two ways', () => {
  const both = { ticker: 'BTCUSDT', action: 'buy', contracts: '1', sentiment: 'long', quantity: '2' };

  it('is refused, naming the setting that decides', () => {
    const { code, text } = refusal(both);
    expect(code).toBe('invalid_signal');
    expect(text).toContain('tradingview and traderspost');
    expect(text).toContain('sources.yaml');
  });

  it('is read as its source says', () => {
    expect(read(both, 'traderspost').terms.size).toEqual({ base: '2' });
    expect(refusal(both, 'tradingview').paths).toEqual(['sentiment', 'quantity']);
  });
});

describe('a body of no dialect', () => {
  it.each([
    ['unknown keys', { symbol: 'BTC/USDT', foo: '1' }, 'invalid_signal'],
    ['prose', 'please buy some bitcoin', 'invalid_json'],
    ['a list', '[]', 'invalid_json'],
    ['an empty object', '{}', 'invalid_signal'],
  ])('is read as a native one: %s', (_name, body, code) => {
    expect(refusal(body).code).toBe(code);
  });

  it.each([
    ['alertatron', '{"symbol":"BTC/USDT"}', 'body'],
    ['pine-connector', 'symbol=BTC/USDT', 'body'],
    ['cornix', 'buy', 'pair'],
  ] as const)('is refused by %s, where its source says that it is that', (dialect, body, path) => {
    expect(refusal(body, dialect).paths).toEqual([path]);
  });

  it('is refused for a placeholder that the chart left, in free text too', () => {
    expect(refusal('#BTC/USDT LONG\nEntry: {{close}}\nStop: 1\nAmount: 1%').code).toBe('unreplaced_placeholder');
    expect(refusal('60123456789,buy,{{ticker}},risk=1', 'pine-connector').code).toBe('unreplaced_placeholder');
  });
});
