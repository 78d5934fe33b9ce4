import type { Market, VenueId } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { btcUsdt, btcUsdtPerpetual, ethUsdt } from '../../support/markets.ts';
import type { DeskStores, OpenStores } from './desk-stores.ts';

const { venue } = btcUsdt;
const other = 'other' as VenueId;
/** More than several batches hold. */
const many = Array.from({ length: 130 }, (_, index): Market => {
  const base = `COIN${String(index).padStart(3, '0')}`;
  return { ...ethUsdt, symbol: `${base}/USDT`, venueSymbol: `${base}USDT`, base };
});

export function marketsStoreContract(name: string, open: OpenStores): void {
  describe(`the contract of markets, on ${name}`, () => {
    let desk: DeskStores;
    beforeEach(async () => {
      desk = await open();
    });
    afterEach(() => desk.close());

    const symbolsOf = (markets: readonly Market[]) => markets.map(({ symbol }) => symbol).sort();
    const find = async (marketName: string, of = venue) => symbolsOf(await desk.markets.findByName(of, marketName));

    it('has nothing before the first refresh', async () => {
      expect(await desk.markets.hasAny(venue)).toBe(false);
      expect(await desk.markets.get(venue, 'BTC/USDT')).toBeUndefined();
      expect(await find('BTCUSDT')).toEqual([]);
    });

    it.each([
      ['spot market', btcUsdt],
      ['perpetual', btcUsdtPerpetual],
      ['market without minimums', { ...btcUsdt, amountMin: undefined, amountMax: undefined, notionalMin: undefined }],
      [
        'market that is not trading',
        { ...btcUsdt, active: false, definition: '{"info":{"status":"BREAK","n":[1,null]}}' },
      ],
    ])('gives back a %s as it was stored', async (_, market) => {
      await desk.markets.replaceAll(venue, [market]);
      expect(await desk.markets.get(venue, market.symbol)).toEqual(market);
      expect(await desk.markets.hasAny(venue)).toBe(true);
    });

    it('finds by name the spot market and the perpetual that a chart calls alike', async () => {
      await desk.markets.replaceAll(venue, [btcUsdt, ethUsdt, btcUsdtPerpetual]);
      expect(await find('BTCUSDT')).toEqual(['BTC/USDT', 'BTC/USDT:USDT']);
      expect(await find('ETHUSDT')).toEqual(['ETH/USDT']);
      const found = await desk.markets.findByName(venue, 'ETHUSDT');
      expect(found).toEqual([ethUsdt]);
    });

    it('finds by the unified name, not by how the venue spells it', async () => {
      await desk.markets.replaceAll(venue, [{ ...btcUsdt, venueSymbol: 'XXBTZUSD' }]);
      expect(await find('BTCUSDT')).toEqual(['BTC/USDT']);
      expect(await find('XXBTZUSD')).toEqual([]);
    });

    it('tells coins apart that are named outside ASCII', async () => {
      const coins = ['币安人生', '我踏马来了'].map((base) => ({ ...btcUsdt, symbol: `${base}/USDT`, base }));
      await desk.markets.replaceAll(venue, coins);
      expect(await find('币安人生USDT')).toEqual(['币安人生/USDT']);
      expect(await find('USDT')).toEqual([]);
    });

    it('counts what it wrote and removed', async () => {
      expect(await desk.markets.replaceAll(venue, many)).toEqual({ written: many.length, removed: 0 });
      const changed = many.slice(0, 40).map((market) => ({ ...market, active: false }));
      const next = [...changed, ...many.slice(40, 100), btcUsdt];
      expect(await desk.markets.replaceAll(venue, next)).toEqual({ written: 41, removed: 30 });
      const stored = await Promise.all([...many, btcUsdt].map(({ symbol }) => desk.markets.get(venue, symbol)));
      expect(stored).toEqual([...changed, ...many.slice(40, 100), ...many.slice(100).map(() => undefined), btcUsdt]);
    });

    it('writes nothing the second time, in whatever order markets and their fields come', async () => {
      await desk.markets.replaceAll(venue, many);
      const turned = many.map((market) => Object.fromEntries(Object.entries(market).reverse()) as unknown as Market);
      expect(await desk.markets.replaceAll(venue, turned.reverse())).toEqual({ written: 0, removed: 0 });
    });

    it('sees a change of the definition alone', async () => {
      await desk.markets.replaceAll(venue, [btcUsdt, ethUsdt]);
      const changed = { ...ethUsdt, definition: '{"changed":true}' };
      expect(await desk.markets.replaceAll(venue, [btcUsdt, changed])).toEqual({ written: 1, removed: 0 });
      expect(await desk.markets.get(venue, ethUsdt.symbol)).toEqual(changed);
    });

    it('finds a delisted market no more, by symbol or by name', async () => {
      await desk.markets.replaceAll(venue, [btcUsdt, btcUsdtPerpetual]);
      await desk.markets.replaceAll(venue, [btcUsdt]);
      expect(await desk.markets.get(venue, btcUsdtPerpetual.symbol)).toBeUndefined();
      expect(await find('BTCUSDT')).toEqual(['BTC/USDT']);
    });

    it('leaves the markets of other venues alone', async () => {
      const elsewhere = { ...btcUsdt, venue: other };
      await desk.markets.replaceAll(other, [elsewhere]);
      await desk.markets.replaceAll(venue, [ethUsdt]);
      expect(await desk.markets.replaceAll(venue, [])).toEqual({ written: 0, removed: 1 });
      expect(await desk.markets.get(other, btcUsdt.symbol)).toEqual(elsewhere);
      expect([await desk.markets.hasAny(venue), await desk.markets.hasAny(other)]).toEqual([false, true]);
      expect([await find('BTCUSDT'), await find('BTCUSDT', other)]).toEqual([[], ['BTC/USDT']]);
    });
  });
}
