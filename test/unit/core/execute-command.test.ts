import {
  type AccountId,
  type AccountLimits,
  amount,
  ConfigurationError,
  cancelRecorded,
  everySymbol,
  executeCommand,
  type Intent,
  type IntentId,
  isCommand,
  type LimitText,
  notional,
  type Order,
  type OrderChange,
  orderIdOf,
  price,
  replacementIdOf,
  SecretUnavailableError,
  type Signal,
  type SignalId,
  type SignalMessage,
  type SourceId,
  VenueError,
  type VenueId,
  VersionConflictError,
} from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { inTurn } from '../../support/fake-venue.ts';
import { createMemoryRisk } from '../../support/memory-stores.ts';
import { CrashError, OrderLab } from '../../support/order-lab.ts';
import { cause, intent } from '../../support/orders.ts';
import fc from '../../support/property.ts';

let lab: OrderLab;

beforeEach(() => {
  lab = new OrderLab();
});

const resting = { type: 'limit', price: price('90'), reserved: notional('180') } as const;
const place = (id: string, changes: Partial<Intent> = {}) =>
  lab.place({ ...resting, orderId: id as IntentId, ...changes });

function command(changes: Partial<Signal> = {}): SignalMessage {
  const account = 'main' as AccountId;
  const signal: Signal = {
    signalId: 'sgcancel' as SignalId,
    source: 'desk' as SourceId,
    accounts: [account],
    venue: 'fake' as VenueId,
    symbol: 'BTC/USDT',
    action: 'cancel',
    type: 'market',
    expiresAtMs: lab.policy.expiresAtMs,
    receivedAtMs: lab.clock.nowMs(),
    ...changes,
  };
  return { signal, account, leg: 0, lane: 'main' };
}

const run = (message: SignalMessage, patienceMs?: number) =>
  executeCommand(message, { ...lab.policy, expiresAtMs: message.signal.expiresAtMs }, lab.ports(patienceMs));
const amending = (change: OrderChange, orderId = 'nd1', changes: Partial<Signal> = {}) =>
  command({ signalId: 'sgamend' as SignalId, action: 'amend', orderId: orderId as IntentId, change, ...changes });
const statesOf = () => Object.fromEntries([...lab.tables.orders].map(([id, { state }]) => [id, state]));

it('knows the legs that place nothing of their own', () => {
  expect([command(), amending({}), command({ action: 'buy' })].map(isCommand)).toEqual([true, true, false]);
});

describe('a cancel', () => {
  it('ends the one order that it names, and says so in a row of its own', async () => {
    await place('nd1');
    await place('nd2');
    const message = command({ orderId: 'nd1' as IntentId });
    const { order, worked } = await run(message);
    expect([worked, order.orderId, order.state, order.cause]).toEqual([
      true,
      orderIdOf(message),
      'no_order',
      { code: 'canceled_orders', message: 'orders: 1 canceled: nd1' },
    ]);
    expect(statesOf()).toMatchObject({ nd1: 'canceled', nd2: 'open' });
    expect(lab.stored('nd1').cause?.message).toBe('canceled by signal sgcancel of desk');
  });

  it('is done once its row is there', async () => {
    const message = command();
    const first = await run(message);
    await place('nd1');
    expect(await run(message)).toEqual({ order: first.order, worked: false });
    expect(statesOf()).toMatchObject({ nd1: 'open' });
  });

  it('ends all of a symbol and leaves the others', async () => {
    await place('nd1');
    await place('nd2');
    await place('nd3', { symbol: 'ETH/USDT' }).catch(() => undefined);
    lab.fillPart('nd2', amount('2'));
    const { order } = await run(command());
    expect(order.cause?.message).toBe('orders: 1 canceled: nd1; 1 had filled already: nd2');
    expect(statesOf().nd3).not.toBe('canceled');
  });

  it('ends all of an account, what waits at Nightdesk included', async () => {
    await place('nd1');
    await lab.record({ orderId: 'nd2' as IntentId, type: 'stop', triggerPrice: price('120'), handling: 'emulated' });
    await run(command({ symbol: everySymbol }));
    expect(statesOf()).toMatchObject({ nd1: 'canceled', nd2: 'canceled' });
  });

  it('leaves what was asked for after it', async () => {
    const message = command();
    lab.clock.advance(1);
    await place('nd1');
    expect((await run(message)).order.cause?.code).toBe('nothing_to_cancel');
    expect(statesOf()).toMatchObject({ nd1: 'open' });
  });

  it.each<[string, Partial<Signal>, string]>([
    ['an order that is not there', { orderId: 'nd9' as IntentId }, 'order_not_found'],
    ['an order of another symbol', { orderId: 'nd1' as IntentId, symbol: 'ETH/USDT' }, 'order_not_found'],
    ['an order that has ended', { orderId: 'nd2' as IntentId }, 'order_final'],
    ['an order at another venue', { venue: 'elsewhere' as VenueId }, 'market_unavailable'],
    ['anything when it is too old', { expiresAtMs: 1 }, 'stale_signal'],
  ])('does not touch %s', async (_, changes, code) => {
    await place('nd1');
    await lab.place({ orderId: 'nd2' as IntentId });
    const { order } = await run(command(changes));
    expect([order.state, order.cause?.code]).toEqual(['denied', code]);
    expect(statesOf()).toMatchObject({ nd1: 'open' });
  });

  it('does not touch an order of another account', async () => {
    await place('nd1');
    const message = { ...command({ orderId: 'nd1' as IntentId }), account: 'second' as AccountId };
    expect((await run(message)).order.cause?.code).toBe('order_not_found');
  });

  it('never takes the protection off a position, whether it names the exit or not', async () => {
    await lab.place({ orderId: 'nd1' as IntentId });
    const exit = { role: 'stop_loss', parentId: 'nd1' as IntentId, side: 'sell', price: price('110') } as const;
    await place('nd2', { ...exit, reduceOnly: true });
    expect((await run(command({ orderId: 'nd2' as IntentId }))).order.cause?.code).toBe('order_protects_position');
    await run(command({ signalId: 'sgall' as SignalId, symbol: everySymbol }));
    expect(statesOf()).toMatchObject({ nd2: 'open' });
  });

  it('ends the exits of an entry that holds nothing', async () => {
    await place('nd1');
    await place('nd2', { role: 'take_profit', parentId: 'nd1' as IntentId, side: 'sell', price: price('110') });
    await run(command());
    expect(statesOf()).toMatchObject({ nd1: 'canceled', nd2: 'canceled' });
  });

  it('is delivered again while something is in doubt, and counts what it ended before', async () => {
    await place('nd1');
    await place('nd2');
    lab.venue.faults = {
      cancel: ({ clientOrderId }) => (clientOrderId === 'nd2' ? { kind: 'lose_request' } : undefined),
    };
    const message = command();
    await expect(run(message)).rejects.toThrow('1 not confirmed by the venue yet: nd2');
    expect(lab.tables.orders.has(orderIdOf(message))).toBe(false);
    lab.venue.faults = {};
    const { order } = await run(message);
    expect(order.cause?.message).toMatch(/^orders: 2 canceled/);
  });

  it('is recorded as what is known once it is too old to be delivered again', async () => {
    await place('nd1');
    lab.venue.faults = { cancel: () => ({ kind: 'lose_request' }) };
    const message = command({ expiresAtMs: lab.clock.nowMs() + 500 });
    const { order } = await run(message);
    expect(order).toMatchObject({ state: 'no_order', cause: { code: 'cancel_pending' } });
    expect(lab.stored('nd1').cancel?.reason).toBe('canceled by signal sgcancel of desk');
  });

  it('goes on with what it began, however old it is by then', async () => {
    await place('nd1');
    await place('nd2');
    lab.venue.faults = { cancel: () => ({ kind: 'lose_request' }) };
    const message = command({ expiresAtMs: lab.clock.nowMs() + 60_000 });
    await expect(run(message)).rejects.toThrow('not confirmed');
    lab.clock.advance(60_000);
    lab.venue.faults = {};
    expect((await run(message)).order.cause?.message).toMatch(/2 canceled/);
  });

  it('leaves the others alone when one order cannot be reached', async () => {
    await place('nd1');
    await place('nd2', { venue: 'elsewhere' as VenueId });
    await expect(run(command())).rejects.toThrow('1 could not be canceled (it is at elsewhere): nd2');
    expect(statesOf()).toMatchObject({ nd1: 'canceled', nd2: 'open' });
  });

  it('only writes down what it wants when there is no time to ask the venue', async () => {
    await place('nd1');
    await expect(run(command(), 0)).rejects.toThrow('not confirmed');
    expect(lab.stored('nd1')).toMatchObject({
      state: 'open',
      cancel: { reason: 'canceled by signal sgcancel of desk' },
    });
  });
});

describe('a cancel of many', () => {
  it('names no more than twenty of them', async () => {
    for (let index = 10; index < 35; index++) await place(`nd${index}`, { reserved: notional('1') });
    expect((await run(command())).order.cause?.message).toMatch(/^orders: 25 canceled: nd10, .* and 5 more$/);
  });

  it('tells those that had ended already by themselves', async () => {
    await place('nd1');
    for (const seen of lab.venue.orders) seen.status = 'expired';
    expect((await run(command())).order.cause?.message).toBe('orders: 1 had ended already: nd1');
  });

  it('says where a market is gone', async () => {
    await place('nd1');
    const ports = { ...lab.ports(), findMarket: async () => undefined };
    await expect(executeCommand(command(), lab.policy, ports)).rejects.toThrow('is not a market any more');
  });

  it('names an order in any market where it means all of them', async () => {
    const message = command({ symbol: everySymbol, orderId: 'nd9' as IntentId });
    expect((await run(message)).order.cause?.message).toBe('nd9 is no order of the account main');
  });
});

describe('trouble before anything is done', () => {
  const failing = (error: Error, message: SignalMessage, expiresAtMs = message.signal.expiresAtMs) => {
    const openVenue = () => Promise.reject(error);
    return executeCommand(message, { ...lab.policy, expiresAtMs }, { ...lab.ports(), openVenue });
  };

  it('is recorded where another try would not mend it', async () => {
    await place('nd1');
    const { order } = await failing(new ConfigurationError('no such venue'), amending({ price: price('80') }));
    expect(order).toMatchObject({ state: 'denied', cause: { code: 'exchange_unusable' } });
  });

  it('is tried again where it may pass', async () => {
    await place('nd1');
    const error = new SecretUnavailableError('main', 'is not read', { temporary: true });
    await expect(failing(error, amending({ price: price('80') }))).rejects.toThrow(error);
  });
});

describe('an amendment', () => {
  it('changes the order as it stands where the venue can and no more is reserved', async () => {
    await place('nd1');
    const { order } = await run(amending({ price: price('80.001') }));
    expect(order).toMatchObject({ state: 'no_order', cause: { code: 'amended' } });
    expect(lab.stored('nd1')).toMatchObject({ state: 'open', price: '80' });
    expect(lab.venue.orders).toHaveLength(1);
  });

  it.each<[string, OrderChange, string, Partial<Signal>?]>([
    ['an order that is not there', {}, 'order_not_found', { orderId: 'nd9' as IntentId }],
    ['no order at all', {}, 'not_supported', { orderId: undefined } as never],
    ['what is filled', { amount: amount('0.5') }, 'amount_filled'],
    ['an amount below the minimum', { amount: amount('0.000001') }, 'amount_below_minimum'],
    ['a price below the step', { price: price('0.001') }, 'price_below_step'],
    ['a worth below the minimum', { price: price('0.01') }, 'notional_below_minimum'],
    ['a trigger that it has not', { triggerPrice: price('1') }, 'not_supported'],
    ['it beyond the limits', { amount: amount('100') }, 'order_notional_limit'],
    ['it when it is too old', { price: price('80') }, 'stale_signal', { expiresAtMs: 1 }],
  ])('refuses to change %s', async (_, change, code, changes) => {
    const order = await place('nd1');
    lab.fillPart('nd1', amount('0.5'));
    const found = await lab.venue.findOrder({ ...order, clientOrderId: 'nd1' } as never);
    if (found.kind !== 'found') throw new Error(found.kind);
    await lab.ports().orders.apply(order, { type: 'order.observed', atMs: 1, order: found.order });
    const result = await run(amending(change, 'nd1', changes));
    expect([result.order.state, result.order.cause?.code]).toEqual(['denied', code]);
    expect(lab.stored('nd1')).toMatchObject({ state: 'open', price: '90', amount: '2' });
  });

  it('denies what cannot be reached, valued or traded any more', async () => {
    await place('nd1');
    await place('nd2', { venue: 'elsewhere' as VenueId });
    const run2 = (message: SignalMessage, ports = {}) =>
      executeCommand(message, lab.policy, { ...lab.ports(), ...ports }).then(({ order }) => order.cause?.code);
    const change = { price: price('80') };
    const named = (id: string, orderId = 'nd1') => amending(change, orderId, { signalId: id as SignalId });
    expect(await run2(named('sg1'), { findMarket: async () => undefined })).toBe('market_unavailable');
    expect(await run2(named('sg2', 'nd2'))).toBe('market_unavailable');
    const quanto = { ...lab.market, contractType: 'quanto' as const };
    expect(await run2(named('sg3'), { findMarket: async () => quanto })).toBe('price_missing');
    lab.policy = { ...lab.policy, account: { ...lab.policy.account, mode: 'live' } };
    expect(await run2(named('sg4'))).toBe('live_trading_off');
    expect(lab.stored('nd1')).toMatchObject({ state: 'open', price: '90' });
  });

  it('does not change what somebody else has asked to cancel', async () => {
    const order = await place('nd1');
    await lab.ports().orders.apply(order, { type: 'order.cancel_requested', atMs: 1, reason: 'not wanted' });
    expect((await run(amending({ price: price('80') }))).order.cause?.code).toBe('not_amended');
  });

  it('refuses a price that a new order would not be allowed, and asks no book for what only shrinks a position', async () => {
    const within = (limits: Partial<AccountLimits>) => {
      const { account } = lab.policy.limits;
      lab.policy = { ...lab.policy, limits: { ...lab.policy.limits, account: { ...account, ...limits } } };
    };
    await place('nd1');
    await place('nd2', { side: 'sell', price: price('110'), reduceOnly: true, reserved: notional('0') });
    within({ priceDeviationMax: '1%' });
    const slip = await run(amending({ price: price('150'), amount: amount('1') }));
    expect(slip.order.cause?.code).toBe('price_deviation');
    expect(lab.stored('nd1')).toMatchObject({ state: 'open', price: '90', amount: '2' });
    expect((await run(amending({ price: price('80') }, 'nd1', { signalId: 'sg2' as SignalId }))).order.state).toBe(
      'no_order',
    );
    lab.atPoint = (call) => {
      if (call === 'fetchTicker') throw new VenueError('fake', 'shows no book', { code: 'unavailable' });
    };
    within({ quotes: ['EUR'] });
    const opening = amending({ price: price('79') }, 'nd1', { signalId: 'sg3' as SignalId });
    expect((await run(opening)).order.cause?.code).toBe('quote_without_limit');
    const closing = (to: string) => amending({ price: price(to) }, 'nd2', { signalId: `sg${to}` as SignalId });
    expect((await run(closing('109'))).order.cause?.code).toBe('amended');
    lab.venue.abilities = { amends: false };
    expect((await run(closing('108'))).order.cause?.code).toBe('replaced');
  });

  it('does not cancel an order for the sake of a price that is not allowed', async () => {
    lab.venue.abilities = { amends: false };
    const { account, desk } = lab.policy.limits;
    await place('nd1');
    lab.policy = { ...lab.policy, limits: { desk, account: { ...account, priceDeviationMax: '1%' } } };
    const slip = await run(amending({ price: price('150'), amount: amount('1') }));
    expect(slip.order.cause?.code).toBe('price_deviation');
    expect(lab.stored('nd1')).toMatchObject({ state: 'open', price: '90' });
  });

  it('measures by its rest what takes the place of an order that is filled in part', async () => {
    lab.venue.abilities = { amends: false };
    const { account, desk } = lab.policy.limits;
    lab.policy = { ...lab.policy, limits: { desk, account: { ...account, exposureMax: '180' as LimitText } } };
    const exposure = { mode: 'sandbox' as const, asset: 'BTC', notional: notional('180') };
    const order = await place('nd1', { exposure });
    lab.fillPart('nd1', amount('1'));
    const found = await lab.venue.findOrder({ ...order, clientOrderId: 'nd1' } as never);
    if (found.kind !== 'found') throw new Error(found.kind);
    await lab.ports().orders.apply(order, { type: 'order.observed', atMs: 1, order: found.order });
    expect((await run(amending({ price: price('89') }))).order.cause?.code).toBe('replaced');
    expect(lab.tables.risk.get('main')?.counters.exposure).toBe('179');
    const more = amending({ price: price('91.01') }, replacementIdOf('nd1' as IntentId, 'sgamend'), {
      signalId: 'sg2' as SignalId,
    });
    expect((await run(more)).order.cause?.code).toBe('exposure_limit');
  });

  it('goes on replacing what it began to, whatever the change would come to by then', async () => {
    lab.venue.abilities = { amends: false };
    await place('nd1', { reserved: notional('500') });
    lab.venue.faults = { cancel: () => ({ kind: 'lose_request' }) };
    const message = amending({ price: price('80') });
    await expect(run(message)).rejects.toThrow('is being replaced');
    lab.venue.faults = {};
    lab.venue.abilities = {};
    expect((await run(message)).order.cause?.code).toBe('replaced');
    expect(lab.stored('nd1').state).toBe('canceled');
  });

  it('says so where the order filled up to what was wanted while it was canceled', async () => {
    lab.venue.abilities = { amends: false };
    await place('nd1');
    const message = amending({ amount: amount('1') });
    let isOver = false;
    lab.atPoint = (call, when) => {
      if (call !== 'cancelOrder' || isOver) return;
      if (when === 'before') lab.fillPart('nd1', amount('1'));
      else {
        isOver = true;
        throw new CrashError();
      }
    };
    await expect(run(message)).rejects.toThrow(CrashError);
    // As tracking does, which goes on with what is wanted.
    const { cancel: wanted } = lab.stored('nd1');
    await cancelRecorded(lab.stored('nd1'), wanted?.reason ?? 'none', { context: lab.context, ports: lab.ports() });
    const { order } = await run(message);
    expect(order.cause).toMatchObject({
      code: 'amount_filled',
      message: expect.stringContaining('nothing took its place'),
    });
  });

  it('refuses to change an exit, which its bracket keeps', async () => {
    await place('nd1', { role: 'stop_loss', parentId: 'nd0' as IntentId });
    expect((await run(amending({ price: price('80') }))).order.cause?.code).toBe('not_supported');
  });

  it.each([
    ['as it stands', { price: price('80') }],
    ['by another', { amount: amount('3') }],
  ])('refuses to change an order %s while the switch is halted', async (_, change) => {
    await place('nd1');
    const halted = { state: 'halted' as const, reason: 'test', by: 'test', atMs: lab.clock.nowMs() };
    await createMemoryRisk(lab.tables).setSwitch('main' as AccountId, halted);
    expect((await run(amending(change))).order.cause?.code).toBe('switch_not_active');
    expect(lab.stored('nd1')).toMatchObject({ state: 'open', price: '90', amount: '2' });
  });

  it('puts another order in its place where more has to be reserved, for what is not filled', async () => {
    await place('nd1');
    lab.fillPart('nd1', amount('0.5'));
    const { order } = await run(amending({ amount: amount('3') }));
    const replacementId = replacementIdOf('nd1' as IntentId, 'sgamend');
    expect(order.cause).toEqual({ code: 'replaced', message: `nd1 was canceled, and ${replacementId} took its place` });
    expect(lab.stored('nd1')).toMatchObject({ state: 'canceled', filled: '0.5' });
    const replacement = { state: 'open', amount: '2.5', replaces: 'nd1', reserved: '225', type: 'limit', price: '90' };
    expect(lab.stored(replacementId)).toMatchObject(replacement);
    expect(lab.tables.risk.get('main')?.reserved).toBe('225');
  });

  it('puts nothing in its place where it filled meanwhile', async () => {
    await place('nd1');
    lab.fillPart('nd1', amount('2'));
    const { order } = await run(amending({ amount: amount('3') }));
    expect([order.state, order.cause?.code]).toEqual(['denied', 'order_filled']);
    expect(lab.venue.orders).toHaveLength(1);
  });

  it('says what is lost where the rest is too small for an order, or refused by the venue', async () => {
    lab.venue.abilities = { amends: false };
    await place('nd1');
    lab.fillPart('nd1', amount('1.5'));
    const smaller = await run(amending({ amount: amount('1.5') }));
    expect(smaller.order.cause).toMatchObject({
      code: 'amount_filled',
      message: expect.stringContaining('nd1 was canceled'),
    });
    await place('nd2');
    lab.venue.faults = { place: inTurn({ kind: 'reject', evidence: cause }) };
    const rejected = await run(amending({ amount: amount('1') }, 'nd2', { signalId: 'sg2' as SignalId }));
    expect(rejected.order.cause).toMatchObject({
      code: 'test',
      message: expect.stringContaining('nothing took its place'),
    });
  });

  it('is delivered again while the venue does not tell, and then knows what became of it', async () => {
    await place('nd1');
    lab.venue.faults = { amend: inTurn({ kind: 'lose_answer' }), find: () => ({ kind: 'no_answer' }) };
    const message = amending({ price: price('80') });
    await expect(run(message, 0)).rejects.toThrow('has not shown yet');
    lab.venue.faults = {};
    expect((await run(message)).order.cause?.code).toBe('amended');
  });

  it('is delivered again while the order to be replaced may be open', async () => {
    await place('nd1');
    lab.venue.faults = { cancel: () => ({ kind: 'lose_request' }) };
    const message = amending({ amount: amount('3') });
    await expect(run(message)).rejects.toThrow('is being replaced');
    expect(lab.venue.orders).toHaveLength(1);
    lab.venue.faults = {};
    expect((await run(message)).order.cause?.code).toBe('replaced');
  });
});

const schedule = fc.record({
  change: fc.constantFrom<OrderChange>(
    { amount: amount('3') },
    { amount: amount('1'), price: price('95') },
    { price: price('80') },
  ),
  amends: fc.boolean(),
  fills: fc.array(fc.record({ at: fc.nat(30), size: fc.constantFrom('0.1', '0.25', '1', '3') }), { maxLength: 4 }),
  cancelFaults: fc.array(fc.constantFrom('lose_request', 'lose_answer', undefined), { maxLength: 2 }),
  placeFaults: fc.array(fc.constantFrom('fail_before_accept', 'lose_answer', undefined), { maxLength: 1 }),
  crashAt: fc.array(fc.nat(30), { maxLength: 3 }),
});
const deliveriesMax = 12;

it('never orders more than was wanted, wherever fills, faults and crashes come in between', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (plan) => {
      lab = new OrderLab();
      lab.venue.abilities = { amends: plan.amends };
      await place('nd1', { reserved: notional('200') });
      lab.venue.faults = {
        cancel: inTurn(...plan.cancelFaults.map((kind) => kind && { kind })),
        place: inTurn(...plan.placeFaults.map((kind) => kind && { kind })),
      };
      let point = 0;
      lab.atPoint = () => {
        for (const { at, size } of plan.fills) if (at === point) lab.fillPart('nd1', amount(size));
        point += 1;
        if (plan.crashAt.includes(point - 1)) throw new CrashError();
      };
      const message = amending(plan.change);
      let result: Order | undefined;
      for (let delivery = 0; delivery < deliveriesMax && result === undefined; delivery++) {
        result = await run(message, 3_000).then(
          ({ order }) => order,
          (error: unknown) => {
            const isExpected =
              error instanceof CrashError ||
              error instanceof VersionConflictError ||
              (error instanceof Error && error.name === 'VenueError');
            if (!isExpected) throw error;
            return undefined;
          },
        );
        lab.clock.advance(10_000);
      }
      expect(result).toBeDefined();
      const wanted = Math.max(Number(plan.change.amount ?? '2'), Number(lab.venue.orders[0]?.filled));
      const isLive = ({ status }: { status: string }) => status === 'open' || status === 'filled';
      const ordered = lab.venue.orders.map((order) => Number(isLive(order) ? order.request.amount : order.filled));
      expect(ordered.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(Math.max(wanted, 2) + 1e-9);
      expect(lab.venue.orders.filter(isLive).length).toBeLessThanOrEqual(1);
      expect(lab.venue.orders.length).toBeLessThanOrEqual(2);
      for (const seen of lab.venue.orders) {
        const stored = lab.stored(seen.request.clientOrderId);
        if (seen.status === 'canceled') expect([stored.state, stored.filled]).toEqual(['canceled', seen.filled]);
      }
      expect(intent.account).toBe(result?.account);
    }),
    { numRuns: 1_000 },
  );
});
