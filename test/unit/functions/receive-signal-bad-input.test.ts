/** Whatever is wrong with a signal: status, code and field as docs/api.md says, and nothing of it is kept or sent. */
import { type ErrorCode, errorStatuses, metricNames } from '@nightdesk/core';
import { signalBytesMax } from '@nightdesk/functions/receive-signal/schema.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { btcUsdt } from '../../support/markets.ts';
import {
  alert,
  createReceiver,
  deafQueue,
  nativeSignal,
  nothing,
  type Receiver,
  signed,
  signingSecret,
  token,
  traces,
} from './signal-receiver.ts';

/** Two accounts of the source at one venue, one at another, and one that is not the source's. */
const config = deskConfig({
  exchanges: { other: {} },
  accounts: {
    elsewhere: { exchange: 'other', mode: 'sandbox' },
    foreign: { exchange: 'fake', mode: 'sandbox' },
  },
  sources: {
    demo: {
      authentication: ['token', 'signing'],
      accounts: ['main', 'second', 'elsewhere'],
      symbols: ['BTC/USDT', 'BTC/USDT:USDT', 'OLD/USDT'],
    },
  },
});

let receiver: Receiver;

beforeEach(() => {
  receiver = createReceiver(config);
  const old = { ...btcUsdt, symbol: 'OLD/USDT', base: 'OLD', active: false };
  receiver.tables.markets.set('fake OLD/USDT', old);
});

/** A signal that is accepted as it is. */
const signal = (changes: object = {}, ageMs = 0) => nativeSignal(receiver, { account: 'main', ...changes }, ageMs);
const chart = (changes: object = {}, ageMs = 0) => alert(receiver, { account: 'main', ...changes }, ageMs);

const gtd = (aheadMs: number) =>
  signal({
    ...{ type: 'limit', price: '90', timeInForce: 'GTD' },
    expireAt: new Date(receiver.clock.nowMs() + aheadMs).toISOString(),
  });
const portions = (...values: (string | undefined)[]) =>
  values.map((portion, index) => ({ percent: String(index + 1), ...(portion !== undefined && { portion }) }));

it.each<[string, () => object]>([
  ['a target', () => signal({ action: undefined, target: 'long' })],
  ['a close', () => signal({ action: 'close', size: undefined })],
  ['a close of half', () => signal({ action: 'close', size: { percentPosition: '50' } })],
  ['a cancel of one market', () => signal({ action: 'cancel', size: undefined })],
  ['a size in percent', () => signal({ size: { percentEquity: '5' } })],
  ['a stop', () => signal({ type: 'stop', triggerPrice: '90' })],
  ['a trailing stop', () => signal({ type: 'trailing_stop', trailPercent: '2' })],
  ['an order till tomorrow', () => gtd(86_400_000)],
  ['an iceberg', () => signal({ type: 'limit', price: '90', displaySize: '0.1' })],
  ['exits', () => signal({ takeProfit: portions('0.5', '0.5'), stopLoss: { percent: '1', breakEven: true } })],
  ['a risk', () => signal({ size: { riskPercent: '1' }, stopLoss: { price: '90' } })],
  ['a confidence that is enough', () => signal({ confidence: '0.8' })],
  ['a perpetual', () => signal({ symbol: 'BTC/USDT:USDT', leverage: '3', marginMode: 'isolated' })],
  ['a perpetual of a chart', () => chart({ ticker: 'BINANCE:BTCUSDT.P', exchange: undefined })],
])('%s is accepted', async (_name, body) => {
  expect(await receiver.post(body())).toMatchObject({ status: 202 });
});

async function expectRefusal(body: unknown, code: ErrorCode, path?: string): Promise<void> {
  const answer = await receiver.post(body);
  expect(answer.body.error).toMatchObject({ code, message: expect.stringMatching(/\w/) });
  expect(answer.status).toBe(errorStatuses[code]);
  const paths = answer.body.error?.issues?.map((issue) => issue.path) ?? [];
  if (path !== undefined) expect(paths).toContain(path);
  expect(traces(receiver)).toEqual(nothing);
  if (answer.status < 500) expect(receiver.telemetry.counts.get(metricNames.signalsRefused)).toBe(1);
}

it('what the tables below start from is accepted', async () => {
  expect((await receiver.post(signal())).status).toBe(202);
  expect((await receiver.post(chart({ comment: 'a chart' }))).status).toBe(202);
});

describe('a body', () => {
  it.each<[string, () => unknown, ErrorCode]>([
    ['that is empty', () => '', 'invalid_json'],
    ['that is white space', () => ' \n', 'invalid_json'],
    ['that is broken off', () => '{"symbol":"BTC/USDT"', 'invalid_json'],
    ['that is a list', () => [], 'invalid_json'],
    ['that is prose', () => 'buy some bitcoin', 'invalid_json'],
    ['of 65 KB', () => signal({ comment: 'x'.repeat(65 * 1024) }), 'too_large'],
    ['of 65 KB in base64', () => Buffer.alloc(65 * 1024, 'x'), 'too_large'],
    ['of few characters and many bytes', () => 'é'.repeat(signalBytesMax / 2 + 1), 'too_large'],
  ])('%s', (_name, body, code) => expectRefusal(body(), code));

  it('is not too large up to the last byte of 64 KB, counted as bytes and not as base64', async () => {
    for (const body of ['x'.repeat(signalBytesMax), Buffer.alloc(signalBytesMax, 'x')]) {
      expect((await receiver.post(body)).body.error?.code).toBe('invalid_json');
    }
    await expect(receiver.post('x'.repeat(signalBytesMax + 1))).resolves.toMatchObject({ status: 413 });
  });

  it('that is too large is refused before anything else is looked at', async () => {
    const guess = { pathParameters: { source: 'demo', token: 'guess' } };
    expect((await receiver.post('x'.repeat(signalBytesMax + 1), guess)).status).toBe(413);
  });
});

describe('a signal with', () => {
  it.each<[string, () => object, string]>([
    ['an unknown key', () => signal({ quantity: '1' }), 'quantity'],
    ['an unknown key of its size', () => signal({ size: { base: '1', lots: '1' } }), 'size.lots'],
    ['two sizes', () => signal({ size: { base: '0.5', quote: '50' } }), 'size'],
    ['an empty size', () => signal({ size: {} }), 'size'],
    ['no size', () => signal({ size: undefined }), 'size'],
    ['a size of zero', () => signal({ size: { base: '0' } }), 'size.base'],
    ['a size that is no number', () => signal({ size: { base: 'much' } }), 'size.base'],
    ['no symbol', () => signal({ symbol: undefined }), 'symbol'],
    ['an unknown action', () => signal({ action: 'hold' }), 'action'],
    ['action and target', () => signal({ target: 'long' }), 'action'],
    ['an unknown type', () => signal({ type: 'iceberg' }), 'type'],
    ['a market order with a price', () => signal({ price: '100' }), 'price'],
    ['a market order with a time in force', () => signal({ timeInForce: 'IOC' }), 'timeInForce'],
    ['a limit order without a price', () => signal({ type: 'limit' }), 'price'],
    ['a time without a zone', () => signal({ sentAt: '2026-11-21 12:00' }), 'sentAt'],
    ['a lag out of range', () => signal({ maxLagSeconds: 3601 }), 'maxLagSeconds'],
    ['account and accounts', () => signal({ accounts: ['second'] }), 'accounts'],
    ['an account twice', () => signal({ account: undefined, accounts: ['main', 'main'] }), 'accounts'],

    ['no account where there is no default', () => signal({ account: undefined }), 'account'],
    ['an unknown account', () => signal({ account: 'nobody' }), 'account'],
    ['an unknown account in a list', () => signal({ account: undefined, accounts: ['main', 'x'] }), 'accounts.1'],
    ['accounts at two venues', () => signal({ account: undefined, accounts: ['main', 'elsewhere'] }), 'accounts'],
    ['a venue that is not the account’s', () => signal({ venue: 'other' }), 'venue'],
    ['an exchange that is not the account’s', () => chart({ exchange: 'OTHER' }), 'exchange'],
    ['an unknown symbol', () => signal({ symbol: 'BTC/NOTHING' }), 'symbol'],
    ['an unknown ticker', () => chart({ ticker: 'NOTHINGUSDT' }), 'ticker'],
    ['a name of a spot market and a perpetual', () => signal({ symbol: 'BTCUSDT' }), 'symbol'],
    ['a market that is not trading', () => signal({ symbol: 'OLD/USDT' }), 'symbol'],

    ['less than the smallest amount', () => signal({ size: { base: '0.000001' } }), 'size.base'],
    ['less than the smallest amount in an alert', () => chart({ contracts: '0.000001' }), 'contracts'],
    ['more than the largest amount', () => signal({ size: { base: '9001' } }), 'size.base'],
    ['less than the smallest value', () => signal({ size: { quote: '1' } }), 'size.quote'],
    ['a stop without a trigger', () => signal({ type: 'stop' }), 'triggerPrice'],
    ['a limit order with a trigger', () => signal({ type: 'limit', price: '90', triggerPrice: '91' }), 'triggerPrice'],
    ['a trailing stop without a distance', () => signal({ type: 'trailing_stop' }), 'trailPercent'],
    [
      'a good-till-date order without a date',
      () => signal({ type: 'limit', price: '90', timeInForce: 'GTD' }),
      'expireAt',
    ],
    ['a date that is over', () => gtd(-1), 'expireAt'],
    ['a stop-loss without a distance', () => signal({ stopLoss: {} }), 'stopLoss'],
    ['a target with price and percent', () => signal({ takeProfit: [{ percent: '1', price: '120' }] }), 'takeProfit.0'],
    ['portions above the whole', () => signal({ takeProfit: portions('0.6', '0.6') }), 'takeProfit'],
    ['a portion for some targets only', () => signal({ takeProfit: portions('0.6', undefined) }), 'takeProfit'],
    [
      'break-even without a target',
      () => signal({ stopLoss: { percent: '1', breakEven: true } }),
      'stopLoss.breakEven',
    ],
    ['exits for what only reduces', () => signal({ reduceOnly: true, stopLoss: { percent: '1' } }), 'stopLoss'],
    ['a risk without a stop-loss', () => signal({ size: { riskPercent: '1' } }), 'stopLoss'],
    ['a size for a cancel', () => signal({ action: 'cancel' }), 'size'],
    ['a price for a cancel', () => signal({ action: 'cancel', size: undefined, price: '90' }), 'price'],
    ['a confidence above one', () => signal({ confidence: '1.2' }), 'confidence'],
    ['a price below the step', () => signal({ type: 'limit', price: '0.001' }), 'price'],
  ])('%s is invalid', (_name, body, path) => expectRefusal(body(), 'invalid_signal', path));

  it.each<[string, () => unknown, string]>([
    ['in JSON', () => chart({ contracts: '{{strategy.order.contracts}}' }), 'contracts'],
    ['in JSON without quotes', () => '{"ticker":"BTCUSDT","contracts":{{plot_0}}}', 'contracts'],
    ['in text', () => 'ticker=BTCUSDT; action={{strategy.order.action}}', 'action'],
    ['within other text', () => chart({ comment: 'at {{close}}' }), 'comment'],
  ])('a placeholder %s is unreplaced', (_name, body, path) => expectRefusal(body(), 'unreplaced_placeholder', path));

  it.each<[string, () => object, string]>([
    ['a second more than the source allows', () => signal({}, 61_000), 'sentAt'],
    ['more than itself allows', () => signal({ maxLagSeconds: 5 }, 6_000), 'sentAt'],
    ['more than the source allows an alert', () => chart({}, 61_000), 'timenow'],
    ['less than nothing, by more than clocks differ', () => signal({}, -301_000), 'sentAt'],
  ])('an age of %s is stale', (_name, body, path) => expectRefusal(body(), 'stale_signal', path));

  it.each<[string, () => object, string]>([
    ['being short of a spot market', () => signal({ action: undefined, target: 'short' }), 'target'],
    ['leverage on spot', () => signal({ leverage: '3' }), 'leverage'],
    ['a margin mode on spot', () => signal({ marginMode: 'cross' }), 'marginMode'],
  ])('%s is not supported', (_name, body, path) => expectRefusal(body(), 'unsupported', path));

  it.each<[string, () => object, string]>([
    ['an account of somebody else', () => signal({ account: 'foreign' }), 'account'],
    ['a symbol that is not for this source', () => signal({ symbol: 'ETH/USDT' }), 'symbol'],
  ])('%s is forbidden', (_name, body, path) => expectRefusal(body(), 'forbidden', path));

  it('no window is opened by what cannot be executed', () =>
    expectRefusal(signal({ sentAt: undefined, symbol: 'BTC/NOTHING' }), 'invalid_signal', 'symbol'));

  it('a venue whose markets are not loaded yet is to be sent again', async () => {
    await expectRefusal(signal({ account: 'elsewhere' }), 'unavailable');
    expect(receiver.telemetry.counts.has(metricNames.signalsRefused)).toBe(false);
  });
});

it('every field at fault is named, not only the first', async () => {
  const { body } = await receiver.post({ symbol: '', action: 'buy', size: { base: '0' }, colour: 'red' });
  expect(body.error?.issues?.map(({ path }) => path).sort()).toEqual(['colour', 'size.base', 'symbol']);
});

it('no secret is in any answer or log line, whatever went wrong', async () => {
  const text = JSON.stringify(signal());
  await receiver.post(text);
  await receiver.post(text);
  await receiver.post('{');
  await receiver.post(text, { pathParameters: { source: 'demo', token: `${token}!` } });
  await receiver.send({ body: text, headers: signed(text, receiver.clock.nowMs()) });
  await receiver.send({ body: text, headers: signed(text, 0) });
  receiver.ports.queue = deafQueue;
  await receiver.post(signal({ id: 'new' }));
  receiver.secrets.values.clear();
  await receiver.post(text);
  const said = [...receiver.answers, ...receiver.telemetry.lines];
  expect(said.length).toBeGreaterThanOrEqual(12);
  expect(said.filter((line) => line.includes(token) || line.includes(signingSecret))).toEqual([]);
});
