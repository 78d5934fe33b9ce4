/** What holds for every dialect: nothing but refusals is thrown, they name what the sender wrote, and no secret is told. */
import { dialectNames, dialectSettings, parseSignal, RequestError } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { chartValues, documentedAlerts, fillIn } from '../../../support/documented-alerts.ts';
import fc from '../../../support/property.ts';
import { read } from './reading.ts';

const values = chartValues('2026-11-21T00:00:00Z');
const alerts = documentedAlerts.map((alert) => ({ ...alert, text: fillIn(alert, values) }));
const settings = fc.constantFrom(...dialectSettings);

/** A reading or a refusal; anything else that is thrown fails the test. */
function outcome(text: string, dialect: (typeof dialectSettings)[number]): { told: string; paths: string[] } {
  try {
    return { told: JSON.stringify(parseSignal(text, { dialect })), paths: [] };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const paths = error.issues.map(({ path }) => path);
    return { told: JSON.stringify([error.message, error.issues]), paths };
  }
}

/** Every key of the documented alerts, with nested ones. */
const words: string[] = [];
const leaves = fc.oneof(
  fc.constantFrom(
    'buy',
    'sell',
    'long',
    'flat',
    'limit',
    'market',
    '1',
    '0',
    '-1',
    '1e99',
    '',
    'x',
    '100q',
    '50%p',
    'true',
    'constructor',
    '__proto__',
  ),
  fc.boolean(),
  fc.double(),
  fc.constant(null),
);
for (const { text } of alerts.filter((alert) => alert.text.startsWith('{'))) {
  JSON.parse(text, (key, value: unknown) => {
    if (key !== '' && !/^\d+$/.test(key)) words.push(key);
    return value;
  });
}
words.push('__proto__', 'constructor', 'toString', 'delay', 'PARAM_SIDE', 'SIGNAL', 'TAKE_PROFIT_PRICE_1');
const bodies = fc.dictionary(
  fc.constantFrom(...words),
  fc.oneof(leaves, fc.dictionary(fc.constantFrom(...words), leaves), fc.array(leaves)),
);

describe('nothing but a refusal is thrown', () => {
  it('on any JSON', () => {
    fc.assert(fc.property(fc.json(), settings, (text, setting) => void outcome(text, setting)));
  });

  it('on any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), settings, (text, setting) => void outcome(text, setting)));
  });

  it('on any body of words that dialects have', () => {
    fc.assert(
      fc.property(bodies, settings, (body, setting) => void outcome(JSON.stringify(body), setting)),
      {
        numRuns: 400,
      },
    );
  });

  it('on any documented alert with a piece cut out or put in', () => {
    const cuts = fc.tuple(fc.constantFrom(...alerts), fc.nat(), fc.nat(40), fc.string({ maxLength: 8 }));
    fc.assert(
      fc.property(cuts, ([{ text }, at, length, piece]) => {
        const from = at % text.length;
        outcome(text.slice(0, from) + piece + text.slice(from + length), 'auto');
      }),
      { numRuns: 400 },
    );
  });
});

/** The paths of everything in a JSON body that holds no other value. */
function leafPaths(value: unknown, path: readonly string[] = []): string[][] {
  if (value === null || typeof value !== 'object') return [[...path]];
  return Object.entries(value).flatMap(([key, member]) => leafPaths(member, [...path, key]));
}

function withLeaf(text: string, path: readonly string[], value: unknown): string {
  const body: unknown = JSON.parse(text);
  let at = body as Record<string, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) ?? ''] = value;
  return JSON.stringify(body);
}

describe('a refusal names a key of the sender', () => {
  const json = alerts.filter(({ text }) => text.startsWith('{'));
  /** Keys that a refusal asks for where the documented alert has them not. */
  const asked = ['price', 'limitPrice', 'triggerPrice', 'stopPrice', 'sl_pct'];

  it.each(json)('whatever one of its values is: $dialect ($index)', ({ text, dialect }) => {
    const paths = leafPaths(JSON.parse(text));
    const setting = dialectNames.find((name) => name === dialect) ?? 'native';
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.constantFrom('x', '-5', '1e99', true, [], {}), (path, value) => {
        const keys = new Set([...Object.keys(JSON.parse(text) as object), ...asked]);
        for (const told of outcome(withLeaf(text, path, value), setting).paths) {
          expect(keys).toContain(told.split('.')[0]);
        }
      }),
    );
  });
});

describe('a secret in a body', () => {
  const secret = 'hunter2hunter2';
  /** `@` stands for the secret. */
  const rows: [string, string][] = [
    ['threecommas', '{"secret":"@","bot_uuid":"@","tv_instrument":"BTCUSDT","action":"exit_long"}'],
    ['wundertrading', '{"code":"EXIT-ALL_BYBIT_BTCUSDT_@_5M_@","token":"@"}'],
    ['okx', '{"signalToken":"@","instrument":"BTC-USDT-SWAP","action":"EXIT_LONG"}'],
    ['traderspost', '{"ticker":"BTCUSDT","action":"exit","sentiment":"flat","extras":{"password":"@"}}'],
    ['tv-hub', '{"exchange":"bybit","pair":"BTCUSDT","token":"@","apiKey":"@","isClose":true}'],
    ['hoox', '{"apiKey":"@","exchange":"bybit","symbol":"BTCUSDT","action":"CLOSE"}'],
    ['trade-relay', '{"symbol":"BTCUSDT","action":"close","notional":"","token":"@","secret":"@","passphrase":"@"}'],
    ['junta', '{"market":"BTC-USD","order":"buy","position":"flat","passphrase":"@"}'],
    ['freqtrade', '{"tradeid":"1","pair":"BTC/USDT","token":"@"}'],
    [
      'hummingbot',
      '{"connector_name":"bybit","trading_pair":"BTC-USDT","trade_type":"BUY","amount":1,"order_type":"MARKET","api_key":"@"}',
    ],
    ['octobot', 'EXCHANGE=BYBIT;SYMBOL=BTCUSDT;SIGNAL=CANCEL;TOKEN=@'],
    ['alertatron', '@(BTCUSDT) { market(position=0); }'],
    ['pine-connector', '60123456789,closelong,BTCUSDT,secret=@'],
  ];

  it.each(rows)('is dropped before anything is made of it: %s', (dialect, text) => {
    const { identity, ...reading } = read(text.replaceAll('@', secret));
    expect(reading.dialect).toBe(dialect);
    expect(JSON.stringify(reading)).not.toContain(secret);
    expect(JSON.stringify(reading)).not.toContain('60123456789');
    expect(JSON.stringify(identity)).not.toContain(secret);
  });

  it.each([
    ['threecommas', { secret, tv_instrument: 'BTCUSDT', action: secret.slice(0, 3) }],
    ['wundertrading', { code: `HOLD_${secret}`, amountPerTrade: 1 }],
    ['wundertrading', { code: secret }],
    ['okx', { signalToken: secret, instrument: 'x', action: 'x' }],
    ['tv-hub', { token: secret, apiKey: secret, pair: 'BTCUSDT' }],
    ['hoox', { apiKey: secret, symbol: 'x', action: 'x' }],
    ['junta', { market: 'x', passphrase: secret }],
    ['native', { symbol: 'x', secret, token: secret }],
    ['tradingview', { ticker: 'x', passphrase: secret }],
    ['pine-connector', `60123456789,hold,BTCUSDT,secret=${secret}`],
    ['octobot', `SIGNAL=HOLD;SYMBOL=x;TOKEN=${secret}`],
  ])('is not told by a refusal either: %s', (_dialect, body) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const { told, paths } = outcome(text, 'auto');
    expect(paths.length).toBeGreaterThan(0);
    expect(told).not.toContain(secret);
    expect(told).not.toContain('60123456789');
  });
});
