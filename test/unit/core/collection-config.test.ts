import { type ConfigDefect, durationMs, findConfigDefects, parseDeskConfig } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { deskDocuments } from '../../support/desk-config.ts';

const named = { venues: ['fake'], symbols: ['BTC/USDT'] };
const documentsOf = (collections: object[], more: object = {}) => ({
  ...deskDocuments,
  collection: { collections, ...more },
});
const defectsOf = (collections: object[], more: object = {}): string[] =>
  findConfigDefects(documentsOf(collections, more)).map(
    ({ path, message }: ConfigDefect) => `${path.join('.')}: ${message}`,
  );

describe('what is collected, as an owner writes it', () => {
  it('has values for what is left out', () => {
    const { collection } = parseDeskConfig(documentsOf([named, { venues: ['fake'], select: {} }]));
    const [first, second] = collection.collections;
    expect(first).toEqual({ ...named, kinds: ['candles'], timeframes: ['1m'], every: '5m' });
    expect(second?.select).toEqual({ kinds: ['spot'], except: [] });
    expect(parseDeskConfig(deskDocuments).collection).toEqual({
      ...{ collections: [], streams: [], streamAccounts: true },
      ...{ hotDays: 400, outlierPercent: 20 },
    });
  });

  it.each([
    ['1m', 60_000],
    ['90m', 5_400_000],
    ['12h', 43_200_000],
    ['1d', 86_400_000],
  ])('reads %s as a length of time, and keeps it as it was written', (text, ms) => {
    const { collection } = parseDeskConfig(documentsOf([{ ...named, every: text }]));
    expect(collection.collections[0]?.every).toBe(text);
    expect(durationMs(text)).toBe(ms);
  });

  it('is read again as it was, since functions read what was read before it was published', () => {
    const config = parseDeskConfig(
      documentsOf([
        { ...named, every: '90m', history: '2d' },
        { venues: ['fake'], select: {} },
      ]),
    );
    expect(parseDeskConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it.each<[string, object, string]>([
    ['neither symbols nor a selection', { symbols: undefined }, 'symbols: say either `symbols` or `select`'],
    ['both', { select: {} }, 'symbols: say either `symbols` or `select`'],
    [
      'a length of time without a unit',
      { every: '5' },
      'every: must be a number and m, h or d, from 1m to 1d, for example 30d',
    ],
    ['a longer time than a day', { every: '2d' }, 'every: must be from 1m to 1d'],
    ['less than a day of history', { history: '5h' }, 'history: must be from 1d to 3650d'],
    [
      'a timeframe that is none',
      { timeframes: ['1 minute'] },
      'timeframes.0: must be a timeframe such as 1m, 4h or 1d',
    ],
    [
      'the most traded ones of all quote assets together',
      { symbols: undefined, select: { top: 5 } },
      'select.quotes: is missing, and `top` needs it: volumes in different assets cannot be compared. Say for example [USDT]',
    ],
    [
      'funding of markets that pay none',
      { symbols: undefined, select: { quotes: ['USDT'] }, kinds: ['candles', 'funding'] },
      'select.kinds: must have perpetual, since `kinds` wants funding and no other market pays it',
    ],
    [
      'a venue that nobody configured',
      { venues: ['fake', 'binnance'] },
      'venues.1: exchange "binnance" is not in exchanges.yaml; add it there, or take it out here',
    ],
  ])('is refused with %s', (_, change, defect) => {
    expect(defectsOf([{ ...named, ...change }])).toEqual([`collection.collections.0.${defect}`]);
  });

  it('is not compared with exchanges that could not be read', () => {
    expect(findConfigDefects({ collection: { collections: [{ ...named, venues: ['other'] }] } })).toEqual([]);
  });
});

describe('two collections that name one series', () => {
  const first = { ...named, kinds: ['candles', 'trades'], timeframes: ['1m', '1h'], every: '1m' };

  it('must agree on how often it is fetched', () => {
    const second = { ...named, timeframes: ['1h'], every: '1h' };
    expect(defectsOf([{ ...named, symbols: ['ETH/USDT'] }, first, second])).toEqual([
      'collection.collections.2.every: is 1h, and collection 2 fetches 1h of BTC/USDT at fake every 1m; give both the same, or name it in one of them only',
    ]);
    expect(defectsOf([first, { ...named, kinds: ['trades'], every: '2h' }])).toEqual([
      'collection.collections.1.every: is 2h, and collection 1 fetches trades of BTC/USDT at fake every 1m; give both the same, or name it in one of them only',
    ]);
  });

  it.each<[string, object]>([
    ['they agree', { every: '1m' }],
    ['the symbols are others', { symbols: ['ETH/USDT'] }],
    ['the timeframes are others', { timeframes: ['1d'] }],
    ['what is collected is something else', { kinds: ['funding'] }],
    ['one of them selects', { symbols: undefined, select: { quotes: ['USDT'] } }],
    [
      'one of them selects what pays funding',
      { symbols: undefined, select: { kinds: ['perpetual'] }, kinds: ['funding'] },
    ],
  ])('are fine where %s', (_, change) => {
    expect(defectsOf([first, { ...named, every: '1h', timeframes: ['1h'], ...change }])).toEqual([]);
  });

  it('are fine at different exchanges', () => {
    const documents = documentsOf([first, { ...first, venues: ['other'], every: '1h' }]);
    const exchanges = { ...documents.exchanges, other: {} };
    expect(findConfigDefects({ ...documents, exchanges })).toEqual([]);
  });
});

describe('what is streamed, as an owner writes it', () => {
  const streamDefects = (entry: object) => defectsOf([], { streams: [{ ...named, ...entry }] });

  it('has values for what is left out', () => {
    const { collection } = parseDeskConfig(documentsOf([], { streams: [named] }));
    expect(collection.streams).toEqual([
      { ...named, kinds: ['books'], timeframes: ['1m'], depth: 10, quotesPerSecond: 1, files: false },
    ]);
    expect(parseDeskConfig(documentsOf([], JSON.parse(JSON.stringify(collection)))).collection).toEqual(collection);
  });

  it.each<[string, object, string]>([
    ['neither symbols nor a selection', { symbols: undefined }, 'symbols: say either `symbols` or `select`'],
    ['both', { select: {} }, 'symbols: say either `symbols` or `select`'],
    ['more writes than are allowed', { quotesPerSecond: 6 }, 'quotesPerSecond: Too big: expected number to be <=5'],
    [
      'a venue that nobody configured',
      { venues: ['fake', 'binnance'] },
      'venues.1: exchange "binnance" is not in exchanges.yaml; add it there, or take it out here',
    ],
    [
      'funding of spot markets only',
      { kinds: ['books', 'funding'], symbols: ['BTC/USDT', 'BTC/USDT:USDT-270326'] },
      'symbols: must have a contract such as BTC/USDT:USDT, since `kinds` wants funding and no other market has any',
    ],
    [
      'liquidations of spot markets only',
      { kinds: ['liquidations'], symbols: undefined, select: {} },
      'select.kinds: must have perpetual or future, since `kinds` wants liquidations and no other market has any',
    ],
    [
      'funding of dated contracts',
      { kinds: ['funding'], symbols: undefined, select: { kinds: ['future'] } },
      'select.kinds: must have perpetual, since `kinds` wants funding and no other market has any',
    ],
  ])('is refused with %s', (_, change, defect) => {
    expect(streamDefects(change)).toEqual([`collection.streams.0.${defect}`]);
  });

  it.each<[string, object]>([
    ['a contract among spot markets', { kinds: ['funding', 'liquidations'], symbols: ['BTC/USDT', 'BTC/USDT:USDT'] }],
    ['a dated contract, for liquidations', { kinds: ['liquidations'], symbols: ['BTC/USDT:USDT-270326'] }],
    [
      'contracts among what is selected',
      { kinds: ['funding', 'liquidations'], symbols: undefined, select: { kinds: ['spot', 'perpetual'] } },
    ],
  ])('is fine with %s', (_, change) => {
    expect(streamDefects(change)).toEqual([]);
  });
});
