import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import {
  createReceiver,
  nativeSignal,
  nothing,
  type Receiver,
  signed,
  signingSecret,
  token,
  traces,
} from './signal-receiver.ts';

let receiver: Receiver;
let body: string;

beforeEach(() => {
  receiver = createReceiver();
  body = JSON.stringify(nativeSignal(receiver));
});

const only = (...authentication: string[]) =>
  deskConfig({ sources: { demo: { authentication, accounts: ['main'], defaultAccount: 'main' } } });

const restrictedTo = (...allowedIps: string[]) =>
  deskConfig({
    sources: { demo: { authentication: ['token'], accounts: ['main'], defaultAccount: 'main', allowedIps } },
  });

describe('a sender with a token', () => {
  it('is believed when the token is right', async () => {
    expect((await receiver.post(body)).status).toBe(202);
  });

  it.each([
    ['a wrong token', { source: 'demo', token: 'guess' }],
    ['an empty token', { source: 'demo', token: '' }],
    ['the token with something behind it', { source: 'demo', token: `${token} ` }],
    ['a source that does not exist', { source: 'nobody', token }],
    ['a source named like a part of every object', { source: 'constructor', token }],
  ])('is refused with %s, in the same words', async (_name, pathParameters) => {
    expect(await receiver.post(body, { pathParameters })).toEqual({
      status: 401,
      body: { error: { code: 'not_authenticated', message: 'source, token or signature is wrong' } },
    });
    expect(traces(receiver)).toEqual(nothing);
  });

  it('is refused by a source that only takes signatures', async () => {
    receiver = createReceiver(only('signing'));
    expect((await receiver.post(body)).status).toBe(401);
  });

  it('gets a 500 that says nothing when the token cannot be read, so that it sends again', async () => {
    receiver.secrets.values.clear();
    const { status, body: answer } = await receiver.post(body);
    expect([status, answer.error?.code]).toEqual([500, 'internal']);
    expect(receiver.telemetry.lines.join()).toContain('nightdesk/test/sources/demo/token');
  });
});

describe('a sender with a signature', () => {
  const send = (headers: Record<string, string>) => receiver.send({ headers, body });

  it('is believed when it is right', async () => {
    expect((await send(signed(body, receiver.clock.nowMs()))).status).toBe(202);
  });

  it('may write the hex digits in capitals', async () => {
    expect((await send(withSignature((signature) => signature.toUpperCase()))).status).toBe(202);
  });

  it.each([
    ['made with another secret', () => signed(body, receiver.clock.nowMs(), 'guess')],
    ['of another body', () => signed(`${body} `, receiver.clock.nowMs())],
    ['without its scheme', () => withSignature((signature) => signature.slice('sha256='.length))],
    ['cut short', () => withSignature((signature) => signature.slice(0, -1))],
    ['of another time', () => ({ ...signed(body, receiver.clock.nowMs()), 'x-nightdesk-timestamp': '1' })],
    ['that is missing', () => ({ 'x-nightdesk-timestamp': '1' })],
    ['without a time', () => ({ 'x-nightdesk-signature': 'sha256=00' })],
  ])('is refused with one %s', async (_name, headers) => {
    const { status, body: answer } = await send(headers());
    expect([status, answer.error?.code]).toEqual([401, 'not_authenticated']);
    expect(traces(receiver)).toEqual(nothing);
  });

  it.each([
    ['5 minutes', 300_000, 202],
    ['more than 5 minutes', 301_000, 401],
  ])('may have signed %s ago or ahead', async (_name, offMs, expected) => {
    for (const offset of [-offMs, offMs]) {
      body = JSON.stringify(nativeSignal(receiver, { id: `signal ${offset}` }));
      const { status, body: answer } = await send(signed(body, receiver.clock.nowMs() + offset));
      expect(status).toBe(expected);
      if (status === 401) expect(answer.error?.issues?.[0]?.path).toBe('X-Nightdesk-Timestamp');
    }
  });

  it('is told of a time that is no number only once the signature holds', async () => {
    const digest = createHmac('sha256', signingSecret).update(`soon.${body}`).digest('hex');
    const headers = { 'x-nightdesk-timestamp': 'soon', 'x-nightdesk-signature': `sha256=${digest}` };
    expect((await send(headers)).body.error?.issues?.[0]?.path).toBe('X-Nightdesk-Timestamp');
  });

  it('is refused by a source that only takes tokens', async () => {
    receiver = createReceiver(only('token'));
    expect((await send(signed(body, receiver.clock.nowMs()))).status).toBe(401);
  });

  function withSignature(change: (signature: string) => string): Record<string, string> {
    const headers = signed(body, receiver.clock.nowMs());
    return { ...headers, 'x-nightdesk-signature': change(String(headers['x-nightdesk-signature'])) };
  }
});

describe('a sender from an address', () => {
  it.each([
    ['TradingView publishes', ['tradingview'], '52.32.178.7', 202],
    ['TradingView does not publish', ['tradingview'], '203.0.113.7', 403],
    ['is written out', ['tradingview', '203.0.113.7'], '203.0.113.7', 202],
    ['is written out, of IPv6', ['2001:db8::7'], '2001:db8::7', 202],
    ['is not written out', ['198.51.100.1'], '203.0.113.7', 403],
  ])('that %s', async (_name, allowedIps, sourceIp, status) => {
    receiver = createReceiver(restrictedTo(...allowedIps));
    expect((await receiver.post(body, { sourceIp })).status).toBe(status);
  });

  it('that is not allowed learns so only with the right token', async () => {
    receiver = createReceiver(restrictedTo('tradingview'));
    const refused = await receiver.post(body, { pathParameters: { source: 'demo', token: 'guess' } });
    expect(refused.status).toBe(401);
    expect((await receiver.post(body)).body.error).toMatchObject({ code: 'forbidden' });
    expect(traces(receiver)).toEqual(nothing);
  });
});
