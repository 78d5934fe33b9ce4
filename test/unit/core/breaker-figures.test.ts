import {
  amount,
  type Books,
  type BreakersConfig,
  type Difference,
  figuresOfBooks,
  jumpMsMax,
  notional,
  type Order,
  placementsOf,
  price,
  riskSchema,
  unprotectedOf,
  watchedSymbols,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { newBooks } from '../../support/books.ts';
import { anOrder } from '../../support/breakers.ts';

const difference = (id: string, change: Partial<Difference>): Difference => ({
  ...{ id, kind: 'drift', subject: id, firstSeenMs: 1, looks: 2, state: 'confirmed', message: `${id} differs` },
  ...change,
});

const breakersOf = (breakers: Record<string, unknown>): BreakersConfig =>
  riskSchema.parse({ default: { orderNotionalMax: '1000', openNotionalMax: '1000' }, breakers }).breakers;

describe('figures of the books', () => {
  it('are equity, drift and outsiders that are confirmed, and prices of both looks', () => {
    const differences = [
      difference('drift:spot:BTC', { worth: notional('10'), amount: amount('-1') }),
      difference('drift:spot:ETH', { worth: notional('5.5') }),
      difference('XYZ', {}),
      difference('drift:spot:SOL', { worth: notional('900'), state: 'suspected' }),
      difference('deposit:1', { kind: 'deposit', worth: notional('700') }),
      difference('o1', { kind: 'outsider_order' }),
      difference('f1', { kind: 'outsider_fill' }),
      difference('p1', { kind: 'outsider_position' }),
      difference('p2', { kind: 'outsider_position', state: 'suspected' }),
    ];
    const after = newBooks({ differences, rates: { BTC: price('51000'), SOL: price('90') } });
    const symbols = ['BTC/USDT:USDT', 'SOL/USDT', 'ETH/USDT', 'constructor/USDT'];
    const { outsiders, ...rest } = figuresOfBooks(
      newBooks({ rates: { BTC: price('50000'), ETH: price('9') } }),
      after,
      symbols,
    );
    expect(outsiders?.map(({ id }) => id)).toEqual(['o1', 'f1', 'p1']);
    expect(rest).toEqual({
      isAnswered: true,
      marks: after.marks,
      drift: { worth: '15.5', unvalued: ['XYZ'] },
      prices: [
        { symbol: 'BTC/USDT:USDT', previous: '50000', present: '51000' },
        { symbol: 'SOL/USDT', present: '90' },
        { symbol: 'ETH/USDT', previous: '9' },
        { symbol: 'constructor/USDT' },
      ],
    });
  });

  it('have no equity where the books have none, and no price before at the first look', () => {
    const { marks: _marks, ...unvalued } = newBooks();
    const figures = figuresOfBooks(undefined, unvalued, ['BTC/USDT']);
    expect(figures).not.toHaveProperty('marks');
    expect(figures.prices).toEqual([{ symbol: 'BTC/USDT', present: '50000' }]);
  });

  it('leave out an equity that is not of this look', () => {
    const { marks } = newBooks();
    expect(figuresOfBooks(undefined, newBooks(), [])).toMatchObject({ marks });
    expect(figuresOfBooks(undefined, newBooks({ answeredAtMs: 120_000 }), [])).not.toHaveProperty('marks');
  });

  it('compare no prices over hours, and none in two currencies', () => {
    const before = newBooks();
    const { marks } = before;
    if (marks === undefined) throw new Error('not marked');
    const latest = before.answeredAtMs + jumpMsMax;
    const previousOf = (after: Books) => figuresOfBooks(before, after, ['BTC/USDT']).prices?.[0]?.previous;
    expect(previousOf(newBooks({ answeredAtMs: latest }))).toBe('50000');
    expect(previousOf(newBooks({ answeredAtMs: latest + 1 }))).toBeUndefined();
    expect(previousOf(newBooks({ marks: { ...marks, currency: 'BTC' } }))).toBeUndefined();
  });

  it('count a silence from the first look without an answer, however long the desk was away before', () => {
    const cause = { code: 'timeout', message: '' };
    const after = newBooks({ status: 'unanswered', unansweredLooks: 2, unansweredSinceMs: 9_000_000, cause });
    expect(figuresOfBooks(undefined, after, []).silentSinceMs).toBe(9_000_000);
  });

  it.each([
    ['one look without an answer', 1, { code: 'timeout', message: '' }, undefined],
    ['two of them', 2, { code: 'timeout', message: '' }, 60_000],
    ['two refusals', 2, { code: 'authentication_failed', message: '' }, undefined],
    ['two of which nobody knows why', 2, undefined, undefined],
  ])('say since when the venue is silent, after %s', (_what, unansweredLooks, cause, silentSinceMs) => {
    const after = newBooks({ status: 'unanswered', unansweredLooks, ...(cause && { cause }) });
    const silence = silentSinceMs === undefined ? {} : { silentSinceMs };
    expect(figuresOfBooks(newBooks(), after, ['BTC/USDT'])).toEqual({ isAnswered: false, ...silence });
  });
});

describe('figures of orders', () => {
  it.each<[Partial<Order>, boolean | undefined]>([
    [{ state: 'open' }, false],
    [{ state: 'filled' }, false],
    [{ state: 'canceled' }, false],
    [{ state: 'expired' }, false],
    [{ state: 'rejected' }, true],
    [{ state: 'rejected', cause: { code: 'insufficient_funds', message: '' } }, true],
    [{ state: 'rejected', cause: { code: 'not_sent', message: '' } }, undefined],
    [{ state: 'rejected', cause: { code: 'venue_blocked', message: '' } }, undefined],
    [{ state: 'open', cause: { code: 'not_sent', message: '' } }, false],
    [{ state: 'canceled', attempts: 0 }, undefined],
    [{ state: 'intended' }, undefined],
    [{ state: 'unknown' }, undefined],
    [{ state: 'denied', attempts: 0 }, undefined],
    [{ state: 'not_placed' }, undefined],
  ])('count %j as refused: %s', (change, isRefused) => {
    const wanted = isRefused === undefined ? [] : [{ atMs: 7_000, isRefused }];
    expect(placementsOf([anOrder({ attempts: 1, attemptedAtMs: 7_000, ...change })])).toEqual(wanted);
  });

  it('name the positions that are bare', () => {
    const exits = { steps: [] };
    const orders = [
      anOrder({ exits: { state: 'failed', ...exits } }),
      anOrder({ exits: { state: 'protected', ...exits } }),
      anOrder({}),
    ];
    expect(unprotectedOf(orders)).toEqual([{ orderId: 'nd0001', symbol: 'BTC/USDT' }]);
  });
});

it.each([
  [{}, []],
  [{ priceJump: { percent: '5%' } }, ['A/B', 'C/D']],
  [{ priceJump: { percent: '5%', symbols: ['X/Y', 'X/Y'] } }, ['X/Y']],
])('prices that %j watches are %j', (breakers, symbols) => {
  expect(watchedSymbols(breakersOf(breakers), ['A/B', 'A/B', 'C/D'])).toEqual(symbols);
});
