/** Sizes that are a share of what the account is worth: which figures are asked for, and what becomes of the order. */
import { amount, type Balance, type Market, type Position, price, type Signal, VenueError } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { FakeVenue } from '../../support/fake-venue.ts';
import { btcUsdt, btcUsdtPerpetual } from '../../support/markets.ts';
import { createPositionDesk } from '../../support/position-desk.ts';

/** A venue whose account holds what the test says, and which counts what it is asked. */
class AccountVenue extends FakeVenue {
  balances: Balance[] = [{ asset: 'USDT', total: amount('1000') }];
  shown: Position[] = [];
  asked: string[] = [];

  override async fetchBalances(): Promise<Balance[]> {
    this.asked.push('balances');
    return this.balances;
  }

  override async fetchPositions(): Promise<Position[]> {
    this.asked.push('positions');
    return this.shown;
  }

  override async fetchPrice(...question: Parameters<FakeVenue['fetchPrice']>) {
    this.asked.push('price');
    return super.fetchPrice(...question);
  }
}

function createAccount(market: Market, holdings: Partial<Pick<AccountVenue, 'balances' | 'shown'>> = {}) {
  const desk = createPositionDesk(market);
  const venue = Object.assign(new AccountVenue({ clock: desk.clock }), holdings);
  const execute = (change: Partial<Signal>) => desk.execute(desk.signal(change), venue);
  return { venue, execute };
}

const stopAt = (level: string): Partial<Signal> => ({
  exitPlan: { takeProfits: [], stopLoss: { level: { price: price(level) } }, onFailure: 'keep' },
});

describe('a share of the equity', () => {
  it('of a spot account counts its coins of the market at the price', async () => {
    const holding = { asset: 'BTC', total: amount('10') };
    const { venue, execute } = createAccount(btcUsdt, {
      balances: [{ asset: 'USDT', total: amount('1000') }, holding],
    });
    const order = await execute({ action: 'buy', size: { percentEquity: '50' } });
    // 1,000 USDT and 10 BTC at 100 are 2,000.
    expect(order).toMatchObject({ state: 'filled', amount: '10' });
    expect(venue.asked).not.toContain('positions');
  });

  it('does not count the coins where a limit spares the question for the price', async () => {
    const holding = { asset: 'BTC', total: amount('10') };
    const { venue, execute } = createAccount(btcUsdt, {
      balances: [{ asset: 'USDT', total: amount('1000') }, holding],
    });
    const limit = { type: 'limit', price: price('50') } as const;
    expect(await execute({ action: 'buy', size: { percentEquity: '50' }, ...limit })).toMatchObject({
      ...{ state: 'open', amount: '10' },
    });
    expect(venue.asked).toEqual(['balances']);
  });

  it('of a contract account takes off the open loss of the position', async () => {
    const losing = { unrealizedPnl: amount('-200') };
    const position: Position = {
      symbol: btcUsdtPerpetual.symbol,
      side: 'long',
      amount: amount('1'),
      contracts: amount('1'),
    };
    const { execute } = createAccount(btcUsdtPerpetual, { shown: [{ ...position, ...losing }] });
    expect(await execute({ action: 'buy', size: { percentEquity: '50' } })).toMatchObject({
      ...{ state: 'filled', amount: '4' },
    });
  });

  it('as a target on spot asks for the balances once, for the position and the equity', async () => {
    const { venue, execute } = createAccount(btcUsdt);
    expect(await execute({ target: 'long', size: { percentEquity: '20' } })).toMatchObject({
      ...{ state: 'filled', amount: '2' },
    });
    expect(venue.asked.filter((question) => question === 'balances')).toHaveLength(1);
  });

  it('is denied where a debt cannot be valued, and nothing is placed', async () => {
    const { venue, execute } = createAccount(btcUsdt, {
      balances: [
        { asset: 'USDT', total: amount('1000') },
        { asset: 'XYZ', total: amount('-1') },
      ],
    });
    const order = await execute({ action: 'buy', size: { percentEquity: '50' } });
    expect(order.state).toBe('denied');
    expect(order.cause?.message).toMatch(/equity/);
    expect(venue.placeCalls).toBe(0);
  });

  it('is tried again where the venue does not tell the balances', async () => {
    const { venue, execute } = createAccount(btcUsdtPerpetual);
    venue.fetchBalances = async () => {
      throw new VenueError(venue.venue, 'does not answer', { code: 'network' });
    };
    await expect(execute({ target: 'long', size: { percentEquity: '50' } })).rejects.toThrow(/does not answer/);
    expect(venue.placeCalls).toBe(0);
  });
});

describe('a share of the equity at risk', () => {
  it.each([
    ['spot', btcUsdt],
    ['a contract', btcUsdtPerpetual],
  ])('is measured by the way to the stop: %s', async (_name, market) => {
    const { execute } = createAccount(market);
    const order = await execute({ action: 'buy', size: { riskPercent: '1' }, ...stopAt('95') });
    // 10 USDT at 5 a coin.
    expect(order).toMatchObject({ state: 'filled', amount: '2' });
  });
});
