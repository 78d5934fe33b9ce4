import {
  type AccountConfig,
  type BooksEvent,
  booksEventsMax,
  deskFiguresOf,
  notional,
  sealBooks,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { newBooks } from '../../support/books.ts';

const nowMs = 1_000_000;
const account = (mode: AccountConfig['mode'], equity: string, atMs = nowMs) => ({
  mode,
  figures: { atMs, equity: notional(equity), dailyLoss: notional('0'), drawdown: notional('0') },
  ageMsMax: 300_000,
});

describe('what all accounts of a mode are worth', () => {
  it('is the sum of their figures, as old as the oldest of them', () => {
    const accounts = [account('live', '100.5'), account('live', '-20', nowMs - 5), account('paper', '7', nowMs - 9)];
    expect(deskFiguresOf(accounts, nowMs)).toEqual({
      live: { atMs: nowMs - 5, equity: '80.5' },
      paper: { atMs: nowMs - 9, equity: '7' },
    });
  });

  it('does not count figures that are too old, nor accounts that have none', () => {
    const justFresh = account('live', '1', nowMs - 240_000);
    const tooOld = account('live', '10', nowMs - 240_001);
    const never = { mode: 'live' as const, figures: undefined, ageMsMax: 300_000 };
    expect(deskFiguresOf([justFresh, tooOld, never], nowMs)).toEqual({ live: { atMs: nowMs - 240_000, equity: '1' } });
  });

  it('never is older until the next sum than any account of the mode allows, whatever another one allows', () => {
    const lax = { ...account('live', '10', nowMs - 240_001), ageMsMax: 3_600_000 };
    expect(deskFiguresOf([lax], nowMs)).toMatchObject({ live: { equity: '10' } });
    expect(deskFiguresOf([lax, account('live', '1'), account('paper', '2')], nowMs)).toMatchObject({
      ...{ live: { equity: '1' }, paper: { equity: '2' } },
    });
    const strict = { ...account('live', '1', nowMs - 30_000), ageMsMax: 30_000 };
    expect(deskFiguresOf([strict, account('live', '5', nowMs - 120_000)], nowMs)).toMatchObject({
      live: { equity: '6' },
    });
  });

  it('is not known where no account has fresh figures', () => {
    expect(deskFiguresOf([account('sandbox', '10', 0)], nowMs)).toEqual({});
    expect(deskFiguresOf([], nowMs)).toEqual({});
  });
});

describe('what a look leaves in the tables', () => {
  const told: BooksEvent = { type: 'books.opened', atMs: 1, data: {} };

  it('is the next version of the books, at the end of their stream', () => {
    const { books, journalEvents } = sealBooks({ books: newBooks(), events: [told, told] });
    expect(journalEvents.map(({ stream, sequence, type }) => [stream, sequence, type])).toEqual([
      ['books#main', 1, 'books.opened'],
      ['books#main', 2, 'books.opened'],
    ]);
    expect(journalEvents[1]?.prevHash).toBe(journalEvents[0]?.hash);
    expect(books).toEqual({ ...newBooks(), version: 1, sequence: 2, journalHash: journalEvents[1]?.hash });
  });

  it('that tells more than one transaction takes is refused', () => {
    const events = Array.from({ length: booksEventsMax + 1 }, () => told);
    expect(() => sealBooks({ books: newBooks(), events })).toThrow(RangeError);
  });
});
