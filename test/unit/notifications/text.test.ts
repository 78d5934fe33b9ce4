import {
  builtInTemplates,
  fitText,
  noticeKinds,
  placeholdersOf,
  textOfNotice,
  tidy,
  unknownPlaceholders,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import {
  eventNotices,
  eventRow,
  filledNotice,
  onlyNotice,
  orderNotices,
  orderRow,
  type Row,
  switchedRow,
} from '../../support/notices.ts';
import fc from '../../support/property.ts';

const intended = orderRow({ state: 'intended', version: 1 });
const cause = { code: 'insufficient_funds', message: 'not enough USDT' };
const textOf = (after: Row, before: Row | undefined = intended) => textOfNotice(onlyNotice(before, orderRow(after)));
const failed = { exits: { state: 'failed', cause: { code: 'rejected', message: 'no stop' } } };
const order = 'BUY 0.5 BTC/USDT at fake (main)';

describe('a notice', () => {
  it.each<[Row, string]>([
    [{}, `${order} was accepted and is open.`],
    [{ price: '64000', type: 'limit' }, `${order}, limit 64,000, was accepted and is open.`],
    [{ filled: '0.1' }, `${order}: 0.1 of it filled so far.`],
    [{ filled: '0.1', cost: '6412.05' }, `${order}: 0.1 of it filled so far at 64,120.5.`],
    [{ state: 'filled', filled: '0.5', cost: '32060.25' }, `${order} filled at 64,120.5.`],
    [{ state: 'canceled' }, `${order} was canceled, nothing of it filled.`],
    [
      { state: 'canceled', filled: '0.1', cost: '6412.05', cause: { code: 'requested', message: 'by its owner' } },
      `${order} was canceled, 0.1 of it filled at 64,120.5: by its owner (requested).`,
    ],
    [{ state: 'expired' }, `${order} expired, nothing of it filled.`],
    [
      { state: 'rejected', cause },
      `WARNING: ${order} was rejected by the exchange: not enough USDT (insufficient_funds).`,
    ],
    [{ state: 'denied', cause }, `WARNING: ${order} was denied by Nightdesk: not enough USDT (insufficient_funds).`],
    [
      { state: 'denied', cause, side: undefined, amount: undefined, failedOverTo: 'second' },
      'Order for BTC/USDT at fake (main) was denied by Nightdesk: not enough USDT (insufficient_funds). Account second has it now.',
    ],
    [
      { state: 'unknown', cause: { code: 'timeout', message: 'no answer' } },
      `CRITICAL: ${order} is in doubt: no answer (timeout). Nightdesk goes on asking the exchange about it.`,
    ],
    [{ state: 'not_placed' }, `WARNING: ${order} was not placed: the exchange does not have it.`],
    [{ role: 'stop_loss', side: 'sell' }, 'Stop-loss SELL 0.5 BTC/USDT at fake (main) was accepted and is open.'],
    [{ amount: '12345678.9', role: 'later' }, 'BUY 12,345,678.9 BTC/USDT at fake (main) was accepted and is open.'],
  ])('of %o is a sentence', (after, text) => {
    expect(textOf(after)).toBe(text);
  });

  it.each<[Row, Row, string]>([
    [{}, failed, `CRITICAL: The position of ${order} is not protected as planned: no stop (rejected). Look at it now.`],
    [failed, { exits: { state: 'protected' } }, `The position of ${order} is protected again.`],
    [failed, { exits: { state: 'done' } }, `The position of ${order} needs no protection any more.`],
    [failed, {}, `The position of ${order} needs no protection any more.`],
    [failed, { exits: { state: 'waiting' } }, `The position of ${order} waits for what is to be protected.`],
  ])('of protection that goes from %o to %o is a sentence', (before, after, text) => {
    expect(textOf({ ...after, version: 3 }, orderRow(before))).toBe(text);
  });

  it.each<[Row, string, string]>([
    [{}, 'main', 'CRITICAL: Trading of account main was switched from active to halted by risk: lost too much today.'],
    [
      { state: 'reducing', before: undefined },
      '*',
      'WARNING: Trading of all accounts was switched to reducing by risk: lost too much today.',
    ],
    [
      { before: 'halted', reason: 'still' },
      'main',
      'CRITICAL: Trading of account main was switched to halted by risk: still.',
    ],
  ])('of a switch that was set by %o for %s is a sentence', (data, account, text) => {
    const [notice] = eventNotices(switchedRow(data, { stream: `risk#${account}` }));
    expect(notice && textOfNotice(notice)).toBe(text);
  });

  it('tells prices below one to the digit, and averages without noise', () => {
    expect(textOf({ state: 'filled', filled: '3', cost: '0.00000036' })).toContain('at 0.00000012.');
    expect(textOf({ state: 'filled', filled: '3', cost: '400' })).toContain('at 133.33333333.');
  });
});

describe('a template of an owner', () => {
  it('takes the place of the sentence, as it is', () => {
    expect(textOfNotice(filledNotice(), '{side} {filled} {symbol} done at {averagePrice} {')).toBe(
      'BUY 0.5 BTC/USDT done at 64,120.5 {',
    );
  });

  it('says what is not known with a dash, and nothing where there is nothing to say', () => {
    expect(textOfNotice(filledNotice(), '[{price}|{cause}|{protection}|{toString}|{because}]')).toBe('[–|–|–|–|]');
  });

  it('can have every placeholder that it is told of, and none of another kind of notice', () => {
    const everything = orderRow({
      ...{ version: 3, state: 'filled', filled: '0.5', price: '1', cost: '2', cause, role: 'close', failedOverTo: 'b' },
      exits: { state: 'failed', cause },
    });
    const notices = [
      ...orderNotices(orderRow(), everything),
      ...eventNotices(switchedRow()),
      ...eventNotices(eventRow('config.changed', { by: 'deployment', changes: [{ path: 'risk.currency' }] })),
    ];
    for (const notice of notices) {
      for (const name of placeholdersOf(notice.kind).filter((each) => each !== 'fromBefore')) {
        if (name === 'protection' && notice.kind === 'order.filled') continue;
        expect([name, textOfNotice(notice, `{${name}}`)]).not.toEqual([name, '–']);
      }
    }
    expect(placeholdersOf('risk.switched')).not.toContain('orderId');
    expect(placeholdersOf('order.filled')).not.toContain('reason');
    expect(placeholdersOf('books.drift')).not.toContain('reason');
    expect(placeholdersOf('config.changed')).not.toContain('reason');
    expect(textOfNotice(filledNotice(), '{time}')).toBe('2026-11-21 09:30:00 UTC');
  });

  it('is told which of its placeholders there are not, each once', () => {
    expect(unknownPlaceholders('order.filled', '{prise} {price} {prise} {} {reason}')).toEqual(['prise', '', 'reason']);
    expect(unknownPlaceholders('risk.switched', 'no {scope}')).toEqual([]);
  });

  it.each(noticeKinds)('of the built-in ones, that of %s has none', (kind) => {
    expect(unknownPlaceholders(kind, builtInTemplates[kind])).toEqual([]);
  });
});

describe('text from elsewhere', () => {
  it('is put on one line, without the full stop at its end', () => {
    expect(tidy('  a\r\n\tb\u0000c\u2028d. ')).toBe('a b c d');
    expect(tidy('wait...')).toBe('wait...');
    expect(tidy('x'.repeat(400))).toHaveLength(300);
  });

  it('is cut to fit, never within a character', () => {
    expect(fitText('abcdef', 6)).toBe('abcdef');
    expect(fitText('abcdef', 5)).toBe('abcd…');
    expect(fitText('ab😀def', 5)).toBe('ab😀…');
    expect(fitText('abc😀ef', 5)).toBe('abc…');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 20 }), (text, lengthMax) => {
        const fitted = fitText(text, lengthMax);
        expect(fitted.length).toBeLessThanOrEqual(lengthMax);
        expect(fitted.isWellFormed()).toBe(true);
      }),
    );
  });
});
