import {
  type AccountId,
  amount,
  type BooksEvent,
  booksEventsMax,
  type Cause,
  notional,
  streams,
  type VenueId,
} from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { equityMarks, newBooks } from '../../support/books.ts';
import { activate, type DeskStores, endOf, main, type OpenStores } from './desk-stores.ts';

const told = (number: number): BooksEvent => ({
  type: 'books.difference',
  atMs: 60_000 + number,
  data: { id: `drift:spot:A${number}`, amount: amount('1') },
});
const figures = {
  ...{ atMs: 60_000, equity: notional('10000'), dailyLoss: notional('100'), drawdown: notional('500') },
};
const dayOf = (day: string) => ({ day, marks: equityMarks({ day }) });

/** What the store of books must do, whatever it keeps them in. */
export function booksContract(name: string, open: OpenStores): void {
  describe(`the store of books, ${name}`, () => {
    let stores: DeskStores;
    beforeEach(async () => {
      stores = await open();
    });
    afterEach(() => stores.close());

    /** All that a refused change could have left behind. */
    const everything = async () => ({
      books: await stores.books.get(main),
      days: await stores.books.listDays(main, 10),
      events: await stores.journal.read(streams.books(main)),
      risk: await stores.risk.get(main),
    });

    it('has no books and no days before the account was reconciled', async () => {
      expect(await everything()).toEqual({ books: undefined, days: [], events: [], risk: undefined });
    });

    it('shows what was saved, under the next version', async () => {
      const saved = await stores.books.save({ books: newBooks(), events: [] });
      expect(saved).toEqual({ ...newBooks(), version: 1 });
      expect(await stores.books.get(main)).toEqual(saved);
      const cause: Cause = { code: 'venue_unavailable', message: 'no answer in 5 s' };
      const unanswered = { ...saved, status: 'unanswered' as const, unansweredLooks: 1, cause };
      expect(await stores.books.save({ books: unanswered, events: [] })).toEqual({ ...unanswered, version: 2 });
      expect(await stores.books.get(main)).toEqual({ ...unanswered, version: 2 });
    });

    it('keeps every part of the books', async () => {
      const books = newBooks({
        positions: [
          {
            ...{
              symbol: 'BTC/USDT:USDT',
              side: 'short',
              amount: amount('1'),
              contracts: amount('1'),
              wallet: 'futures',
            },
            ...{ worth: notional('50000'), distanceToLiquidation: '12.5' },
          },
        ],
        margins: [{ wallet: 'futures', used: notional('100') }],
        unvalued: ['ODD'],
        differences: [
          {
            ...{ id: 'drift:spot:BTC', kind: 'drift', subject: 'BTC', amount: amount('-0.1'), worth: notional('5000') },
            ...{ firstSeenMs: 1, looks: 2, state: 'confirmed', message: '0.1 BTC are missing' },
          },
        ],
        settled: ['deposit:7'],
        breakers: { drift: { state: 'tripped', value: '5000', atMs: 60_000, message: 'too much' } },
      });
      await stores.books.save({ books, events: [] });
      expect(await stores.books.get(main)).toEqual({ ...books, version: 1 });
    });

    it('chains what is told onto the stream of the account', async () => {
      const first = await stores.books.save({ books: newBooks(), events: [told(1), told(2)] });
      const second = await stores.books.save({ books: first, events: [] });
      const third = await stores.books.save({ books: second, events: [told(3)] });
      const events = await stores.journal.read(streams.books(main));
      expect(events.map(({ type, atMs, data }) => ({ type, atMs, data }))).toEqual([told(1), told(2), told(3)]);
      expect(endOf(events)).toEqual({ sequence: third.sequence, hash: third.journalHash });
      expect([first.sequence, second.sequence, third.sequence]).toEqual([2, 2, 3]);
    });

    it('writes nothing over a version that it was not read with', async () => {
      await activate(stores.risk);
      const first = await stores.books.save({ books: newBooks(), events: [told(1)] });
      await stores.books.save({ books: first, events: [told(2)], figures });
      const before = await everything();
      const changes = [
        { books: first, events: [] },
        { books: newBooks(), events: [] },
        { books: first, events: [told(3)] },
        { books: first, events: [], figures },
        { books: newBooks(), events: [], day: dayOf('2026-11-20') },
        { books: { ...first, version: 3 }, events: [told(3)], figures, day: dayOf('2026-11-20') },
      ];
      for (const change of changes) {
        await expect(stores.books.save(change)).rejects.toMatchObject({ name: 'VersionConflictError' });
      }
      expect(await everything()).toEqual(before);
    });

    it('writes nothing where the end of the chain is another than the books say', async () => {
      await activate(stores.risk);
      const first = await stores.books.save({ books: newBooks(), events: [told(1)] });
      const before = await everything();
      const behind = { books: { ...first, sequence: 0 }, events: [told(2)], figures };
      await expect(stores.books.save(behind)).rejects.toMatchObject({ name: 'VersionConflictError' });
      expect(await everything()).toEqual(before);
    });

    it('lets one of many writers of one version win', async () => {
      const before = await stores.books.save({ books: newBooks(), events: [] });
      const writers = Array.from({ length: 5 }, (_, index) => index);
      const ends = await Promise.allSettled(
        writers.map((index) => stores.books.save({ books: before, events: index === 0 ? [] : [told(index)] })),
      );
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await stores.books.get(main))?.version).toBe(2);
    });

    it('brings the figures to the row of the risk table, and counts their changes', async () => {
      await activate(stores.risk);
      const versionBefore = (await stores.risk.get(main))?.figuresVersion;
      expect(versionBefore).toBe(0);
      const first = await stores.books.save({ books: newBooks(), events: [], figures });
      expect(await stores.risk.get(main)).toMatchObject({ state: 'active', figures, figuresVersion: 1 });
      const poorer = { ...figures, equity: notional('9000'), atMs: 120_000 };
      await stores.books.save({ books: first, events: [told(1)], figures: poorer, day: dayOf('2026-11-21') });
      expect(await stores.risk.get(main)).toMatchObject({ figures: poorer, figuresVersion: 2, reserved: '0' });
    });

    it('leaves figures that it is not given', async () => {
      await activate(stores.risk);
      const first = await stores.books.save({ books: newBooks(), events: [], figures });
      await stores.books.save({ books: first, events: [told(1)] });
      expect(await stores.risk.get(main)).toMatchObject({ figures, figuresVersion: 1 });
    });

    it('makes no row of an account whose switch nobody has set, and writes the rest', async () => {
      const change = { books: newBooks(), events: [told(1)], figures, day: dayOf('2026-11-21') };
      const saved = await stores.books.save(change);
      expect(await everything()).toMatchObject({ books: saved, days: [dayOf('2026-11-21')], risk: undefined });
      await activate(stores.risk);
      expect((await stores.risk.get(main))?.figures).toBeUndefined();
      await stores.books.save({ books: saved, events: [], figures });
      expect(await stores.risk.get(main)).toMatchObject({ figures, figuresVersion: 1 });
    });

    it('lists the days of an account, newest first, each as it was saved last', async () => {
      let books = newBooks();
      for (const day of ['2026-11-20', '2026-11-21', '2026-11-19']) {
        books = await stores.books.save({ books, events: [], day: dayOf(day) });
      }
      const closed = { day: '2026-11-20', marks: equityMarks({ day: '2026-11-20', equity: notional('7') }) };
      await stores.books.save({ books, events: [], day: closed });
      const days = [dayOf('2026-11-21'), closed, dayOf('2026-11-19')];
      expect(await stores.books.listDays(main, 10)).toEqual(days);
      expect(await stores.books.listDays(main, 2)).toEqual(days.slice(0, 2));
    });

    it('takes as many events at once as a look may tell, with figures and a day', async () => {
      await activate(stores.risk);
      const events = Array.from({ length: booksEventsMax }, (_, index) => told(index));
      const books = await stores.books.save({ books: newBooks(), events, figures, day: dayOf('2026-11-21') });
      expect(await stores.journal.read(streams.books(main))).toHaveLength(booksEventsMax);
      const more = { books, events: [...events, told(booksEventsMax)] };
      await expect(stores.books.save(more)).rejects.toThrow('tell at most 90');
    });

    it('keeps accounts apart', async () => {
      await stores.books.save({ books: newBooks(), events: [told(1)], day: dayOf('2026-11-21') });
      const other = 'second' as AccountId;
      expect(await stores.books.get(other)).toBeUndefined();
      expect(await stores.books.listDays(other, 10)).toEqual([]);
      const theirs = newBooks({ account: other, venue: 'kraken' as VenueId });
      await stores.books.save({ books: theirs, events: [] });
      expect(await stores.books.get(main)).toMatchObject({ account: main, venue: 'binance' });
    });
  });
}
