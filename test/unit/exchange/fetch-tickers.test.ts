import { LocalBudget, type Market, type MarketDataPort, type VenueId } from '@nightdesk/core';
import { createMarketData } from '@nightdesk/exchange/market-data.ts';
import { traitsOf } from '@nightdesk/exchange/traits/index.ts';
import type { VenueClient } from '@nightdesk/exchange/venue-client.ts';
import { VenueSession } from '@nightdesk/exchange/venue-session.ts';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import { btcUsdt, ethUsdt } from '../../support/markets.ts';
import { scripted, venueError } from './scripted-trading.ts';

function dataOf(client: object): MarketDataPort {
  const clock = createManualClock();
  const budget = new LocalBudget({ limits: [], clock });
  const context = { clock, budget, refusals: [], wordings: [], risingNonces: false, aheadMs: 0 };
  const session = new VenueSession(client as VenueClient, { ...context, originalUrl: (url) => url }, []);
  return createMarketData({ venue: 'some' as VenueId, session, traits: traitsOf('some' as VenueId) });
}

const xrpUsdt: Market = { ...btcUsdt, symbol: 'XRP/USDT' };
const ticker = (last: string) => ({ last, bid: '1', ask: '2' });

describe('tickers of several markets', () => {
  it('come with one question, without those that the venue does not tell', async () => {
    const asked: unknown[] = [];
    const fetchTickers = async (symbols: readonly string[]) => {
      asked.push(symbols);
      return { 'BTC/USDT': ticker('10'), 'ETH/USDT': ticker('11'), 'DOGE/USDT': { last: 'nonsense' } };
    };
    const told = await dataOf(scripted({ fetchTickers })).fetchTickers([btcUsdt, xrpUsdt, ethUsdt]);
    expect(told.map(({ symbol, last }) => [symbol, last])).toEqual([
      ['BTC/USDT', '10'],
      ['ETH/USDT', '11'],
    ]);
    expect(asked).toEqual([['BTC/USDT', 'XRP/USDT', 'ETH/USDT']]);
  });

  it('are an error where one of them makes no sense', async () => {
    const fetchTickers = async () => ({ 'BTC/USDT': { last: 'nonsense' } });
    await expect(dataOf(scripted({ fetchTickers })).fetchTickers([btcUsdt])).rejects.toMatchObject({
      code: 'unparsable_answer',
    });
  });

  it('are asked for one by one where there is no such question, and no more than twenty of them', async () => {
    const asked: string[] = [];
    const fetchTicker = async (symbol: string) => {
      asked.push(symbol);
      if (symbol === 'XRP/USDT') throw venueError('BadSymbol', 'it is not listed');
      return ticker('10');
    };
    const many = Array.from({ length: 30 }, (_, index): Market => ({ ...btcUsdt, symbol: `C${index}/USDT` }));
    const told = await dataOf(scripted({ fetchTicker })).fetchTickers([btcUsdt, xrpUsdt, ...many]);
    expect(told.map(({ symbol }) => symbol)).toEqual(asked.filter((symbol) => symbol !== 'XRP/USDT'));
    expect(asked).toHaveLength(20);
  });

  it('are an error where the venue does not answer', async () => {
    const fetchTicker = () => Promise.reject(venueError('RequestTimeout', 'timed out'));
    await expect(dataOf(scripted({ fetchTicker })).fetchTickers([btcUsdt])).rejects.toMatchObject({ code: 'timeout' });
  });
});
