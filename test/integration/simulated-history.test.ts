import ccxt, { type Exchange } from 'ccxt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSettableClock } from '../../local/simulators/settable-clock.ts';
import {
  fivePublicVenues,
  type PublicVenueId,
  type PublicVenueOptions,
  publicVenueIds,
  redirect,
  startPublicVenue,
} from '../support/public-venues.ts';
import type { SimulatedVenue } from '../support/simulated-venues.ts';
import { manualVenueClock } from '../support/venue-clock.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const nowMs = Date.UTC(2026, 10, 21, 12, 34, 56);
const longAgoMs = Date.UTC(2024, 10, 1, 22);

interface ToldCandle {
  openMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  baseVolume: number;
  quoteVolume: number;
  tradeCount: number;
  closed: boolean;
}

interface ToldMarket {
  symbol: string;
  kind: 'spot' | 'perpetual';
  base: string;
  quote: string;
  listedAtMs: number;
  tradedShare: number;
}

type Row = (number | undefined)[];

const venues = new Map<PublicVenueId, { simulator: SimulatedVenue; exchange: Exchange }>();

async function start(id: PublicVenueId, options: PublicVenueOptions) {
  const simulator = await startPublicVenue(id, options);
  const exchange = new ccxt[id]({ enableRateLimit: false });
  redirect(exchange.urls, simulator.url);
  exchange.has.fetchCurrencies = false;
  await exchange.loadMarkets();
  return { simulator, exchange };
}

beforeAll(async () => {
  await Promise.all(
    publicVenueIds.map(async (id) => venues.set(id, await start(id, { clock: manualVenueClock(nowMs) }))),
  );
});

afterAll(async () => {
  await Promise.all([...venues.values()].map(({ simulator }) => simulator.close()));
});

function at(id: PublicVenueId) {
  const venue = venues.get(id);
  if (venue === undefined) throw new Error(`${id} did not start`);
  return venue;
}

/** Puts another of the kind in the place of a venue for a while, with a time of its own to move. */
async function withOwnTime(id: PublicVenueId, use: (moveTo: (atMs: number) => void) => Promise<void>): Promise<void> {
  const clock = manualVenueClock(nowMs);
  const [usual, own] = [at(id), await start(id, { clock, symbolsCount: 40 })];
  venues.set(id, own);
  await use((atMs) => clock.moveTo(atMs)).finally(() => {
    venues.set(id, usual);
    return own.simulator.close();
  });
}

async function ask<Body>(
  id: PublicVenueId,
  path: string,
  init: { method?: string; body?: object } = {},
): Promise<Body> {
  const body = init.body === undefined ? {} : { body: JSON.stringify(init.body) };
  const answer = await fetch(`${at(id).simulator.url}/__sim/${path}`, { method: init.method ?? 'GET', ...body });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as Body;
}

async function truth(
  id: PublicVenueId,
  symbol: string,
  span: { from: number; to: number; timeframe?: string; as?: 'truth' | 'faults' },
): Promise<ToldCandle[]> {
  const market = at(id).exchange.market(symbol);
  const { timeframe = '1m', as = 'truth', ...times } = span;
  const names = { symbol: id === 'kraken' ? String((market as { altname?: string }).altname) : String(market.id) };
  const kind = market.swap === true ? 'perpetual' : 'spot';
  const query = new URLSearchParams({ ...names, kind, timeframe, as, from: `${times.from}`, to: `${times.to}` });
  return (await ask<{ candles: ToldCandle[] }>(id, `candles?${query}`)).candles;
}

const rowOf = ({ openMs, open, high, low, close, baseVolume }: ToldCandle): Row => [
  ...[openMs, open, high, low, close],
  Number(baseVolume.toFixed(8)),
];

const wellKnown: Readonly<Record<PublicVenueId, string>> = {
  binance: 'BTC/USDT',
  binanceus: 'ETH/USDT',
  binanceusdm: 'BTC/USDT:USDT',
  kraken: 'BTC/USD',
  bybit: 'BTC/USDT:USDT',
  bybiteu: 'BTC/USDT',
  bybitid: 'ETH/USDT',
};

/** A spot market with minutes in which nobody trades, by ccxt's name. */
async function thinMarket(id: PublicVenueId): Promise<{ symbol: string; listedAtMs: number }> {
  const { markets } = await ask<{ markets: ToldMarket[] }>(id, 'markets');
  const found = markets.find(({ kind, tradedShare }) => kind === 'spot' && tradedShare < 0.5);
  if (found === undefined) throw new Error('no thin market');
  return { symbol: `${found.base}/${found.quote}`, listedAtMs: found.listedAtMs };
}

async function withFaults(id: PublicVenueId, faults: object, use: () => Promise<void>): Promise<void> {
  await ask(id, 'faults', { method: 'POST', body: faults });
  await use().finally(() => ask(id, 'faults', { method: 'DELETE' }));
}

describe.each(publicVenueIds)('the past at the simulated %s', (id) => {
  it('lists two hundred markets and more', () => {
    const { exchange } = at(id);
    const isWanted = (market: unknown) => (market as { swap: boolean }).swap === (id === 'binanceusdm');
    expect(Object.values(exchange.markets ?? {}).filter(isWanted).length).toBeGreaterThanOrEqual(200);
  });

  it('has the candles that really were, page after page, in each timeframe', async () => {
    const { exchange } = at(id);
    const symbol = wellKnown[id];
    const limit = id === 'kraken' ? 100 : 1000;
    for (const [timeframe, lengthMs] of [
      ['1m', minuteMs],
      ['5m', 5 * minuteMs],
      ['1h', hourMs],
      ['1d', dayMs],
    ] as const) {
      // Kraken has nothing but the last 720.
      const startMs =
        Math.floor((id === 'kraken' ? nowMs - 700 * lengthMs : longAgoMs - 90 * dayMs) / lengthMs) * lengthMs;
      const first = (await exchange.fetchOHLCV(symbol, timeframe, startMs, limit)) as Row[];
      const nextMs = Number(first.at(-1)?.[0]) + lengthMs;
      const rows =
        timeframe === '1d'
          ? first
          : [...first, ...((await exchange.fetchOHLCV(symbol, timeframe, nextMs, limit)) as Row[])];
      const known = await truth(id, symbol, { from: startMs, to: startMs + rows.length * lengthMs, timeframe });
      expect(rows).toEqual(known.map(rowOf));
      expect(rows.length).toBeGreaterThan(timeframe === '1d' ? 99 : 2 * limit - 1);
    }
  });

  it('ends with a candle that is still forming', async () => {
    const rows = (await at(id).exchange.fetchOHLCV(wellKnown[id], '1h', undefined, 3)) as Row[];
    expect(rows.at(-1)?.[0]).toBe(Math.floor(nowMs / hourMs) * hourMs);
    const [forming] = await truth(id, wellKnown[id], { from: Number(rows.at(-1)?.[0]), to: nowMs, timeframe: '1h' });
    expect(forming?.closed).toBe(false);
    expect(rows.at(-1)).toEqual(rowOf(forming as ToldCandle));
  });
});

describe('simulated venues', () => {
  it.each(['binance', 'bybit'] as const)(
    'of the kind of %s have nothing before the listing of a market',
    async (id) => {
      const { symbol, listedAtMs } = await thinMarket(id);
      const before = (await at(id).exchange.fetchOHLCV(symbol, '1m', listedAtMs - hourMs, 60)) as Row[];
      expect(before.filter(([openMs]) => Number(openMs) < listedAtMs)).toEqual([]);
      const first = (await at(id).exchange.fetchOHLCV(symbol, '1d', listedAtMs - 30 * dayMs, 1000)) as Row[];
      expect(first[0]?.[0]).toBe(Math.floor(listedAtMs / dayMs) * dayMs);
    },
  );

  it('say of a quiet minute that nobody traded, or leave it out, as they were started', async () => {
    for (const id of ['binance', 'kraken', 'bybiteu'] as const) {
      const { symbol } = await thinMarket(id);
      const startMs = Math.floor(nowMs / minuteMs) * minuteMs - 600 * minuteMs;
      const rows = (await at(id).exchange.fetchOHLCV(symbol, '1m', startMs, 500)) as Row[];
      const toMs = Number(rows.at(-1)?.[0]) + minuteMs;
      const known = await truth(id, symbol, { from: startMs, to: toMs });
      const shown = id === 'bybiteu' ? known.filter(({ tradeCount }) => tradeCount > 0) : known;
      expect(known.some(({ tradeCount }) => tradeCount === 0)).toBe(true);
      expect(rows).toEqual(shown.map(rowOf));
    }
  });

  it('of the kind of Kraken have the last 720 candles and no older ones, whatever is asked for', async () => {
    const rows = (await at('kraken').exchange.fetchOHLCV('BTC/USD', '1m', nowMs - 5 * dayMs)) as Row[];
    expect(rows.length).toBe(720);
    expect(rows.at(-1)?.[0]).toBe(Math.floor(nowMs / minuteMs) * minuteMs);
  });

  it.each(['binance', 'binanceusdm', 'kraken'] as const)(
    'of the kind of %s have trades that make the candles of an old hour',
    async (id) => {
      const { exchange } = at(id);
      const symbol = wellKnown[id];
      const made = new Map<number, { open: number; high: number; low: number; close: number; amount: number }>();
      const seen = new Set<string>();
      let sinceMs = longAgoMs - (id === 'kraken' ? 1 : 0);
      for (let page = 0; page < 10 && sinceMs < longAgoMs + hourMs; page++) {
        const trades = await exchange.fetchTrades(symbol, sinceMs, 1000);
        for (const { id: tradeId, timestamp, ...trade } of trades) {
          // A page may begin with the trade that the last one ended with.
          if (seen.has(String(tradeId))) continue;
          seen.add(String(tradeId));
          const [price, amount] = [Number(trade.price), Number(trade.amount)];
          const openMs = Math.floor(Number(timestamp) / minuteMs) * minuteMs;
          const candle = made.get(openMs) ?? { open: price, high: price, low: price, close: price, amount: 0 };
          const [high, low] = [Math.max(candle.high, price), Math.min(candle.low, price)];
          made.set(openMs, { ...candle, high, low, close: price, amount: candle.amount + amount });
        }
        // Kraken gives what comes after a time, the others what comes at it and after.
        sinceMs = Number(trades.at(-1)?.timestamp) + (id === 'kraken' ? 0 : 1);
      }
      const known = await truth(id, symbol, { from: longAgoMs, to: longAgoMs + hourMs });
      expect(known.length).toBe(60);
      for (const { openMs, open, high, low, close, baseVolume } of known) {
        const { amount, ...prices } = made.get(openMs) ?? { amount: 0 };
        expect(prices).toEqual({ open, high, low, close });
        expect(amount).toBeCloseTo(baseVolume, 7);
      }
    },
  );

  it('number trades, and give those from a number on', async () => {
    const { simulator } = at('binance');
    const get = async (path: string) =>
      (await (await fetch(`${simulator.url}${path}`)).json()) as { id: number; a: number }[];
    const latest = await get('/api/v3/trades?symbol=BTCUSDT&limit=5');
    const fromId = (latest[0]?.id ?? 0) - 1_000_000;
    const old = await get(`/api/v3/historicalTrades?symbol=BTCUSDT&fromId=${fromId}&limit=1000`);
    expect(old.map(({ id }) => id)).toEqual(Array.from({ length: 1000 }, (_, index) => fromId + index));
    const aggregates = await get(`/api/v3/aggTrades?symbol=BTCUSDT&fromId=${fromId + 10}&limit=1`);
    expect(aggregates[0]?.a).toBe(fromId + 10);
  });

  it.each(['binanceusdm', 'bybit'] as const)('of the kind of %s have every funding since the listing', async (id) => {
    const { exchange } = at(id);
    const startMs = Date.UTC(2022, 0, 1);
    const fundings = await exchange.fetchFundingRateHistory('BTC/USDT:USDT', startMs, 100, {
      until: startMs + 30 * dayMs,
    });
    expect(fundings.length).toBeGreaterThanOrEqual(90);
    const times = fundings.map(({ timestamp }) => Number(timestamp));
    expect(times).toEqual(times.map((_, index) => startMs + index * 8 * hourMs));
    const again = await exchange.fetchFundingRateHistory('BTC/USDT:USDT', startMs, 100, {
      until: startMs + 30 * dayMs,
    });
    expect(again.map(({ fundingRate }) => fundingRate)).toEqual(fundings.map(({ fundingRate }) => fundingRate));
  });

  it('differ from each other, also where they list the same coin', async () => {
    const opens = await Promise.all(
      fivePublicVenues.map(
        async (id) => (await truth(id, wellKnown[id], { from: longAgoMs, to: longAgoMs + minuteMs }))[0]?.open,
      ),
    );
    expect(new Set(opens).size).toBe(fivePublicVenues.length);
  });
});

describe('faults of the past', () => {
  const id = 'binance';
  const symbol = 'BTC/USDT';
  const span = { from: longAgoMs, to: longAgoMs + 200 * minuteMs };
  const fetchRows = async () => (await at(id).exchange.fetchOHLCV(symbol, '1m', span.from, 200)) as Row[];
  const known = async () => (await truth(id, symbol, span)).map(rowOf);

  it('leave minutes out, the same ones every time, until they are cleared', async () => {
    await withFaults(id, { kind: 'missing-candles', share: 0.1, seed: 3 }, async () => {
      const first = await fetchRows();
      const all = await known();
      expect(first.length).toBeLessThan(195);
      expect(first.length).toBeGreaterThan(150);
      expect(all).toEqual(expect.arrayContaining(first));
      expect(await fetchRows()).toEqual(first);
      const shown = await truth(id, symbol, { ...span, as: 'faults' });
      expect(shown.map(rowOf)).toEqual(first);
      // Of another market other minutes are missing.
      const others = (await at(id).exchange.fetchOHLCV('ETH/USDT', '1m', span.from, 200)) as Row[];
      expect(others.map(([openMs]) => openMs)).not.toEqual(first.map(([openMs]) => openMs));
    });
    expect(await fetchRows()).toEqual(await known());
  });

  it('strike only the candles of a time and the symbol that they are meant for', async () => {
    const from = span.from + 10 * minuteMs;
    const match = { symbol: 'BTCUSDT' };
    await withFaults(id, { kind: 'missing-candles', share: 1, from, to: from + 5 * minuteMs, match }, async () => {
      const times = (await fetchRows()).map(([openMs]) => Number(openMs));
      expect(times.length).toBe(195);
      expect(times.some((openMs) => openMs >= from && openMs < from + 5 * minuteMs)).toBe(false);
      const others = (await at(id).exchange.fetchOHLCV('ETH/USDT', '1m', span.from, 200)) as Row[];
      expect(others.length).toBe(200);
    });
  });

  it.each([
    ['high-below-low', ([, , high = 0, low = 0]: Row) => high < low],
    ['zero-price', ([, , , low]: Row) => low === 0],
    ['negative-volume', ([, , , , , volume = 0]: Row) => volume < 0],
    ['misaligned', ([openMs = 0]: Row) => openMs % minuteMs !== 0],
  ] as const)('make candles that cannot be: %s', async (what, isSpoiled) => {
    await withFaults(id, { kind: 'bad-candle', what, share: 0.1 }, async () => {
      const rows = await fetchRows();
      const spoiled = rows.filter(isSpoiled);
      expect(spoiled.length).toBeGreaterThan(5);
      expect(spoiled.length).toBeLessThan(50);
      expect(await known()).toEqual(expect.arrayContaining(rows.filter((row) => !isSpoiled(row))));
    });
  });

  it('tell the same minute twice with different values', async () => {
    await withFaults(id, { kind: 'bad-candle', what: 'duplicate', share: 0.1 }, async () => {
      const { simulator } = at(id);
      const query = `symbol=BTCUSDT&interval=1m&startTime=${span.from}&limit=200`;
      const rows = (await (await fetch(`${simulator.url}/api/v3/klines?${query}`)).json()) as [number, string][];
      expect(rows.length).toBeGreaterThan(205);
      expect(new Set(rows.map(([openMs]) => openMs)).size).toBe(200);
    });
  });

  it('change the past', async () => {
    await withFaults(id, { kind: 'revised-candle', share: 0.1, seed: 5 }, async () => {
      const [rows, all] = [await fetchRows(), await known()];
      const changed = rows.filter((row, index) => row[2] !== all[index]?.[2]);
      expect(rows.length).toBe(200);
      expect(changed.length).toBeGreaterThan(5);
      expect(await fetchRows()).toEqual(rows);
    });
  });

  it('answer with less than was asked for, or out of order and partly twice', async () => {
    await withFaults(id, { kind: 'short-page', share: 0.25, count: 1 }, async () => {
      expect(await fetchRows()).toEqual((await known()).slice(0, 50));
      expect((await fetchRows()).length).toBe(200);
    });
    await withFaults(id, { kind: 'disordered-page' }, async () => {
      const query = `symbol=BTCUSDT&interval=1m&startTime=${span.from}&limit=200`;
      const rows = (await (await fetch(`${at(id).simulator.url}/api/v3/klines?${query}`)).json()) as [number, string][];
      const times = rows.map(([openMs]) => openMs);
      expect(times).not.toEqual(times.toSorted());
      expect(times.length).toBeGreaterThan(200);
      expect(new Set(times).size).toBe(200);
    });
  });

  it('show the candle that has just closed as it was a while ago', () =>
    withOwnTime(id, async (moveTo) => {
      const closedMs = Math.floor(nowMs / hourMs) * hourMs;
      moveTo(closedMs + hourMs + 5_000);
      const last = async () => (await at(id).exchange.fetchOHLCV(symbol, '1h', closedMs, 1))[0] as Row;
      const [whole] = await truth(id, symbol, { from: closedMs, to: closedMs + hourMs, timeframe: '1h' });
      await withFaults(id, { kind: 'stale-last', lagMs: 20 * minuteMs }, async () => {
        expect(Number((await last())[5])).toBeLessThan(Number(whole?.baseVolume) * 0.95);
      });
      expect(await last()).toEqual(rowOf(whole as ToldCandle));
    }));

  it('begin and end by the clock of the venue, and are out of service meanwhile', () =>
    withOwnTime('kraken', async (moveTo) => {
      const outage = { kind: 'outage', beginsAtMs: nowMs + hourMs, forMs: 20 * minuteMs };
      const status = async () => (await fetch(`${at('kraken').simulator.url}/0/public/OHLC?pair=XBTUSD`)).status;
      await ask('kraken', 'faults', { method: 'POST', body: outage });
      expect(await status()).toBe(200);
      moveTo(nowMs + hourMs + 1);
      expect(await status()).toBe(503);
      moveTo(nowMs + hourMs + 20 * minuteMs);
      expect(await status()).toBe(200);
    }));
});

describe('a simulated day', () => {
  it('passes at once, minute by minute, and each minute is then what it was when it closed', () =>
    withOwnTime('bybit', async (moveTo) => {
      const fromMs = Math.floor(nowMs / dayMs) * dayMs + 2 * dayMs;
      const seen: Row[] = [];
      for (let atMs = fromMs + 30 * minuteMs; atMs <= fromMs + dayMs; atMs += 30 * minuteMs) {
        moveTo(atMs + 1_000);
        const rows = (await at('bybit').exchange.fetchOHLCV('BTC/USDT', '1m', atMs - 30 * minuteMs, 30)) as Row[];
        seen.push(...rows);
      }
      const known = await truth('bybit', 'BTC/USDT', { from: fromMs, to: fromMs + dayMs });
      expect(known.length).toBe(1440);
      expect(seen).toEqual(known.map(rowOf));
      const { rateLimitAnswers } = await ask<{ rateLimitAnswers: number }>('bybit', 'requests');
      expect(rateLimitAnswers).toBe(0);
    }));

  it('has limits as in life: who asks too much of a venue is told so, and it is counted', () =>
    withOwnTime('binanceus', async () => {
      const ticker = `${at('binanceus').simulator.url}/api/v3/ticker/24hr`;
      const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await fetch(ticker)).status));
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
      const { rateLimitAnswers } = await ask<{ rateLimitAnswers: number }>('binanceus', 'requests');
      expect(rateLimitAnswers).toBeGreaterThan(0);
    }));

  it('is set over the wire where the simulator has a clock of its own, and refused where a test holds it', async () => {
    const own = await start('kraken', { clock: createSettableClock(), symbolsCount: 40 });
    const usual = at('kraken');
    try {
      venues.set('kraken', own);
      const atMs = Date.UTC(2024, 1, 29, 12);
      const { nowMs: setMs } = await ask<{ nowMs: number }>('kraken', 'clock', {
        method: 'PUT',
        body: { atMs, speed: 0 },
      });
      expect(setMs).toBe(atMs);
      await ask('kraken', 'clock', { method: 'PUT', body: { byMs: dayMs } });
      expect(await own.exchange.fetchTime()).toBe(atMs + dayMs);
      const rows = (await own.exchange.fetchOHLCV('BTC/USD', '1h', undefined, 1)) as Row[];
      expect(rows[0]?.[0]).toBe(atMs + dayMs);
    } finally {
      venues.set('kraken', usual);
      await own.simulator.close();
    }
    await expect(ask('kraken', 'clock', { method: 'PUT', body: { byMs: dayMs } })).rejects.toThrow(/move it there/);
  });
});

describe('what really was', () => {
  it.each([
    ['symbol=NOSUCH&from=0&to=1', /no spot market/],
    ['symbol=BTCUSDT&from=yesterday&to=1', /from: must be epoch milliseconds/],
    ['symbol=BTCUSDT&from=0&to=1&timeframe=7m', /timeframe: must be a timeframe/],
    [`symbol=BTCUSDT&from=${nowMs - 100 * dayMs}&to=${nowMs}`, /more than 100000 candles/],
  ])('is asked for in words that are understood: %s', async (query, message) => {
    await expect(ask('binance', `candles?${query}`)).rejects.toThrow(message);
  });
});
