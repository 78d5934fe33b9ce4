import { LocalBudget, type VenueId } from '@nightdesk/core';
import { createStatus, readCapabilities } from '@nightdesk/exchange/status.ts';
import { traitsOf } from '@nightdesk/exchange/traits/index.ts';
import { answerStatuses, currentCall, NotSentError } from '@nightdesk/exchange/venue-call.ts';
import type { VenueClient } from '@nightdesk/exchange/venue-client.ts';
import { VenueSession } from '@nightdesk/exchange/venue-session.ts';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import { btcUsdt } from '../../support/markets.ts';

const startMs = 1_795_000_000_000;
const clock = createManualClock(startMs);

function statusOf(client: Partial<Record<keyof VenueClient, unknown>>) {
  const whole = {
    rateLimit: 50,
    requiredCredentials: {},
    timeframes: {},
    options: {},
    setMarkets: () => {},
    ...client,
  };
  const context = { clock, budget: new LocalBudget({ limits: [], clock }), refusals: [], wordings: [] };
  const urls = { aheadMs: 0, risingNonces: false, originalUrl: (url: string) => url };
  const session = new VenueSession(whole as unknown as VenueClient, { ...context, ...urls }, []);
  const venue = 'some' as VenueId;
  return createStatus({ venue, session, traits: traitsOf(venue) });
}

/** An answer that takes 40 ms. */
const after40Ms =
  <Answer>(answer: Answer) =>
  async () => {
    clock.advance(40);
    return answer;
  };

function fails(name: string, httpStatus?: number) {
  return async () => {
    const error = new Error(`${name} of the venue`);
    error.name = name;
    if (httpStatus !== undefined) answerStatuses.set(error, httpStatus);
    throw error;
  };
}

describe('a probe', () => {
  it('waits for its turn no longer than a second, so that our own limits are not taken for the venue being gone', async () => {
    const has = { fetchTime: true };
    let waitsMs: number | undefined;
    const fetchTime = async () => {
      waitsMs = (currentCall.getStore()?.sendBeforeMs ?? 0) - clock.nowMs();
      throw new NotSentError("the venue's request limit is used up");
    };
    const found = await statusOf({ has, fetchTime }).probe();
    expect(waitsMs).toBe(1_000);
    expect(found).toMatchObject({ status: 'unknown', cause: { code: 'not_sent' } });
  });

  it('measures how long the time took to come, and how far our clock is ahead of the middle of it', async () => {
    const has = { fetchTime: true };
    const fetchTime = async () => {
      const venueMs = clock.nowMs() + 20 - 30_000;
      clock.advance(40);
      return venueMs;
    };
    expect(await statusOf({ has, fetchTime }).probe()).toEqual({ status: 'ok', latencyMs: 40, aheadMs: 30_000 });
  });

  it('believes what the venue says of itself, though it tells the time', async () => {
    const has = { fetchTime: true, fetchStatus: true };
    const fetchTime = after40Ms(startMs);
    const probe = (status: unknown) => statusOf({ has, fetchTime, fetchStatus: async () => ({ status }) }).probe();
    expect(await probe('maintenance')).toMatchObject({ status: 'maintenance', latencyMs: 40 });
    expect(await probe('shutdown')).toMatchObject({ status: 'maintenance' });
    expect(await probe('ok')).toMatchObject({ status: 'ok' });
    expect(await probe(undefined)).toMatchObject({ status: 'ok' });
  });

  it('takes a venue that answers for there, when only the word of itself cannot be had', async () => {
    const has = { fetchTime: true, fetchStatus: true };
    const status = statusOf({ has, fetchTime: after40Ms(startMs), fetchStatus: fails('NotSupported') });
    expect(await status.probe()).toMatchObject({ status: 'ok' });
  });

  it.each([
    ['unreachable', 'NetworkError', 'network'],
    ['unreachable', 'RequestTimeout', 'timeout'],
    ['unreachable', 'ExchangeNotAvailable', 'unavailable'],
    ['maintenance', 'OnMaintenance', 'maintenance'],
    ['unknown', 'RateLimitExceeded', 'rate_limited'],
    ['unknown', 'ExchangeError', 'venue_error'],
  ])('finds it %s after %s', async (status, name, code) => {
    const found = await statusOf({ has: { fetchTime: true }, fetchTime: fails(name, 503) }).probe();
    expect(found).toMatchObject({ status, cause: { code } });
    expect(found).not.toHaveProperty('aheadMs');
  });

  it('tells no offset from a time that is none', async () => {
    for (const time of [undefined, null, 'soon', 0, -1, Number.NaN, 1.5]) {
      const found = await statusOf({ has: { fetchTime: true }, fetchTime: after40Ms(time) }).probe();
      expect(found).toEqual({ status: 'ok', latencyMs: 40 });
    }
  });

  it('asks for a price, or else for the markets, where the venue tells neither time nor status', async () => {
    const asked: string[] = [];
    const status = statusOf({
      has: { fetchTime: 'emulated' },
      fetchTicker: async (symbol: string) => asked.push(symbol),
      fetchMarkets: async () => asked.push('markets'),
    });
    expect(await status.probe(btcUsdt)).toMatchObject({ status: 'ok' });
    expect(await status.probe()).toMatchObject({ status: 'ok' });
    expect(asked).toEqual(['BTC/USDT', 'markets']);
  });
});

describe('what a venue can do', () => {
  it('is told by sorted names, emulated or not, without what it cannot', () => {
    const client = {
      has: { fetchTicker: true, createOrder: true, fetchOrders: 'emulated', fetchPositions: false, spot: undefined },
      requiredCredentials: { apiKey: true, secret: true, password: false },
      timeframes: { '1m': '1', '1h': '60' },
      rateLimit: 50,
    };
    const told = readCapabilities(client as unknown as VenueClient, { oddTimeframes: [] });
    expect(told).toEqual({
      methods: { createOrder: true, fetchOrders: 'emulated', fetchTicker: true },
      requiredCredentials: ['apiKey', 'secret'],
      timeframes: ['1m', '1h'],
      rateLimitMs: 50,
    });
    expect(Object.keys(told.methods)).toEqual(['createOrder', 'fetchOrders', 'fetchTicker']);
  });

  it('has no timeframes where there are no candles', () => {
    const client = { has: {}, requiredCredentials: {}, timeframes: undefined, rateLimit: 1 };
    expect(readCapabilities(client as unknown as VenueClient, { oddTimeframes: ['1w'] }).timeframes).toEqual([]);
  });

  it('offers no candles that open at other times than those of UTC', () => {
    const timeframes = { '1m': '1', '1d': '1440', '1w': '10080' };
    const client = { has: {}, requiredCredentials: {}, timeframes, rateLimit: 1 } as unknown as VenueClient;
    expect(readCapabilities(client, traitsOf('kraken' as VenueId)).timeframes).toEqual(['1m', '1d']);
    expect(readCapabilities(client, traitsOf('htx' as VenueId)).timeframes).toEqual(['1m']);
    // Their weeks begin on Thursday.
    expect(readCapabilities(client, traitsOf('kucoin' as VenueId)).timeframes).toEqual(['1m', '1d']);
    expect(readCapabilities(client, traitsOf('gate' as VenueId)).timeframes).toEqual(['1m', '1d']);
  });
});
