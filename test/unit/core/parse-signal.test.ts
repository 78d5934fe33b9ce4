import {
  expiryOf,
  inSendersWords,
  type NativeSignal,
  parseBody,
  parseNative,
  parseSignal,
  RequestError,
  requireConfidence,
  type SourceId,
  statedSignalId,
  windowSignalId,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';

const native = { symbol: 'BTC/USDT', action: 'buy', size: { base: '0.01' } };
const text = (body: unknown): string => JSON.stringify(body);

/** The error that parsing raises, as the API would answer it. */
function refusal(body: string): { status: number; code: string; paths: string[] } {
  try {
    parseSignal(body);
  } catch (error) {
    if (error instanceof RequestError) {
      return { status: error.status, code: error.code, paths: error.issues.map(({ path }) => path) };
    }
    throw error;
  }
  throw new Error(`was not refused: ${body}`);
}

describe('a body', () => {
  it('keeps the digits of numbers as they were written', () => {
    expect(parseBody('{"a":0.10000000000000000001,"b":[1e-8],"c":true,"d":null}')).toEqual({
      a: '0.10000000000000000001',
      b: ['1e-8'],
      c: true,
      d: null,
    });
  });

  it.each([
    ['symbol=BTC/USDT;action=buy;size.base=0.01'],
    ['symbol: BTC/USDT, action: buy, size.base: 0.01'],
    ['symbol=BTC/USDT\n action = buy \n\nsize.base=0.01\n'],
  ])('may be text: %j', (body) => {
    expect(parseSignal(body).signal).toMatchObject(native);
  });

  it.each<[string, string, number, string, string[]]>([
    ['empty', '  ', 400, 'invalid_json', []],
    ['cut off', '{"symbol":', 400, 'invalid_json', []],
    ['a list', '[1]', 400, 'invalid_json', []],
    ['prose', 'please buy some bitcoin', 400, 'invalid_json', []],
    ['too many pairs', Array.from({ length: 65 }, (_, index) => `k${index}=1`).join(';'), 400, 'invalid_json', []],
    ['a key twice in text', 'symbol=A;symbol=B', 400, 'invalid_signal', ['symbol']],
    ['a group and a value of one name', 'size=1;size.base=2', 400, 'invalid_signal', ['size.base']],
    ['a member twice in text', 'size.base=1;size.base=2', 400, 'invalid_signal', ['size.base']],
    ['a placeholder', text({ ...native, symbol: '{{ticker}}' }), 422, 'unreplaced_placeholder', ['symbol']],
    [
      'a nested placeholder',
      text({ ...native, size: { base: '{{strategy.order.contracts}}' } }),
      422,
      'unreplaced_placeholder',
      ['size.base'],
    ],
    [
      'a placeholder without quotes',
      '{"symbol":"BTC/USDT","size":{"base":{{contracts}}}}',
      422,
      'unreplaced_placeholder',
      ['base'],
    ],
    ['a placeholder in text', 'symbol={{ticker}}', 422, 'unreplaced_placeholder', ['symbol']],
    ['a placeholder where no field is', '{{{x}}', 422, 'unreplaced_placeholder', ['']],
    ['nested deeper than a signal is', `{"a":${'['.repeat(40)}${']'.repeat(40)}}`, 400, 'invalid_json', []],
  ])('that is %s is refused', (_name, body, status, code, paths) => {
    expect(refusal(body)).toEqual({ status, code, paths });
  });
});

describe('a native signal', () => {
  it('is taken as it is, with what it leaves out filled in', () => {
    expect(parseSignal(text(native)).signal).toEqual({ ...native, type: 'market' });
  });

  it.each<[string, object, string, string[]]>([
    ['an unknown key', { lots: 1 }, 'invalid_signal', ['lots']],
    ['an unknown key inside', { size: { base: '1', lots: '1' } }, 'invalid_signal', ['size.lots']],
    ['two sizes', { size: { base: '1', quote: '1' } }, 'invalid_signal', ['size']],
    ['no size', { size: undefined }, 'invalid_signal', ['size']],
    ['an empty size', { size: {} }, 'invalid_signal', ['size']],
    ['a size of zero', { size: { base: '0' } }, 'invalid_signal', ['size.base']],
    ['a negative size', { size: { base: '-1' } }, 'invalid_signal', ['size.base']],
    ['a size that is no number', { size: { base: 'NaN' } }, 'invalid_signal', ['size.base']],
    ['a size too large to be one', { size: { base: '1e60' } }, 'invalid_signal', ['size.base']],
    ['a size too small to be one', { size: { base: '1e-60' } }, 'invalid_signal', ['size.base']],
    ['a size that is absent', { size: { base: null } }, 'invalid_signal', ['size.base']],
    ['no symbol', { symbol: undefined }, 'invalid_signal', ['symbol']],
    ['a long symbol', { symbol: 'X'.repeat(65) }, 'invalid_signal', ['symbol']],
    ['neither action nor target', { action: undefined }, 'invalid_signal', ['action']],
    ['action and target', { target: 'long' }, 'invalid_signal', ['action']],
    ['an unknown action', { action: 'hodl' }, 'invalid_signal', ['action']],
    ['account and accounts', { account: 'a', accounts: ['b'] }, 'invalid_signal', ['accounts']],
    ['an account twice', { accounts: ['a', 'a'] }, 'invalid_signal', ['accounts']],
    ['a limit without price', { type: 'limit' }, 'invalid_signal', ['price']],
    ['a market order with price', { price: '1' }, 'invalid_signal', ['price']],
    ['a stop with price', { type: 'stop', triggerPrice: '1', price: '1' }, 'invalid_signal', ['price']],
    ['a market order with time in force', { timeInForce: 'IOC' }, 'invalid_signal', ['timeInForce']],
    ['a time without zone', { sentAt: '2026-11-21T00:00:00' }, 'invalid_signal', ['sentAt']],
    ['a lag out of range', { maxLagSeconds: 3601 }, 'invalid_signal', ['maxLagSeconds']],
    ['a lag with a fraction', { maxLagSeconds: 1.5 }, 'invalid_signal', ['maxLagSeconds']],
    ['a key without a name', { '': '1' }, 'invalid_signal', ['']],
    ['no size to sell', { action: 'sell', size: undefined }, 'invalid_signal', ['size']],
    ['a cancel with a size', { action: 'cancel' }, 'invalid_signal', ['size']],
    ['a stop without a trigger', { type: 'stop' }, 'invalid_signal', ['triggerPrice']],
    ['a size of risk without a stop-loss', { size: { riskPercent: '1' } }, 'invalid_signal', ['stopLoss']],
    ['a confidence above one', { confidence: 1.5 }, 'invalid_signal', ['confidence']],
    ['a cancel at a price', { action: 'cancel', size: undefined, price: '1' }, 'invalid_signal', ['price']],
    ['a cancel of a type', { action: 'cancel', size: undefined, type: 'stop' }, 'invalid_signal', ['type']],
    ['an order id and no cancel', { orderId: 'nd1' }, 'invalid_signal', ['orderId']],
    ['a size to be flat', { action: undefined, target: 'flat' }, 'invalid_signal', ['size']],
    [
      'a part of a position as target',
      { action: undefined, target: 'long', size: { percentPosition: '5' } },
      'invalid_signal',
      ['size.percentPosition'],
    ],
    ['a part above the whole', { size: { percentPosition: '101' } }, 'invalid_signal', ['size.percentPosition']],
    [
      'risk to close',
      { action: 'close', size: { riskPercent: '1' } },
      'invalid_signal',
      ['stopLoss', 'size.riskPercent'],
    ],
    ['a trail at market', { trailPercent: '1' }, 'invalid_signal', ['trailPercent']],
    ['a trailing stop without a trail', { type: 'trailing_stop' }, 'invalid_signal', ['trailPercent']],
    ['a trigger at market', { triggerPrice: '1' }, 'invalid_signal', ['triggerPrice']],
    [
      'a trigger that may not take',
      { type: 'stop_limit', price: '1', triggerPrice: '1', timeInForce: 'PO' },
      'invalid_signal',
      ['timeInForce'],
    ],
    ['GTD without an end', { type: 'limit', price: '1', timeInForce: 'GTD' }, 'invalid_signal', ['expireAt']],
    ['an iceberg at market', { displaySize: '1' }, 'invalid_signal', ['displaySize']],
    ['exits of a close', { action: 'close', stopLoss: { percent: '1' } }, 'invalid_signal', ['stopLoss']],
    [
      'targets of what only reduces',
      { reduceOnly: true, takeProfit: [{ percent: '1' }] },
      'invalid_signal',
      ['takeProfit'],
    ],
    [
      'targets of more than all',
      {
        takeProfit: [
          { percent: '1', portion: '0.6' },
          { percent: '2', portion: '0.5' },
        ],
      },
      'invalid_signal',
      ['takeProfit'],
    ],
    [
      'a portion of one target only',
      { takeProfit: [{ percent: '1', portion: '0.6' }, { percent: '2' }] },
      'invalid_signal',
      ['takeProfit'],
    ],
    [
      'a portion that is none',
      { takeProfit: [{ percent: '1', portion: 'x' }] },
      'invalid_signal',
      ['takeProfit.0.portion'],
    ],
    [
      'break-even after nothing',
      { stopLoss: { percent: '1', breakEven: true } },
      'invalid_signal',
      ['stopLoss.breakEven'],
    ],
    ['a stop of two levels', { stopLoss: { percent: '1', price: '1' } }, 'invalid_signal', ['stopLoss']],
    ['a stop of two trails', { stopLoss: { trailPercent: '1', trailAmount: '1' } }, 'invalid_signal', ['stopLoss']],
    ['a stop of nothing', { stopLoss: {} }, 'invalid_signal', ['stopLoss']],
    ['a target of two levels', { takeProfit: [{ percent: '1', price: '1' }] }, 'invalid_signal', ['takeProfit.0']],
  ])('with %s is refused, naming the field', (_name, change, code, paths) => {
    expect(refusal(text({ ...native, ...change }))).toEqual({ status: 400, code, paths });
  });

  it('may say that it does not reduce only', () => {
    expect(parseSignal(text({ ...native, reduceOnly: false })).signal.reduceOnly).toBe(false);
    expect(parseSignal('symbol=BTC/USDT;action=buy;size.base=1;reduceOnly=false').signal.reduceOnly).toBe(false);
  });

  it('may name a perpetual as its chart does', () => {
    const { signal, kind } = parseSignal(text({ ...native, symbol: 'BTCUSDT.P' }));
    expect([signal.symbol, kind]).toEqual(['BTCUSDT', 'perpetual']);
  });

  it('does not repeat a hostile key at full length', () => {
    expect(refusal(text({ ...native, ['k'.repeat(500)]: 1 })).paths).toEqual(['k'.repeat(64)]);
  });

  it.each([['2026-11-21T00:00:00Z'], ['2026-11-21T01:00:00+01:00'], ['1795219200'], ['1795219200000']])(
    'may have been sent at %s',
    (sentAt) => {
      expect(parseSignal(text({ ...native, sentAt })).signal.sentAt?.atMs).toBe(Date.UTC(2026, 10, 21));
    },
  );
});

describe('a TradingView alert', () => {
  const alert = {
    ticker: 'BTCUSDT',
    exchange: 'BINANCE',
    action: 'buy',
    contracts: '0.01',
    timenow: '2026-11-21T00:00:00Z',
  };

  it('is mapped onto the native signal', () => {
    const { signal, kind } = parseSignal(
      text({ ...alert, orderId: 'Long', close: '100', interval: '5', time: '1795219200' }),
    );
    expect(signal).toMatchObject({ symbol: 'BTCUSDT', venue: 'binance', action: 'buy', size: { base: '0.01' } });
    expect(signal.sentAt?.text).toBe(alert.timenow);
    expect(kind).toBe('spot');
  });

  it.each([
    ['BTCUSDT.P', 'perpetual'],
    ['BINANCE:BTCUSDT.P', 'perpetual'],
    ['BINANCE:BTCUSDT', 'spot'],
  ])('names in %s a %s', (ticker, kind) => {
    const parsed = parseSignal(text({ ...alert, ticker }));
    expect([parsed.signal.symbol, parsed.kind]).toEqual(['BTCUSDT', kind]);
  });

  it('takes a unified symbol for a ticker as it is', () => {
    expect(parseSignal(text({ ...alert, ticker: 'BTC/USDT:USDT' })).signal.symbol).toBe('BTC/USDT:USDT');
  });

  it('takes native keys too', () => {
    const { contracts: _contracts, ...rest } = alert;
    const { signal } = parseSignal(
      text({ ...rest, size: { quote: '50' }, type: 'limit', price: '99', account: 'main' }),
    );
    expect(signal).toMatchObject({ size: { quote: '50' }, type: 'limit', price: '99', account: 'main' });
  });

  it.each<[string, object, string[]]>([
    ['a size twice', { size: { base: '1' } }, ['contracts']],
    ['a symbol twice', { symbol: 'BTC/USDT' }, ['symbol']],
    ['an unknown key', { lots: '1' }, ['lots']],
    ['a ticker of nothing', { ticker: null }, ['ticker']],
    ['a ticker that is no text', { ticker: true }, ['ticker']],
    ['a venue that is no text', { exchange: true }, ['exchange']],
  ])('with %s is refused', (_name, change, paths) => {
    expect(refusal(text({ ...alert, ...change }))).toEqual({ status: 400, code: 'invalid_signal', paths });
  });
});

describe('the identity of a signal', () => {
  const source = 'demo' as SourceId;
  const idOf = (body: object): string => {
    const { identity } = parseSignal(text(body));
    if (identity.rule === 'window') throw new Error('has neither id nor time');
    return statedSignalId(source, identity.parts);
  };
  const timed = { ...native, sentAt: '2026-11-21T00:00:00Z' };

  it("is the sender's id where there is one, whatever else differs", () => {
    expect(idOf({ ...native, id: 'a' })).toBe(idOf({ ...timed, id: 'a', size: { base: '5' } }));
    expect(idOf({ ...native, id: 'a' })).not.toBe(idOf({ ...native, id: 'b' }));
  });

  it.each<[string, object]>([
    ['time', { sentAt: '2026-11-21T00:00:01Z' }],
    ['symbol', { symbol: 'ETH/USDT' }],
    ['action', { action: 'sell' }],
    ['size', { size: { base: '0.02' } }],
    ['unit of size', { size: { quote: '0.01' } }],
    ['account', { account: 'other' }],
    ['price', { type: 'limit', price: '1' }],
    ['trigger', { type: 'stop', triggerPrice: '1' }],
    ['target in place of action', { action: undefined, target: 'long' }],
    ['stop-loss', { stopLoss: { percent: '1' } }],
    ['reduceOnly', { reduceOnly: true }],
    ['end', { type: 'limit', price: '1', timeInForce: 'GTD', expireAt: '2026-11-22T00:00:00Z' }],
  ])('differs by %s where there is a time', (_name, change) => {
    expect(idOf({ ...timed, ...change })).not.toBe(idOf(timed));
  });

  it('does not differ by comment, confidence, order of keys or spacing', () => {
    const { identity } = parseSignal(
      `{ "confidence":0.9, "sentAt":"2026-11-21T00:00:00Z", "comment":"x", "size":{"base":"0.01"}, "action":"buy", "symbol":"BTC/USDT"}`,
    );
    expect(identity).toEqual(parseSignal(text(timed)).identity);
  });

  it('differs by bar time and order id of an alert', () => {
    const alert = { ticker: 'BTCUSDT', action: 'buy', contracts: '1', time: '2026-11-21T00:00:00Z' };
    expect(idOf(alert)).not.toBe(idOf({ ...alert, time: '2026-11-21T00:05:00Z' }));
    expect(idOf(alert)).not.toBe(idOf({ ...alert, orderId: 'Short' }));
    expect(idOf(alert)).not.toBe(idOf({ ...alert, ticker: 'BTCUSDT.P' }));
  });

  it('is body and window where there is neither, and differs between sources', () => {
    const { identity } = parseSignal(text(native));
    if (identity.rule !== 'window') throw new Error('has an identity of its own');
    expect(windowSignalId(source, identity.bodyHash, 1)).toBe(windowSignalId(source, identity.bodyHash, 1));
    expect(windowSignalId(source, identity.bodyHash, 1)).not.toBe(windowSignalId(source, identity.bodyHash, 2));
    expect(windowSignalId(source, identity.bodyHash, 1)).not.toBe(
      windowSignalId('b' as SourceId, identity.bodyHash, 1),
    );
  });

  it('is letters and digits that every venue takes', () => {
    expect(idOf(timed)).toMatch(/^sg[0-9a-z]{24}$/);
  });
});

describe('the age of a signal', () => {
  const atMs = Date.UTC(2026, 10, 21);
  const sent = (offsetMs: number, lag?: number) =>
    ({ sentAt: { text: '', atMs: atMs + offsetMs }, ...(lag && { maxLagSeconds: lag }) }) as unknown as NativeSignal;

  it.each([
    ['just in time', sent(-60_000), atMs],
    ['a little ahead of our clock', sent(300_000), atMs + 360_000],
    ['with a lag of its own', sent(-100_000, 120), atMs + 20_000],
    ['without a time', {} as NativeSignal, atMs + 60_000],
  ])('%s is good until then', (_name, signal, expiresAtMs) => {
    expect(expiryOf(signal, 60, atMs)).toBe(expiresAtMs);
  });

  it.each([
    ['too old', sent(-60_001)],
    ['too old by its own lag', sent(-11_000, 10)],
    ['from the future', sent(300_001)],
  ])('%s is stale', (_name, signal) => {
    expect(() => expiryOf(signal, 60, atMs)).toThrow(expect.objectContaining({ code: 'stale_signal', status: 422 }));
  });
});

describe('the confidence of a signal', () => {
  const sure = (confidence?: string) => parseSignal(text({ ...native, ...(confidence && { confidence }) }));

  it.each([[undefined], ['0.6'], ['0.60'], ['1']])('passes at %s', (confidence) => {
    expect(() => requireConfidence(sure(confidence), 0.6)).not.toThrow();
  });

  it('is refused below the minimum of its source, naming both', () => {
    expect(() => requireConfidence(sure('0.59'), 0.6)).toThrow(
      expect.objectContaining({
        code: 'low_confidence',
        status: 422,
        message: expect.stringMatching(/0\.59.*0\.6/),
        issues: [expect.objectContaining({ path: 'confidence' })],
      }),
    );
  });
});

describe('a signal that the desk makes itself', () => {
  it('is checked like any other, and its faults are named', () => {
    expect(parseNative({ action: 'cancel', account: 'main' })).toMatchObject({ action: 'cancel', account: 'main' });
    expect(() => parseNative({ action: 'cancel', price: '1' })).toThrow(
      expect.objectContaining({
        code: 'invalid_signal',
        issues: [{ path: 'price', message: 'has no meaning for a cancel' }],
      }),
    );
  });
});

describe('an error about a signal', () => {
  const names = new Map([['size', 'quantity']]);

  it('names the fields as their sender does, and those that it has no name for as they are', () => {
    const issues = ['size.base', 'price'].map((path) => ({ path, message: 'is wrong' }));
    expect(inSendersWords(new RequestError('invalid_signal', 'wrong', issues), names)).toMatchObject({
      code: 'invalid_signal',
      issues: [{ path: 'quantity' }, { path: 'price' }],
    });
  });

  it('is left as it is where it is no refusal', () => {
    const outage = new Error('no connection');
    expect(inSendersWords(outage, names)).toBe(outage);
  });
});
