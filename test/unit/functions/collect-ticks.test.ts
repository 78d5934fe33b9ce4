import { type PublicTrade, type TickSeries, VenueError, type VenueId } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { dayStartMs, openCollectingDesk } from '../../support/collecting-desk.ts';
import { venueFailure } from '../../support/tape-venue.ts';

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const spot = 'AAA/USDT';
const perpetual = 'AAA/USDT:USDT';
const openDesk = (kinds: string[], changes: object = {}) =>
  openCollectingDesk({
    symbols: [spot, perpetual],
    collection: { collections: [{ venues: ['fake'], symbols: [spot, perpetual], kinds, every: '1m' }] },
    ...changes,
  });
const funding: TickSeries = { kind: 'funding', venue: 'fake' as VenueId, symbol: perpetual };
const tradesOf = (symbol: string): TickSeries => ({ kind: 'trades', venue: 'fake' as VenueId, symbol });

async function stored(desk: ReturnType<typeof openDesk>, symbol: string): Promise<PublicTrade[]> {
  const trades: PublicTrade[] = [];
  const span = { fromMs: dayStartMs, toMs: dayStartMs + 2 * dayMs };
  for await (const some of desk.stores.cold.readTrades(tradesOf(symbol), span)) trades.push(...some);
  return trades;
}

/** Three in every minute, as the tape has them. */
const idsFrom = (fromMs: number, toMs: number): string[] => {
  const ids: string[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += 1_000) {
    const second = (atMs / 1_000) % 60;
    const index = [1, 20, 40].indexOf(second);
    if (index >= 0) ids.push(String(Math.floor(atMs / minuteMs) * 3 + index));
  }
  return ids;
};

describe('trades', () => {
  it('are stored once each, from the beginning on, and a day of them becomes one file', async () => {
    const desk = openDesk(['trades'], { startMs: dayStartMs + dayMs - 5 * minuteMs });
    await desk.pass(9);
    // They are told with a delay of some seconds.
    const expected = idsFrom(dayStartMs + dayMs - 4 * minuteMs + 15_000, dayStartMs + dayMs + 4 * minuteMs + 12_000);
    expect((await stored(desk, spot)).map(({ tradeId }) => tradeId)).toEqual(expected);
    await desk.pass(90);
    expect((await desk.record(spot, 'trades')).sealed).toBe('2026-11-21');
    expect((await stored(desk, spot)).length).toBeGreaterThan(expected.length);
  });

  it('of a market that nobody trades take no more questions from day to day, and its first one is not missed', async () => {
    const listedFromMs = dayStartMs + 30 * 60 * minuteMs + 7 * minuteMs;
    const desk = openDesk(['trades'], { tape: { trades: { spanMsMax: 60 * minuteMs }, listedFromMs } });
    const asked: number[] = [];
    for (let hour = 0; hour < 30; hour += 1) {
      const before = desk.venue().questions;
      await desk.pass(1);
      asked.push(desk.venue().questions - before);
      desk.clock.advance(59 * minuteMs);
    }
    // Of two markets, of each what was not asked for yet, and the window before.
    expect(Math.max(...asked)).toBeLessThanOrEqual(6);
    await desk.pass(10);
    const expected = idsFrom(listedFromMs, desk.clock.nowMs() - 3_000);
    expect(expected).not.toEqual([]);
    expect((await stored(desk, spot)).map(({ tradeId }) => tradeId)).toEqual(expected);
  });

  it('that are told late in a market that is quiet are not missed', async () => {
    const desk = openDesk(['trades'], { tape: { trades: { spanMsMax: 60 * minuteMs } } });
    const traded = [200, 201];
    const isLate = (minute: number) => traded.includes(minute) && desk.clock.nowMs() < dayStartMs + 250 * minuteMs;
    const quiet = (minute: number) => !traded.includes(minute) || isLate(minute);
    const settle = () => {
      const minutes = Array.from({ length: 400 }, (_, minute) => minute).filter(quiet);
      desk.venue().quiet.set(spot, new Set(minutes.map((minute) => dayStartMs + minute * minuteMs)));
    };
    for (let turn = 0; turn < 60; turn += 1) {
      settle();
      await desk.pass(1);
      desk.clock.advance(4 * minuteMs);
    }
    const atMs = dayStartMs + 200 * minuteMs;
    expect((await stored(desk, spot)).map(({ tradeId }) => tradeId)).toEqual(idsFrom(atMs, atMs + 2 * minuteMs));
  });

  it('that come after their day was made one file join it, and so they do where the first run is killed', async () => {
    const desk = openDesk(['trades'], { startMs: dayStartMs + dayMs - 10 * minuteMs });
    const { writeTrades, compactTrades } = desk.stores.cold;
    const incoming = new Set<string>();
    let kills = 0;
    desk.stores.cold.writeTrades = async (series, span, trades) => {
      for (const { atMs } of trades) incoming.add(`${series.symbol} ${new Date(atMs).toISOString().slice(0, 10)}`);
      return writeTrades(series, span, trades);
    };
    desk.stores.cold.compactTrades = async (series, day) => {
      if (kills-- > 0) throw new Error('killed');
      incoming.delete(`${series.symbol} ${day}`);
      return compactTrades(series, day);
    };
    await desk.pass(2);
    desk.venue().fail = () => venueFailure('fake', 'network');
    desk.clock.advance(100 * minuteMs);
    await desk.pass(1);
    expect((await desk.record(spot, 'trades')).sealed).toBe('2026-11-21');
    desk.venue().fail = () => undefined;
    kills = 1;
    const lane = { venue: 'fake' as VenueId, part: 'trades', number: 0 };
    const job = { job: 'collect', lane, plannedAtMs: desk.clock.nowMs() } as const;
    expect(await desk.deliver(job)).toMatchObject({ message: 'killed' });
    await desk.pass(2);
    expect([...incoming].sort()).toEqual([`${spot} 2026-11-22`, `${perpetual} 2026-11-22`]);
    const expected = idsFrom(dayStartMs + dayMs - 9 * minuteMs + 15_000, desk.clock.nowMs() - 3_000);
    expect((await stored(desk, spot)).map(({ tradeId }) => tradeId)).toEqual(expected);
    expect((await stored(desk, perpetual)).map(({ tradeId }) => tradeId)).toEqual(expected);
  });

  it('of a day with a damaged file hold up those of no other market', async () => {
    const desk = openDesk(['trades'], { startMs: dayStartMs + dayMs - 5 * minuteMs });
    await desk.pass(9);
    const { compactTrades } = desk.stores.cold;
    desk.stores.cold.compactTrades = async (series, day) => {
      if (series.symbol === spot) throw new Error('damaged');
      return compactTrades(series, day);
    };
    desk.clock.advance(90 * minuteMs);
    const lane = { venue: 'fake' as VenueId, part: 'trades', number: 0 };
    expect(await desk.deliver({ job: 'seal', lane, period: '2026-11-21' })).toMatchObject({ message: 'damaged' });
    expect((await desk.record(spot, 'trades')).sealed).toBeUndefined();
    expect((await desk.record(perpetual, 'trades')).sealed).toBe('2026-11-21');
  });

  it.each(['trades', 'funding'])(
    'of one market that cannot be stored hold up no other, and neither do payments: %s',
    async (part) => {
      // Enough of them that not all are begun at once.
      const symbols = Array.from({ length: 12 }, (_, index) => `M${index + 10}/USDT:USDT`);
      const desk = openCollectingDesk({
        symbols,
        collection: { collections: [{ venues: ['fake'], symbols, kinds: [part], every: '1m' }] },
      });
      await desk.pass(1);
      const { cold } = desk.stores;
      const [{ writeTrades, writeFunding }, written] = [{ ...cold }, new Set<string>()];
      const note = ({ symbol }: TickSeries) => {
        if (symbol < 'M18') throw new Error('damaged');
        written.add(symbol);
      };
      cold.writeTrades = async (series, ...rest) => {
        note(series);
        return writeTrades(series, ...rest);
      };
      cold.writeFunding = async (series, ...rest) => {
        note(series);
        return writeFunding(series, ...rest);
      };
      desk.clock.advance(9 * 60 * minuteMs);
      const lane = { venue: 'fake' as VenueId, part, number: 0 };
      const error = await desk.deliver({ job: 'collect', lane, plannedAtMs: desk.clock.nowMs() });
      expect(error).toMatchObject({ message: 'damaged' });
      expect([...written].sort()).toEqual(symbols.slice(8));
    },
  );

  it('are not stored twice where a run dies before it can say how far it came', async () => {
    const desk = openDesk(['trades']);
    await desk.pass(2);
    const { save } = desk.stores.series;
    let kills = 1;
    desk.stores.series.save = async (record) => {
      if (kills-- > 0) throw new Error('killed');
      return save(record);
    };
    desk.clock.advance(minuteMs);
    const job = { job: 'collect', lane: { venue: 'fake' as VenueId, part: 'trades', number: 0 } } as const;
    expect(await desk.deliver({ ...job, plannedAtMs: desk.clock.nowMs() })).toMatchObject({ message: 'killed' });
    await desk.pass(3);
    const ids = (await stored(desk, spot)).map(({ tradeId }) => tradeId);
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids).toEqual(idsFrom(dayStartMs + minuteMs + 15_000, desk.clock.nowMs() - 3_000));
  });

  it.each(['not_sent', 'timeout'])(
    'that were told before something stood in the way are kept, and the next run goes on behind them: %s',
    async (code) => {
      const desk = openDesk(['trades'], { tape: { trades: { pageSize: 10 } } });
      await desk.pass(2);
      desk.clock.advance(20 * minuteMs);
      let pages = 2;
      const ask = desk.venue().fetchTrades.bind(desk.venue());
      const asked: (number | undefined)[] = [];
      desk.venue().fetchTrades = async (...question) => {
        if (question[0].symbol !== spot) return ask(...question);
        pages -= 1;
        if (pages < 0) throw venueFailure('fake', code);
        asked.push(question[1].sinceMs);
        return ask(...question);
      };
      const lane = { venue: 'fake' as VenueId, part: 'trades', number: 0 };
      const job = () => ({ job: 'collect', lane, plannedAtMs: desk.clock.nowMs() }) as const;
      const before = (await desk.record(spot, 'trades')).cursor?.atMs as number;
      expect(await desk.deliver(job())).toBeUndefined();
      const { cursor, failure } = await desk.record(spot, 'trades');
      expect(cursor?.atMs).toBeGreaterThan(before + 2 * minuteMs);
      expect(failure?.code).toBe(code === 'timeout' ? code : undefined);
      const ids = idsFrom(dayStartMs + minuteMs + 15_000, (cursor?.atMs as number) + 1);
      expect((await stored(desk, spot)).map(({ tradeId }) => tradeId)).toEqual(ids);
      pages = 100;
      await desk.pass(3);
      expect(asked.filter((sinceMs) => sinceMs === asked[0])).toHaveLength(1);
      expect(await stored(desk, spot)).toHaveLength((await stored(desk, perpetual)).length);
    },
  );

  it('of one market that fails hold up no other', async () => {
    const desk = openDesk(['trades']);
    desk.venue().fail = (symbol) =>
      symbol === spot ? new VenueError('fake', 'no', { code: 'bad_symbol' }) : undefined;
    await desk.pass(4);
    expect((await desk.record(spot, 'trades')).failure).toMatchObject({ code: 'bad_symbol' });
    expect((await stored(desk, perpetual)).length).toBeGreaterThan(5);
    desk.venue().fail = () => undefined;
    await desk.pass(6);
    expect((await desk.record(spot, 'trades')).failure).toBeUndefined();
    expect((await stored(desk, spot)).length).toBe((await stored(desk, perpetual)).length);
  });
});

describe('funding', () => {
  it('is stored payment by payment, of perpetuals alone', async () => {
    const desk = openDesk(['funding'], { startMs: dayStartMs + 7 * 60 * minuteMs });
    for (let hour = 0; hour < 20; hour += 1) {
      desk.clock.advance(59 * minuteMs);
      await desk.pass(1);
    }
    const points = await desk.stores.cold.readFunding(funding, { fromMs: dayStartMs, toMs: dayStartMs + 2 * dayMs });
    expect(points.map(({ atMs }) => (atMs - dayStartMs) / (60 * minuteMs))).toEqual([16, 24]);
    await expect(desk.record(spot, 'funding')).rejects.toThrow('no series');
  });

  it('that was told before something stood in the way is kept, and the next run goes on behind it', async () => {
    const desk = openDesk(['funding'], { tape: { funding: { pageSize: 2 } } });
    await desk.pass(2);
    desk.clock.advance(2 * dayMs);
    let pages = 2;
    const asked: (number | undefined)[] = [];
    const ask = desk.venue().fetchFundingHistory.bind(desk.venue());
    desk.venue().fetchFundingHistory = async (market, query) => {
      pages -= 1;
      if (pages < 0) throw venueFailure('fake', 'timeout');
      asked.push(query.sinceMs);
      return ask(market, query);
    };
    const atHours = async () => {
      const span = { fromMs: dayStartMs, toMs: dayStartMs + 3 * dayMs };
      const points = await desk.stores.cold.readFunding(funding, span);
      return points.map(({ atMs }) => (atMs - dayStartMs) / (60 * minuteMs));
    };
    await desk.pass(1);
    expect((await desk.record(perpetual, 'funding')).failure).toMatchObject({ code: 'timeout' });
    expect(await atHours()).toEqual([8, 16]);
    pages = 100;
    await desk.pass(3);
    expect(await atHours()).toEqual([8, 16, 24, 32, 40, 48]);
    expect(asked.filter((sinceMs) => sinceMs === asked[0])).toHaveLength(1);
  });
});
