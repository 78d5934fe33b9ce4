import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SimulatedAccount, venuesOfTests } from './simulated-accounts.ts';

const symbol = 'BTC/USDT';

/** What reconciliation has to find at a venue beside transfers, and what hides it. */
describe.each(venuesOfTests)('the simulated $name', ({ start, symbolAtVenue, outsiderBuys, noClientOrderId }) => {
  let venue: SimulatedAccount;
  beforeAll(async () => {
    venue = await start();
  });
  afterAll(() => venue.close());
  beforeEach(() => venue.control('POST', 'reset'));

  const outsider = async () => {
    const sinceMs = Date.now() - 5_000;
    const { status } = await venue.control('POST', 'outsider', {
      ...{ action: 'order', account: 'main', params: outsiderBuys },
    });
    expect(status).toBe(200);
    return sinceMs;
  };
  const coins = async () => {
    const balance = await venue.exchange.fetchBalance();
    return (balance.BTC as unknown as { total: number }).total;
  };

  it('shows the trade of somebody who uses the same key, under an order without an id of the desk', async () => {
    const before = await coins();
    const sinceMs = await outsider();
    const [trade, ...others] = await venue.exchange.fetchMyTrades(symbol, sinceMs);
    expect(others).toEqual([]);
    expect(trade).toMatchObject({ symbol, side: 'buy', amount: 0.01 });
    const order = await venue.exchange.fetchOrder(String(trade?.order), symbol);
    expect(order).toMatchObject({ status: 'closed', filled: 0.01 });
    expect(noClientOrderId(order.clientOrderId)).toBe(true);
    expect(await coins()).toBeGreaterThan(before + 0.0099);
    expect(await venue.exchange.fetchMyTrades(symbol, Date.now() + 60_000)).toEqual([]);
  });

  it('hides a fill from what it says of orders and trades, but not from balances, until the time is over', async () => {
    await venue.control('POST', 'faults', { kind: 'hide-fill', hideMs: 60_000, count: 1, match: { account: 'main' } });
    const before = await coins();
    const id = String((await venue.exchange.createOrder(symbol, 'market', 'buy', 0.01)).id);
    expect(await coins()).toBeGreaterThan(before + 0.0099);
    expect(await venue.exchange.fetchOrder(id, symbol)).toMatchObject({ status: 'open', filled: 0 });
    expect(await venue.exchange.fetchOpenOrders(symbol)).toMatchObject([{ id, filled: 0 }]);
    expect(await venue.exchange.fetchMyTrades(symbol, Date.now() - 5_000)).toEqual([]);
    const { body } = await venue.control('GET', 'faults');
    expect(body.faults).toMatchObject([{ kind: 'hide-fill', struck: 1 }]);
  });

  it('tells the tickers of several markets with one question', async () => {
    const wanted = [symbol, 'ETH/USDT'];
    const { body: before } = await venue.control('GET', 'requests');
    const tickers = await venue.exchange.fetchTickers(wanted);
    const { body: after } = await venue.control('GET', 'requests');
    expect(Object.keys(tickers).toSorted()).toEqual(wanted);
    for (const ticker of Object.values(tickers)) expect(Number(ticker?.bid)).toBeLessThan(Number(ticker?.ask));
    expect(answersOf(after) - answersOf(before)).toBe(1);
  });

  it('moves a price at once, for everybody who asks', async () => {
    const before = Number((await venue.exchange.fetchTicker(symbol)).last);
    const { status } = await venue.control('POST', 'price', { symbol: symbolAtVenue, factor: 0.8 });
    expect(status).toBe(200);
    const after = Number((await venue.exchange.fetchTicker(symbol)).last);
    expect(after / before).toBeGreaterThan(0.78);
    expect(after / before).toBeLessThan(0.82);
  });
});

const answersOf = ({ endpoints }: Record<string, unknown>): number =>
  Object.values(endpoints as Record<string, Record<string, number>>)
    .flatMap((outcomes) => Object.values(outcomes))
    .reduce((sum, count) => sum + count, 0);
