/** What accounts have made, by the desk's positions and by what reconciliation found. */
import {
  type AccountId,
  amount,
  type Books,
  type EquityDay,
  type EquityMarks,
  notional,
  type PositionRow,
  pnlOf,
  pnlView,
  price,
  spotUnrealized,
  type ValuedPosition,
  type VenueId,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';

const account = 'main' as AccountId;
const venue = 'fake' as VenueId;

const row = (symbol: string, rest: Partial<PositionRow> = {}): PositionRow => ({
  ...{ account, venue, symbol, quantity: amount('0'), cost: notional('0'), unpriced: amount('0') },
  ...{ realizedPnl: notional('0'), unpricedClosed: amount('0'), fees: {} },
  ...{ version: 1, journalHash: 'x', updatedAtMs: 1 },
  ...rest,
});

const marks: EquityMarks = {
  ...{ atMs: 9, currency: 'USD', equity: notional('90'), day: '2026-03-10', dayStart: notional('100') },
  ...{ peak: notional('120'), dayTransfers: notional('5'), dailyLoss: notional('10'), drawdown: notional('30') },
};

const books = (rest: Partial<Books> = {}): Books => ({
  ...{ account, venue, status: 'agrees', checkedAtMs: 9, answeredAtMs: 9, unansweredLooks: 0 },
  ...{ balances: [], positions: [], margins: [], unvalued: [], baselines: {}, differences: [], cursors: {} },
  rates: { USD: price('1'), USDT: price('1'), EUR: price('1.25'), BTC: price('100'), BNB: price('10') },
  ...{ marks, settled: [], breakers: {}, version: 1, sequence: 1, journalHash: 'x' },
  ...rest,
});

const { marks: _marks, ...unmarked } = books();

const shown = (symbol: string, unrealizedPnl?: string): ValuedPosition => ({
  ...{ symbol, side: 'long', amount: amount('1'), contracts: amount('1'), wallet: 'futures' },
  ...(unrealizedPnl !== undefined && { unrealizedPnl: amount(unrealizedPnl) }),
});

describe('the open profit of a spot position', () => {
  const { rates } = books();
  const held = (quantity: string, cost: string, unpriced = '0', symbol = 'BTC/USDT') =>
    row(symbol, { quantity: amount(quantity), cost: notional(cost), unpriced: amount(unpriced) });
  it.each<[string, PositionRow, object]>([
    ['is what it is worth less what it cost', held('2', '150'), { unrealized: '50', worth: '50' }],
    ['is below zero for a loss', held('2', '250'), { unrealized: '-50', worth: '-50' }],
    ['is of the part whose cost is known', held('3', '150', '1'), { unrealized: '50', worth: '50' }],
    ['is zero where all of the cost is not known', held('3', '0', '3'), { unrealized: '0', worth: '0' }],
    ['is zero where nothing is open, without any rate', held('0', '0', '0', 'X/Y'), { unrealized: '0', worth: '0' }],
    [
      'is in the quote currency, and in the owner’s',
      held('2', '150', '0', 'BTC/EUR'),
      { unrealized: '10', worth: '12.5' },
    ],
    ['is the other way round for what was oversold', held('-2', '150'), { unrealized: '-50', worth: '-50' }],
    ['is not known without a rate of the base', held('2', '150', '0', 'X/USDT'), {}],
    ['is not known without a rate of the quote', held('2', '150', '0', 'BTC/X'), {}],
  ])('%s', (_name, position, expected) => {
    expect(spotUnrealized(position, rates)).toEqual(expected);
  });

  it('is rounded where its quote’s rate divides', () => {
    const { unrealized } = spotUnrealized(held('1', '0', '0', 'USDT/X'), { USDT: price('1'), X: price('3') });
    expect(unrealized).toBe('0.333333333333333333');
  });
});

describe('what an account made', () => {
  it('is told by asset and in the owner’s currency', () => {
    const positions = [
      row('BTC/USDT', {
        ...{ quantity: amount('2'), cost: notional('150'), realizedPnl: notional('20') },
        fees: { USDT: amount('3'), BNB: amount('0.1'), BTC: amount('0.01') },
      }),
      row('ETH/EUR:EUR', { realizedPnl: notional('-8'), fees: { EUR: amount('2') }, funding: { EUR: amount('-4') } }),
    ];
    const told = books({ positions: [shown('ETH/EUR:EUR', '12')] });
    expect(pnlOf(account, positions, { books: told, days: [] })).toEqual({
      account,
      ...{ currency: 'USD', atMs: 9, equity: '90', day: '2026-03-10', dayStart: '100', transfers: '5' },
      ...{ dailyPnl: '-10', dailyLoss: '10', peak: '120', drawdown: '30' },
      realized: { byAsset: { USDT: '20', EUR: '-8' }, total: '10' },
      unrealized: { byAsset: { USDT: '50', EUR: '12' }, total: '65' },
      fees: { byAsset: { USDT: '3', BNB: '0.1', BTC: '0.01', EUR: '2' }, total: '7.5' },
      funding: { byAsset: { EUR: '-4' }, total: '-5' },
      // 10 + 65 − 5 − 6.5: the fee in bitcoin is in the profit already.
      net: '63.5',
      positions: [
        {
          ...{ symbol: 'BTC/USDT', currency: 'USDT', realized: '20', realizedWorth: '20' },
          ...{ unrealized: '50', unrealizedWorth: '50' },
          ...{ fees: { USDT: '3', BNB: '0.1', BTC: '0.01' }, funding: {} },
        },
        {
          ...{ symbol: 'ETH/EUR:EUR', currency: 'EUR', realized: '-8', realizedWorth: '-10' },
          ...{ unrealized: '12', unrealizedWorth: '15' },
          ...{ fees: { EUR: '2' }, funding: { EUR: '-4' } },
        },
      ],
      days: [],
      unpriced: [],
    });
  });

  it('takes off a fee in the base asset of a contract', () => {
    const positions = [row('BTC/USD:BTC', { fees: { BTC: amount('0.01') } })];
    expect(pnlOf(account, positions, { books: books(), days: [] })).toMatchObject({ net: '-1' });
  });

  it('before reconciliation is what the fills alone tell', () => {
    const positions = [row('BTC/USDT', { realizedPnl: notional('20'), quantity: amount('1'), cost: notional('1') })];
    const pnl = pnlOf(account, positions, { days: [] });
    expect(pnl.realized).toEqual({ byAsset: { USDT: '20' } });
    expect(pnl.unrealized).toEqual({ byAsset: {} });
    for (const absent of ['currency', 'equity', 'dailyPnl', 'net']) expect(pnl).not.toHaveProperty(absent);
  });

  it('of nothing is nothing, also before reconciliation', () => {
    const nothing = { byAsset: {}, total: '0' };
    expect(pnlOf(account, [], { days: [] })).toEqual({
      ...{ account, realized: nothing, unrealized: nothing, fees: nothing, funding: nothing, net: '0' },
      ...{ positions: [], days: [], unpriced: [] },
    });
    expect(pnlOf(account, [row('BTC/USDT:USDT')], { days: [] }).unrealized).toEqual(nothing);
  });

  it('leaves open profit unknown while a contract is open that the venue was not asked about', () => {
    const pnl = pnlOf(account, [row('BTC/USDT:USDT', { quantity: amount('1') })], { days: [] });
    expect(pnl.unrealized).toEqual({ byAsset: {} });
    expect(pnl.positions[0]).not.toHaveProperty('unrealized');
  });

  it('counts positions that are not the desk’s as open profit of the account', () => {
    const told = books({ positions: [shown('BTC/USDT:USDT', '7'), shown('BTC/USDT:USDT', '1')] });
    expect(pnlOf(account, [], { books: told, days: [] }).unrealized).toEqual({ byAsset: { USDT: '8' }, total: '8' });
    const own = pnlOf(account, [row('BTC/USDT:USDT')], { books: told, days: [] });
    expect(own.positions[0]).toMatchObject({ unrealized: '8', unrealizedWorth: '8' });
  });

  it.each([
    ['has no profit', shown('BTC/USDT:USDT'), {}],
    ['is paid in what has no rate', shown('BTC/X:X', '7'), { X: '7' }],
  ])('has no total of open profit while a contract %s', (_name, position, byAsset) => {
    const pnl = pnlOf(account, [row(position.symbol)], { books: books({ positions: [position] }), days: [] });
    expect(pnl.unrealized).toEqual({ byAsset });
    expect(pnl.positions[0]).not.toHaveProperty('unrealizedWorth');
  });

  it('has no total of what has no rate, unless there is nothing of it', () => {
    const positions = [
      row('BTC/X', { realizedPnl: notional('1'), fees: { Y: amount('0') } }),
      row('BTC/USDT:USDT', { funding: { X: amount('2') } }),
    ];
    const pnl = pnlOf(account, positions, { books: books(), days: [] });
    expect(pnl).toMatchObject({ realized: { byAsset: { X: '1', USDT: '0' } }, funding: { byAsset: { X: '2' } } });
    expect(pnl.fees).toEqual({ byAsset: { Y: '0' }, total: '0' });
    expect(pnl.realized).not.toHaveProperty('total');
    expect(pnl).not.toHaveProperty('net');
  });

  it('has no total of fees beside it while one has no rate', () => {
    const pnl = pnlOf(account, [row('BTC/USDT', { fees: { X: amount('1') } })], { books: books(), days: [] });
    expect(pnl).not.toHaveProperty('net');
  });

  it('names positions a part of which was never priced', () => {
    const positions = [
      row('BTC/USD:BTC', { unpriced: amount('1') }),
      row('ETH/USD:ETH', { unpricedClosed: amount('1') }),
      row('BTC/USDT'),
    ];
    const pnl = pnlOf(account, positions, { books: unmarked, days: [] });
    expect(pnl.unpriced).toEqual(['BTC/USD:BTC', 'ETH/USD:ETH']);
    expect(pnl.realized.byAsset).toEqual({ USDT: '0' });
    expect(pnl.positions[0]).not.toHaveProperty('currency');
    expect(pnl).not.toHaveProperty('equity');
  });

  it('is told by day, transfers aside', () => {
    const days: EquityDay[] = [{ day: '2026-03-10', marks }];
    expect(pnlOf(account, [], { days }).days).toEqual([
      { day: '2026-03-10', currency: 'USD', dayStart: '100', equity: '90', transfers: '5', pnl: '-10' },
    ]);
  });
});

describe('the answer about profit and loss', () => {
  const figures = (name: string, mode: 'live' | 'paper', told?: Books) => ({
    ...{ account: name as AccountId, mode, positions: [], books: told, days: [] },
  });

  it('adds up accounts of one mode, and never those of two', () => {
    const view = pnlView([
      figures('a', 'live', books()),
      figures('b', 'live', books({ marks: { ...marks, equity: notional('200'), dailyLoss: notional('0') } })),
      figures('c', 'paper', books()),
    ]);
    expect(view.accounts.map(({ account: name, mode }) => [name, mode])).toEqual([
      ['a', 'live'],
      ['b', 'live'],
      ['c', 'paper'],
    ]);
    const sums = { accountCount: 2, currency: 'USD', equity: '290', dayStart: '200', transfers: '10' };
    expect(view.modes).toEqual({
      live: { ...sums, dailyPnl: '90', dailyLoss: '10', drawdown: '60', net: '0' },
      paper: expect.objectContaining({ accountCount: 1, equity: '90' }),
    });
  });

  it('has no sums with an account that was not reconciled, nor of two currencies', () => {
    const euro = books({ marks: { ...marks, currency: 'EUR' } });
    expect(pnlView([figures('a', 'live', books()), figures('b', 'live')]).modes).toEqual({ live: { accountCount: 2 } });
    expect(pnlView([figures('a', 'live', books()), figures('b', 'live', euro)]).modes).toEqual({
      live: { accountCount: 2 },
    });
  });

  it('has no sum of what one account does not tell', () => {
    const positions = [row('BTC/X', { realizedPnl: notional('1') })];
    const { live } = pnlView([{ ...figures('a', 'live', books()), positions }]).modes;
    expect(live).toMatchObject({ equity: '90' });
    expect(live).not.toHaveProperty('net');
  });

  it('about no account is empty', () => {
    expect(pnlView([])).toEqual({ accounts: [], modes: {} });
  });
});
