import { type AccountId, amount, type IntentId, type OrderEvent, price, type VenueId } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { NewsDesk, type NewsDeskOptions, newsOf, recordOf, venueIdOf } from '../../support/order-news.ts';
import { cause, fill, observed, venueOrder } from '../../support/orders.ts';

const unknown: OrderEvent = { type: 'order.unknown', atMs: 2_000, cause };
const hashed: NewsDeskOptions = { clientOrderIdOf: (_account, orderId) => `x-${orderId}` };
const partly = () => newsOf(venueOrder('open', '1', [fill('t1')]));
const whole = () => newsOf(venueOrder('filled', '2', [fill('t2')]));

describe('news of an order', () => {
  it('are recorded as what the venue shows, with the position that the fills add up to', async () => {
    const desk = new NewsDesk();
    await desk.lab.record({}, observed('open', '0'));
    expect(await desk.deliver([partly(), whole()])).toBe(0);
    expect(desk.lab.stored()).toMatchObject({ state: 'filled', filled: '2', reserved: '0' });
    expect(desk.lab.stored().fills.map(({ tradeId }) => tradeId)).toEqual(['t1', 't2']);
    expect(desk.lab.tables.positions.get('main BTC/USDT')).toMatchObject({ quantity: '2', cost: '200' });
    expect(desk.counts).toEqual({ applied: 2, dropped: 0, failed: 0 });
  });

  it.each([
    ['twice', [partly(), whole(), partly(), whole()]],
    ['the newer first', [whole(), partly()]],
    ['an older state after the end', [partly(), whole(), newsOf({ status: 'open' }), newsOf({ status: 'canceled' })]],
  ])('that come %s make nothing wrong', async (_name, news) => {
    const desk = new NewsDesk();
    await desk.lab.record({}, observed('open', '0'));
    for (const each of news) await desk.deliver(each);
    expect(desk.lab.stored()).toMatchObject({ state: 'filled', filled: '2' });
    expect(desk.lab.tables.positions.get('main BTC/USDT')).toMatchObject({ quantity: '2' });
  });

  it('leave an order canceled that an older one shows open, and keep its late fill', async () => {
    const desk = new NewsDesk();
    await desk.lab.record({}, observed('canceled', '1', [fill('t1')]));
    await desk.deliver([newsOf(venueOrder('open', '0')), newsOf(venueOrder('open', '1.5', [fill('t2', '0.5')]))]);
    expect(desk.lab.stored()).toMatchObject({ state: 'canceled', filled: '1.5' });
  });

  it('change nothing and count as nothing where they are known', async () => {
    const desk = new NewsDesk();
    await desk.lab.record({}, observed('open', '1', [fill('t1')]));
    const { version } = desk.lab.stored();
    await desk.deliver([partly(), partly()]);
    expect([desk.lab.stored().version, desk.counts.applied]).toEqual([version, 0]);
  });

  it.each([['intended', []] as const, ['unknown', [unknown]] as const])(
    'resolve an order that is %s: the venue has shown it',
    async (_state, events) => {
      const desk = new NewsDesk();
      await desk.lab.record({}, ...events);
      await desk.deliver(newsOf({ status: 'open' }));
      expect(desk.lab.stored()).toMatchObject({ state: 'open', venueOrderId: 'v1' });
    },
  );

  it('do not take back terms that an open order got since', async () => {
    const desk = new NewsDesk();
    const terms = { type: 'limit', price: price('90'), reduceOnly: true, amount: amount('3') } as const;
    const change = { amount: amount('5') };
    await desk.lab.record(terms, observed('open', '0'), { type: 'order.amended', atMs: 4_000, change });
    await desk.deliver(newsOf({ status: 'open', filled: amount('3'), amount: amount('3') }));
    expect(desk.lab.stored()).toMatchObject({ state: 'open', amount: '5', filled: '3' });
  });

  it('end a change that is still waited for where they show the end of the order', async () => {
    const desk = new NewsDesk();
    const change = { amount: amount('3') };
    await desk.lab.record({}, observed('open', '0'), { type: 'order.amend_requested', atMs: 4_000, change });
    await desk.deliver(newsOf({ status: 'canceled' }));
    expect(desk.lab.stored()).toMatchObject({ state: 'canceled', filled: '0' });
    expect(desk.lab.typesOf()).toContain('order.amend_refused');
    expect(desk.lab.stored()).not.toHaveProperty('amendment');
  });

  it('never place anything', async () => {
    const desk = new NewsDesk();
    await desk.lab.record({}, unknown);
    await desk.deliver([partly(), newsOf({ clientOrderId: 'nd9', venueOrderId: venueIdOf('v9') }), whole()], 4);
    expect(desk.lab.venue.placeCalls).toBe(0);
  });
});

describe('an order is found', () => {
  it('by the form that its id has at the venue before the venue’s own id is known, and by that afterwards', async () => {
    const desk = new NewsDesk(hashed);
    await desk.lab.record({}, unknown);
    await desk.lab.record({ orderId: 'nd0002' as IntentId }, unknown);
    await desk.deliver(newsOf({ status: 'open', clientOrderId: 'x-nd0002' }));
    await desk.deliver(newsOf({ ...venueOrder('filled', '2'), clientOrderId: 'x-other' }));
    expect([desk.lab.stored().state, desk.lab.stored('nd0002').state]).toEqual(['unknown', 'filled']);
  });

  it('by one look at the open ones, however many news it has', async () => {
    const desk = new NewsDesk(hashed);
    await desk.lab.record({}, observed('open', '0'));
    for (const size of ['0.1', '0.2', '0.3'])
      await desk.deliver(newsOf({ filled: amount(size), clientOrderId: 'x-nd0001' }));
    // One more for the brackets of the market each time that something is filled.
    expect(desk.asked.filter((name) => name === 'listOpen')).toHaveLength(1 + 3);
  });

  it('by the venue’s own id where news carry none of ours', async () => {
    const desk = new NewsDesk();
    await desk.lab.record({}, observed('open', '0'));
    const { clientOrderId: _none, ...order } = venueOrder('filled', '2');
    await desk.deliver(newsOf({}, { order }));
    expect(desk.lab.stored().state).toBe('filled');
  });

  it('in the end also where the desk holds that it was never placed', async () => {
    const desk = new NewsDesk(hashed);
    await desk.lab.record({}, unknown, { type: 'order.absent', atMs: 3_000, cause });
    const news = newsOf({ status: 'open', clientOrderId: 'x-nd0001' });
    for (const receives of [1, 2, 3]) expect(await desk.deliver(news, receives)).toBe(1);
    expect(await desk.deliver(news, 4)).toBe(0);
    expect(desk.lab.stored().state).toBe('open');
  });
});

describe('an order that is not known', () => {
  it('is waited for three times, for 1, 2 and 4 s, and then dropped', async () => {
    const desk = new NewsDesk(hashed);
    const news = newsOf({ status: 'open', clientOrderId: 'somebody' });
    for (const receives of [1, 2, 3]) expect(await desk.deliver(news, receives)).toBe(1);
    expect([desk.pauses, desk.counts.dropped]).toEqual([[1, 2, 4], 0]);
    expect(await desk.deliver(news, 4)).toBe(0);
    expect([desk.counts, desk.lab.tables.orders.size]).toEqual([{ applied: 0, dropped: 1, failed: 0 }, 0]);
  });

  it('is not waited for again when more is told of it, for ten minutes', async () => {
    const desk = new NewsDesk(hashed);
    const news = newsOf({ status: 'open', clientOrderId: 'somebody' });
    await desk.deliver(news, 4);
    desk.asked.length = 0;
    expect([await desk.deliver(news), desk.asked]).toEqual([0, []]);
    desk.lab.clock.advance(10 * 60_000);
    expect(await desk.deliver(news)).toBe(1);
  });

  it('is not waited for at all at a venue that shows our ids as they are: ours are recorded before it hears of them', async () => {
    const desk = new NewsDesk();
    const news = newsOf({ status: 'open', clientOrderId: 'somebody' });
    expect([await desk.deliver(news), desk.counts.dropped]).toEqual([0, 1]);
  });

  it('is found when it was recorded meanwhile', async () => {
    const desk = new NewsDesk(hashed);
    const news = newsOf({ ...venueOrder('filled', '2'), clientOrderId: 'x-nd0001' });
    expect(await desk.deliver(news)).toBe(1);
    await desk.lab.record();
    expect(await desk.deliver(news, 2)).toBe(0);
    expect(desk.lab.stored().state).toBe('filled');
  });

  it('does not hold up the others of its market', async () => {
    const desk = new NewsDesk(hashed);
    await desk.lab.record({}, observed('open', '0'));
    const others = newsOf({ clientOrderId: 'somebody', venueOrderId: venueIdOf('v9') });
    expect(await desk.deliver([others, whole()])).toBe(1);
    expect(desk.lab.stored().state).toBe('filled');
  });
});

describe('news that cannot be of the order they name', () => {
  it.each([
    ['another market', { symbol: 'ETH/USDT' }, 'is an order of main in BTC/USDT'],
    ['another account', { account: 'second' as AccountId }, 'is an order of main in BTC/USDT'],
    [
      'another order of the venue',
      { order: { ...venueOrder('open', '0'), venueOrderId: venueIdOf('v2') } },
      'is v1 at',
    ],
  ])('because it is %s are dropped, and say so', async (_name, changes, said) => {
    const desk = new NewsDesk();
    await desk.lab.record({}, observed('open', '1'));
    const before = desk.lab.stored();
    expect(await desk.deliver(newsOf(venueOrder('filled', '2'), changes))).toBe(0);
    expect(desk.lab.stored()).toEqual(before);
    expect(desk.counts.dropped).toBe(1);
    expect(desk.telemetry.lines.join()).toContain(said);
  });

  it('because it waits here for its trigger are dropped: asking decides', async () => {
    const desk = new NewsDesk();
    await desk.lab.record({ type: 'stop', triggerPrice: price('120'), handling: 'emulated' });
    expect(await desk.deliver(newsOf({ status: 'open' }))).toBe(0);
    expect([desk.lab.stored().state, desk.counts.dropped]).toEqual(['waiting', 1]);
  });

  it.each([
    [
      'a paper account',
      { accounts: { main: { exchange: 'fake', mode: 'paper', paper: { balances: { USDT: '1' } } } } },
      {},
    ],
    ['an account that is not configured', {}, { account: 'gone' as AccountId }],
    ['an account that is elsewhere by now', {}, { venue: 'other' as VenueId }],
  ])('of %s are dropped', async (_name, documents, changes) => {
    const desk = new NewsDesk({ config: deskConfig(documents) });
    expect(await desk.deliver(newsOf({}, changes))).toBe(0);
    expect([desk.counts.dropped, desk.asked]).toEqual([1, []]);
  });
});

describe('a batch', () => {
  it('hands back what is no news, which ends among the dead letters', async () => {
    const desk = new NewsDesk();
    await desk.lab.record({}, observed('open', '0'));
    const float = JSON.stringify(newsOf({})).replace('"filled":"0"', '"filled":0.1');
    expect(await desk.deliver(['{', float, whole()])).toBe(2);
    expect([desk.counts.failed, desk.lab.stored().state]).toEqual([2, 'filled']);
  });

  it('hands back what it has no time for, and begins with the first whatever is left', async () => {
    const desk = new NewsDesk();
    await desk.lab.record({}, observed('open', '0'));
    const left = await desk.apply(
      [partly(), whole()].map((news) => recordOf(news)),
      desk.lab.clock.nowMs() + 5_000,
    );
    expect([left.length, desk.lab.stored().filled]).toEqual([1, '1']);
  });

  it('hands back what a store did not take, and applies the rest', async () => {
    const desk = new NewsDesk();
    await desk.lab.record({}, observed('open', '0'));
    await desk.lab.record({ orderId: 'nd0002' as IntentId });
    let failures = 1;
    desk.lab.atPoint = (call, when) => {
      if (call === 'apply' && when === 'before' && failures-- > 0) throw new Error('the table does not answer');
    };
    const terms = { venueOrderId: venueIdOf('v2'), clientOrderId: 'nd0002' };
    const second = newsOf({ ...venueOrder('filled', '2'), ...terms });
    expect(await desk.deliver([whole(), second])).toBe(1);
    expect([desk.lab.stored().state, desk.lab.stored('nd0002').state]).toEqual(['open', 'filled']);
    expect([desk.counts.failed, desk.pauses]).toEqual([1, [1]]);
  });
});
