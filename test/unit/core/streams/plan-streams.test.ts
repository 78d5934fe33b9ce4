import {
  type AccountId,
  connectionsPerVenueMax,
  type Market,
  type MarketKind,
  type MarketStreamKind,
  type MarketUnit,
  parseDeskConfig,
  planStreams,
  type StreamFacts,
  type StreamUnit,
  type SymbolRanking,
  type VenueId,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { deskDocuments } from '../../../support/desk-config.ts';
import fc from '../../../support/property.ts';

const fake = 'fake' as VenueId;
const market = (symbol: string, facts: Partial<Market> = {}) => {
  const [, pair = '', settle] = /^([^:]*):?(.*)$/.exec(symbol) ?? [];
  const kind: MarketKind = settle === '' ? 'spot' : 'perpetual';
  return { symbol, kind, quote: pair.split('/')[1] ?? '', active: true, ...facts };
};
const btc = 'BTC/USDT';
const perpetual = 'BTC/USDT:USDT';
const markets = [btc, 'ETH/USDT', 'XRP/USDT', 'ETH/BTC', perpetual].map((each) => market(each));
const manyMarkets = (count: number) => Array.from({ length: count }, (_, number) => market(`C${number}/USDT`));

interface Facts {
  markets?: ReturnType<typeof market>[];
  ranking?: string[];
  accounts?: [venue: string, account: string][];
  subscriptionsMax?: number;
  offers?: (kind: MarketStreamKind, market: MarketKind) => 'streamed' | 'polled' | 'absent';
  streamed?: string[];
  more?: object;
}

function planOf(streams: object[], facts: Facts = {}) {
  const { collection } = parseDeskConfig({
    ...deskDocuments,
    exchanges: { fake: {}, other: {} },
    collection: { streams: streams.map((each) => ({ venues: ['fake'], ...each })), ...facts.more },
  });
  const { ranking, subscriptionsMax = 100, offers = () => 'streamed' as const } = facts;
  const rankings = new Map<VenueId, SymbolRanking>();
  if (ranking) rankings.set(fake, { atMs: 0, symbols: ranking.map((symbol) => ({ symbol, quoteVolume: 1 })) });
  const known: StreamFacts = {
    ...{ markets: new Map([[fake, facts.markets ?? markets]]), rankings },
    accounts: (facts.accounts ?? []).map(([venue, account]) => {
      return { venue: venue as VenueId, account: account as AccountId };
    }),
    venues: new Map([[fake, { subscriptionsMax, offers }]]),
    ...(facts.streamed && { streamed: new Map([[fake, new Set(facts.streamed)]]) }),
  };
  const plan = planStreams(collection, known);
  return { ...plan, messages: plan.issues.map(({ message }) => message) };
}

const marketUnits = (units: readonly StreamUnit[]) =>
  units.filter((unit): unit is MarketUnit => unit.kind === 'markets');
const subscriptionsOf = (units: readonly StreamUnit[]) =>
  marketUnits(units).flatMap(({ subscriptions }) => subscriptions);
const symbolsOf = (units: readonly StreamUnit[]) => subscriptionsOf(units).map(({ symbol }) => symbol);
const homesOf = (units: readonly StreamUnit[]) =>
  new Map(marketUnits(units).flatMap(({ id, subscriptions }) => subscriptions.map(({ symbol }) => [symbol, id])));

describe('what is streamed', () => {
  it('is every kind of every symbol once, on one connection where one has room', () => {
    const { units, issues } = planOf([
      {
        symbols: [btc, perpetual, btc],
        kinds: ['books', 'candles', 'funding', 'liquidations'],
        timeframes: ['1m', '1h'],
      },
    ]);
    expect(issues).toEqual([]);
    expect(units.map(({ id }) => id)).toEqual(['fake#markets#0']);
    expect(subscriptionsOf(units).map(({ kind, symbol, timeframe }) => [kind, symbol, timeframe])).toEqual([
      ['books', btc, undefined],
      ['books', perpetual, undefined],
      ['candles', btc, '1h'],
      ['candles', btc, '1m'],
      ['candles', perpetual, '1h'],
      ['candles', perpetual, '1m'],
      ['funding', perpetual, undefined],
      ['liquidations', perpetual, undefined],
    ]);
  });

  it.each([
    [5, 200],
    [3, 334],
    [1, 1_000],
    [0.1, 10_000],
  ])('is written no more often than %s times a second', (quotesPerSecond, quoteEveryMs) => {
    expect(subscriptionsOf(planOf([{ symbols: [btc], quotesPerSecond }]).units)).toEqual([
      { kind: 'books', symbol: btc, depth: 10, quoteEveryMs, files: false },
    ]);
  });

  it('is the finer of two that overlap, and all of both', () => {
    const entries = [
      { symbols: [btc], kinds: ['books', 'trades'], depth: 5, quotesPerSecond: 5, files: true },
      {
        select: { quotes: ['USDT'], except: ['XRP/USDT'] },
        kinds: ['books', 'tickers'],
        depth: 20,
        quotesPerSecond: 2,
      },
    ];
    for (const order of [entries, entries.toReversed()]) {
      const both = { depth: 20, quoteEveryMs: 200, files: true };
      const first = { depth: 5, quoteEveryMs: 200, files: true };
      const second = { depth: 20, quoteEveryMs: 500, files: false };
      expect(subscriptionsOf(planOf(order).units)).toEqual([
        { kind: 'books', symbol: btc, ...both },
        { kind: 'books', symbol: 'ETH/USDT', ...second },
        { kind: 'tickers', symbol: btc, ...second },
        { kind: 'tickers', symbol: 'ETH/USDT', ...second },
        { kind: 'trades', symbol: btc, ...first },
      ]);
    }
  });

  it('are the accounts first, unless they are not wanted', () => {
    const accounts: [string, string][] = [
      ['other', 'second'],
      ['fake', 'main'],
    ];
    const ids = (more: object) => planOf([{ symbols: [btc] }], { accounts, more }).units.map(({ id }) => id);
    expect(ids({})).toEqual(['fake#account#main', 'other#account#second', 'fake#markets#0']);
    expect(ids({ streamAccounts: false })).toEqual(['fake#markets#0']);
    expect(planOf([], { accounts: [['fake', 'main']] }).units).toEqual([
      { kind: 'account', id: 'fake#account#main', venue: 'fake', account: 'main' },
    ]);
  });

  it('is by venue, however the entries are ordered', () => {
    const { collection } = parseDeskConfig({
      ...deskDocuments,
      exchanges: { fake: {}, other: {} },
      collection: { streams: [{ venues: ['other', 'fake', 'other'], symbols: [btc] }] },
    });
    const port = { subscriptionsMax: 10, offers: () => 'streamed' as const };
    const both = ['other', 'fake'] as VenueId[];
    const { units } = planStreams(collection, {
      markets: new Map(both.map((venue) => [venue, markets])),
      venues: new Map(both.map((venue) => [venue, port])),
      ...{ rankings: new Map(), accounts: [] },
    });
    expect(units.map(({ id }) => id)).toEqual(['fake#markets#0', 'other#markets#0']);
  });

  it('are the most traded ones, each as long as it is not clearly behind', () => {
    const entry = { select: { quotes: ['USDT'], kinds: ['spot'], top: 2 } };
    const ranking = ['XRP/USDT', 'ETH/USDT', btc];
    expect(symbolsOf(planOf([entry], { ranking }).units)).toEqual(['ETH/USDT', 'XRP/USDT']);
    const slack = manyMarkets(12);
    const top = { select: { quotes: ['USDT'], top: 8 } };
    const symbols = slack.map(({ symbol }) => symbol);
    const streamed = ['C9/USDT', 'C10/USDT'];
    expect(symbolsOf(planOf([top], { markets: slack, ranking: symbols, streamed }).units).sort()).toEqual(
      [...symbols.slice(0, 8), 'C9/USDT'].sort(),
    );
  });
});

describe('what cannot be streamed is told, and holds nothing else back', () => {
  it.each<[string, object, Facts, string]>([
    ['a symbol that is not there', { symbols: [btc, 'NO/USDT'] }, {}, '"fake" has no market "NO/USDT"'],
    [
      'a market that is not traded',
      { symbols: [btc, 'OFF/USDT'] },
      { markets: [...markets, market('OFF/USDT', { active: false })] },
      '"OFF/USDT" is not traded at "fake" now',
    ],
    [
      'funding of a spot market beside a contract',
      { symbols: [perpetual, btc], kinds: ['funding'] },
      {},
      '"BTC/USDT" is no contract that has funding',
    ],
    [
      'a kind that the venue does not have of these markets',
      { symbols: [btc, 'ETH/USDT'], kinds: ['books', 'tickers'] },
      { offers: (kind) => (kind === 'tickers' ? 'absent' : 'streamed') },
      '"fake" has no tickers of spot markets',
    ],
    [
      'a venue of which no market is known',
      { symbols: [btc] },
      { markets: [], streamed: [btc] },
      'no market of "fake" is known yet; what is streamed already goes on',
    ],
    [
      'what is traded most, where nobody has looked',
      { select: { quotes: ['USDT'], top: 1 } },
      { streamed: ['XRP/USDT'] },
      'nobody has looked yet what is traded most at "fake"; what is streamed already goes on',
    ],
  ])('%s', (_, entry, facts, text) => {
    const { units, messages } = planOf([entry], facts);
    expect(messages).toEqual([`entry 1 of streams in collection.yaml: ${text}`]);
    expect(units).toHaveLength((facts.markets ?? markets).length > 0 ? 1 : 0);
  });

  it('a venue that nobody has looked at yet', () => {
    const venues = new Map([[fake, { subscriptionsMax: 10, offers: () => 'streamed' as const }]]);
    const { collection } = parseDeskConfig({
      ...{ ...deskDocuments, collection: { streams: [{ venues: ['fake'], symbols: [btc] }] } },
    });
    const { units, issues } = planStreams(collection, {
      markets: new Map(),
      rankings: new Map(),
      accounts: [],
      venues,
    });
    expect([units, issues.map(({ reason }) => reason)]).toEqual([[], ['no_markets']]);
  });

  it('a venue that streams nothing', () => {
    const { units, issues } = planOf([{ symbols: [btc], venues: ['other', 'fake'] }]);
    expect(issues).toEqual([
      {
        ...{ reason: 'no_streams', venue: 'other' },
        message:
          'entry 1 of streams in collection.yaml: "other" is disabled in exchanges.yaml, or has no streams; take it out',
      },
    ]);
    expect(units).toHaveLength(1);
  });

  it('a kind that no market of the entry can have', () => {
    const { units, issues } = planOf([{ symbols: [btc] }], { offers: () => 'absent' });
    expect([units, issues.map(({ reason }) => reason)]).toEqual([[], ['not_offered']]);
  });

  it('what there is no room for, the least important first', () => {
    const fits = planOf([{ select: {} }], { markets: manyMarkets(50), subscriptionsMax: 10 });
    expect(fits.units).toHaveLength(connectionsPerVenueMax);
    expect(fits.issues).toEqual([]);
    const { units, issues } = planOf([{ symbols: ['C57/USDT'] }, { select: {} }], {
      ...{ markets: manyMarkets(58), subscriptionsMax: 10, accounts: [['fake', 'main']] },
    });
    expect(marketUnits(units).map(({ subscriptions }) => subscriptions.length)).toEqual([10, 10, 10, 10]);
    expect(symbolsOf(units)).toContain('C57/USDT');
    expect(issues).toEqual([
      {
        ...{ reason: 'no_room', venue: 'fake' },
        message: `streams in collection.yaml: 4 connections to "fake" of 10 subscriptions each have no room for C39/USDT, C40/USDT, C41/USDT, C42/USDT, C43/USDT and 13 more; stream less of it`,
      },
    ]);
    const one = planOf([{ select: {} }], { markets: manyMarkets(51), subscriptionsMax: 10 });
    expect(one.messages[0]).toContain('have no room for C50/USDT; stream less of it');
  });

  it('leaves one connection to markets, however many accounts there are', () => {
    const accounts = Array.from({ length: 6 }, (_, number): [string, string] => ['fake', `a${number}`]);
    expect(planOf([{ symbols: [btc] }], { accounts }).units).toHaveLength(7);
  });

  it('needs no room for what is asked for rather than subscribed', () => {
    const offers = (kind: MarketStreamKind) => (kind === 'funding' ? ('polled' as const) : ('streamed' as const));
    const many = Array.from({ length: 10 }, (_, number) => market(`C${number}/USDT:USDT`));
    const entry = { select: { kinds: ['perpetual'] }, kinds: ['books', 'funding'] };
    const facts = { markets: many, subscriptionsMax: 2, offers };
    expect(planOf([entry], facts).issues).toEqual([]);
    expect(planOf([entry], { ...facts, subscriptionsMax: 1 }).issues.map(({ reason }) => reason)).toEqual(['no_room']);
    expect(planOf([{ ...entry, kinds: ['funding'] }], { ...facts, subscriptionsMax: 1 }).units).toHaveLength(1);
    const both = [
      { ...entry, kinds: ['books'] },
      { ...entry, kinds: ['funding'] },
    ];
    expect(planOf(both, facts).issues).toEqual([]);
    // Whoever publishes it knows that an open connection says nothing of it.
    const [unit] = planOf(both, facts).units;
    const planned = unit?.kind === 'markets' ? unit.subscriptions.slice(0, 2) : [];
    expect(planned.map(({ kind, isPolled }) => [kind, isPolled])).toEqual([
      ['books', undefined],
      ['books', undefined],
    ]);
    const asked = planOf([{ ...entry, kinds: ['funding'] }], facts).units.flatMap((each) =>
      each.kind === 'markets' ? each.subscriptions : [],
    );
    expect(asked.map(({ isPolled }) => isPolled)).toEqual(many.map(() => true));
  });
});

describe('where a market is', () => {
  const facts = { subscriptionsMax: 100 };

  it('does not hang on the others, as long as connections have room', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 158 }), fc.nat(60), (count, left) => {
        const all = manyMarkets(count);
        const before = homesOf(planOf([{ select: {} }], { ...facts, markets: all }).units);
        const fewer = all.filter((_, index) => index !== left);
        const after = homesOf(planOf([{ select: {} }], { ...facts, markets: fewer.toReversed() }).units);
        for (const [symbol, home] of after) expect([symbol, home]).toEqual([symbol, before.get(symbol)]);
        expect(after.size).toBe(count - 1);
      }),
      { numRuns: 20 },
    );
  });

  it('changes with one more connection only for those that this one gets', () => {
    const before = homesOf(planOf([{ select: {} }], { ...facts, markets: manyMarkets(160) }).units);
    const after = homesOf(planOf([{ select: {} }], { ...facts, markets: manyMarkets(161) }).units);
    expect([new Set(before.values()).size, new Set(after.values()).size]).toEqual([2, 3]);
    const moved = [...after].filter(([symbol, home]) => before.has(symbol) && before.get(symbol) !== home);
    expect(new Set(moved.map(([, home]) => home))).toEqual(new Set(['fake#markets#2']));
    expect(moved.length).toBeLessThan(80);
  });

  it('is never on a connection that has no more room, nor on more than are allowed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(6),
        (count, max, accountCount) => {
          const accounts = Array.from({ length: accountCount }, (_, number): [string, string] => [
            'fake',
            `a${number}`,
          ]);
          const { units, issues } = planOf([{ select: {}, kinds: ['books', 'trades'] }], {
            ...{ markets: manyMarkets(count), subscriptionsMax: max, accounts },
          });
          const own = marketUnits(units);
          expect(own.length).toBeLessThanOrEqual(Math.max(1, connectionsPerVenueMax - accountCount));
          for (const { subscriptions } of own) expect(subscriptions.length).toBeLessThanOrEqual(max);
          const symbols = new Set(symbolsOf(units)).size;
          // All is there, or it is said that it is not; and no room is left that would have done.
          expect(symbols === count).toBe(issues.length === 0);
          if (issues.length > 0)
            for (const { subscriptions } of own) expect(subscriptions.length).toBeGreaterThan(max - 2);
        },
      ),
      { numRuns: 60 },
    );
  });
});
