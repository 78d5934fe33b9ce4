import {
  type AccountFigures,
  type AccountLimits,
  addToCounters,
  type DeskLimits,
  denialCodes,
  type GateContext,
  grant,
  type Intent,
  judgeIntent,
  type LimitText,
  type MarketFigures,
  notional,
  price,
  type RiskRows,
  type RiskState,
  type RowClaim,
  type SourceLimits,
  standingDenial,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { gateLimits } from '../../support/gates.ts';
import { intent as entry } from '../../support/orders.ts';
import fc from '../../support/property.ts';

const nowMs = 600_000;
const minute = nowMs / 60_000;
const limit = (text: string): LimitText => text as LimitText;

const row = (change: Partial<RiskState> = {}): RiskState => ({
  ...{ account: 'main', state: 'active', reason: 'first use', by: 'nightdesk' },
  ...{ reserved: notional('60'), counters: {}, figuresVersion: 3, version: 1, journalHash: '', updatedAtMs: 0 },
  ...change,
});

const figures: AccountFigures = {
  ...{ atMs: nowMs - 10_000, equity: notional('1000') },
  ...{ dailyLoss: notional('40'), drawdown: notional('90') },
};
const deskFigures = { sandbox: { atMs: nowMs - 10_000, equity: notional('2000') } };
const book: MarketFigures = { ticker: { bid: price('99'), ask: price('100') }, askedAtMs: nowMs - 500 };

const opening: Intent = {
  ...entry,
  ...{ type: 'limit', side: 'buy', price: price('100'), reserved: notional('40') },
  exposure: { mode: 'sandbox', asset: 'BTC', notional: notional('40') },
};
const exposed = (amount: string, counter = 'exposure') => row({ figures, counters: { [counter]: amount } });

interface Situation {
  limits?: Partial<AccountLimits>;
  desk?: Partial<DeskLimits>;
  source?: SourceLimits;
  intent?: Partial<Intent>;
  account?: RiskState | undefined;
  all?: RiskState | undefined;
  sent?: { minute: number; orders: number };
  market?: MarketFigures;
  fundsDenial?: GateContext['fundsDenial'];
}

function judge(situation: Situation) {
  const { limits, desk, source, intent, market, fundsDenial, sent } = situation;
  const wide = gateLimits(limits);
  const context: GateContext = {
    limits: { account: wide.account, desk: { ...wide.desk, ...desk }, source },
    ...(market && { market }),
    ...(fundsDenial && { fundsDenial }),
    nowMs,
  };
  const rows: RiskRows = {
    account: 'account' in situation ? situation.account : row({ figures }),
    all: 'all' in situation ? situation.all : row({ account: '*', deskFigures }),
    ...(sent && { source: { minute: sent } }),
  };
  return judgeIntent({ ...opening, ...intent }, context, rows);
}

describe('an account', () => {
  it.each([
    [{ mode: 'sandbox', exchangeEnabled: true, liveTrading: false }, undefined],
    [{ mode: 'live', exchangeEnabled: true, liveTrading: true }, undefined],
    [{ mode: 'live', exchangeEnabled: true, liveTrading: false }, 'live_trading_off'],
    [{ mode: 'sandbox', exchangeEnabled: false, liveTrading: true }, 'exchange_disabled'],
    [{ mode: 'paper', exchangeEnabled: true, liveTrading: false }, undefined],
    [{ mode: 'paper', exchangeEnabled: false, liveTrading: true }, 'exchange_disabled'],
  ] as const)('with %o is denied: %s', (standing, code) => {
    expect(standingDenial(standing)?.code).toBe(code);
  });
});

const stale = { ...figures, atMs: nowMs - 400_000 };
const rows: [what: string, situation: Situation, denial: [code: string, words: string] | undefined][] = [
  ['with nothing against it', {}, undefined],
  ['whose account has no switch', { account: undefined }, ['switch_not_set', "the account's switch was never set"]],
  ['while all accounts have none', { all: undefined }, ['switch_not_set', 'the switch of all accounts']],
  [
    'of an account that is halted',
    { account: row({ state: 'halted', reason: 'r' }) },
    ['switch_not_active', 'is halted: r'],
  ],
  ['while all only reduce', { all: row({ state: 'reducing' }) }, ['switch_not_active', 'is reducing']],
  ['of a symbol that is listed', { limits: { symbols: ['BTC/USDT'] } }, undefined],
  [
    'of another symbol',
    { limits: { symbols: ['ETH/USDT'] } },
    ['symbol_not_allowed', "BTC/USDT is not among the account's"],
  ],
  ["of none of the source's", { source: { symbols: ['X/Y'] } }, ['symbol_not_allowed', "the source's symbols"]],
  ['of exactly the largest worth', { limits: { orderNotionalMax: notional('40') } }, undefined],
  [
    'above the largest worth',
    { limits: { orderNotionalMax: notional('39.99999999') } },
    ['order_notional_limit', 'worth 40, above 39.99999999'],
  ],
  ["above the source's", { source: { orderNotionalMax: notional('39') } }, ['order_notional_limit', '40, above 39']],
  ['with what is open at its most', { limits: { openNotionalMax: notional('100') } }, undefined],
  [
    'with what is open above it',
    { limits: { openNotionalMax: notional('99.99') } },
    ['open_notional_limit', '60 in open orders and 40 more would be above 99.99'],
  ],
  [
    'of an account whose row was lost',
    { account: row({ reserved: notional('-1') }) },
    ['open_notional_limit', "the account's row was lost"],
  ],
  [
    'while the row of all accounts was lost',
    { all: row({ account: '*', deskFigures, counters: { 'sandbox:exposure': '-1' } }) },
    ['open_notional_limit', '-1 (sandbox:exposure) is no figure to compare with: the row of all accounts was lost'],
  ],
  [
    'with room for one more order',
    { limits: { openOrdersMax: 3 }, account: row({ counters: { orders: '2' } }) },
    undefined,
  ],
  [
    'with room for no more orders',
    { limits: { openOrdersMax: 3 }, account: row({ counters: { orders: '3' } }) },
    ['open_orders_limit', '3 open orders and 1 more would be above 3'],
  ],
  [
    'in a new minute',
    { limits: { ordersPerMinuteMax: 1 }, account: row({ minute: { minute: minute - 1, orders: 9 } }) },
    undefined,
  ],
  [
    'too soon after others',
    { limits: { ordersPerMinuteMax: 9 }, account: row({ minute: { minute, orders: 9 } }) },
    ['order_rate_limit', "9 of the account's 9 orders a minute"],
  ],
  [
    'too soon by a clock that is ahead',
    { limits: { ordersPerMinuteMax: 9 }, account: row({ minute: { minute: minute + 1, orders: 9 } }) },
    ['order_rate_limit', 'were placed in this one'],
  ],
  ['of a source that sent none', { source: { ordersPerMinuteMax: 1 } }, undefined],
  [
    'of a source that sent too many',
    { source: { ordersPerMinuteMax: 2 }, sent: { minute, orders: 2 } },
    ['order_rate_limit', "2 of the source's 2"],
  ],
  ['at the exposure limit', { limits: { exposureMax: limit('100') }, account: exposed('60') }, undefined],
  [
    'above it',
    { limits: { exposureMax: limit('10%') }, account: exposed('60.00000001') },
    ['exposure_limit', '60.00000001 in positions and open orders and 40 more would be above 100 (10%)'],
  ],
  [
    'by a share of an equity that nobody knows',
    { limits: { exposureMax: limit('10%') }, account: row() },
    ['figures_missing', 'the equity of the account is not known'],
  ],
  [
    'by a share of an equity that is old',
    { limits: { exposureMax: limit('10%') }, account: row({ figures: stale }) },
    ['figures_stale', 'is 400 s old, and 300 s is the most'],
  ],
  [
    'by a share of an equity below zero',
    { limits: { exposureMax: limit('10%') }, account: row({ figures: { ...figures, equity: notional('-5') } }) },
    ['exposure_limit', 'above 0 (10%)'],
  ],
  [
    'above the limit of its asset',
    { limits: { assetExposureMax: limit('50') }, account: exposed('20', 'asset#BTC') },
    ['asset_exposure_limit', '20 in positions and open orders of BTC'],
  ],
  [
    'beside another asset',
    { limits: { assetExposureMax: limit('50') }, account: exposed('49', 'asset#ETH') },
    undefined,
  ],
  ['with leverage up to the most', { limits: { leverageMax: notional('2') }, intent: { leverage: '2' } }, undefined],
  [
    'with more leverage',
    { limits: { leverageMax: notional('2') }, intent: { leverage: '3' } },
    ['leverage_limit', 'is 3, above 2'],
  ],
  [
    'that leverages the account too far',
    { limits: { leverageMax: notional('2') }, account: exposed('1961') },
    ['leverage_limit', 'would be above 2000 (200%)'],
  ],
  [
    'with the tighter of two limits on one figure',
    { limits: { leverageMax: notional('2'), exposureMax: limit('50') }, account: exposed('20') },
    ['exposure_limit', 'above 50'],
  ],
  [
    'with the tighter of the two the other way round',
    { limits: { leverageMax: notional('0.05'), exposureMax: limit('900') }, account: exposed('20') },
    ['leverage_limit', 'above 50 (5%)'],
  ],
  [
    'with both wide enough',
    { limits: { leverageMax: notional('0.06'), exposureMax: limit('900') }, account: exposed('20') },
    undefined,
  ],
  ['after less than the largest loss of a day', { limits: { dailyLossMax: limit('41') } }, undefined],
  [
    'after the largest loss of a day',
    { limits: { dailyLossMax: limit('40') } },
    ['daily_loss_limit', '40 was lost today, and 40 (40)'],
  ],
  // 40 of the 1040 that the day began with.
  ['by a share of the equity before the loss', { limits: { dailyLossMax: limit('4%') } }, undefined],
  [
    'above that share',
    { limits: { dailyLossMax: limit('3.8%') } },
    ['daily_loss_limit', 'and 39.52 (3.8%) is the most'],
  ],
  [
    'that lost more than there is',
    {
      limits: { dailyLossMax: limit('50%') },
      account: row({ figures: { ...figures, equity: notional('-100') } }),
    },
    ['daily_loss_limit', 'and 0 (50%)'],
  ],
  [
    'without a loss, whatever its limit',
    { limits: { dailyLossMax: limit('1%') }, account: row({ figures: { ...figures, dailyLoss: notional('0') } }) },
    undefined,
  ],
  [
    'below the highest equity by the most',
    { limits: { drawdownMax: limit('90') } },
    ['drawdown_limit', '90 was lost since the highest'],
  ],
  [
    'while nobody knows the loss',
    { limits: { drawdownMax: limit('9%') }, account: row() },
    ['figures_missing', 'not reconciled'],
  ],
  ['at a venue with room', { desk: { venueExposureMax: limit('2%') } }, undefined],
  [
    'at a venue with none',
    { desk: { venueExposureMax: limit('30%') }, all: row({ deskFigures, counters: { 'sandbox:venue#fake': '561' } }) },
    ['venue_exposure_limit', '561 in positions and open orders at fake and 40 more would be above 600 (30%)'],
  ],
  [
    'at a venue by a share of what nobody knows',
    { desk: { venueExposureMax: limit('30%') }, all: row() },
    ['figures_missing', 'the equity of all sandbox accounts'],
  ],
  [
    'beside paper accounts',
    { desk: { exposureMax: limit('50') }, all: row({ counters: { 'paper:exposure': '49' } }) },
    undefined,
  ],
  [
    'above what all may have',
    { desk: { exposureMax: limit('50') }, all: row({ counters: { 'sandbox:exposure': '11' } }) },
    ['desk_exposure_limit', 'of all sandbox accounts'],
  ],
  [
    'above what all may have of an asset',
    { desk: { assetExposureMax: limit('50') }, all: row({ counters: { 'sandbox:asset#BTC': '11' } }) },
    ['desk_asset_exposure_limit', 'of BTC of all sandbox accounts'],
  ],
  [
    'that can only shrink what all have',
    {
      desk: { exposureMax: limit('1') },
      intent: { exposure: { mode: 'sandbox', asset: 'BTC', notional: notional('0') } },
    },
    undefined,
  ],
  [
    'of a build that counted no exposure',
    { desk: { exposureMax: limit('1') }, intent: { exposure: undefined } as Partial<Intent> },
    undefined,
  ],
  ['near the book', { limits: { priceDeviationMax: '1%' }, market: book }, undefined],
  ['without a book', { limits: { priceDeviationMax: '1%' } }, ['market_data_missing', 'shows no bid and ask']],
  [
    'with half a book',
    { limits: { priceDeviationMax: '1%' }, market: { ...book, ticker: { bid: price('99') } } },
    ['market_data_missing', 'BTC/USDT'],
  ],
  [
    'with a book that is crossed',
    { limits: { priceDeviationMax: '1%' }, market: { ...book, ticker: { bid: price('100'), ask: price('99') } } },
    ['market_data_missing', 'a bid of 100 and an ask of 99'],
  ],
  [
    'with a book that shows nothing but zeros',
    { limits: { priceDeviationMax: '1%' }, market: { ...book, ticker: { bid: price('0'), ask: price('0') } } },
    ['market_data_missing', 'a bid of 0'],
  ],
  [
    'with an old book',
    {
      limits: { priceDeviationMax: '1%' },
      market: { ticker: { ...book.ticker, atMs: nowMs - 61_000 }, askedAtMs: nowMs },
    },
    ['market_data_stale', 'is 61 s old, and 60 s is the most'],
  ],
  [
    'with a book that was asked for long ago',
    { limits: { priceDeviationMax: '1%' }, market: { ...book, askedAtMs: nowMs - 99_000 } },
    ['market_data_stale', 'is 99 s old'],
  ],
  [
    'with a book that is wide open',
    { limits: { priceDeviationMax: '0.9%' }, market: book },
    ['price_deviation', 'the best bid 99 and the best ask 100 are further apart than 0.9%'],
  ],
  [
    'that buys far above',
    { limits: { priceDeviationMax: '1%' }, market: book, intent: { price: price('101.01') } },
    ['price_deviation', 'the limit 101.01 is more than 1% above the best ask 100'],
  ],
  [
    'that buys far below',
    { limits: { priceDeviationMax: '1%' }, market: book, intent: { price: price('1') } },
    undefined,
  ],
  [
    'that sells far below',
    { limits: { priceDeviationMax: '1%' }, market: book, intent: { side: 'sell', price: price('98') } },
    ['price_deviation', 'below the best bid 99'],
  ],
  [
    'that waits for its trigger',
    { limits: { priceDeviationMax: '1%' }, market: book, intent: { type: 'stop_limit', price: price('500') } },
    undefined,
  ],
  [
    'without funds',
    { fundsDenial: { code: 'free_balance', message: 'the order takes 40 USDT, and 1 is free' } },
    ['free_balance', '1 is free'],
  ],
];

describe('an order', () => {
  it.each(rows)('%s is judged', (_what, situation, denial) => {
    const result = judge(situation);
    if (denial === undefined) expect(result.kind).toBe('passes');
    else expect(result).toMatchObject({ denial: { code: denial[0], message: expect.stringContaining(denial[1]) } });
  });

  it('has a row here for every code that the gate can give', () => {
    const elsewhere = ['live_trading_off', 'exchange_disabled', 'quote_without_limit'];
    const shown = rows.flatMap(([, , denial]) => denial?.[0] ?? []);
    expect(denialCodes.filter((code) => !shown.includes(code))).toEqual(elsewhere);
  });

  it('that only shrinks a position passes everything but the switches', () => {
    const tight: Partial<AccountLimits> = {
      ...{ symbols: ['X/Y'], orderNotionalMax: notional('1') },
      ...{ dailyLossMax: limit('1'), priceDeviationMax: '1%' },
    };
    const intent = { reduceOnly: true };
    const switches = { account: row({ state: 'reducing' }), all: row({ account: '*', state: 'reducing' }) };
    expect(judge({ limits: tight, intent, ...switches }).kind).toBe('passes');
    expect(judge({ limits: tight, intent, ...switches, all: row({ state: 'halted' }) })).toMatchObject({
      denial: { code: 'switch_not_active' },
    });
  });

  it('that is an exit passes them as well, also at a venue that keeps no orders that only reduce', () => {
    const tight: Partial<AccountLimits> = { symbols: ['X/Y'], dailyLossMax: limit('1'), priceDeviationMax: '1%' };
    const intent: Partial<Intent> = {
      ...{ role: 'stop_loss', parentId: 'nd0' as Intent['orderId'], reserved: notional('0') },
      exposure: undefined,
    } as Partial<Intent>;
    expect(judge({ limits: tight, intent })).toMatchObject({ claims: [{ counters: [] }, { counters: [] }] });
    const reducing = { account: row({ state: 'reducing' }) };
    expect(judge({ limits: tight, intent, ...reducing })).toMatchObject({ denial: { code: 'switch_not_active' } });
  });

  it('that is a sale on spot passes what only keeps positions from being opened', () => {
    const full = { exposureMax: limit('1'), assetExposureMax: limit('1%'), leverageMax: notional('0.01') };
    const limits = { ...full, dailyLossMax: limit('1'), drawdownMax: limit('1') };
    const intent: Partial<Intent> = {
      side: 'sell',
      exposure: { mode: 'sandbox', asset: 'BTC', notional: notional('0') },
    };
    for (const account of [exposed('500'), row(), row({ figures: stale })]) {
      const result = judge({ limits, intent, account });
      expect(result).toMatchObject({ claims: [{ counters: [{ counter: 'reserved' }, { counter: 'orders' }] }, {}] });
      expect(result.kind === 'passes' && result.claims[0]).not.toHaveProperty('figuresVersion');
    }
  });

  it('claims no more digits than the table can compare', () => {
    const long = notional('98765432109.123456789012345678901234567');
    const account = row({ figures: { ...figures, equity: long } });
    const result = judge({ limits: { exposureMax: limit('33.3333%') }, account });
    const [own] = result.kind === 'passes' ? result.claims : [];
    expect(own?.counters.map(({ atMost }) => atMost)).toContain('32921777781.23044922');
  });

  it('is bound to the figures that it was judged by, and to none that it was not', () => {
    const versions = (situation: Situation) => {
      const result = judge(situation);
      return result.kind === 'passes' ? result.claims.map(({ figuresVersion }) => figuresVersion) : result;
    };
    expect(versions({})).toEqual([undefined, undefined]);
    expect(versions({ limits: { dailyLossMax: limit('500') } })).toEqual([3, undefined]);
    expect(versions({ limits: { exposureMax: limit('50%') } })).toEqual([3, undefined]);
    expect(versions({ desk: { venueExposureMax: limit('30%') } })).toEqual([undefined, 3]);
  });
});

describe('what an order claims', () => {
  const claimed = (situation: Situation = {}): readonly RowClaim[] => {
    const result = judge(situation);
    if (result.kind === 'denied') throw new Error(result.denial.message);
    return result.claims;
  };

  it('is granted by the rows that it was judged by', () => {
    const [own, all, source] = claimed({ source: { ordersPerMinuteMax: 2 }, limits: { ordersPerMinuteMax: 5 } });
    expect(own && grant(row({ figures }), own)).toMatchObject({
      reserved: '100',
      counters: { orders: '1', exposure: '40', 'asset#BTC': '40' },
      minute: { minute, orders: 1 },
    });
    expect(all && grant(row(), all)).toMatchObject({
      counters: { 'sandbox:exposure': '40', 'sandbox:venue#fake': '40', 'sandbox:asset#BTC': '40' },
    });
    expect(source).toMatchObject({ row: 'source#demo', minute: { minute, isNew: true, ordersMax: 2 } });
  });

  it.each<[string, Situation, Partial<RiskState>]>([
    ['another switch', {}, { state: 'halted' }],
    ['other figures', { limits: { exposureMax: limit('50%') } }, { figuresVersion: 4 }],
    ['less room', { limits: { openNotionalMax: notional('100') } }, { reserved: notional('60.01') }],
    ['a counter below zero', {}, { counters: { exposure: '-1' } }],
    ['a later minute', { limits: { ordersPerMinuteMax: 5 } }, { minute: { minute: minute + 1, orders: 1 } }],
  ])('is refused by a row with %s', (_what, situation, change) => {
    const [own] = claimed(situation);
    expect(own && grant(row({ figures, ...change }), own)).toBeUndefined();
  });

  it('counts on in the minute that the row is at', () => {
    const at = { minute: { minute, orders: 4 } };
    const [own] = claimed({ limits: { ordersPerMinuteMax: 5 }, account: row({ figures, ...at }) });
    expect(own && grant(row(at), own)?.minute).toEqual({ minute, orders: 5 });
    expect(own && grant(row({ minute: { minute, orders: 5 } }), own)).toBeUndefined();
    expect(own && grant(row({ minute: { minute: minute - 1, orders: 1 } }), own)).toBeUndefined();
  });

  it('never takes a row beyond a limit, whatever was judged by older rows', () => {
    const worth = fc.integer({ min: 1, max: 60 }).map((cents) => notional(String(cents)));
    fc.assert(
      fc.property(fc.array(fc.tuple(worth, fc.nat(3)), { maxLength: 30 }), (orders) => {
        const limits = { exposureMax: limit('150'), openNotionalMax: notional('200'), openOrdersMax: 4 };
        let now = row({ reserved: notional('0') });
        const history = [now];
        for (const [reserved, age] of orders) {
          const account = history.at(-1 - age) ?? now;
          const result = judge({
            ...{ limits, account },
            intent: { reserved, exposure: { mode: 'sandbox', asset: 'BTC', notional: reserved } },
          });
          const own = result.kind === 'passes' ? result.claims[0] : undefined;
          now = (own && grant(now, own)) ?? now;
          history.push(now);
          expect(Number(now.counters.exposure ?? 0)).toBeLessThanOrEqual(150);
          expect(Number(now.counters.orders ?? 0)).toBeLessThanOrEqual(4);
        }
        const taken = history.map(({ counters }) => Number(counters.exposure ?? 0));
        expect(taken).toEqual(taken.toSorted((left, right) => left - right));
      }),
    );
  });

  it('is added to as it was taken, without a condition', () => {
    const added = addToCounters(row({ state: 'halted' }), [
      { counter: 'reserved', by: '-60' },
      { counter: 'exposure', by: '-1' },
    ]);
    expect(added).toMatchObject({ reserved: '0', counters: { exposure: '-1' } });
  });
});
