import { parseMessage } from '@nightdesk/functions/execute-order/schema.ts';
import { describe, expect, it } from 'vitest';

const signal = { signalId: 'sig1', venue: 'binance', symbol: 'BTC/USDT', expiresAtMs: 1, size: { base: '1' } };
const message = { account: 'main', leg: 0, lane: 'main:BTC/USDT', signal };

describe('a message of the signals queue', () => {
  it.each([[{}], [{ tried: [] }], [{ tried: ['second'] }]])('is read as it was written, with %j', (more) => {
    expect(parseMessage(JSON.stringify({ ...message, ...more }))).toEqual({ ...message, ...more });
  });

  it('is read without what it has beside its own fields', () => {
    expect(parseMessage(JSON.stringify({ ...message, more: 1 }))).toEqual(message);
  });

  it.each<[string, unknown]>([
    ['the body must be an object', []],
    ['the body must be an object', null],
    ['account must be a text', { ...message, account: 1 }],
    ['leg must be a whole number', { ...message, leg: -1 }],
    ['leg must be a whole number', { ...message, leg: 0.5 }],
    ['leg must be a whole number', { ...message, leg: '0' }],
    ['lane must be a text', { ...message, lane: undefined }],
    ['tried must be a list', { ...message, tried: 'second' }],
    ['tried.1 must be a text', { ...message, tried: ['second', 3] }],
    ['signal must be an object', { ...message, signal: 'sig1' }],
    ['signal.signalId must be a text', { ...message, signal: { ...signal, signalId: undefined } }],
    ['signal.venue must be a text', { ...message, signal: { ...signal, venue: 1 } }],
    ['signal.symbol must be a text', { ...message, signal: { ...signal, symbol: null } }],
    ['signal.expiresAtMs must be a whole number', { ...message, signal: { ...signal, expiresAtMs: '1' } }],
  ])('is damaged where %s', (why, body) => {
    expect(() => parseMessage(JSON.stringify(body))).toThrow(`a message of the signals queue is damaged: ${why}`);
  });

  it('is damaged where it is no JSON', () => {
    expect(() => parseMessage('{')).toThrow(SyntaxError);
  });
});
