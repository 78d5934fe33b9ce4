import { amount, callStartMsMax, type IntentId, metricNames, price } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { contract, onlyStop } from '../../support/exit-plans.ts';
import { NewsDesk, newsOf } from '../../support/order-news.ts';
import { intent, venueOrder } from '../../support/orders.ts';

const limit = { type: 'limit', price: price('90') } as const;

/** A desk with an entry that rests at the venue, and the plan of its bracket. */
async function restingEntry() {
  const desk = new NewsDesk(contract);
  const symbol = desk.lab.market.symbol;
  await desk.lab.place({ ...limit, symbol, exitPlan: onlyStop });
  desk.lab.calls.clear();
  return desk;
}

const openExits = (desk: NewsDesk) =>
  desk.lab.venue.orders
    .filter(({ status, request }) => status === 'open' && request.clientOrderId !== intent.orderId)
    .map(({ request: { type, amount: size, price: at, triggerPrice } }) => `${type} ${size} ${at ?? triggerPrice}`);

describe('the exits of a market', () => {
  it('are placed as soon as the fill of the entry is told', async () => {
    const desk = await restingEntry();
    desk.lab.fillPart(intent.orderId, amount('1'));
    await desk.deliver(desk.shown());
    expect(openExits(desk)).toEqual(['stop 1 89.1']);
    expect(desk.lab.stored().exits).toMatchObject({ state: 'protected' });
  });

  it('follow several fills of one batch at once', async () => {
    const desk = await restingEntry();
    const news = ['0.5', '0.5', '1'].map((size) => {
      desk.lab.fillPart(intent.orderId, amount(size));
      return desk.shown();
    });
    await desk.deliver(news);
    expect(openExits(desk)).toEqual(['stop 2 89.1']);
    expect(desk.lab.calls.get('placeOrder')).toBe(1);
  });

  it('end with the position: the bracket is over as soon as the fill of its stop is told', async () => {
    const desk = await restingEntry();
    desk.lab.venue.setPrice(desk.lab.market.symbol, price('90'));
    await desk.deliver(desk.shown());
    desk.lab.venue.setPrice(desk.lab.market.symbol, price('89'));
    const stopId = desk.lab.stored().exits?.steps[0]?.orderId;
    // The entry has rested for long: what it just filled may not show in the account yet.
    desk.lab.clock.advance(60_000);
    await desk.deliver(desk.shown(stopId));
    expect(desk.lab.stored(stopId)).toMatchObject({ state: 'filled', parentId: intent.orderId });
    expect(desk.lab.stored().exits).toMatchObject({ state: 'done' });
  });

  it('are left alone by news that neither fill nor end anything', async () => {
    const desk = await restingEntry();
    await desk.deliver(desk.shown());
    expect([...desk.lab.calls.keys()]).toEqual(['apply']);
    expect(desk.asked).not.toContain('listOpen');
  });

  it('are left to whoever has just begun to place the entry, and looked at where nobody can be at it any more', async () => {
    for (const [ageMs, placed] of [
      [callStartMsMax - 1, 0],
      [callStartMsMax, 1],
    ] as const) {
      const desk = new NewsDesk(contract);
      const { market, venue, clock } = desk.lab;
      const order = await desk.lab.record({ symbol: market.symbol, exitPlan: onlyStop });
      const { orderId, symbol, amount: size = amount('2') } = order;
      await venue.placeOrder({ clientOrderId: orderId, symbol, side: 'buy', type: 'market', amount: size }, market);
      clock.advance(ageMs);
      await desk.deliver(desk.shown());
      expect([desk.lab.stored().state, openExits(desk).length]).toEqual(['filled', placed]);
    }
  });

  it('are looked at again when news come once more: who had them before may have ended in between', async () => {
    const desk = await restingEntry();
    desk.lab.fillPart(intent.orderId, amount('2'));
    const { asked } = desk;
    const news = desk.shown();
    desk.lab.venue.faults = { place: () => ({ kind: 'fail_before_accept' }) };
    await desk.deliver(news);
    desk.lab.venue.faults = {};
    desk.lab.clock.advance(60_000);
    asked.length = 0;
    await desk.deliver(news, 2);
    expect([desk.counts.applied, asked.includes('listOpen')]).toEqual([1, true]);
  });

  it('that cannot be kept leave the news recorded, and wait for tracking', async () => {
    const desk = await restingEntry();
    desk.lab.fillPart(intent.orderId, amount('2'));
    const ports = { ...desk.lab.ports(), findMarket: async () => undefined };
    const other = new NewsDesk({ ...contract, ports });
    expect(await other.deliver(desk.shown())).toBe(0);
    expect(desk.lab.stored().state).toBe('filled');
    expect(other.telemetry.lines.join()).toContain('exits could not be kept');
  });

  it('are found before the index shows the entry', async () => {
    const desk = await restingEntry();
    desk.lab.fillPart(intent.orderId, amount('2'));
    const ports = desk.lab.ports();
    const late = new NewsDesk({
      ...contract,
      ports: { ...ports, orders: { ...ports.orders, listOpen: async () => [] } },
    });
    await late.deliver(desk.shown());
    expect(openExits(desk)).toEqual(['stop 2 89.1']);
  });
});

describe('the end of an order with a trigger that nobody has asked for', () => {
  const stop = { type: 'stop', side: 'sell', triggerPrice: price('80'), reduceOnly: true } as const;

  async function restingStop() {
    const desk = new NewsDesk(contract);
    await desk.lab.place({ ...stop, symbol: desk.lab.market.symbol });
    desk.lab.calls.clear();
    return desk;
  }

  it('is not believed while the venue shows it alive: a second one would be placed beside it', async () => {
    const desk = await restingStop();
    await desk.deliver({ ...desk.shown(), order: { ...desk.shown().order, status: 'expired' } });
    expect([desk.lab.stored().state, desk.lab.calls.get('findOrder')]).toEqual(['open', 1]);
  });

  it('is recorded once the venue says so itself', async () => {
    const desk = await restingStop();
    desk.lab.venue.cancel(intent.orderId);
    await desk.deliver(desk.shown());
    expect(desk.lab.stored().state).toBe('canceled');
  });

  it.each([
    ['does not have it any more: it has ended', 'absent', 'canceled'],
    ['gives no answer: tracking goes on asking', 'no_answer', 'open'],
  ] as const)('when the venue %s', async (_name, kind, state) => {
    const desk = await restingStop();
    desk.lab.venue.cancel(intent.orderId);
    const news = desk.shown();
    desk.lab.venue.faults = { find: () => ({ kind }) };
    expect(await desk.deliver(news)).toBe(0);
    expect(desk.lab.stored().state).toBe(state);
  });

  it('is recorded without asking where it was asked for', async () => {
    const desk = await restingStop();
    const { orders } = desk.lab.ports();
    await orders.apply(desk.lab.stored(), { type: 'order.cancel_requested', atMs: 5_000, reason: 'enough' });
    desk.lab.venue.cancel(intent.orderId);
    await desk.deliver(desk.shown());
    expect([desk.lab.stored().state, desk.lab.calls.get('findOrder')]).toEqual(['canceled', undefined]);
  });

  it('is handed back where the venue cannot be asked, with what was filled recorded', async () => {
    const desk = await restingStop();
    desk.lab.fillPart(intent.orderId, amount('0.5'));
    desk.lab.venue.cancel(intent.orderId);
    const closed = new NewsDesk({
      ...contract,
      ports: { ...desk.lab.ports(), openVenue: async () => Promise.reject(new Error('no way there')) },
    });
    expect(await closed.deliver(desk.shown())).toBe(1);
    expect(desk.lab.stored()).toMatchObject({ state: 'open', filled: '0.5' });
    expect(closed.telemetry.counts.get(metricNames.deliveriesFailed)).toBe(1);
  });
});

it('news of somebody else’s order reach no venue and no exits', async () => {
  const desk = await restingEntry();
  const order = { ...venueOrder('filled', '2'), clientOrderId: 'web_1' as IntentId };
  await desk.deliver(
    newsOf({}, { symbol: desk.lab.market.symbol, order: { ...order, venueOrderId: order.venueOrderId } }),
  );
  expect([...desk.lab.calls.keys()]).toEqual([]);
});
