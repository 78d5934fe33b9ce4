import type { Market, Price, Side, VenuePort } from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { priceAgeMsMax, withRecentPrices } from '../../../functions/shared/recent-prices.ts';

let nowMs: number;
let asked: string[];
let answers: () => Promise<Price>;
let venue: Pick<VenuePort, 'fetchPrice'>;

const bitcoin = { symbol: 'BTC/USDT' } as Market;
const ether = { symbol: 'ETH/USDT' } as Market;

beforeEach(() => {
  nowMs = 1_000_000;
  asked = [];
  answers = async () => `${100 + asked.length}` as Price;
  const port = {
    fetchPrice: (market: Market, side: Side) => {
      asked.push(`${side} ${market.symbol}`);
      return answers();
    },
  } as VenuePort;
  venue = withRecentPrices(port, { nowMs: () => nowMs, sleep: async () => undefined });
});

describe('recent prices', () => {
  it('are shared by signals that come within a second, and asked for anew after it', async () => {
    expect(await venue.fetchPrice(bitcoin, 'buy')).toBe('101');
    nowMs += priceAgeMsMax - 1;
    expect(await venue.fetchPrice(bitcoin, 'buy')).toBe('101');
    nowMs += 1;
    expect(await venue.fetchPrice(bitcoin, 'buy')).toBe('102');
  });

  it('are of one side of one market', async () => {
    await venue.fetchPrice(bitcoin, 'buy');
    await venue.fetchPrice(bitcoin, 'sell');
    await venue.fetchPrice(ether, 'buy');
    expect(asked).toEqual(['buy BTC/USDT', 'sell BTC/USDT', 'buy ETH/USDT']);
  });

  it('are as old as the question: a slow answer is not young when it comes', async () => {
    answers = async () => {
      nowMs += priceAgeMsMax;
      return '100' as Price;
    };
    await venue.fetchPrice(bitcoin, 'buy');
    await venue.fetchPrice(bitcoin, 'buy');
    expect(asked).toHaveLength(2);
  });

  it('are not made of a question that failed', async () => {
    answers = () => Promise.reject(new Error('no answer'));
    await expect(venue.fetchPrice(bitcoin, 'buy')).rejects.toThrow('no answer');
    answers = async () => '100' as Price;
    expect(await venue.fetchPrice(bitcoin, 'buy')).toBe('100');
  });

  it('are not used longer because the clock was set back', async () => {
    await venue.fetchPrice(bitcoin, 'buy');
    nowMs -= 3_600_000;
    await venue.fetchPrice(bitcoin, 'buy');
    expect(asked).toHaveLength(2);
  });
});
