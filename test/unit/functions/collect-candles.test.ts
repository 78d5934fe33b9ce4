import { type Candle, price, type Span } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { dayStartMs, openCollectingDesk } from '../../support/collecting-desk.ts';
import { venueFailure } from '../../support/tape-venue.ts';

const minuteMs = 60_000;
const symbols = ['AAA/USDT', 'BBB/USDT', 'CCC/USDT'];
const collection = { collections: [{ venues: ['fake'], symbols, timeframes: ['1m'], every: '1m' }] };
const openDesk = (changes: Partial<Parameters<typeof openCollectingDesk>[0]> = {}) =>
  openCollectingDesk({ symbols, collection, ...changes });
const span = (fromMinute: number, toMinute: number): Span => ({
  fromMs: dayStartMs + fromMinute * minuteMs,
  toMs: dayStartMs + toMinute * minuteMs,
});

describe('collecting, minute by minute', () => {
  it('brings every candle once, those that are still forming not at all, with one row a minute for all series of a lane', async () => {
    const desk = openDesk();
    await desk.pass(30);
    for (const symbol of symbols) {
      expect(await desk.opens(symbol, span(0, 60))).toEqual(desk.venue().opensIn(symbol, span(1, 30)));
    }
    expect(desk.written).toEqual({ lanes: 29, blocks: 0 });
  });

  it('writes nothing but rows: no record changes in the steady state', async () => {
    const desk = openDesk();
    await desk.pass(3);
    const before = await desk.record('AAA/USDT');
    await desk.pass(10);
    expect((await desk.record('AAA/USDT')).version).toBe(before.version);
  });

  it('goes on where it was after it stood still, without a gap and without asking twice for what it has', async () => {
    const desk = openDesk();
    await desk.pass(5);
    desk.clock.advance(47 * minuteMs);
    desk.restart();
    await desk.pass(1);
    expect(await desk.opens('BBB/USDT', span(0, 60))).toEqual(desk.venue().opensIn('BBB/USDT', span(1, 53)));
  });

  it('catches up after days with rows of a bounded size, one job after the other', async () => {
    const desk = openDesk();
    await desk.pass(5);
    desk.clock.advance(30 * 60 * minuteMs);
    await desk.pass(1);
    const rows = await desk.stores.candles.readLane(lane, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER });
    expect(
      Math.max(...rows.map(({ members }) => members.reduce((sum, each) => sum + each.candles.openMs.length, 0))),
    ).toBeLessThan(6_100);
    // The first day is sealed by now, as a whole.
    expect(await desk.opens('CCC/USDT', span(0, 2_000))).toEqual(desk.venue().opensIn('CCC/USDT', span(0, 1_806)));
  });

  it('leaves what closes while it is at work to the next turn', async () => {
    const desk = openDesk();
    await desk.pass(2);
    const ask = desk.venue().fetchCandles.bind(desk.venue());
    desk.venue().fetchCandles = async (...question) => {
      desk.clock.advance(30_000);
      return ask(...question);
    };
    desk.clock.advance(minuteMs);
    expect(await desk.deliver({ job: 'collect', lane, plannedAtMs: desk.clock.nowMs() })).toBeUndefined();
    expect(desk.stores.jobs.waiting).toEqual([]);
  });

  it('does the same work twice to the same end, and nothing for a job that comes too late', async () => {
    const desk = openDesk();
    await desk.pass(10);
    const before = await desk.stores.candles.readLane(lane, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER });
    for (const { plannedAtMs } of before) {
      expect(await desk.deliver({ job: 'collect', lane, plannedAtMs })).toBeUndefined();
    }
    expect(await desk.stores.candles.readLane(lane, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER })).toEqual(before);
  });

  it('names a job that it does not know, and what is wrong with one that it does', async () => {
    const desk = openDesk();
    expect(await desk.deliver({ job: 'dream', lane } as never)).toMatchObject({
      name: 'UnknownJobError',
      message: expect.stringContaining('the job "dream" cannot be done'),
    });
    expect(await desk.deliver({ job: 'seal', lane, period: '2026-13' })).toMatchObject({
      message: 'the job "seal" cannot be done: period: must be a day, a month or a year',
    });
  });

  it('does nothing for an exchange that was turned off since', async () => {
    const desk = openDesk();
    await desk.pass(2);
    const { questions } = desk.venue();
    expect(
      await desk.deliver({ job: 'collect', lane: { ...lane, venue: 'gone' as never }, plannedAtMs: 1 }),
    ).toBeUndefined();
    expect(desk.venue().questions).toBe(questions);
  });
});

const lane = { venue: 'fake' as never, part: '1m', number: 0 };

describe('a series that fails', () => {
  it('rests for longer each time and holds nobody up; what it missed is there once it is told again', async () => {
    const desk = openDesk();
    await desk.pass(3);
    desk.venue().fail = (symbol) => (symbol === 'BBB/USDT' ? venueFailure('fake', 'bad_symbol') : undefined);
    await desk.pass(10);
    const { failure } = await desk.record('BBB/USDT');
    expect(failure).toMatchObject({ code: 'bad_symbol', attempts: 4 });
    expect(await desk.opens('AAA/USDT', span(0, 60))).toEqual(desk.venue().opensIn('AAA/USDT', span(1, 13)));
    desk.venue().fail = () => undefined;
    await desk.pass(15);
    expect((await desk.record('BBB/USDT')).failure).toBeUndefined();
    expect(await desk.opens('BBB/USDT', span(0, 60))).toEqual(desk.venue().opensIn('BBB/USDT', span(1, 28)));
    expect(await desk.stores.series.incidents('fake' as never, span(0, 100))).toEqual([]);
  });

  it('says so where its market is not listed any more', async () => {
    const desk = openDesk();
    await desk.pass(2);
    desk.delist('CCC/USDT');
    await desk.deliver({ job: 'collect', lane, plannedAtMs: desk.clock.nowMs() + 50_000 });
    desk.clock.advance(minuteMs);
    await desk.deliver({ job: 'collect', lane, plannedAtMs: desk.clock.nowMs() });
    expect((await desk.record('CCC/USDT')).failure).toMatchObject({ code: 'market_unavailable' });
  });

  it('is none that only our own request limit kept from being asked', async () => {
    const desk = openDesk();
    await desk.pass(2);
    desk.venue().fail = () => venueFailure('fake', 'not_sent');
    await desk.pass(3);
    expect((await desk.record('AAA/USDT')).failure).toBeUndefined();
    expect(await desk.stores.series.incidents('fake' as never, span(0, 100))).toEqual([]);
    desk.venue().fail = () => undefined;
    await desk.pass(1);
    expect(await desk.opens('AAA/USDT', span(0, 60))).toEqual(desk.venue().opensIn('AAA/USDT', span(1, 6)));
  });
});

describe('a venue that is down', () => {
  it('is an incident, not the failure of its series; all is fetched when it answers again', async () => {
    const desk = openDesk();
    await desk.pass(3);
    desk.venue().fail = () => venueFailure('fake', 'network');
    await desk.pass(7);
    expect(await desk.stores.series.incidents('fake' as never, span(0, 100))).toEqual([
      { fromMs: dayStartMs + 4 * minuteMs + 15_000, code: 'network', message: expect.stringContaining('network') },
    ]);
    expect((await desk.record('AAA/USDT')).failure).toBeUndefined();
    desk.venue().fail = () => undefined;
    await desk.pass(1);
    const [incident] = await desk.stores.series.incidents('fake' as never, span(0, 100));
    expect(incident?.toMs).toBe(dayStartMs + 11 * minuteMs + 15_000);
    for (const symbol of symbols) {
      expect(await desk.opens(symbol, span(0, 60))).toEqual(desk.venue().opensIn(symbol, span(1, 11)));
    }
  });
});

describe('what venues do to their last candles', () => {
  const changed = (openTimeMs: number, change: Partial<Candle>) => (candle: Candle, symbol: string) =>
    symbol === 'AAA/USDT' && candle.openTimeMs === openTimeMs ? { ...candle, ...change } : candle;

  it('is taken over where they change them, and told once', async () => {
    const desk = openDesk();
    await desk.pass(5);
    const openMs = dayStartMs + 3 * minuteMs;
    desk.venue().spoil = changed(openMs, { close: price('1.25'), low: price('1.25') });
    await desk.pass(4);
    expect(desk.told('AAA/USDT')).toEqual([
      {
        type: 'candles.revised',
        data: { count: 1, candles: [expect.objectContaining({ openMs, changed: ['low', 'close'] })] },
      },
    ]);
    expect(desk.told('BBB/USDT')).toEqual([]);
    expect(await desk.opens('AAA/USDT', span(0, 60))).toEqual(desk.venue().opensIn('AAA/USDT', span(1, 9)));
  });

  it('is waited for where they bring them late', async () => {
    const desk = openDesk();
    const openMs = dayStartMs + 3 * minuteMs;
    desk.venue().lost.set('AAA/USDT', new Set([openMs]));
    await desk.pass(4);
    expect(await desk.opens('AAA/USDT', span(0, 60))).not.toContain(openMs);
    desk.venue().lost.clear();
    await desk.pass(1);
    expect(await desk.opens('AAA/USDT', span(0, 60))).toContain(openMs);
    expect(desk.told('AAA/USDT')).toEqual([]);
  });

  it('is set aside and told where it makes no sense', async () => {
    const desk = openDesk();
    const openMs = dayStartMs + 3 * minuteMs;
    desk.venue().spoil = changed(openMs, { low: price('0') });
    await desk.pass(8);
    expect(await desk.opens('AAA/USDT', span(0, 60))).not.toContain(openMs);
    const series = (await desk.record('AAA/USDT')).series as never;
    expect(await desk.stores.candles.readQuarantine(series, span(0, 60))).toEqual([
      expect.objectContaining({ openMs, reason: 'price_not_positive' }),
    ]);
    expect(desk.told('AAA/USDT')).toMatchObject([{ type: 'candles.quarantined', data: { count: 1 } }]);
  });
});
