import {
  type Market,
  parseDeskConfig,
  type SelectionFacts,
  type Series,
  type SymbolRanking,
  seriesKeyOf,
  topSlack,
  type VenueId,
  wantedSeries,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { deskDocuments } from '../../../support/desk-config.ts';
import fc from '../../../support/property.ts';

const fake = 'fake' as VenueId;
const market = (symbol: string, facts: Partial<Market> = {}) => {
  const [, pair = '', settle] = /^([^:]*):?(.*)$/.exec(symbol) ?? [];
  const kind: Market['kind'] = settle === '' ? 'spot' : 'perpetual';
  return { symbol, kind, quote: pair.split('/')[1] ?? '', active: true, ...facts };
};
const markets = ['BTC/USDT', 'ETH/USDT', 'XRP/USDT', 'ETH/BTC', 'XRP/BTC', 'BTC/USDT:USDT'].map((each) => market(each));
const collected = (...series: Series[]) => series.map((each) => ({ series: each, status: 'collected' as const }));
const minutely = (symbol: string): Series => ({ kind: 'candles', venue: fake, symbol, timeframe: '1m' });

interface Facts {
  markets?: typeof markets;
  ranking?: string[];
  records?: SelectionFacts['records'];
}

/** What these collections come to at the fake venue. */
function wantedOf(collections: object[], { markets: own = markets, ranking, records = [] }: Facts = {}) {
  const { collection } = parseDeskConfig({
    ...deskDocuments,
    exchanges: { fake: {}, other: {} },
    collection: { collections: collections.map((each) => ({ venues: ['fake'], ...each })) },
  });
  const rankings = new Map<VenueId, SymbolRanking>();
  if (ranking) rankings.set(fake, { atMs: 0, symbols: ranking.map((symbol) => ({ symbol, quoteVolume: 1 })) });
  const wanted = wantedSeries(collection, { markets: new Map([[fake, own]]), rankings, records });
  return { ...wanted, keys: wanted.series.map(({ series }) => seriesKeyOf(series)) };
}
const partsOf = (keys: readonly string[]) => keys.map((key) => key.replace('fake#', ''));

describe('what a collection names', () => {
  it('is every symbol in every timeframe, and each kind once', () => {
    const kinds = ['candles', 'trades', 'funding'];
    const { keys, issues, ranked } = wantedOf([
      {
        symbols: ['BTC/USDT', 'BTC/USDT:USDT', 'BTC/USDT'],
        kinds,
        timeframes: ['1m', '1h', '1m'],
        venues: ['fake', 'fake'],
      },
    ]);
    expect(partsOf(keys)).toEqual([
      ...['BTC/USDT#1h', 'BTC/USDT#1m', 'BTC/USDT#trades'],
      ...['BTC/USDT:USDT#1h', 'BTC/USDT:USDT#1m', 'BTC/USDT:USDT#funding', 'BTC/USDT:USDT#trades'],
    ]);
    expect([issues, ranked]).toEqual([[], []]);
  });

  it('holds how often it is fetched, and how far back candles are wanted', () => {
    const { series } = wantedOf([{ symbols: ['ETH/USDT'], kinds: ['candles', 'trades'], every: '2m', history: '3d' }]);
    expect(series).toEqual([
      { series: minutely('ETH/USDT'), everyMs: 120_000, historyMs: 259_200_000 },
      { series: { kind: 'trades', venue: fake, symbol: 'ETH/USDT' }, everyMs: 120_000 },
    ]);
  });

  it.each<[string, string | undefined, string | undefined, number | undefined]>([
    ['neither wants a history', undefined, undefined, undefined],
    ['one wants a history', undefined, '2d', 172_800_000],
    ['both want one', '9d', '2d', 777_600_000],
  ])('is fetched as often and as far back as any of two collections wants, where %s', (_, first, second, historyMs) => {
    const symbols = ['ETH/USDT'];
    const those = [
      { symbols, every: '5m', history: first },
      { select: { quotes: ['USDT'] }, every: '2m', history: second },
    ];
    for (const order of [those, [...those].reverse()]) {
      const { series } = wantedOf(order);
      const wanted = series.find((each) => seriesKeyOf(each.series) === 'fake#ETH/USDT#1m');
      expect([wanted?.everyMs, wanted?.historyMs]).toEqual([120_000, historyMs]);
    }
  });

  it('is told apart from what the venue does not have, and holds nothing else up', () => {
    const own = [...markets, market('LUNA/USDT', { active: false })];
    const { keys, issues } = wantedOf([{ symbols: ['NOPE/USDT', 'LUNA/USDT', 'ETH/BTC'] }], { markets: own });
    expect(partsOf(keys)).toEqual(['ETH/BTC#1m']);
    expect(issues).toEqual([
      {
        ...{ reason: 'unknown_symbol', venue: fake, symbol: 'NOPE/USDT' },
        message: 'collection 1 of collection.yaml: "fake" has no market "NOPE/USDT"',
      },
      {
        ...{ reason: 'inactive_market', venue: fake, symbol: 'LUNA/USDT' },
        message: 'collection 1 of collection.yaml: "LUNA/USDT" is not traded at "fake" now',
      },
    ]);
  });

  it('has funding where it is a perpetual, and says so where nothing else is wanted of it', () => {
    const symbols = ['BTC/USDT', 'BTC/USDT:USDT'];
    const { keys, issues } = wantedOf([{ symbols, kinds: ['funding'] }]);
    expect(partsOf(keys)).toEqual(['BTC/USDT:USDT#funding']);
    expect(issues).toEqual([
      {
        ...{ reason: 'no_funding', venue: fake, symbol: 'BTC/USDT' },
        message: 'collection 1 of collection.yaml: "BTC/USDT" is no perpetual, so it has no funding',
      },
    ]);
  });

  it('goes on where no market of the venue is known, as far as it is collected already', () => {
    const records = [
      ...collected(minutely('BTC/USDT'), minutely('XRP/USDT'), { kind: 'funding', venue: fake, symbol: 'BTC/USDT' }),
      { series: minutely('ETH/USDT'), status: 'kept' as const },
      ...collected({ kind: 'candles', venue: 'other' as VenueId, symbol: 'ETH/USDT', timeframe: '1m' }),
    ];
    const facts = { markets: [], records };
    const byName = wantedOf([{ symbols: ['BTC/USDT', 'ETH/USDT'], kinds: ['candles', 'trades', 'funding'] }], facts);
    expect(partsOf(byName.keys)).toEqual(['BTC/USDT#1m', 'BTC/USDT#funding']);
    expect(byName.issues).toEqual([
      {
        ...{ reason: 'no_markets', venue: fake },
        message: 'collection 1 of collection.yaml: no market of "fake" is known yet; what is collected already goes on',
      },
    ]);
    expect(partsOf(wantedOf([{ select: { except: ['BTC/USDT'] } }], facts).keys)).toEqual(['XRP/USDT#1m']);
    expect(wantedOf([{ venues: ['other'], select: {} }], facts).keys).toEqual(['other#ETH/USDT#1m']);
  });

  it('fetches no history for a selection while nobody knows whether it means the market', () => {
    const facts = { markets: [], records: collected(minutely('BTC/USDT')) };
    const named = { symbols: ['BTC/USDT'], history: '2d' };
    const chosen = { select: { quotes: ['EUR'] }, history: '900d' };
    const [wanted] = wantedOf([named, chosen], facts).series;
    expect(wanted).toEqual({ series: minutely('BTC/USDT'), everyMs: 300_000, historyMs: 172_800_000 });
  });
});

describe('what a collection selects', () => {
  it.each<[string, object, string[]]>([
    ['spot markets, where nothing else is said', {}, ['BTC/USDT', 'ETH/BTC', 'ETH/USDT', 'XRP/BTC', 'XRP/USDT']],
    ['those of some quote assets', { quotes: ['BTC'] }, ['ETH/BTC', 'XRP/BTC']],
    ['other kinds', { kinds: ['perpetual', 'future'] }, ['BTC/USDT:USDT']],
    ['all but some', { quotes: ['USDT'], except: ['ETH/USDT', 'NOPE/USDT'] }, ['BTC/USDT', 'XRP/USDT']],
  ])('is %s', (_, select, symbols) => {
    const { keys, issues } = wantedOf([{ select }]);
    expect(partsOf(keys)).toEqual(symbols.map((symbol) => `${symbol}#1m`));
    expect(issues).toEqual([]);
  });

  it('leaves out markets that are not traded, without a word', () => {
    const { keys, issues } = wantedOf([{ select: {} }], { markets: [market('A/B', { active: false }), market('C/B')] });
    expect([partsOf(keys), issues]).toEqual([['C/B#1m'], []]);
  });

  it('are the most traded of each quote asset, of those that fit', () => {
    const ranking = ['BTC/USDT:USDT', 'XRP/USDT', 'GONE/USDT', 'ETH/BTC', 'BTC/USDT', 'ETH/USDT', 'XRP/BTC'];
    const select = { quotes: ['USDT', 'BTC'], top: 2, except: ['XRP/USDT'] };
    const { keys, ranked } = wantedOf([{ select }, { select: { quotes: ['USDT'], top: 1 } }], { ranking });
    expect(partsOf(keys)).toEqual(['BTC/USDT#1m', 'ETH/BTC#1m', 'ETH/USDT#1m', 'XRP/BTC#1m', 'XRP/USDT#1m']);
    expect(ranked).toEqual([fake]);
  });

  it('are those that are collected already, while nobody knows what is traded most', () => {
    const records = collected(minutely('XRP/USDT'), minutely('ETH/BTC'));
    const { keys, issues, ranked } = wantedOf([{ select: { quotes: ['USDT'], top: 1 } }], { records });
    expect([partsOf(keys), ranked]).toEqual([['XRP/USDT#1m'], [fake]]);
    expect(issues.map(({ reason, message }) => [reason, message])).toEqual([
      [
        'no_ranking',
        'collection 1 of collection.yaml: nobody has looked yet what is traded most at "fake"; what is collected already goes on',
      ],
    ]);
  });

  it('are not those of which another collection has something else, while nobody knows what is traded most', () => {
    const records = collected(minutely('XRP/USDT'), { kind: 'trades', venue: fake, symbol: 'ETH/USDT' });
    const trades = { select: { quotes: ['USDT'], top: 1 }, kinds: ['trades'] };
    expect(partsOf(wantedOf([trades], { records }).keys)).toEqual(['ETH/USDT#trades']);
    const hours = { select: { quotes: ['USDT'], top: 1 }, timeframes: ['1h'] };
    expect(wantedOf([hours], { records }).keys).toEqual([]);
  });

  it('are not one more because another collection has something of it', () => {
    const symbols = Array.from({ length: 12 }, (_, index) => `A${index + 1}/USDT`);
    const facts = {
      ...{ markets: symbols.map((each) => market(each)), ranking: symbols },
      records: collected(minutely('A9/USDT')),
    };
    const { keys } = wantedOf([{ select: { quotes: ['USDT'], top: 8 }, kinds: ['trades'] }], facts);
    expect(keys).not.toContain('fake#A9/USDT#trades');
  });

  it.each<[string, number, boolean, boolean]>([
    ['comes in at the last rank', 8, false, true],
    ['does not come in behind it', 9, false, false],
    ['stays in a quarter behind it', 10, true, true],
    ['drops out further behind', 11, true, false],
  ])('%s', (_, rank, isIn, isWanted) => {
    const symbols = Array.from({ length: 12 }, (__, index) => `A${index + 1}/USDT`);
    const symbol = `A${rank}/USDT`;
    const facts = {
      ...{ markets: symbols.map((each) => market(each)), ranking: symbols },
      records: isIn ? collected(minutely(symbol)) : [],
    };
    const { keys } = wantedOf([{ select: { quotes: ['USDT'], top: 8 } }], facts);
    expect(keys.includes(`fake#${symbol}#1m`)).toBe(isWanted);
    expect(8 * topSlack).toBe(10);
  });

  it('does not flap: a symbol only changes sides by crossing all of what is between', () => {
    const symbols = Array.from({ length: 16 }, (_, index) => `A${index}/USDT`);
    const own = symbols.map((each) => market(each));
    const shuffles = fc.array(fc.shuffledSubarray(symbols, { minLength: 16 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(shuffles, (rankings) => {
        let records = collected();
        for (const ranking of rankings) {
          const before = new Set(records.map(({ series }) => series.symbol));
          const wanted = wantedOf([{ select: { quotes: ['USDT'], top: 8 } }], { markets: own, ranking, records });
          records = collected(...wanted.series.map(({ series }) => series));
          const after = new Set(records.map(({ series }) => series.symbol));
          for (const [index, symbol] of ranking.entries()) {
            expect(after.has(symbol)).toBe(index < 8 || (index < 10 && before.has(symbol)));
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});
