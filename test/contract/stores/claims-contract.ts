/** What intents claim of the risk rows, and that no interleaving takes a row beyond its limit. */
import {
  type AccountLimits,
  type DeskLimits,
  type Intent,
  type IntentExposure,
  type LimitText,
  notional,
  type Order,
  outstandingOf,
  type SourceLimits,
} from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gateFor, gateLimits } from '../../support/gates.ts';
import { fill, intent, observed } from '../../support/orders.ts';
import { activate, type DeskStores, intends, main, type OpenStores, orderId } from './desk-stores.ts';

const exposure: IntentExposure = { mode: 'sandbox', asset: 'BTC', notional: notional('200') };
const limit = (text: string): LimitText => text as LimitText;
const { symbol } = intent;

interface Limits {
  account?: Partial<AccountLimits>;
  desk?: Partial<DeskLimits>;
  source?: SourceLimits;
}

export function claimsContract(name: string, open: OpenStores): void {
  describe(`the contract of claims, on ${name}`, () => {
    let desk: DeskStores;
    beforeEach(async () => {
      desk = await open();
      await activate(desk.risk);
    });
    afterEach(() => desk.close());

    const insert = (change: Partial<Intent>, { account, desk: all, source }: Limits = {}) => {
      const event = intends({ exposure, ...change });
      const wide = gateLimits(account);
      return desk.orders.insertIntent(
        event,
        gateFor(event.intent, { account: wide.account, desk: { ...wide.desk, ...all }, source }),
      );
    };
    const record = async (change: Partial<Intent> = {}): Promise<Order> => {
      const result = await insert(change);
      if (result.kind !== 'created') throw new Error(`the intent was ${result.kind}`);
      return result.order;
    };
    const counters = async () => {
      const [own, all] = await Promise.all([desk.risk.get(main), desk.risk.get('*')]);
      return { reserved: own?.reserved, own: own?.counters, all: all?.counters };
    };
    const counted = (amount: string, orders: string, reserved: string) => ({
      reserved,
      own: { orders, exposure: amount, 'asset#BTC': amount },
      all: { 'sandbox:exposure': amount, 'sandbox:venue#fake': amount, 'sandbox:asset#BTC': amount },
    });

    it('moves from the order to the position as it fills, and is gone with the position', async () => {
      let order = await record();
      expect(await counters()).toEqual(counted('200', '1', '200'));
      order = await desk.orders.apply(order, observed('open', '1', [fill('a')]));
      expect(await counters()).toEqual(counted('200', '1', '200'));
      expect(outstandingOf(order)).toBe('100');
      expect(await desk.positions.get(main, symbol)).toMatchObject({ exposure: { notional: '100' } });
      order = await desk.orders.apply(order, observed('canceled', '1', [fill('a')]));
      expect(await counters()).toEqual(counted('100', '0', '0'));
      const closing = { orderId: orderId(2), side: 'sell', amount: order.filled, reduceOnly: true } as const;
      const close = await record({
        ...closing,
        reserved: notional('0'),
        exposure: { ...exposure, notional: notional('0') },
      });
      await desk.orders.apply(close, observed('filled', '1', [fill('b')]));
      expect(await counters()).toEqual(counted('0', '0', '0'));
    });

    it('counts a fill that comes after the order has ended', async () => {
      const ended = await desk.orders.apply(await record(), observed('canceled', '0'));
      expect(await counters()).toEqual(counted('0', '0', '0'));
      await desk.orders.apply(ended, observed('canceled', '1', [fill('late')]));
      expect(await counters()).toEqual(counted('100', '0', '0'));
    });

    it('counts an order again that turns out to be there after all', async () => {
      const cause = { code: 'not_found', message: 'r' };
      const given = await desk.orders.apply(await record(), { type: 'order.absent', atMs: 2_000, cause });
      expect(await counters()).toEqual(counted('0', '0', '0'));
      const found = await desk.orders.apply(given, observed('open', '0'));
      expect(await counters()).toEqual(counted('200', '1', '0'));
      await desk.orders.apply(found, observed('canceled', '0'));
      expect(await counters()).toEqual(counted('0', '0', '0'));
    });

    it('counts a position with what it is worth by now, unless it has changed meanwhile', async () => {
      await desk.orders.apply(await record(), observed('filled', '2', [fill('a'), fill('b')]));
      const before = await desk.positions.get(main, symbol);
      if (before === undefined) throw new Error('no position');
      expect(await desk.positions.revalue(before, { ...exposure, notional: notional('250') })).toBe(true);
      expect(await counters()).toEqual(counted('250', '0', '0'));
      expect(await desk.positions.revalue(before, { ...exposure, notional: notional('999') })).toBe(false);
      const second = await record({ orderId: orderId(2) });
      await desk.orders.apply(second, observed('filled', '2', [fill('c'), fill('d')]));
      expect(await counters()).toEqual(counted('450', '0', '0'));
    });

    it('lets exactly one of a hundred have the last room', async () => {
      const limits: Limits = { account: { exposureMax: limit('399') } };
      const waiting = Array.from({ length: 100 }, (_, index) => orderId(index + 1));
      const kinds: string[] = [];
      // As many at once as one process has connections for.
      const worker = async () => {
        for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
          kinds.push((await insert({ orderId: id }, limits)).kind);
        }
      };
      await Promise.all(Array.from({ length: 25 }, worker));
      expect(kinds.filter((kind) => kind === 'created')).toHaveLength(1);
      expect(kinds.filter((kind) => kind === 'denied')).toHaveLength(99);
      expect(await counters()).toEqual(counted('200', '1', '200'));
    });

    it.each<[string, Limits, number]>([
      ['orders of an account', { account: { ordersPerMinuteMax: 3 } }, 3],
      ['orders of a source', { source: { ordersPerMinuteMax: 4 } }, 4],
      ['open orders', { account: { openOrdersMax: 5 } }, 5],
      ['what a venue may have', { desk: { venueExposureMax: limit('500') } }, 2],
      ['what all may have of an asset', { desk: { assetExposureMax: limit('650') } }, 3],
    ])('lets no more pass at once than the limit of %s', async (_what, limits, most) => {
      const many = Array.from({ length: 20 }, (_, index) => insert({ orderId: orderId(index + 1) }, limits));
      const kinds = (await Promise.all(many)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'created')).toHaveLength(most);
    });
  });
}
