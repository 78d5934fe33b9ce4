import { type AccountPort, LocalBudget, type Market, type VenueId } from '@nightdesk/core';
import { createAccount } from '@nightdesk/exchange/account.ts';
import { historyQuestionsMax } from '@nightdesk/exchange/history-pages.ts';
import { traitsOf, type VenueTraits } from '@nightdesk/exchange/traits/index.ts';
import type { CallParameters, VenueClient } from '@nightdesk/exchange/venue-client.ts';
import { VenueSession } from '@nightdesk/exchange/venue-session.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import { btcUsdt, btcUsdtPerpetual, inverseByHundred, linearByHundredths } from '../../support/markets.ts';
import { ccxtMarket, nowMs, scripted, venueError, withDefinition } from './scripted-trading.ts';

const sinceMs = nowMs - 60_000;
const dayMs = 86_400_000;
const pageSize = 3;

interface Entry {
  id: string;
  timestamp: number;
}
interface Question {
  method: string;
  what: string | undefined;
  since: number;
  parameters: CallParameters;
}

let questions: Question[];
beforeEach(() => {
  questions = [];
});

/** Lists as venues keep them: those of a span, cut to a page from one end or the other. */
const listing =
  (method: string, entries: readonly object[], order: 'oldest_first' | 'newest_first' = 'oldest_first') =>
  async (what: string | undefined, since: number, limit: number, parameters: CallParameters = {}) => {
    questions.push({ method, what, since, parameters });
    const until = Number(parameters.until ?? parameters.endTime ?? Number.POSITIVE_INFINITY);
    const fitting = (entries as Entry[]).filter(({ timestamp }) => timestamp >= since && timestamp <= until);
    if (order === 'oldest_first') return fitting.slice(0, limit);
    const offset = Number(parameters.ofs ?? 0);
    return fitting.toReversed().slice(offset, offset + limit);
  };

function accountOf(client: object, venue: string, traits: Partial<VenueTraits> = {}): AccountPort {
  const clock = createManualClock(nowMs);
  const all = { ...traitsOf(venue as VenueId), ...traits };
  const budget = new LocalBudget({ limits: [], clock });
  const context = { clock, budget, refusals: [], wordings: all.wordings, risingNonces: false, aheadMs: 0 };
  const session = new VenueSession(
    { urls: {}, ...client } as VenueClient,
    { ...context, originalUrl: (url) => url },
    [],
  );
  return createAccount({ venue: venue as VenueId, session, traits: all });
}

const spot = withDefinition(btcUsdt, ccxtMarket('spot'));
const perpetual = withDefinition(btcUsdtPerpetual, ccxtMarket('linear'));

const trade = (index: number, change: object = {}) => ({
  ...{ id: `t${index}`, order: `v${index}`, symbol: 'BTC/USDT', side: 'buy', amount: '2', price: '100' },
  ...{ timestamp: sinceMs + index, fee: { currency: 'USDT', cost: '0.2' } },
  ...change,
});
const trades = (count: number, change: object = {}) =>
  Array.from({ length: count }, (_, index) => trade(index, change));
const ids = (found: readonly { tradeId: string }[]) => found.map(({ tradeId }) => tradeId);

describe('own trades of a market', () => {
  it('are told with everything that tells one from another', async () => {
    const fetchMyTrades = listing('trades', [trade(1, { clientOrderId: 'nd1' }), trade(0)]);
    expect(await accountOf(scripted({ fetchMyTrades }), 'some').fetchOwnTrades(spot, sinceMs)).toEqual([
      {
        ...{ tradeId: 't0', symbol: 'BTC/USDT', side: 'buy', amount: '2', price: '100', venueOrderId: 'v0' },
        ...{ fee: { asset: 'USDT', amount: '0.2' }, atMs: sinceMs },
      },
      expect.objectContaining({ tradeId: 't1', clientOrderId: 'nd1', atMs: sinceMs + 1 }),
    ]);
    expect(questions).toEqual([{ method: 'trades', what: 'BTC/USDT', since: sinceMs - 1_000, parameters: {} }]);
  });

  it.each<[string, Market, string]>([
    ['contracts of a hundredth become base asset', linearByHundredths, '0.02'],
    ['inverse contracts stay contracts', inverseByHundred, '2'],
  ])('%s', async (_, of, amountTold) => {
    const market = withDefinition(of, { ...ccxtMarket('linear'), symbol: of.symbol });
    const fetchMyTrades = listing('trades', [trade(0, { symbol: of.symbol })]);
    const found = await accountOf(scripted({ fetchMyTrades }), 'some').fetchOwnTrades(market, sinceMs);
    expect(found).toMatchObject([{ amount: amountTold }]);
  });

  it.each(['oldest_first', 'newest_first'] as const)('are read page by page, %s, none twice', async (pageOrder) => {
    const fetchMyTrades = listing('trades', trades(8), pageOrder);
    const account = accountOf(scripted({ fetchMyTrades }), 'some', { pageSize, pageOrder });
    expect(ids(await account.fetchOwnTrades(spot, sinceMs))).toEqual(ids(trades(8).map(({ id }) => ({ tradeId: id }))));
    expect(questions.length).toBeGreaterThan(2);
  });

  it('are two where two orders of the account met each other', async () => {
    const fetchMyTrades = listing('trades', [trade(0), trade(0, { order: 'v9', side: 'sell' })]);
    const found = await accountOf(scripted({ fetchMyTrades }), 'some').fetchOwnTrades(spot, sinceMs);
    expect(found.map(({ tradeId, side }) => [tradeId, side])).toEqual([
      ['t0', 'buy'],
      ['t0', 'sell'],
    ]);
  });

  it('are read on by their number where a page of one moment would never end', async () => {
    const fetchMyTrades = listing('trades', trades(8, { timestamp: sinceMs }), 'newest_first');
    const account = accountOf(scripted({ fetchMyTrades }), 'kraken', { pageSize });
    expect(await account.fetchOwnTrades(spot, sinceMs)).toHaveLength(8);
    expect(questions.map(({ what, parameters }) => [what, parameters.ofs])).toEqual([
      [undefined, undefined],
      [undefined, 3],
      [undefined, 6],
    ]);
  });

  it('are picked out of those of all markets where ccxt would hide that a page was full', async () => {
    const fetchMyTrades = listing('trades', [trade(0, { symbol: 'ETH/USDT' }), trade(1)], 'newest_first');
    const found = await accountOf(scripted({ fetchMyTrades }), 'kraken').fetchOwnTrades(spot, sinceMs);
    expect(ids(found)).toEqual(['t1']);
  });

  it.each([
    ['pages of one moment do not end', { pageOrder: 'oldest_first' }, trades(4, { timestamp: sinceMs })],
    ['nobody knows which part of the span a page shows', { pageOrder: 'unknown' }, trades(3)],
  ] as const)('are an error rather than a hole where %s', async (_, traits, listed) => {
    const fetchMyTrades = listing('trades', listed);
    const account = accountOf(scripted({ fetchMyTrades }), 'some', { pageSize, ...traits });
    await expect(account.fetchOwnTrades(spot, sinceMs)).rejects.toMatchObject({ code: 'incomplete_answer' });
  });

  it('are given up where they are more than so many questions can tell', async () => {
    const fetchMyTrades = listing('trades', trades(4 * historyQuestionsMax));
    const account = accountOf(scripted({ fetchMyTrades }), 'some', { pageSize, pageOrder: 'oldest_first' });
    await expect(account.fetchOwnTrades(spot, sinceMs)).rejects.toMatchObject({ code: 'incomplete_answer' });
    expect(questions).toHaveLength(historyQuestionsMax);
  });

  it.each([
    ['no id', { id: undefined }],
    ['no order', { order: undefined }],
    ['no time', { timestamp: undefined }],
    ['no side', { side: null }],
    ['an amount that is none', { amount: 'NaN' }],
  ])('are an error where one has %s', async (_, change) => {
    const account = accountOf(scripted({ fetchMyTrades: async () => [trade(0, change)] }), 'some');
    await expect(account.fetchOwnTrades(spot, sinceMs)).rejects.toMatchObject({ code: 'unparsable_answer' });
  });

  it('are asked for span by span after a long silence', async () => {
    const early = nowMs - 20 * dayMs;
    const fetchMyTrades = listing('trades', [trade(0, { timestamp: early }), trade(1, { timestamp: nowMs - 1 })]);
    const found = await accountOf(scripted({ fetchMyTrades }), 'binance').fetchOwnTrades(spot, early);
    expect(ids(found)).toEqual(['t0', 't1']);
    expect(questions.map(({ since, parameters }) => [since, parameters.until])).toEqual([
      [early - 1_000, early - 1_000 + 6 * dayMs],
      [early - 1_000 + 6 * dayMs, early - 1_000 + 12 * dayMs],
      [early - 1_000 + 12 * dayMs, early - 1_000 + 18 * dayMs],
      [early - 1_000 + 18 * dayMs, undefined],
    ]);
  });
});

describe('own trades of all markets', () => {
  /** As Bybit, whose spot market and perpetual have one name, and as ccxt reads it: for the perpetual. */
  const bothMarkets = {
    markets: undefined as Record<string, unknown> | undefined,
    fetchMarkets: async () => [ccxtMarket('spot'), ccxtMarket('linear')],
    setMarkets(this: { markets: unknown }, markets: { symbol: string }[]) {
      this.markets = Object.fromEntries(markets.map((each) => [each.symbol, each]));
    },
    precisionMode: 4,
  };

  it('are told of the kind alone, and asked for by name where ccxt takes the name for another market', async () => {
    const fetchMyTrades = async (
      what: string | undefined,
      since: number,
      _limit: number,
      parameters: CallParameters,
    ) => {
      questions.push({ method: 'trades', what, since, parameters });
      return [trade(0, what === undefined ? { symbol: 'BTC/USDT:USDT', fee: { currency: 'USDT', cost: '1' } } : {})];
    };
    const account = accountOf({ ...scripted({ fetchMyTrades }), ...bothMarkets }, 'bybit');
    expect(account.tradesOfAllMarkets).toBe(true);
    expect(await account.fetchOwnTrades('spot', sinceMs)).toMatchObject([
      { symbol: 'BTC/USDT', fee: { amount: '0.2' } },
    ]);
    expect(questions.map(({ what, parameters }) => [what, parameters])).toEqual([
      [undefined, { type: 'spot' }],
      ['BTC/USDT', {}],
    ]);
  });

  it('are those of every list the venue keeps of a kind', async () => {
    const fetchMyTrades = listing('trades', [trade(0, { symbol: 'BTC/USDT:USDT' })]);
    const account = accountOf({ ...scripted({ fetchMyTrades }), ...bothMarkets }, 'bybit');
    expect(await account.fetchOwnTrades('perpetual', sinceMs)).toMatchObject([
      { symbol: 'BTC/USDT:USDT' },
      { symbol: 'BTC/USDT:USDT' },
    ]);
    expect(questions.map(({ parameters }) => parameters)).toEqual([
      { type: 'swap', subType: 'linear' },
      { type: 'swap', subType: 'inverse' },
    ]);
  });

  it.each(['binance', 'some'])('are refused unsent by %s, which wants a market named', async (venue) => {
    const account = accountOf(scripted({ fetchMyTrades: listing('trades', []) }), venue);
    expect(account.tradesOfAllMarkets).toBe(false);
    await expect(account.fetchOwnTrades('spot', sinceMs)).rejects.toMatchObject({ code: 'not_supported' });
    expect(questions).toEqual([]);
  });
});

const transaction = (index: number, change: object = {}) => ({
  ...{ id: `d${index}`, currency: 'USDT', amount: '5', status: 'ok', timestamp: sinceMs + index },
  ...change,
});

describe('transfers', () => {
  it('are deposits and withdrawals together, oldest first', async () => {
    const client = scripted({
      fetchDeposits: listing('in', [transaction(0), transaction(3, { status: 'pending', fee: { cost: '0' } })]),
      fetchWithdrawals: listing('out', [
        transaction(1, { fee: { currency: 'USDT', cost: '1' } }),
        transaction(2, { id: undefined, txid: 'x', status: 'canceled', fee: { currency: 'TRX', cost: '1' } }),
        transaction(4, { status: 'a word of its own' }),
      ]),
    });
    const of = { asset: 'USDT', amount: '5' };
    expect(await accountOf(client, 'binance').fetchTransfers(sinceMs)).toEqual([
      { id: 'd0', direction: 'in', ...of, atMs: sinceMs, status: 'done' },
      { id: 'd1', direction: 'out', ...of, fee: '1', atMs: sinceMs + 1, status: 'done' },
      { id: 'x', direction: 'out', ...of, atMs: sinceMs + 2, status: 'failed' },
      { id: 'd3', direction: 'in', ...of, atMs: sinceMs + 3, status: 'pending' },
      { id: 'd4', direction: 'out', ...of, atMs: sinceMs + 4, status: 'pending' },
    ]);
  });

  it('are found where the venue tells their times to the second', async () => {
    const client = scripted({
      fetchDeposits: listing('in', [transaction(0), transaction(-1_000, { id: 'early' })]),
      fetchWithdrawals: listing('out', []),
    });
    const found = await accountOf(client, 'kraken').fetchTransfers(sinceMs + 999);
    expect(found?.map(({ id }) => id)).toEqual(['d0']);
  });

  it('are moves between the unified account and others at Bybit, with the digits that Bybit tells', async () => {
    const entry = (id: string, change: string) => ({
      id,
      currency: 'BTC',
      timestamp: sinceMs,
      info: { change },
      amount: 0.1,
    });
    const fetchLedger = async (what: string | undefined, since: number, _limit: number, parameters: CallParameters) => {
      questions.push({ method: 'ledger', what, since, parameters });
      return parameters.type === 'TRANSFER_IN' ? [entry('i', '0.100000000000000001')] : [entry('o', '-2')];
    };
    expect(await accountOf(scripted({ fetchLedger }), 'bybit').fetchTransfers(sinceMs)).toEqual([
      { id: 'i', direction: 'in', asset: 'BTC', amount: '0.100000000000000001', atMs: sinceMs, status: 'done' },
      { id: 'o', direction: 'out', asset: 'BTC', amount: '2', atMs: sinceMs, status: 'done' },
    ]);
    expect(questions.map(({ parameters }) => parameters.endTime)).toEqual([nowMs + 1_000, nowMs + 1_000]);
  });

  it('are moves that touch the trading account at OKX', async () => {
    const move = (id: string, fromAccount: string, toAccount: string) =>
      transaction(0, { id, fromAccount, toAccount, status: undefined });
    const fetchTransfers = listing('moves', [
      ...[move('i', 'funding', 'trading'), move('o', 'trading', 'funding'), move('none', 'funding', 'other')],
      { ...move('later', 'funding', 'trading'), status: 'pending' },
    ]);
    const found = await accountOf(scripted({ fetchTransfers }), 'okx').fetchTransfers(sinceMs);
    expect(found?.map(({ id, direction, status }) => [id, direction, status])).toEqual([
      ['i', 'in', 'done'],
      ['o', 'out', 'done'],
      ['later', 'in', 'pending'],
    ]);
  });

  it.each([
    ['has no such list', scripted({})],
    [
      'does not show it to this key',
      scripted({ fetchDeposits: () => Promise.reject(venueError('PermissionDenied', 'EGeneral:Permission denied')) }),
    ],
  ])('are not told where the venue %s', async (_, client) => {
    expect(await accountOf(client, 'some').fetchTransfers(sinceMs)).toBeUndefined();
  });

  it('are an error where the venue does not answer', async () => {
    const fetchDeposits = () => Promise.reject(venueError('RequestTimeout', 'timed out'));
    const account = accountOf(scripted({ fetchDeposits }), 'some');
    await expect(account.fetchTransfers(sinceMs)).rejects.toMatchObject({ code: 'timeout' });
  });

  it.each([
    ['no id', { id: undefined }],
    ['no asset', { currency: undefined }],
    ['no amount', { amount: null }],
  ])('are an error where one has %s', async (_, change) => {
    const fetchDeposits = async () => [transaction(0, change)];
    const client = scripted({ fetchDeposits, fetchWithdrawals: async () => [] });
    await expect(accountOf(client, 'some').fetchTransfers(sinceMs)).rejects.toMatchObject({
      code: 'unparsable_answer',
    });
  });
});

describe('funding', () => {
  const paid = { id: 'f1', symbol: 'BTC/USDT:USDT', code: 'USD', amount: '-0.25', timestamp: sinceMs };

  it.each([
    ['binance', '-0.25'],
    ['bybit', '0.25'],
  ])('is below zero where it was paid, whatever sign %s gives it', async (venue, amountTold) => {
    const fetchFundingHistory = listing('funding', [paid, { ...paid, id: 'other', symbol: 'ETH/USDT:USDT' }]);
    const found = await accountOf(scripted({ fetchFundingHistory }), venue).fetchFundingPayments(perpetual, sinceMs);
    expect(found).toEqual([{ id: 'f1', symbol: 'BTC/USDT:USDT', asset: 'USDT', amount: amountTold, atMs: sinceMs }]);
  });

  it('is not told where the venue has no list of it, nor of markets that pay none', async () => {
    const fetchFundingHistory = listing('funding', [paid]);
    expect(await accountOf(scripted({}), 'some').fetchFundingPayments(perpetual, sinceMs)).toBeUndefined();
    expect(
      await accountOf(scripted({ fetchFundingHistory }), 'some').fetchFundingPayments(spot, sinceMs),
    ).toBeUndefined();
  });
});

describe('wallets', () => {
  const walletsOf = (venue: string, has: object = {}, options: object = {}) =>
    accountOf({ ...scripted({}, has as Record<string, unknown>), options }, venue).wallets;

  it.each<[string, string[]]>([
    ['binance', ['spot: spot', 'futures: perpetual future']],
    ['binanceus', ['spot: spot']],
    ['kraken', ['spot: spot']],
    ['bybit', ['unified: spot perpetual future option']],
    ['bybiteu', ['unified: spot perpetual future option']],
    ['okx', ['unified: spot perpetual future option']],
    ['gate', ['unified: spot perpetual future option']],
  ])('of %s are as its balances are kept apart', (venue, expected) => {
    expect(walletsOf(venue).map(({ name, kinds }) => `${name}: ${kinds.join(' ')}`)).toEqual(expected);
  });

  it('are without contracts in a sandbox that has none', () => {
    expect(walletsOf('binance', {}, { fetchMarkets: { types: ['spot'] } }).map(({ name }) => name)).toEqual(['spot']);
    expect(walletsOf('binance', {}, { fetchMarkets: { types: ['spot', 'linear'] } })).toHaveLength(2);
  });

  it.each([
    [{ spot: true, swap: true, future: false }, { defaultType: 'swap' }, ['perpetual', 'spot']],
    [{ spot: true, swap: true }, {}, ['spot', 'perpetual']],
    [{ swap: true, future: true }, {}, ['perpetual', 'future']],
    [{}, {}, ['spot']],
  ])('of a venue that nobody has looked at are one, of all its kinds: %o', (has, options, kinds) => {
    expect(walletsOf('some', has, options)).toEqual([{ name: 'main', kinds, countsOpenProfit: false }]);
  });

  it('are asked for by kind only where there are several', async () => {
    const asked: unknown[] = [];
    const fetchBalance = async (parameters: unknown) => {
      asked.push(parameters);
      return { total: {} };
    };
    await accountOf(scripted({ fetchBalance }), 'binance').fetchBalances('perpetual');
    await accountOf(scripted({ fetchBalance }), 'bybit').fetchBalances('perpetual');
    await accountOf(scripted({ fetchBalance }), 'kraken').fetchBalances();
    await accountOf(scripted({ fetchBalance }), 'kraken').fetchBalances('perpetual');
    expect(asked).toEqual([{ type: 'swap' }, {}, {}, { type: 'swap' }]);
  });
});

describe('a wallet that the key may not use', () => {
  const refusing = (codes: Record<string, string>) => {
    const asked: unknown[] = [];
    const fetchBalance = async ({ type = 'spot' }: { type?: string }) => {
      asked.push(type);
      const name = codes[type];
      if (name !== undefined) throw venueError(name, 'Invalid API-key, IP, or permissions for action.');
      return { total: { USDT: '5' }, USDT: { total: '5' } };
    };
    return { asked, account: accountOf(scripted({ fetchBalance, ...lists(codes.swap) }), 'binance') };
  };
  const lists = (name = 'RequestTimeout') => ({
    fetchMarkets: async () => [],
    fetchPositions: () => Promise.reject(venueError(name, 'no')),
    fetchOpenOrders: () => Promise.reject(venueError(name, 'no')),
  });

  it('is empty where the same key is taken for the first one', async () => {
    const { account, asked } = refusing({ swap: 'AuthenticationError' });
    expect(await account.fetchBalances('perpetual')).toEqual([]);
    expect(asked).toEqual(['swap', 'spot']);
    expect(await account.fetchPositions()).toEqual([]);
    expect(await account.fetchOpenOrders('perpetual')).toEqual([]);
  });

  it.each([
    ['the key is refused for the first one too', { swap: 'AuthenticationError', spot: 'AuthenticationError' }],
    ['the venue does not answer', { swap: 'RequestTimeout' }],
  ])('is an error where %s', async (_, codes) => {
    const { account } = refusing(codes);
    const asks = [() => account.fetchBalances('perpetual'), () => account.fetchPositions()];
    for (const ask of asks) await expect(ask()).rejects.toMatchObject({ name: 'VenueError' });
  });

  it('is an error where its positions in named markets are asked for, which orders depend on', async () => {
    const { account } = refusing({ swap: 'AuthenticationError' });
    await expect(account.fetchPositions([perpetual])).rejects.toMatchObject({ code: 'authentication_failed' });
    await expect(account.fetchOpenOrders(perpetual)).rejects.toMatchObject({ code: 'authentication_failed' });
  });
});

describe('the dead man’s switch', () => {
  const asked: number[] = [];
  const cancelAllOrdersAfter = async (afterMs: number) => {
    asked.push(afterMs);
    return {};
  };
  beforeEach(() => {
    asked.length = 0;
  });

  it.each([
    ['kraken', 60_000, 60_000],
    ['kraken', 1, 1_000],
    ['kraken', 1_001, 2_000],
    ['kraken', 0, 0],
    ['okx', 5_000, 10_000],
    ['krakenfutures', 86_400_000, 86_400_000],
  ])('of %s is set to %i ms as %i: never to none where some was meant', async (venue, afterMs, sentMs) => {
    const account = accountOf(scripted({ cancelAllOrdersAfter }), venue);
    expect(account.hasDeadManSwitch).toBe(true);
    expect(await account.setDeadManSwitch(afterMs)).toEqual({ kind: 'set' });
    expect(asked).toEqual([sentMs]);
  });

  it.each([
    ['okx', 120_001],
    ['kraken', -1],
    ['kraken', 1.5],
    ['bybit', 60_000],
    ['hyperliquid', 60_000],
    ['some', 60_000],
  ])('of %s is refused unsent for %d ms', async (venue, afterMs) => {
    const outcome = await accountOf(scripted({ cancelAllOrdersAfter }), venue).setDeadManSwitch(afterMs);
    expect(outcome).toMatchObject({ kind: 'refused', cause: { code: 'not_supported' } });
    expect(asked).toEqual([]);
  });

  it('is not there where ccxt does not have it', () => {
    expect(accountOf(scripted({}), 'kraken').hasDeadManSwitch).toBe(false);
    expect(accountOf(scripted({ cancelAllOrdersAfter }), 'bybit').hasDeadManSwitch).toBe(false);
  });

  it.each([
    ['PermissionDenied', 'refused', 'permission_denied'],
    ['RequestTimeout', 'unknown', 'timeout'],
  ])('ends with %s as %s', async (name, kind, code) => {
    const client = scripted({ cancelAllOrdersAfter: () => Promise.reject(venueError(name, 'no')) });
    expect(await accountOf(client, 'kraken').setDeadManSwitch(60_000)).toMatchObject({ kind, cause: { code } });
  });
});
