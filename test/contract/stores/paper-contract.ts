import {
  type AccountId,
  amount,
  openingAccount,
  type PaperAccount,
  type PaperOrder,
  price,
  type VenueOrderId,
  zeroAmount,
  zeroNotional,
} from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DeskStores, main, type OpenStores } from './desk-stores.ts';

const opening = openingAccount({ USDT: amount('10000') });

const order = (clientOrderId: string, change: Partial<PaperOrder> = {}): PaperOrder => ({
  request: {
    ...{ clientOrderId, symbol: 'BTC/USDT', side: 'buy', type: 'limit' },
    ...{ amount: amount('2'), price: price('90'), timeInForce: 'GTC' },
  },
  venueOrderId: `paper-${clientOrderId}` as VenueOrderId,
  ...{ status: 'open', filled: zeroAmount, cost: zeroNotional, fills: [], fillCount: 0 },
  ...{ placedAtMs: 1_000, working: true, queueAhead: amount('5') },
  ...change,
});

const fill = (number: number) => ({
  tradeId: `paper-1-${number}`,
  amount: amount('1'),
  price: price('90'),
  fee: { asset: 'BTC', amount: amount('0.001') },
  atMs: 2_000 + number,
});

/** What the store of paper accounts must do, whatever it keeps them in. */
export function paperContract(name: string, open: OpenStores): void {
  describe(`the store of paper accounts, ${name}`, () => {
    let stores: DeskStores;
    beforeEach(async () => {
      stores = await open();
    });
    afterEach(() => stores.close());

    const load = async (account: AccountId = main): Promise<PaperAccount> => {
      const loaded = await stores.paper.load(account);
      if (loaded === undefined) throw new Error('there is no such account');
      return loaded;
    };
    const saveOrders = (account: PaperAccount, ...orders: PaperOrder[]) =>
      stores.paper.save(main, { account: { ...account, orders }, orders });

    it('has no account and no order before the first change', async () => {
      expect(await stores.paper.load(main)).toBeUndefined();
      expect(await stores.paper.find(main, 'nd1')).toBeUndefined();
    });

    it('shows what was saved, under the next version', async () => {
      const funded: PaperAccount = {
        ...opening,
        positions: {
          'BTC/USDT:USDT': { quantity: amount('-1'), cost: zeroNotional, leverage: '3', marginMode: 'cross' },
        },
        fundings: { 'BTC/USDT:USDT': { rate: '-0.0001', atMs: 9_000 } },
        cursors: { 'BTC/USDT': { atMs: 1_500, ids: ['7', '8'] } },
      };
      await saveOrders(funded, order('nd1'));
      expect(await load()).toEqual({ ...funded, version: 1, orders: [order('nd1')] });
      expect(await stores.paper.find(main, 'nd1')).toEqual(order('nd1'));
    });

    it('keeps the fills of an order with the order, each once, and the account without them', async () => {
      await saveOrders(opening, order('nd1', { fills: [fill(1)], fillCount: 1 }));
      const [loaded] = (await load()).orders;
      expect(loaded).toMatchObject({ fills: [], fillCount: 1 });
      await saveOrders(await load(), order('nd1', { fills: [fill(2)], fillCount: 2, status: 'filled' }));
      expect(await stores.paper.find(main, 'nd1')).toMatchObject({ fills: [fill(1), fill(2)], status: 'filled' });
    });

    it('forgets among the open orders what has ended, and still finds it', async () => {
      await saveOrders(opening, order('nd1'), order('nd2'));
      const before = await load();
      const ended = order('nd1', { status: 'canceled' });
      await stores.paper.save(main, { account: { ...before, orders: [ended, order('nd2')] }, orders: [ended] });
      expect((await load()).orders).toEqual([order('nd2')]);
      expect(await stores.paper.find(main, 'nd1')).toEqual(ended);
    });

    it('forgets up to where trades were looked at in markets in which nothing waits', async () => {
      const cursors = { 'BTC/USDT': { atMs: 1, ids: [] }, 'ETH/USDT': { atMs: 2, ids: [] } };
      await saveOrders({ ...opening, cursors }, order('nd1'));
      expect((await load()).cursors).toEqual({ 'BTC/USDT': { atMs: 1, ids: [] } });
    });

    it('writes nothing over a version that it was not read with', async () => {
      await saveOrders(opening, order('nd1'));
      const stale = { account: { ...opening, orders: [order('nd2')] }, orders: [order('nd2'), order('nd1')] };
      await expect(stores.paper.save(main, stale)).rejects.toMatchObject({ name: 'VersionConflictError' });
      const ahead = { ...stale, account: { ...stale.account, version: 2 } };
      await expect(stores.paper.save(main, ahead)).rejects.toMatchObject({ name: 'VersionConflictError' });
      expect(await stores.paper.find(main, 'nd2')).toBeUndefined();
      expect(await load()).toMatchObject({ version: 1, orders: [order('nd1')] });
    });

    it('lets one of many writers of one version win', async () => {
      await saveOrders(opening);
      const before = await load();
      const names = Array.from({ length: 5 }, (_, index) => `nd${index}`);
      const ends = await Promise.allSettled(names.map((id) => saveOrders(before, order(id))));
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const found = await Promise.all(names.map((id) => stores.paper.find(main, id)));
      expect(found.filter((each) => each !== undefined)).toHaveLength(1);
      expect((await load()).version).toBe(2);
    });

    it('takes as many orders at once as an account may have, with the one that ends them', async () => {
      const orders = Array.from({ length: 91 }, (_, index) => order(`nd${index}`));
      await saveOrders(opening, ...orders);
      expect((await load()).orders).toHaveLength(91);
    });

    it('keeps accounts apart', async () => {
      await saveOrders(opening, order('nd1'));
      const other = 'second' as AccountId;
      expect(await stores.paper.load(other)).toBeUndefined();
      expect(await stores.paper.find(other, 'nd1')).toBeUndefined();
    });
  });
}
