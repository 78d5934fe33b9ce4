import { metricNames } from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { alert, createReceiver, deafQueue, nativeSignal, nothing, type Receiver, traces } from './signal-receiver.ts';

const once = { messages: 1, signals: 1, windows: 0, events: 1 };

let receiver: Receiver;

beforeEach(() => {
  receiver = createReceiver();
});

describe('an accepted signal', () => {
  it('is on the queue and known, with nothing left to guess', async () => {
    const { status, body } = await receiver.post(nativeSignal(receiver, { comment: 'breakout', size: { quote: 100 } }));
    expect(status).toBe(202);
    expect(body).toEqual({
      signalId: expect.stringMatching(/^sg[0-9a-z]{24}$/),
      status: 'accepted',
      dialect: 'native',
      duplicateRule: "the sender's time together with symbol, action and size",
    });
    const nowMs = receiver.clock.nowMs();
    const signal = {
      ...{ signalId: body.signalId, source: 'demo', accounts: ['main'], venue: 'fake', symbol: 'BTC/USDT' },
      ...{ action: 'buy', size: { quote: '100' }, type: 'market', comment: 'breakout' },
      ...{ sentAtMs: nowMs, expiresAtMs: nowMs + 60_000, receivedAtMs: nowMs },
    };
    expect(receiver.queue.waiting).toEqual([{ signal, account: 'main', leg: 0, lane: 'main:BTC/USDT' }]);
    expect([...receiver.tables.signals.values()]).toEqual([{ signal, duplicateRule: 'time' }]);
    expect(receiver.telemetry.counts.get(metricNames.signalsAccepted)).toBe(1);
  });

  it('becomes a message for each of its accounts', async () => {
    await receiver.post(nativeSignal(receiver, { accounts: ['second', 'main'] }));
    expect(receiver.queue.waiting.map(({ account, leg, lane }) => [account, leg, lane])).toEqual([
      ['second', 0, 'second:BTC/USDT'],
      ['main', 1, 'main:BTC/USDT'],
    ]);
  });

  it('may be an alert, in JSON, in text or in base64', async () => {
    const json = alert(receiver);
    const text = Object.entries(json).map(([key, value]) => `${key}=${value}`);
    expect((await receiver.post(json)).status).toBe(202);
    expect((await receiver.post(text.join('; '))).status).toBe(200);
    expect((await receiver.post(Buffer.from(text.join('\n')))).status).toBe(200);
    expect(receiver.queue.waiting).toMatchObject([{ signal: { symbol: 'BTC/USDT', size: { base: '0.5' } } }]);
  });

  it('keeps its limit, rounded in favour of its sender, and its time in force', async () => {
    const limit = { type: 'limit', price: '99.999', timeInForce: 'PO' };
    await receiver.post(nativeSignal(receiver, limit));
    expect(receiver.queue.waiting).toMatchObject([{ signal: { type: 'limit', price: '99.999', timeInForce: 'PO' } }]);
  });
});

describe('a resend', () => {
  it.each([
    ['id', (id: string) => ({ id }), once],
    ['time', (comment: string) => ({ comment }), once],
  ])('is a duplicate by its %s, also when it is stale by then', async (_rule, identity, expected) => {
    const signal = nativeSignal(receiver, identity('one'));
    const first = await receiver.post(signal);
    receiver.clock.advance(3_600_000);
    const second = await receiver.post(signal);
    expect(second).toEqual({ status: 200, body: { ...first.body, status: 'duplicate' } });
    expect(traces(receiver)).toEqual(expected);
    expect(receiver.telemetry.counts.get(metricNames.signalsDuplicate)).toBe(1);
  });

  it('is a new signal with another time or another id', async () => {
    const sent = [
      nativeSignal(receiver),
      nativeSignal(receiver, {}, 1_000),
      nativeSignal(receiver, { id: 'a' }),
      nativeSignal(receiver, { id: 'b' }),
    ];
    for (const signal of sent) expect((await receiver.post(signal)).status).toBe(202);
    expect(receiver.queue.waiting).toHaveLength(sent.length);
  });

  it('of a signal without id and time is a duplicate within the window and new after it', async () => {
    const signal = nativeSignal(receiver, { sentAt: undefined });
    expect((await receiver.post(signal)).body.duplicateRule).toContain('duplicate window');
    receiver.clock.advance(59_999);
    expect((await receiver.post(signal)).status).toBe(200);
    receiver.clock.advance(1);
    expect((await receiver.post(signal)).status).toBe(202);
    expect(traces(receiver)).toEqual({ messages: 2, signals: 2, windows: 1, events: 2 });
  });

  it('is never a duplicate where the window is off, except for the same request', async () => {
    const source = { authentication: ['token'], accounts: ['main'], defaultAccount: 'main', duplicateWindowSeconds: 0 };
    receiver = createReceiver(deskConfig({ sources: { demo: source } }));
    const signal = nativeSignal(receiver, { sentAt: undefined });
    expect((await receiver.post(signal, { requestId: 'one' })).body.duplicateRule).toContain('nothing');
    expect((await receiver.post(signal, { requestId: 'two' })).status).toBe(202);
    expect((await receiver.post(signal, { requestId: 'two' })).status).toBe(200);
    expect(receiver.queue.waiting).toHaveLength(2);
  });
});

describe('the order of steps', () => {
  it('leaves nothing behind when the queue fails, and the resend brings the signal in', async () => {
    const signal = nativeSignal(receiver);
    receiver.ports.queue = deafQueue;
    expect((await receiver.post(signal)).body.error?.code).toBe('internal');
    expect(traces(receiver)).toEqual(nothing);
    receiver.ports.queue = receiver.queue;
    expect((await receiver.post(signal)).status).toBe(202);
    expect(traces(receiver)).toEqual(once);
  });

  it('after a crash between sending and writing gives the resend 202 and the queue one message', async () => {
    const signal = nativeSignal(receiver);
    const { signals } = receiver.ports;
    receiver.ports.signals = { ...signals, insert: async () => Promise.reject(new Error('the function was killed')) };
    expect((await receiver.post(signal)).status).toBe(500);
    expect(traces(receiver)).toEqual({ ...nothing, messages: 1 });
    receiver.ports.signals = signals;
    expect((await receiver.post(signal)).status).toBe(202);
    expect(traces(receiver)).toEqual(once);
  });

  it('asks first whether the signal is known, and writes only what the queue has', async () => {
    const steps: string[] = [];
    const { signals, queue } = receiver.ports;
    receiver.ports = {
      queue: { send: (messages) => tell('send', () => queue.send(messages)) },
      signals: {
        ...signals,
        get: (signalId) => tell('get', () => signals.get(signalId)),
        insert: (record) => tell('insert', () => signals.insert(record)),
      },
    };
    function tell<Result>(step: string, action: () => Promise<Result>): Promise<Result> {
      steps.push(step);
      return action();
    }
    await receiver.post(nativeSignal(receiver));
    await receiver.post(nativeSignal(receiver));
    expect(steps).toEqual(['get', 'send', 'insert', 'get']);
  });

  it('answers 200 to the one of two simultaneous deliveries that writes second', async () => {
    const signal = nativeSignal(receiver);
    const answers = await Promise.all([receiver.post(signal), receiver.post(signal)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 202]);
    expect(traces(receiver)).toEqual(once);
  });

  it('answers 200 when somebody else wrote the row between its two looks', async () => {
    const { signals } = receiver.ports;
    receiver.ports.signals = { ...signals, insert: async () => false };
    const { status, body } = await receiver.post(nativeSignal(receiver));
    expect([status, body.status]).toEqual([200, 'duplicate']);
  });
});
