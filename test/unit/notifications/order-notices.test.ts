import { ImageError, noticeIdOf, orderStates, quietStates, readOrderImage } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { onlyNotice, orderNotices, orderRow, type Row } from '../../support/notices.ts';
import fc from '../../support/property.ts';

const intended = orderRow({ state: 'intended', version: 1 });
const cause = { code: 'insufficient_funds', message: 'not enough\n  USDT.' };
const kindsOf = (before: Row | undefined, after: Row) => orderNotices(before, after).map(({ kind }) => kind);
const exits = (state: string, code?: string) => ({
  exits: { state, steps: [], ...(code !== undefined && { cause: { code, message: 'no stop' } }) },
});

describe('what became of an order', () => {
  it.each<[string, Row | undefined, Row, string[]]>([
    ['it is recorded', undefined, intended, []],
    ['the venue has it', intended, orderRow(), ['order.accepted']],
    ['the venue has it after all', orderRow({ state: 'unknown', version: 1 }), orderRow(), ['order.accepted']],
    ['some of it is filled at once', intended, orderRow({ filled: '0.1' }), ['order.partially_filled']],
    [
      'more of it is filled',
      orderRow({ filled: '0.1' }),
      orderRow({ version: 3, filled: '0.2' }),
      ['order.partially_filled'],
    ],
    ['nothing more is filled', orderRow({ filled: '0.1' }), orderRow({ version: 3, filled: '0.10' }), []],
    ['all of it is filled', orderRow(), orderRow({ state: 'filled', version: 3, filled: '0.5' }), ['order.filled']],
    [
      'more than all of it turns out to be filled',
      orderRow({ state: 'filled', filled: '0.5' }),
      orderRow({ state: 'filled', version: 3, filled: '0.6' }),
      ['order.filled'],
    ],
    ['it is canceled', orderRow(), orderRow({ state: 'canceled', version: 3 }), ['order.canceled']],
    [
      'a fill becomes known after it was canceled',
      orderRow({ state: 'canceled' }),
      orderRow({ state: 'canceled', version: 3, filled: '0.1' }),
      ['order.partially_filled'],
    ],
    ['it expires', orderRow(), orderRow({ state: 'expired', version: 3 }), ['order.expired']],
    ['it is rejected', intended, orderRow({ state: 'rejected', cause }), ['order.rejected']],
    ['it is denied', undefined, orderRow({ state: 'denied', version: 1, cause }), ['order.denied']],
    ['it is in doubt', intended, orderRow({ state: 'unknown', cause }), ['order.unknown']],
    [
      'the venue does not have it',
      orderRow({ state: 'unknown' }),
      orderRow({ state: 'not_placed', version: 3 }),
      ['order.not_placed'],
    ],
    ['it is placed once more', orderRow({ state: 'unknown' }), orderRow({ state: 'intended', version: 3 }), []],
    ['there was nothing to order', undefined, orderRow({ state: 'no_order', version: 1 }), []],
    ['it waits for its trigger', undefined, orderRow({ state: 'waiting', version: 1 }), []],
    ['it is in a state of a later version of Nightdesk', intended, orderRow({ state: 'sleeping' }), []],
  ])('%s', (_title, before, after, kinds) => {
    expect(kindsOf(before, after)).toEqual(kinds);
  });

  it('is not told of a change that is none, or came out of order', () => {
    const filled = { state: 'filled', filled: '0.5' };
    expect(kindsOf(orderRow({ version: 3 }), orderRow({ version: 3, ...filled }))).toEqual([]);
    expect(kindsOf(orderRow({ version: 4 }), orderRow({ version: 3, ...filled }))).toEqual([]);
  });

  it('leaves nothing to tell in the states that the stream is filtered for', () => {
    const others = orderStates.filter((state) => !quietStates.includes(state));
    for (const state of quietStates) {
      expect(others.flatMap((before) => kindsOf(orderRow({ state: before }), orderRow({ state, version: 3 })))).toEqual(
        [],
      );
    }
    expect([...quietStates].sort()).toEqual(
      orderStates.filter((state) => kindsOf(undefined, orderRow({ state })).length === 0).sort(),
    );
  });

  it.each([
    ['order.accepted', 'info', intended, orderRow()],
    ['order.partially_filled', 'info', orderRow(), orderRow({ version: 3, filled: '0.1' })],
    ['order.filled', 'info', orderRow(), orderRow({ version: 3, state: 'filled' })],
    ['order.canceled', 'info', orderRow(), orderRow({ version: 3, state: 'canceled' })],
    ['order.expired', 'info', orderRow(), orderRow({ version: 3, state: 'expired' })],
    ['order.rejected', 'warning', intended, orderRow({ state: 'rejected' })],
    ['order.denied', 'warning', undefined, orderRow({ state: 'denied' })],
    ['order.denied', 'info', undefined, orderRow({ state: 'denied', failedOverTo: 'second' })],
    ['order.unknown', 'critical', intended, orderRow({ state: 'unknown' })],
    ['order.not_placed', 'warning', intended, orderRow({ state: 'not_placed' })],
    ['protection.failed', 'critical', orderRow(), orderRow({ version: 3, ...exits('failed') })],
    ['protection.restored', 'info', orderRow(exits('failed')), orderRow({ version: 3, ...exits('protected') })],
  ])('%s is %s', (kind, severity, before, after) => {
    expect(onlyNotice(before, after)).toMatchObject({ kind, severity });
  });

  it('is told with what the order is, and why, on one line', () => {
    const after = orderRow({ state: 'rejected', cause, price: '64000', cost: '0', role: 'stop_loss' });
    expect(onlyNotice(intended, after)).toEqual({
      id: noticeIdOf('order#nd0001', 2, 'order.rejected'),
      kind: 'order.rejected',
      severity: 'warning',
      atMs: Date.UTC(2026, 10, 21, 9, 30),
      version: 2,
      orderId: 'nd0001',
      signalId: 'sg0001',
      source: 'demo',
      account: 'main',
      venue: 'fake',
      symbol: 'BTC/USDT',
      state: 'rejected',
      type: 'market',
      role: 'stop_loss',
      side: 'buy',
      amount: '0.5',
      filled: '0',
      price: '64000',
      cost: '0',
      cause: { code: 'insufficient_funds', message: 'not enough USDT' },
    });
  });

  it('is told without what the row does not say', () => {
    const bare = orderRow({
      state: 'denied',
      type: undefined,
      side: undefined,
      amount: undefined,
      failedOverTo: 'second',
    });
    const notice = onlyNotice(undefined, bare);
    expect(Object.keys(notice)).not.toEqual(expect.arrayContaining(['type']));
    expect(notice).not.toHaveProperty('side');
    expect(notice).not.toHaveProperty('amount');
    expect(notice).not.toHaveProperty('averagePrice');
    expect(notice).toMatchObject({ failedOverTo: 'second' });
  });
});

describe('the id of a notice', () => {
  it('is the same for every delivery of the same record', () => {
    const after = orderRow({ state: 'filled', version: 3, filled: '0.5' });
    expect(onlyNotice(orderRow(), after).id).toBe(onlyNotice(orderRow(), after).id);
  });

  it('differs by row, by version and by kind', () => {
    const word = fc.constantFrom('order#a', 'order#b', 'risk#a');
    const kind = fc.constantFrom('order.filled' as const, 'order.canceled' as const, 'risk.switched' as const);
    const parts = fc.tuple(word, fc.integer({ min: 1, max: 20 }), kind);
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(noticeIdOf(...one) === noticeIdOf(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  it('is short, and of letters and digits only', () => {
    expect(noticeIdOf('order#nd0001', 2, 'order.filled')).toMatch(/^nt[0-9a-f]{32}$/);
  });
});

describe('the protection of a position', () => {
  it.each<[string, Row, Row, string[]]>([
    ['fails', exits('protected'), exits('failed', 'rejected'), ['protection.failed']],
    ['fails from the start', {}, exits('failed'), ['protection.failed']],
    ['goes on failing for the same cause', exits('failed', 'rejected'), exits('failed', 'rejected'), []],
    ['fails for another cause', exits('failed', 'rejected'), exits('failed', 'no_funds'), ['protection.failed']],
    ['fails for a cause that is known at last', exits('failed'), exits('failed', 'no_funds'), ['protection.failed']],
    ['is there again', exits('failed'), exits('protected'), ['protection.restored']],
    ['is needed no more after it had failed', exits('failed'), exits('done'), ['protection.restored']],
    ['is gone from the row after it had failed', exits('failed'), {}, ['protection.restored']],
    ['is there', exits('waiting'), exits('protected'), []],
    ['is of a form that is not known here', {}, { exits: 'failed' }, []],
  ])('%s', (_title, before, after, kinds) => {
    expect(kindsOf(orderRow(before), orderRow({ version: 3, ...after }))).toEqual(kinds);
  });

  it('is told of beside what became of the order, with its own cause', () => {
    const after = orderRow({ version: 3, state: 'filled', filled: '0.5', cause, ...exits('failed', 'rejected') });
    const notices = orderNotices(orderRow(), after);
    expect(notices.map(({ kind }) => kind)).toEqual(['order.filled', 'protection.failed']);
    expect(notices[1]).toMatchObject({ protection: 'failed', cause: { code: 'rejected', message: 'no stop' } });
    expect(notices[0]).not.toHaveProperty('protection');
    expect(new Set(notices.map(({ id }) => id)).size).toBe(2);
  });
});

describe('the average price', () => {
  const filled = (changes: Row) =>
    onlyNotice(orderRow(), orderRow({ version: 3, state: 'filled', filled: '3', ...changes }));
  const fills = [
    { tradeId: 'a', amount: '1', price: '100', atMs: 1 },
    { tradeId: 'b', amount: '2', price: '130', atMs: 2 },
  ];

  it.each<[string, Row, string | undefined]>([
    ['is that of the fills, where all are known', { fills, cost: '999' }, '120'],
    ['is the cost over the amount, where some fills are not known', { fills: fills.slice(1), cost: '300' }, '100'],
    ['is not known without either', { fills: [] }, undefined],
    ['is not told from the cost of contracts', { symbol: 'BTC/USDT:USDT', cost: '300' }, undefined],
    ['is told from the fills of contracts', { symbol: 'BTC/USDT:USDT', fills }, '120'],
    ['is not known where fills are of a form that is not known here', { fills: 'none' }, undefined],
    ['is not told of nothing', { filled: '0', cost: '300' }, undefined],
  ])('%s', (_title, changes, average) => {
    const notice = filled(changes);
    expect('averagePrice' in notice ? notice.averagePrice : undefined).toBe(average);
  });
});

describe('a row that cannot be read', () => {
  it('is refused by its fields, not by what is in them', () => {
    const read = () => readOrderImage({ ...orderRow(), filled: 'secret', version: 'two' });
    expect(read).toThrow(ImageError);
    expect(read).toThrow('an order in the change stream cannot be read: version, filled');
    expect(() => readOrderImage('row')).toThrow('cannot be read: all of it');
  });
});
