import { metricNames, VersionConflictError } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { dayStartMs, openCollectingDesk } from '../../support/collecting-desk.ts';

const minuteMs = 60_000;
const symbols = ['AAA/USDT', 'BBB/USDT'];
const of = (more: object) => ({ collections: [{ venues: ['fake'], timeframes: ['1m'], every: '1m', ...more }] });

describe('planning', () => {
  it('makes a record of every series that is wanted, and hands out its lane once a minute', async () => {
    const desk = openCollectingDesk({ symbols, collection: of({ symbols }) });
    expect(await desk.plan()).toMatchObject({ series: 2 });
    await desk.work();
    desk.clock.advance(minuteMs);
    await desk.plan();
    expect(desk.stores.jobs.waiting).toHaveLength(1);
    // A second start in the same minute hands out nothing new, not even by another process.
    await desk.plan();
    desk.restart();
    await desk.plan();
    expect(desk.stores.jobs.waiting).toHaveLength(1);
  });

  it('reads little in the steady state: records every two minutes, markets every ten', async () => {
    const desk = openCollectingDesk({ symbols, collection: of({ symbols }) });
    await desk.pass(2);
    let lists = 0;
    const { list } = desk.stores.series;
    desk.stores.series.list = async (venue) => {
      lists += 1;
      return list(venue);
    };
    for (let minute = 0; minute < 10; minute += 1) {
      desk.clock.advance(minuteMs);
      await desk.plan();
    }
    expect(lists).toBeLessThanOrEqual(6);
  });

  it('collects what was saved within two minutes, however rarely its lane has its turn', async () => {
    const desk = openCollectingDesk({ symbols, collection: of({ symbols: ['AAA/USDT'] }) });
    await desk.pass(3);
    desk.setCollection({ collections: [{ venues: ['fake'], symbols, timeframes: ['1m'], every: '1h' }] });
    await desk.pass(2);
    const span = { fromMs: dayStartMs, toMs: dayStartMs + 60 * minuteMs };
    expect(await desk.opens('BBB/USDT', span)).toEqual([dayStartMs + 4 * minuteMs]);
  });

  it('keeps what is not wanted any more, and goes on with it when it is again', async () => {
    const desk = openCollectingDesk({ symbols, collection: of({ symbols }) });
    await desk.pass(3);
    desk.setCollection(of({ symbols: ['AAA/USDT'] }));
    await desk.pass(2);
    expect(await desk.record('BBB/USDT')).toMatchObject({ status: 'kept' });
    desk.setCollection(of({ symbols }));
    await desk.pass(2);
    expect(await desk.record('BBB/USDT')).toMatchObject({ status: 'collected', lane: 0 });
    const span = { fromMs: dayStartMs, toMs: dayStartMs + 60 * minuteMs };
    expect(await desk.opens('BBB/USDT', span)).toEqual(
      desk.venue().opensIn('BBB/USDT', { ...span, fromMs: dayStartMs + minuteMs, toMs: dayStartMs + 7 * minuteMs }),
    );
  });

  it('has the most traded symbols looked up first, and collects them then', async () => {
    const select = { quotes: ['USDT'], top: 1 };
    const desk = openCollectingDesk({ symbols: ['LONGER/USDT', 'A/USDT', 'B/BTC'], collection: of({ select }) });
    await desk.pass(1);
    expect((await desk.stores.series.ranking('fake' as never))?.symbols.map(({ symbol }) => symbol)).toEqual([
      'A/USDT',
      'LONGER/USDT',
    ]);
    await desk.pass(2);
    expect((await desk.stores.series.list('fake' as never)).map(({ series }) => series.symbol)).toEqual(['A/USDT']);
  });

  it('has those looked up that streams choose from, where nothing is collected', async () => {
    const streams = [{ venues: ['fake'], select: { quotes: ['USDT'], top: 1 } }];
    const desk = openCollectingDesk({ symbols: ['A/USDT', 'B/BTC'], collection: { streams } });
    await desk.pass(1);
    expect((await desk.stores.series.ranking('fake' as never))?.symbols.map(({ symbol }) => symbol)).toEqual([
      'A/USDT',
    ]);
    expect(await desk.stores.series.list('fake' as never)).toEqual([]);
  });

  it('tells what it cannot find once, and not every minute', async () => {
    const desk = openCollectingDesk({ symbols, collection: of({ symbols: ['AAA/USDT', 'NONE/USDT'] }) });
    await desk.pass(5);
    const lines = desk.telemetry.lines.filter((line) => line.includes('has no market'));
    expect(lines).toEqual([
      expect.stringContaining('collection 1 of collection.yaml: \\"fake\\" has no market \\"NONE/USDT\\"'),
    ]);
  });

  it('plans the other venues where one cannot be read, and fails then', async () => {
    const venues = ['fake', 'other'];
    const desk = openCollectingDesk({ symbols, venues, collection: of({ symbols, venues }) });
    const { list } = desk.stores.series;
    desk.stores.series.list = async (venue) => {
      if (venue === ('other' as never)) throw new Error('the table does not answer');
      return list(venue);
    };
    await expect(desk.plan()).rejects.toThrow('the table does not answer');
    expect((await list('fake' as never)).length).toBe(2);
  });

  it('leaves a record to whoever changed it meanwhile, and plans it in the next minute', async () => {
    const desk = openCollectingDesk({ symbols, collection: of({ symbols }) });
    const { save } = desk.stores.series;
    let conflicts = 1;
    desk.stores.series.save = async (record) => {
      if (conflicts-- > 0) throw new VersionConflictError('the series');
      return save(record);
    };
    await desk.pass(2);
    expect((await desk.stores.series.list('fake' as never)).length).toBe(2);
  });

  it('tells how many series there are, how many fail and how much is missing', async () => {
    const desk = openCollectingDesk({ symbols, collection: of({ symbols }) });
    await desk.plan();
    expect(desk.telemetry.counts.get(metricNames.seriesPlanned)).toBe(2);
    expect(desk.telemetry.counts.get(metricNames.seriesFailing)).toBe(0);
    expect(desk.telemetry.counts.get(metricNames.gapsOpen)).toBe(0);
  });
});
