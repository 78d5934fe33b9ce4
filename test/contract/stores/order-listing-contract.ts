/** The contract of what lists orders: by signal, open ones, and page by page. */
import {
  type AccountId,
  type Order,
  type OrderState,
  type OrdersPage,
  type OrdersQuery,
  orderStates,
} from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertWithin } from '../../support/gates.ts';
import { cause, fill, observed } from '../../support/orders.ts';
import { activate, type DeskStores, denies, intends, main, type OpenStores, orderId, signalId } from './desk-stores.ts';

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 0, 20, 12);
const second = 'second' as AccountId;
/** More pages than any list here can have. */
const pagesMax = 60;

export function orderListingContract(name: string, open: OpenStores): void {
  describe(`the contract of lists of orders, on ${name}`, () => {
    let desk: DeskStores;
    beforeEach(async () => {
      desk = await open();
      await Promise.all([activate(desk.risk), desk.risk.ensure(second, 1_000)]);
    });
    afterEach(() => desk.close());

    const record = async (number: number, atMs: number, change: Parameters<typeof intends>[0] = {}) => {
      const event = intends({ orderId: orderId(number), signalId: signalId(number), ...change }, atMs);
      const result = await insertWithin(desk.orders, event);
      if (result.kind !== 'created') throw new Error(`the intent was ${result.kind}`);
      return result.order;
    };
    const numbersOf = (orders: readonly Order[]) => orders.map((order) => Number(order.orderId.slice(2)));
    const listPage = (query: Partial<OrdersQuery>) => desk.orders.list({ limit: 50, nowMs, ...query });
    /** All pages, one after the other; `between` runs after each. */
    const listAll = async (
      query: Partial<OrdersQuery>,
      between = async (_page: OrdersPage) => {},
    ): Promise<Order[]> => {
      const orders: Order[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < pagesMax; page += 1) {
        const answer = await listPage({ ...query, ...(cursor !== undefined && { cursor }) });
        expect(answer.orders.length).toBeLessThanOrEqual(query.limit ?? 50);
        orders.push(...answer.orders);
        if (answer.cursor === undefined) return orders;
        cursor = answer.cursor;
        await between(answer);
      }
      throw new Error(`the list did not end within ${pagesMax} pages`);
    };

    describe('by signal', () => {
      it('gives all of its orders, whatever their state, oldest first, and no other', async () => {
        const signal = { signalId: signalId(1) };
        await record(3, nowMs + 2, signal);
        const first = await record(1, nowMs, signal);
        await desk.orders.insertDenied(denies({ ...signal, orderId: orderId(2), account: second }, nowMs + 1));
        await record(4, nowMs);
        await desk.orders.apply(first, observed('filled', '2'));
        const orders = await desk.orders.listBySignal(signalId(1));
        expect(orders.map(({ state }) => state)).toEqual(['filled', 'denied', 'intended']);
        expect(orders).toEqual(await Promise.all([1, 2, 3].map((number) => desk.orders.get(orderId(number)))));
      });

      it('gives nothing for a signal without orders', async () => {
        expect(await desk.orders.listBySignal(signalId(1))).toEqual([]);
      });
    });

    describe('of open orders', () => {
      it('gives orders of the account that are not final, oldest first', async () => {
        const made: Order[] = [];
        for (const [number, laterMs] of [
          [1, 0],
          [2, 40],
          [3, 10],
          [4, 30],
          [5, 20],
        ] as const) {
          made.push(await record(number, nowMs + laterMs));
        }
        const [one, two, three] = made;
        if (!one || !two || !three) throw new Error('too few orders');
        await record(6, nowMs, { account: second });
        await desk.orders.insertDenied(denies({ orderId: orderId(7) }, nowMs));
        await desk.orders.apply(one, { type: 'order.unknown', atMs: nowMs + 50, cause });
        await desk.orders.apply(two, observed('open', '1'));
        await desk.orders.apply(three, observed('filled', '2', [fill('t1', '2')]));
        const open = await desk.orders.listOpen(main, 10);
        expect(numbersOf(open)).toEqual([1, 5, 4, 2]);
        expect(open.map(({ state }) => state)).toEqual(['unknown', 'intended', 'intended', 'open']);
      });

      it('gives the oldest when there are more than asked for', async () => {
        for (const number of [3, 1, 2]) await record(number, nowMs + number);
        expect(numbersOf(await desk.orders.listOpen(main, 2))).toEqual([1, 2]);
      });

      it('has an order that has ended until its trades are told', async () => {
        const order = await desk.orders.apply(await record(1, nowMs), observed('filled', '2', [fill('t1')]));
        expect(await desk.orders.listOpen(main, 10)).toEqual([order]);
        await desk.orders.apply(order, observed('filled', '2', [fill('t1'), fill('t2')]));
        expect(await desk.orders.listOpen(main, 10)).toEqual([]);
      });

      it('has an order that has ended until its trades are given up', async () => {
        const order = await desk.orders.apply(await record(1, nowMs), observed('filled', '2'));
        await desk.orders.apply(order, { type: 'order.trades_given_up', atMs: nowMs + 5 });
        expect(await desk.orders.listOpen(main, 10)).toEqual([]);
      });

      it('has an order again that turns out to be open after all', async () => {
        const order = await record(1, nowMs);
        const gone = await desk.orders.apply(order, { type: 'order.absent', atMs: nowMs + 1, cause });
        expect(await desk.orders.listOpen(main, 10)).toEqual([]);
        const back = await desk.orders.apply(gone, observed('open', '1'));
        expect(await desk.orders.listOpen(main, 10)).toEqual([back]);
      });
    });

    describe('page by page', () => {
      /** Twelve orders over five days, two of them in one millisecond. Newest first they are numbered 1 to 12. */
      const hoursAgo = [1, 2, 2, 11, 13, 24, 36, 40, 41, 60, 90, 91];
      beforeEach(async () => {
        const numbers = hoursAgo.map((_, index) => index + 1);
        await Promise.all(
          numbers.map(async (number) => {
            // Of one millisecond the higher id comes first.
            const place = number === 2 ? 3 : number === 3 ? 2 : number;
            const account = place % 3 === 0 ? second : main;
            const symbol = place % 2 === 0 ? 'ETH/USDT' : 'BTC/USDT';
            const atMs = nowMs - (hoursAgo[number - 1] ?? 0) * 3_600_000;
            const order = await record(place, atMs, { account, symbol });
            if (place > 8) await desk.orders.apply(order, observed('filled', '2'));
          }),
        );
      });
      const all = [1, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12];

      it.each([1, 2, 3, 5, 11, 12, 13, 100])(
        'gives every order once, newest first, %i at most on a page',
        async (limit) => {
          expect(numbersOf(await listAll({ limit }))).toEqual(all);
        },
      );

      it('gives orders as they are stored', async () => {
        const [first] = (await listPage({ limit: 1 })).orders;
        expect(first).toEqual(await desk.orders.get(orderId(1)));
      });

      it.each<[string, Partial<OrdersQuery>, (number: number) => boolean]>([
        ['an account', { account: second }, (number) => number % 3 === 0],
        ['a symbol', { symbol: 'ETH/USDT' }, (number) => number % 2 === 0],
        ['a state', { status: 'filled' }, (number) => number > 8],
        [
          'all three',
          { account: main, symbol: 'BTC/USDT', status: 'intended' },
          (number) => number % 3 !== 0 && number % 2 === 1 && number <= 8,
        ],
        ['what no order has', { symbol: 'XRP/USDT' }, () => false],
      ])('gives only orders of %s', async (_, query, fits) => {
        for (const limit of [2, 50]) expect(numbersOf(await listAll({ ...query, limit }))).toEqual(all.filter(fits));
      });

      it('neither repeats nor leaves out an order when new ones come in between', async () => {
        let next = 100;
        const seen = await listAll({ limit: 3 }, async () => {
          next += 1;
          await record(next, nowMs - 1_000);
        });
        expect(numbersOf(seen)).toEqual(all);
      });

      it('goes on behind an order that changed in between', async () => {
        const seen = await listAll({ limit: 2, status: 'intended' }, async ({ orders }) => {
          const last = orders.at(-1);
          if (last !== undefined) await desk.orders.apply(last, observed('filled', '2'));
        });
        expect(numbersOf(seen)).toEqual(all.filter((number) => number <= 8));
      });

      it('goes on where it was when midnight has passed', async () => {
        const { orders, cursor } = await listPage({ limit: 4 });
        if (cursor === undefined) throw new Error('there is no second page');
        const rest = await listPage({ cursor, nowMs: nowMs + dayMs });
        expect(numbersOf([...orders, ...rest.orders])).toEqual(all);
      });
    });

    it('is empty, and at its end, when there are no orders', async () => {
      expect(await listPage({})).toEqual({ orders: [] });
    });

    it('gives those recorded at a time or later, page by page, across midnight', async () => {
      const midnightMs = Math.floor(nowMs / dayMs) * dayMs;
      const times = [midnightMs - dayMs, midnightMs - 2, midnightMs - 1, midnightMs, nowMs];
      for (const [index, atMs] of times.entries()) await record(index + 1, atMs);
      for (const limit of [1, 2, 3, 4]) {
        expect(numbersOf(await listAll({ sinceMs: midnightMs - 1, limit }))).toEqual([5, 4, 3]);
      }
      expect(numbersOf(await listAll({ sinceMs: midnightMs, account: main }))).toEqual([5, 4]);
      expect(await listPage({ sinceMs: nowMs + 1 })).toEqual({ orders: [] });
    });

    it('bridges days without orders', async () => {
      await record(1, nowMs - 25 * dayMs);
      await record(2, nowMs - 50 * dayMs);
      expect(numbersOf(await listAll({}))).toEqual([1, 2]);
    });

    it('can be asked for every state there is', async () => {
      await record(1, nowMs);
      const found = new Map<OrderState, number>();
      for (const status of orderStates) found.set(status, (await listAll({ status })).length);
      expect([...found].filter(([, count]) => count > 0)).toEqual([['intended', 1]]);
    });

    it.each([
      ['no cursor at all', 'nonsense'],
      ['nothing', ''],
      ['JSON of another kind', Buffer.from('null').toString('base64url')],
      ['a day that is none', Buffer.from('{"day":"2026-13-01"}').toString('base64url')],
      ['a place that is no text', Buffer.from('{"day":"2026-01-01","before":5}').toString('base64url')],
      ['the end of a statement', "' OR 1=1"],
    ])('refuses a cursor that is %s', async (_, cursor) => {
      await expect(listPage({ cursor })).rejects.toMatchObject({ name: 'RequestError', code: 'invalid_request' });
    });
  });
}
