import { ImageError, noticeIdOf, readEventImage, textOfNotice, toldEventTypes } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { eventNotices, eventRow, type Row } from '../../support/notices.ts';

const drift = {
  ...{ id: 'drift:spot:BTC', kind: 'drift', subject: 'BTC', amount: '-0.5', worth: '32060.255', looks: 2 },
  message: 'the venue shows 0.5 BTC less in spot than the desk can explain',
};
const outsider = { kind: 'outsider_order', subject: '4711', message: 'an order that this desk did not place is open' };
const timeout = { code: 'timeout', message: 'no answer.' };
const tripped = { breaker: 'dailyLoss', action: 'alarm', cancelOrders: false, value: '120', message: '120 was lost' };

const textsOf = (row: Row) => eventNotices(row).map((notice) => textOfNotice(notice));

describe('an event of the journal', () => {
  it('is told with its account, and an id of its place in the stream', () => {
    expect(eventNotices(eventRow('books.difference', drift))).toEqual([
      {
        id: noticeIdOf('books#main', 7, 'books.drift'),
        kind: 'books.drift',
        severity: 'critical',
        atMs: Date.UTC(2026, 10, 21, 9, 30),
        version: 7,
        account: 'main',
        subject: 'BTC',
        amount: '-0.5',
        worth: '32060.255',
        message: drift.message,
      },
    ]);
    const [next] = eventNotices(eventRow('books.difference', drift, { sequence: 8 }));
    expect(next?.id).not.toBe(noticeIdOf('books#main', 7, 'books.drift'));
  });

  it.each<[string, object, string, string]>([
    [
      'books.difference',
      drift,
      'critical',
      'CRITICAL: The balance of account main is not explained: the venue shows 0.5 BTC less in spot than the desk can explain (worth 32,060.26). Look at it now.',
    ],
    [
      'books.difference',
      outsider,
      'critical',
      'CRITICAL: Somebody else trades with account main: an order that this desk did not place is open. If it was not you, revoke the key.',
    ],
    [
      'books.difference',
      { kind: 'outsider_fill', subject: 'BTC/USDT', amount: '1', message: 'an order traded 1' },
      'critical',
      'CRITICAL: Somebody else trades with account main: an order traded 1. If it was not you, revoke the key.',
    ],
    [
      'books.difference',
      { kind: 'outsider_position', subject: 'BTC/USDT:USDT', amount: '1', message: 'the position is 1 more' },
      'critical',
      'CRITICAL: Somebody else trades with account main: the position is 1 more. If it was not you, revoke the key.',
    ],
    [
      'books.difference',
      { kind: 'missed_fill', subject: 'nd1', message: '0.1 of order nd1 was filled unnoticed, and is booked now' },
      'info',
      'Account main: 0.1 of order nd1 was filled unnoticed, and is booked now.',
    ],
    [
      'books.difference',
      { kind: 'lost_order', subject: 'nd1', message: 'order nd1 is open here, and the venue does not show it' },
      'info',
      'Account main: order nd1 is open here, and the venue does not show it. Nightdesk goes on looking at it.',
    ],
    [
      'books.difference',
      { kind: 'withdrawal', subject: 'BTC', amount: '-0.5', message: 'moved between spot:BTC and swap:BTC' },
      'warning',
      'WARNING: Account main: withdrawal of 0.5 BTC: moved between spot:BTC and swap:BTC. If it was not you, look at it now.',
    ],
    [
      'books.transfer',
      { id: 'transfer:out:1', kind: 'withdrawal', key: 'spot:USDT', asset: 'USDT', amount: '12345.6' },
      'warning',
      'WARNING: Account main: withdrawal of 12,345.6 USDT. If it was not you, look at it now.',
    ],
    ['books.transfer', { kind: 'deposit', asset: 'USDT', amount: '5' }, 'info', 'Account main: deposit of 5 USDT.'],
    [
      'books.settled',
      { id: 'x', kind: 'outsider_order', subject: '4711', reason: 'it is not open any more' },
      'info',
      'Account main: outsider order (4711) is settled: it is not open any more.',
    ],
    [
      'books.unanswered',
      { venue: 'binance', cause: timeout, answeredAtMs: 1 },
      'warning',
      'WARNING: Account main cannot be compared with binance: no answer (timeout). Nightdesk goes on asking.',
    ],
    [
      'books.unanswered',
      { venue: 'binance' },
      'warning',
      'WARNING: Account main cannot be compared with binance. Nightdesk goes on asking.',
    ],
    [
      'books.answered',
      { venue: 'binance', unansweredLooks: 3 },
      'info',
      'Account main is compared with binance again.',
    ],
    ['breaker.tripped', tripped, 'critical', 'CRITICAL: The breaker dailyLoss of account main rings: 120 was lost.'],
    [
      'breaker.blind',
      { breaker: 'drift', message: 'the differences are not known' },
      'warning',
      'WARNING: The breaker drift of account main cannot see: the differences are not known.',
    ],
    ['breaker.sighted', { breaker: 'drift', value: '0' }, 'info', 'The breaker drift of account main can see again.'],
  ])('%s of %o is told, %s', (type, data, severity, text) => {
    expect(eventNotices(eventRow(type, data))).toMatchObject([{ severity, account: 'main' }]);
    expect(textsOf(eventRow(type, data))).toEqual([text]);
    expect(toldEventTypes).toContain(type);
  });

  it.each<[string, string, object]>([
    ['what is too small to matter', 'books.difference', { ...drift, kind: 'dust' }],
    ['a difference that is not known here', 'books.difference', { ...drift, kind: 'ghost' }],
    ['what is no difference but sounds like another notice', 'books.difference', { ...drift, kind: 'settled_not' }],
    ['a breaker that switches, of which the switch tells', 'breaker.tripped', { ...tripped, action: 'halted' }],
    ['what was paid for a position', 'books.funding', {}],
    ['what every object has', 'toString', {}],
    ['an order', 'order.filled', {}],
  ])('is not told of %s', (_title, type, data) => {
    expect(eventNotices(eventRow(type, data))).toEqual([]);
  });

  it('is told without what cannot be read of it, as long as it can be told at all', () => {
    const [notice] = eventNotices(eventRow('books.difference', { ...drift, amount: 'much', worth: 7 }));
    expect(notice).not.toHaveProperty('amount');
    expect(notice).not.toHaveProperty('worth');
    expect(() => eventNotices(eventRow('books.difference', { kind: 'drift' }))).toThrow(
      'books.difference in the change stream cannot be read: subject, message',
    );
  });

  it.each<[string, object, string]>([
    ['books.difference', drift, '-0.5|0.5|32,060.26|BTC|–|–|–|–|–|'],
    ['books.settled', { ...drift, reason: 'noted' }, '-0.5|0.5|–|BTC|drift|–|–|–|–|'],
    ['books.unanswered', { venue: 'fake', cause: timeout }, '–|–|–|–|–|fake|no answer|timeout|–|: no answer (timeout)'],
    ['breaker.blind', { breaker: 'latency' }, '–|–|–|–|–|–|–|–|latency|'],
  ])('of type %s, with %o, can be told in the words of an owner', (type, data, text) => {
    const template = '{amount}|{size}|{worth}|{subject}|{difference}|{venue}|{cause}|{causeCode}|{breaker}|{because}';
    expect(eventNotices(eventRow(type, data)).map((notice) => textOfNotice(notice, template))).toEqual([text]);
  });

  it('is refused by its fields where it is none', () => {
    expect(() => readEventImage(eventRow('books.settled', {}, { data: '{' }))).toThrow(ImageError);
    expect(() => readEventImage({ stream: 'books#main' })).toThrow(
      'an event of the journal in the change stream cannot be read: sequence, type, atMs, data',
    );
  });
});

describe('a change of the configuration', () => {
  const stream = { stream: 'config', sequence: 3 };
  const changes = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      path: `accounts.a${index}.mode`,
      before: 'sandbox',
      after: 'live',
    }));

  it('is told to everybody, with what was changed and without what it is', () => {
    const row = eventRow('config.changed', { version: 'v', by: 'local file', changes: changes(2) }, stream);
    expect(eventNotices(row)).toEqual([
      {
        id: noticeIdOf('config', 3, 'config.changed'),
        kind: 'config.changed',
        severity: 'info',
        atMs: Date.UTC(2026, 10, 21, 9, 30),
        version: 3,
        account: '*',
        by: 'local file',
        paths: ['accounts.a0.mode', 'accounts.a1.mode'],
      },
    ]);
    expect(textsOf(row)).toEqual(['The configuration was changed (local file): accounts.a0.mode, accounts.a1.mode.']);
    expect(toldEventTypes).toContain('config.changed');
  });

  it('names as many settings as a person reads, and how many more there are', () => {
    const [notice] = eventNotices(
      eventRow('config.changed', { by: 'deployment', changes: changes(25), unlisted: 4 }, stream),
    );
    expect(notice).toMatchObject({ paths: { length: 20 }, unlisted: 9 });
    expect(notice && textOfNotice(notice, '{paths}')).toMatch(/accounts\.a19\.mode, 9 more$/);
  });

  it('is told where it is not known what was changed', () => {
    const row = eventRow('config.changed', { version: 'v', by: 'deployment' }, stream);
    expect(textsOf(row)).toEqual(['The configuration was changed (deployment): –.']);
  });
});
