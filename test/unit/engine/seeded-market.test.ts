import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { decimal } from '../../../local/simulators/engine/decimal.ts';
import { SeededVenue } from '../../../local/simulators/engine/seeded-venue.ts';
import { memoryStore } from '../../../local/simulators/engine/store.ts';
import type { EngineEvent } from '../../../local/simulators/engine/types.ts';
import { instrument } from './support.ts';

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 10, 21);

function createVenue(seed: number) {
  const clock = createMovableClock(startMs);
  const events: EngineEvent[] = [];
  const venue = new SeededVenue({
    instruments: new Map([[instrument.id, instrument]]),
    seed,
    clock,
    feeRate: decimal('0.001'),
    store: memoryStore,
    onEvent: (event) => void events.push(event),
  });
  return { venue, clock, events };
}

function playTape(seed: number): string[] {
  const { venue, clock, events } = createVenue(seed);
  venue.watch(instrument.id);
  clock.advance(10_000);
  venue.close();
  return events.flatMap((event) => (event.type === 'trade' ? [`${event.trade.price} ${event.trade.quantity}`] : []));
}

describe('the seeded market', () => {
  it('plays the same trades for the same seed and clock, and others for another seed', () => {
    expect(playTape(1).length).toBeGreaterThan(10);
    expect(playTape(1)).toEqual(playTape(1));
    expect(playTape(1)).not.toEqual(playTape(2));
  });

  it('does not move a market that nobody uses', () => {
    const { venue, clock, events } = createVenue(1);
    clock.advance(60_000);
    expect(events).toEqual([]);
    venue.use(instrument.id);
    clock.advance(120_000);
    const settled = events.length;
    clock.advance(120_000);
    expect(events.length).toBe(settled);
    venue.close();
  });

  it('always has somebody to trade with near the mid price', () => {
    const { venue, clock } = createVenue(3);
    venue.engine.transfers.grant('ann', 'BBB', decimal('100000000'));
    for (let index = 0; index < 50; index++) {
      venue.use(instrument.id);
      const mid = venue.candleSource(instrument.id).path(clock.nowMs());
      const result = venue.engine.place({
        accountId: 'ann',
        instrumentId: instrument.id,
        clientOrderId: `c${index}`,
        side: 'buy',
        execution: 'market',
        timeInForce: 'good-till-canceled',
        quantity: decimal('30'),
        attributes: {},
      });
      if (!result.ok) throw new Error(result.reason);
      expect(result.order.status).toBe('filled');
      const average = Number(result.order.executedQuote.div(result.order.executed).toFixed(8));
      expect(Math.abs(average / mid - 1)).toBeLessThan(0.01);
      clock.advance(100);
    }
    venue.close();
  });

  it('fills a resting order when the market moves through its price', () => {
    const { venue, clock } = createVenue(5);
    venue.engine.transfers.grant('ann', 'BBB', decimal('1000000'));
    const { path } = venue.candleSource(instrument.id);
    const lowest = Math.min(...Array.from({ length: 1200 }, (_, index) => path(startMs + index * 500)));
    const price = decimal((lowest * 1.0005).toFixed(2));
    venue.use(instrument.id);
    const result = venue.engine.place({
      accountId: 'ann',
      instrumentId: instrument.id,
      clientOrderId: 'patient',
      side: 'buy',
      execution: 'limit',
      timeInForce: 'good-till-canceled',
      price,
      quantity: decimal('1'),
      attributes: {},
    });
    if (!result.ok) throw new Error(result.reason);
    clock.advance(10 * minuteMs);
    expect(venue.engine.orders.byId(result.order.id)?.status).toBe('filled');
    venue.close();
  });
});
