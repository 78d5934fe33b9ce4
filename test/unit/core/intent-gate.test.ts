import {
  type AccountLimits,
  amount,
  askGateFigures,
  type Balance,
  type Books,
  type ConfiguredAccount,
  type ExecutionPolicy,
  type ExecutionVenue,
  fundsFor,
  gateOf,
  type Market,
  notional,
  type PlannedOrder,
  price,
  quoteRateOf,
  type Ticker,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { gateLimits } from '../../support/gates.ts';
import { btcUsdt } from '../../support/markets.ts';
import { intent } from '../../support/orders.ts';

const nowMs = 1_000_000;
const clock = { nowMs: () => nowMs, sleep: async () => undefined };
const perpetual: Market = {
  ...btcUsdt,
  symbol: 'BTC/USDT:USDT',
  kind: 'perpetual',
  settle: 'USDT',
  contractType: 'linear',
};
const account = { id: 'main', mode: 'sandbox', venue: 'fake' } as unknown as ConfiguredAccount;

const policyOf = (limits: Partial<AccountLimits>): ExecutionPolicy => ({
  ...{ account, limits: gateLimits(limits), liveTrading: false },
  ...{ onUnknown: 'give_up', standIns: [], expiresAtMs: 0 },
});

/** In the purse for spot, unless said otherwise. */
type Kept = Balance & { wallet?: string };

const booksOf = (ageMs: number, balances: Kept[] = []) => ({
  get: async () =>
    ({
      answeredAtMs: nowMs - ageMs,
      rates: { EUR: price('1.1') },
      balances: balances.map((balance) => ({ wallet: 'spot', ...balance })),
    }) as unknown as Books,
});
const none = { get: async () => undefined };

const buying: PlannedOrder = {
  ...{ role: 'entry', side: 'buy', amount: amount('2'), notional: notional('200') },
  terms: { type: 'limit', price: price('100') },
};

describe('what a quote currency is worth in the owner’s', () => {
  it.each([
    ['one, of those that count one to one', 'USDT', none, { rate: '1' }],
    ['what reconciliation found', 'EUR', booksOf(300_000), { rate: '1.1' }],
    ['unknown before the first reconciliation', 'EUR', none, 'nothing tells what EUR is worth'],
    ['unknown where reconciliation found nothing', 'JPY', booksOf(0), 'nothing tells what JPY is worth'],
    ['unknown of a name that every object has', 'constructor', booksOf(0), 'nothing tells'],
    ['unknown once it is old', 'EUR', booksOf(301_000), 'was found 301 s ago, above 300 s'],
  ])('is %s', async (_what, quote, books, expected) => {
    const result = await quoteRateOf(quote, policyOf({}), { books, clock });
    if (typeof expected === 'object') expect(result).toEqual(expected);
    else
      expect(result).toMatchObject({
        denial: { code: 'quote_without_limit', message: expect.stringContaining(expected) },
      });
  });
});

describe('what an order takes of an account', () => {
  const inverse: Market = { ...perpetual, settle: 'BTC', contractType: 'inverse' };
  it.each<[string, Partial<PlannedOrder>, Market, { asset: string; needed: string }]>([
    ['a buy on spot', {}, btcUsdt, { asset: 'USDT', needed: '200' }],
    ['a sell on spot', { side: 'sell' }, btcUsdt, { asset: 'BTC', needed: '2' }],
    ['a contract', {}, perpetual, { asset: 'USDT', needed: '200' }],
    ['a contract with leverage', { leverage: '4' }, perpetual, { asset: 'USDT', needed: '50' }],
    [
      'a contract without a settlement asset',
      {},
      { ...perpetual, settle: undefined } as unknown as Market,
      { asset: 'USDT', needed: '200' },
    ],
    ['an inverse contract', {}, inverse, { asset: 'BTC', needed: '2' }],
    [
      'an inverse contract at a trigger',
      { terms: { type: 'stop', triggerPrice: price('50') } },
      inverse,
      { asset: 'BTC', needed: '4' },
    ],
    [
      'an inverse contract whose price nobody knows',
      { terms: { type: 'market' } },
      inverse,
      { asset: 'BTC', needed: '200' },
    ],
  ])('is told of %s', (_what, change, market, expected) => {
    expect(fundsFor({ ...buying, ...change }, market)).toEqual(expected);
  });
});

describe('what is asked before an intent is judged', () => {
  const asked: string[] = [];
  const venueWith = (balances: Balance[], ticker: Partial<Ticker> = {}) =>
    ({
      wallets: [
        { name: 'futures', kinds: ['perpetual'], countsOpenProfit: false },
        { name: 'spot', kinds: ['spot'], countsOpenProfit: false },
      ],
      fetchBalances: async () => {
        asked.push('balances');
        return balances;
      },
      fetchTicker: async () => {
        asked.push('ticker');
        return { symbol: btcUsdt.symbol, ...ticker };
      },
    }) as unknown as ExecutionVenue;
  const ask = (
    limits: Partial<AccountLimits>,
    venue: ExecutionVenue,
    books: ReturnType<typeof booksOf> | typeof none = none,
  ) => {
    asked.length = 0;
    return askGateFigures(buying, { market: btcUsdt, venue, policy: policyOf(limits), ports: { books, clock } });
  };
  const usdt = (free: string | undefined): Balance => ({
    ...{ asset: 'USDT', total: amount('500') },
    ...(free !== undefined && { free: amount(free) }),
  });

  it('is the price, where only that tells what an order takes', async () => {
    const inverse: Market = { ...perpetual, settle: 'BTC', contractType: 'inverse' };
    const btc: Balance = { asset: 'BTC', total: amount('2'), free: amount('2') };
    const venue = {
      wallets: [],
      fetchBalances: async () => [btc],
      fetchPrice: async () => price('100'),
    } as unknown as ExecutionVenue;
    const sources = {
      market: inverse,
      venue,
      policy: policyOf({ freeBalance: 'check' }),
      ports: { books: none, clock },
    };
    const atMarket: PlannedOrder = { ...buying, terms: { type: 'market' } };
    expect(await askGateFigures(atMarket, sources)).toEqual({});
    const larger = { ...atMarket, notional: notional('201') };
    expect(await askGateFigures(larger, sources)).toMatchObject({
      fundsDenial: { message: 'the order takes 2.01 BTC, and 2 is free' },
    });
  });

  it('is nothing where no limit wants to know', async () => {
    expect(await ask({}, venueWith([]))).toEqual({});
    expect(asked).toEqual([]);
  });

  it('is nothing of an order that only shrinks a position', async () => {
    const closing = { ...buying, terms: { ...buying.terms, reduceOnly: true } };
    const limits = policyOf({ priceDeviationMax: '1%', freeBalance: 'check' });
    const sources = { market: btcUsdt, venue: venueWith([]), policy: limits, ports: { books: none, clock } };
    expect(await askGateFigures(closing, sources)).toEqual({});
  });

  it('is the book, where orders are measured by it', async () => {
    const best = { bid: price('99'), ask: price('100') };
    expect(await ask({ priceDeviationMax: '1%' }, venueWith([], best))).toEqual({
      market: { ticker: { symbol: 'BTC/USDT', ...best }, askedAtMs: nowMs },
    });
  });

  it.each<[string, Kept[], Balance[], number, string[], string | undefined]>([
    ['books that show enough', [usdt('200')], [], 0, [], undefined],
    ['the venue, where the books show too little', [usdt('199')], [usdt('200')], 0, ['balances'], undefined],
    ['the venue, where the books are old', [usdt('200')], [usdt('1')], 301_000, ['balances'], '1 is free'],
    [
      'the venue, where only another purse has it',
      [{ ...usdt('200'), wallet: 'futures' }],
      [usdt('1')],
      0,
      ['balances'],
      '1 is free',
    ],
    [
      'the purse that pays, whatever another has',
      [{ ...usdt('1'), wallet: 'futures' }, usdt('200')],
      [],
      0,
      [],
      undefined,
    ],
    ['a venue that does not tell what is free', [], [usdt(undefined)], 0, ['balances'], 'does not tell what is free'],
    ['a venue that has none of it', [], [], 0, ['balances'], 'takes 200 USDT, and there is none'],
  ])('believes %s', async (_what, kept, told, ageMs, questions, denial) => {
    const figures = await ask({ freeBalance: 'check' }, venueWith(told), booksOf(ageMs, kept));
    expect(asked).toEqual(questions);
    expect(figures.fundsDenial?.code).toBe(denial && 'free_balance');
    if (denial !== undefined) expect(figures.fundsDenial?.message).toContain(denial);
  });

  it('asks the venue where there are no books', async () => {
    expect(await ask({ freeBalance: 'check' }, venueWith([usdt('200')]))).toEqual({});
    expect(asked).toEqual(['balances']);
  });
});

it('looks at the source’s row only where the source has a rate', () => {
  const gate = (source?: { ordersPerMinuteMax?: number }) =>
    gateOf(intent, { policy: { limits: { ...gateLimits(), source } } }, { clock }).usesSource;
  expect([gate(), gate({}), gate({ ordersPerMinuteMax: 1 })]).toEqual([false, false, true]);
});
