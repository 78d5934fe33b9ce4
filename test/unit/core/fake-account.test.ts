import { type Amount, amount, type Balance, type OrderRequest, price } from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import { FakeVenue, type FakeVenueOptions } from '../../support/fake-venue.ts';
import { btcUsdt, btcUsdtPerpetual } from '../../support/markets.ts';

let clock = createManualClock();
beforeEach(() => {
  clock = createManualClock();
});

const open = (options: Partial<FakeVenueOptions> = {}) =>
  new FakeVenue({ clock, opening: { main: { USDT: '10000', BTC: '1' } }, ...options });
const twoWallets: Partial<FakeVenueOptions> = {
  wallets: [
    { name: 'spot', kinds: ['spot'], countsOpenProfit: false },
    { name: 'futures', kinds: ['perpetual'], countsOpenProfit: true },
  ],
  opening: { spot: { USDT: '10000', BTC: '1' }, futures: { USDT: '500' } },
};

const totals = (balances: readonly Balance[]): Record<string, Amount> =>
  Object.fromEntries(balances.map(({ asset, total }) => [asset, total]));
const order = (change: Partial<OrderRequest> = {}): OrderRequest => ({
  ...{ clientOrderId: 'nd1', symbol: 'BTC/USDT', side: 'buy', type: 'market', amount: amount('2') },
  ...change,
});
const perpetual = (change: Partial<OrderRequest> = {}) => order({ symbol: 'BTC/USDT:USDT', ...change });

describe('balances of the fake venue', () => {
  it('start with what the test says', async () => {
    expect(totals(await open().fetchBalances())).toEqual({ USDT: '10000', BTC: '1' });
  });

  it.each([
    [false, { USDT: '9799.8', BTC: '3' }],
    [true, { USDT: '9800', BTC: '2.998' }],
  ])('lose what was paid and its fee, in base asset: %s', async (feesInBase, expected) => {
    const venue = open({ feesInBase });
    await venue.placeOrder(order(), btcUsdt);
    expect(totals(await venue.fetchBalances())).toEqual(expected);
  });

  it('keep wallets apart, and count a contract’s profit once it is realized, or before where the wallet does', async () => {
    const venue = open(twoWallets);
    await venue.placeOrder(perpetual(), btcUsdtPerpetual);
    venue.setPrice('BTC/USDT:USDT', price('110'));
    expect(totals(await venue.fetchBalances('perpetual'))).toEqual({ USDT: '519.8' });
    expect(await venue.fetchPositions()).toEqual([
      {
        ...{ symbol: 'BTC/USDT:USDT', side: 'long', amount: '2', contracts: '2', entryPrice: '100', markPrice: '110' },
        ...{ unrealizedPnl: '20', initialMargin: '22', maintenanceMargin: '1.1' },
      },
    ]);
    await venue.placeOrder(perpetual({ side: 'sell', clientOrderId: 'nd2', amount: amount('3') }), btcUsdtPerpetual);
    expect(totals(await venue.fetchBalances('perpetual'))).toEqual({ USDT: '519.47' });
    expect(await venue.fetchPositions()).toMatchObject([{ side: 'short', amount: '1', unrealizedPnl: '0' }]);
    expect(totals(await venue.fetchBalances('spot'))).toEqual({ USDT: '10000', BTC: '1' });
  });

  it('count a short’s profit the other way round', async () => {
    const venue = open({ opening: { main: { USDT: '500' } } });
    await venue.placeOrder(perpetual({ side: 'sell' }), btcUsdtPerpetual);
    venue.setPrice('BTC/USDT:USDT', price('90'));
    expect(totals(await venue.fetchBalances())).toEqual({ USDT: '499.8' });
    await venue.placeOrder(perpetual({ clientOrderId: 'nd2' }), btcUsdtPerpetual);
    expect(totals(await venue.fetchBalances())).toEqual({ USDT: '519.62' });
  });
});

describe('what others do with an account of the fake venue', () => {
  it('shows deposits and withdrawals in balances, and tells of them', async () => {
    const venue = open();
    venue.account.deposit({ asset: 'USDT', amount: '50' });
    clock.advance(1_000);
    venue.account.withdraw({ asset: 'BTC', amount: '0.5', fee: '0.001' });
    const waiting = venue.account.deposit({ asset: 'USDT', amount: '7', status: 'pending' });
    expect(totals(await venue.fetchBalances())).toEqual({ USDT: '10050', BTC: '0.499' });
    expect(await venue.fetchTransfers(clock.nowMs())).toMatchObject([
      { direction: 'out', asset: 'BTC', amount: '0.5', fee: '0.001', status: 'done' },
      { id: waiting, direction: 'in', status: 'pending' },
    ]);
    venue.account.arrive(waiting);
    expect(totals(await venue.fetchBalances())).toEqual({ USDT: '10057', BTC: '0.499' });
    expect((await venue.fetchTransfers(0))?.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
  });

  it('can keep them to itself, and change a balance without a word', async () => {
    const venue = open(twoWallets);
    venue.account.tellsTransfers = false;
    venue.account.drift({ asset: 'USDT', amount: '-1' });
    venue.account.move('USDT', '100', { from: 'spot', to: 'futures' });
    expect(await venue.fetchTransfers(0)).toBeUndefined();
    expect(totals(await venue.fetchBalances())).toEqual({ USDT: '9899', BTC: '1' });
    expect(totals(await venue.fetchBalances('perpetual'))).toEqual({ USDT: '600' });
  });

  it('pays funding into the wallet of the contract', async () => {
    const venue = open(twoWallets);
    venue.account.payFunding(btcUsdtPerpetual, '-0.25');
    expect(totals(await venue.fetchBalances('perpetual'))).toEqual({ USDT: '499.75' });
    expect(await venue.fetchFundingPayments(btcUsdtPerpetual, 0)).toMatchObject([{ asset: 'USDT', amount: '-0.25' }]);
    expect(await venue.fetchFundingPayments(btcUsdtPerpetual, clock.nowMs() + 1)).toEqual([]);
    venue.account.tellsFunding = false;
    expect(await venue.fetchFundingPayments(btcUsdtPerpetual, 0)).toBeUndefined();
  });

  it('lists an outsider’s order and trades like all others', async () => {
    const venue = open();
    const { clientOrderId: _, ...rest } = order();
    const resting = venue.placeAsOutsider({ ...rest, type: 'limit', price: price('90') });
    venue.placeAsOutsider({ ...rest, amount: amount('1') });
    expect(await venue.fetchOpenOrders()).toMatchObject([{ clientOrderId: 'web_1', status: 'open', amount: '2' }]);
    venue.fillSome('web_1', amount('0.5'));
    expect(await venue.fetchOwnTrades('spot', 0)).toMatchObject([
      { clientOrderId: 'web_2', amount: '1', side: 'buy', symbol: 'BTC/USDT' },
      { clientOrderId: 'web_1', venueOrderId: resting.venueOrderId, amount: '0.5' },
    ]);
    expect(await venue.fetchOwnTrades(btcUsdtPerpetual, 0)).toEqual([]);
    expect(() => venue.placeAsOutsider({ ...rest, amount: amount('0') })).toThrow('above zero');
  });

  it('asks for a market where it cannot tell of all', async () => {
    await expect(open({ tradesOfAllMarkets: false }).fetchOwnTrades('spot', 0)).rejects.toThrow('name a market');
  });

  it('leaves a question without an answer where it is told to', async () => {
    const venue = open({ faults: { ask: (question) => question === 'fetchBalances' } });
    await expect(venue.fetchBalances()).rejects.toMatchObject({ name: 'VenueError', code: 'timeout' });
    expect(await venue.fetchPositions()).toEqual([]);
  });
});

it('hides fills from orders and trades for a while, and not from balances and positions', async () => {
  const venue = open();
  venue.fillLagMs = 60_000;
  await venue.placeOrder(order(), btcUsdt);
  venue.fillLagMs = 0;
  await venue.placeOrder(order({ clientOrderId: 'nd2', amount: amount('1') }), btcUsdt);
  const reference = { ...order(), sinceMs: 0 };
  expect(await venue.findOrder(reference)).toMatchObject({ order: { status: 'open', filled: '0', fills: [] } });
  expect(await venue.fetchOpenOrders()).toMatchObject([{ clientOrderId: 'nd1' }]);
  expect(await venue.fetchOwnTrades(btcUsdt, 0)).toMatchObject([{ clientOrderId: 'nd2' }]);
  expect(totals(await venue.fetchBalances())).toMatchObject({ BTC: '4' });
  expect(await venue.cancelOrder(reference, btcUsdt)).toEqual({
    ...{ kind: 'not_open', evidence: { code: 'order_not_open', message: 'the order is filled' } },
  });
  clock.advance(60_000);
  expect(await venue.findOrder(reference)).toMatchObject({ order: { status: 'filled', filled: '2' } });
  expect(await venue.fetchOwnTrades(btcUsdt, 0)).toHaveLength(2);
});

describe('the dead man’s switch of the fake venue', () => {
  const resting = order({ type: 'limit', price: price('90') });

  it('cancels everything of its kind unless it is asked again in time', async () => {
    const venue = open();
    await venue.placeOrder(resting, btcUsdt);
    await venue.placeOrder(perpetual({ ...resting, symbol: 'BTC/USDT:USDT' }), btcUsdtPerpetual);
    expect(await venue.setDeadManSwitch(60_000, 'spot')).toEqual({ kind: 'set' });
    clock.advance(59_000);
    await venue.setDeadManSwitch(60_000, 'spot');
    clock.advance(59_000);
    expect(await venue.fetchOpenOrders('spot')).toHaveLength(1);
    clock.advance(1_000);
    expect(await venue.fetchOpenOrders('spot')).toEqual([]);
    expect(await venue.fetchOpenOrders('perpetual')).toHaveLength(1);
  });

  it('is taken back by zero, and refused where there is none', async () => {
    const venue = open();
    await venue.placeOrder(resting, btcUsdt);
    await venue.setDeadManSwitch(1_000);
    await venue.setDeadManSwitch(0);
    clock.advance(2_000);
    expect(await venue.fetchOpenOrders()).toHaveLength(1);
    expect(await open({ hasDeadManSwitch: false }).setDeadManSwitch(1)).toMatchObject({ kind: 'refused' });
  });
});

it('tells tickers of the markets it has, with one question', async () => {
  const unlisted = { ...btcUsdt, symbol: 'XRP/USDT' };
  expect((await open().fetchTickers([btcUsdt, unlisted])).map(({ symbol }) => symbol)).toEqual(['BTC/USDT']);
});
