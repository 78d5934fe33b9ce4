/** Whatever is wrong with a signal: the sender learns what, the venue hears nothing, nothing is half-recorded. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, startDesk } from '../support/desk.ts';
import { readSecretValues } from '../support/desk-secrets.ts';

interface Refusal {
  status: number;
  code: string;
  /** Field that the first issue names; absent where the whole request is at fault. */
  path?: string;
}

let desk: Desk;
/** Everything that was answered, to be searched for secrets. */
const answers: string[] = [];

beforeAll(async () => {
  desk = await startDesk();
});

afterAll(() => desk.close());

const secondsFromNow = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
const signal = (changes: object = {}) => ({
  ...{ symbol: 'BTC/USDT', action: 'buy', size: { base: '0.01' }, sentAt: secondsFromNow(0) },
  ...changes,
});
const alert = (changes: object = {}) => ({
  ...{ ticker: 'BTCUSDT', exchange: 'BINANCE', action: 'buy', contracts: '0.01', timenow: secondsFromNow(0) },
  ...changes,
});

async function call(path: string, init: RequestInit): Promise<{ status: number; body: unknown }> {
  const response = await fetch(desk.ready.api + path, init);
  const text = await response.text();
  answers.push(text);
  return { status: response.status, body: JSON.parse(text) };
}

/** Expects a refusal that leaves every table, every queue and the venue as they were. */
async function expectRefusal({ status, code, path }: Refusal, send: () => Promise<unknown>): Promise<void> {
  const before = await countsOfTrading();
  expect(await send()).toEqual({
    status,
    body: {
      error: {
        code,
        message: expect.stringMatching(/\w/),
        ...(path !== undefined && {
          issues: expect.arrayContaining([{ path, message: expect.stringMatching(/\w/) }]),
        }),
      },
    },
  });
  expect(await countsOfTrading()).toEqual(before);
  expect(await desk.simulatorOrders()).toEqual([]);
}

/** What the desk does by its schedules, whatever anybody sends: its looks at the accounts, and who does them. */
const scheduledWork = /Books|Coordination|reconcil/i;

async function countsOfTrading(): Promise<Record<string, number>> {
  const counts = Object.entries(await desk.records.counts());
  return Object.fromEntries(counts.filter(([name]) => !scheduledWork.test(name)));
}

const post = (body: unknown) =>
  call(`/signals/demo/${desk.ready.signals.demo?.token}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('a body that is no signal', () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  it.each<[string, () => unknown, Refusal]>([
    ['broken off', () => '{"symbol":"BTC/USDT",', { status: 400, code: 'invalid_json' }],
    ['empty', () => '', { status: 400, code: 'invalid_json' }],
    ['a list', () => '[]', { status: 400, code: 'invalid_json' }],
    ['prose', () => 'Buy some bitcoin', { status: 400, code: 'invalid_json' }],
    ['nested without end', () => nested(20_000), { status: 413, code: 'too_large' }],
    ['nested deeply', () => nested(9_000), { status: 400, code: 'invalid_json' }],
    ['of 65 KB', () => signal({ comment: 'x'.repeat(65 * 1024) }), { status: 413, code: 'too_large' }],
    ['of 65 KB in few characters', () => 'é'.repeat(33 * 1024), { status: 413, code: 'too_large' }],
  ])('%s', (_name, body, refusal) => expectRefusal(refusal, () => post(body())));
});

describe('a signal with a wrong field', () => {
  const invalid = (path: string): Refusal => ({ status: 400, code: 'invalid_signal', path });
  const unsupported = (path: string): Refusal => ({ status: 400, code: 'unsupported', path });
  const unreplaced = (path: string): Refusal => ({ status: 422, code: 'unreplaced_placeholder', path });
  const stale = (path: string): Refusal => ({ status: 422, code: 'stale_signal', path });

  it.each<[string, () => unknown, Refusal]>([
    ['an unknown key', () => signal({ quantity: '1' }), invalid('quantity')],
    ['an unknown key of its size', () => signal({ size: { base: '1', lots: '1' } }), invalid('size.lots')],
    [
      'a key that is part of every object',
      () => `{"__proto__":{},${JSON.stringify(signal()).slice(1)}`,
      invalid('__proto__'),
    ],
    ['two sizes', () => signal({ size: { base: '0.01', quote: '500' } }), invalid('size')],
    ['two sizes in an alert', () => alert({ size: { quote: '500' } }), invalid('contracts')],
    ['no size', () => signal({ size: undefined }), invalid('size')],
    ['a size of zero', () => signal({ size: { base: '0' } }), invalid('size.base')],
    ['a negative size', () => signal({ size: { base: '-1' } }), invalid('size.base')],
    ['a size that is no number', () => signal({ size: { base: 'NaN' } }), invalid('size.base')],
    ['no action', () => signal({ action: undefined }), invalid('action')],
    ['a limit without a price', () => signal({ type: 'limit' }), invalid('price')],
    ['a time without a zone', () => signal({ sentAt: '2026-11-21 12:00' }), invalid('sentAt')],
    ['a stop-loss without a distance', () => signal({ stopLoss: {} }), invalid('stopLoss')],
    ['being short of a spot market', () => signal({ action: undefined, target: 'short' }), unsupported('target')],
    ['leverage on spot', () => signal({ leverage: '3' }), unsupported('leverage')],

    ['a placeholder', () => alert({ contracts: '{{strategy.order.contracts}}' }), unreplaced('contracts')],
    ['a placeholder without quotes', () => '{"ticker":"BTCUSDT","contracts":{{plot_0}}}', unreplaced('contracts')],
    ['a placeholder in text', () => 'ticker=BTCUSDT; action={{strategy.order.action}}', unreplaced('action')],

    ['an age above a minute', () => signal({ sentAt: secondsFromNow(-62) }), stale('sentAt')],
    [
      'an age above what it allows itself',
      () => signal({ sentAt: secondsFromNow(-7), maxLagSeconds: 5 }),
      stale('sentAt'),
    ],
    ['a time in the future', () => signal({ sentAt: secondsFromNow(310) }), stale('sentAt')],
    ['an alert’s age above a minute', () => alert({ timenow: secondsFromNow(-62) }), stale('timenow')],

    ['an unknown symbol', () => signal({ symbol: 'BTC/NOTHING' }), invalid('symbol')],
    ['an unknown name', () => signal({ symbol: 'NOTHINGUSDT' }), invalid('symbol')],
    ['an alert’s unknown ticker', () => alert({ ticker: 'NOTHINGUSDT' }), invalid('ticker')],
    [
      'an unknown symbol, neither id nor time',
      () => signal({ symbol: 'BTC/NOTHING', sentAt: undefined }),
      invalid('symbol'),
    ],
    ['a name of a spot market and a perpetual', () => signal({ symbol: 'BTCUSDT' }), invalid('symbol')],
    ['an unknown account', () => signal({ account: 'other' }), invalid('account')],
    ['an unknown account in a list', () => signal({ accounts: ['main', 'other'] }), invalid('accounts.1')],
    ['another venue than the account’s', () => signal({ venue: 'kraken' }), invalid('venue')],
    ['another venue than the account’s in an alert', () => alert({ exchange: 'KRAKEN' }), invalid('exchange')],

    ['less than the smallest amount', () => signal({ size: { base: '0.000001' } }), invalid('size.base')],
    ['less than the smallest amount in an alert', () => alert({ contracts: '0.000001' }), invalid('contracts')],
    ['less than the smallest value', () => signal({ size: { quote: '1' } }), invalid('size.quote')],
    [
      'a limit order below the smallest value',
      () => signal({ size: { base: '0.0001' }, type: 'limit', price: '1000' }),
      invalid('size.base'),
    ],
  ])('%s', (_name, body, refusal) => expectRefusal(refusal, () => post(body())));
});

describe('a sender who is not who they say', () => {
  const denied: Refusal = { status: 401, code: 'not_authenticated' };
  const drifted: Refusal = { ...denied, path: 'X-Nightdesk-Timestamp' };
  const body = () => JSON.stringify(signal());
  const almost = (secret = '') => `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`;
  const signed = (timestamp: string, secret = desk.ready.signals.demo?.secret ?? '') => {
    const text = body();
    const signature = createHmac('sha256', secret).update(`${timestamp}.${text}`).digest('hex');
    const headers = { 'x-nightdesk-timestamp': timestamp, 'x-nightdesk-signature': `sha256=${signature}` };
    return call('/signals/demo', { method: 'POST', body: text, headers });
  };
  const epoch = (driftSeconds = 0) => String(Math.floor(Date.now() / 1000) + driftSeconds);

  it('with a wrong token', () =>
    expectRefusal(denied, () =>
      call(`/signals/demo/${almost(desk.ready.signals.demo?.token)}`, { method: 'POST', body: body() }),
    ));
  it('with the token of something else', () =>
    expectRefusal(denied, () => call(`/signals/demo/${desk.ready.tokens.admin}`, { method: 'POST', body: body() })));
  it('as a source that does not exist', () =>
    expectRefusal(denied, () =>
      call(`/signals/nobody/${desk.ready.signals.demo?.token}`, { method: 'POST', body: body() }),
    ));
  it('as a source with the name of a part of every object', () =>
    expectRefusal(denied, () => call('/signals/constructor/x', { method: 'POST', body: body() })));
  it('without a signature', () => expectRefusal(denied, () => call('/signals/demo', { method: 'POST', body: body() })));
  it('with a wrong signature', () =>
    expectRefusal(denied, () => signed(epoch(), almost(desk.ready.signals.demo?.secret))));
  it('with a signature over a time too long ago', () => expectRefusal(drifted, () => signed(epoch(-305))));
  it('with a signature over a time too far ahead', () => expectRefusal(drifted, () => signed(epoch(305))));
  it('with a signature over what is no time', () => expectRefusal(drifted, () => signed('soon')));
});

describe('a wrong call to the API', () => {
  const bearer = () => ({ authorization: `Bearer ${desk.ready.tokens.admin}` });
  it.each<[string, string, RequestInit, Refusal]>([
    ['a parameter out of range', '/orders?limit=0', {}, { status: 400, code: 'invalid_request', path: 'limit' }],
    ['an unknown parameter', '/orders?colour=red', {}, { status: 400, code: 'invalid_request', path: 'colour' }],
    ['an unknown status', '/orders?status=lost', {}, { status: 400, code: 'invalid_request', path: 'status' }],
    ['a cursor made up', '/orders?cursor=abc', {}, { status: 400, code: 'invalid_request', path: 'cursor' }],
    [
      'a switch without JSON',
      '/risk/main/switch',
      { method: 'PUT', body: 'off' },
      { status: 400, code: 'invalid_json' },
    ],
    [
      'a switch without a reason',
      '/risk/main/switch',
      { method: 'PUT', body: '{"state":"halted"}' },
      { status: 400, code: 'invalid_request', path: 'reason' },
    ],
    [
      'the switch of an unknown account',
      '/risk/other/switch',
      { method: 'PUT', body: '{"state":"halted","reason":"a test"}' },
      { status: 404, code: 'not_found' },
    ],
  ])('%s', (_name, path, init, refusal) => expectRefusal(refusal, () => call(path, { ...init, headers: bearer() })));
});

it('no secret is in any answer or any log', async () => {
  const secrets = await readSecretValues(desk.ready.aws);
  expect(secrets.length).toBeGreaterThanOrEqual(8);
  await expectRefusal({ status: 401, code: 'not_authenticated' }, () =>
    call('/signals/demo/wrong', { method: 'POST' }),
  );
  expect(desk.log.some((line) => line.includes('receive-signal'))).toBe(true);
  const said = [...answers, ...desk.log];
  expect(said.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
});
