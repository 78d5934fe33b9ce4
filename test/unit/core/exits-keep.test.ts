import {
  amount,
  type IntentId,
  keepExits,
  type OrderRequest,
  type OrdersStore,
  price,
  refreshOrder,
  stepIdOf,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import {
  contract,
  onlyStop,
  onlyTargets,
  settle,
  shown,
  spot,
  trailing,
  twoTargets,
  without,
} from '../../support/exit-plans.ts';
import { createExitDesk } from '../../support/exits.ts';
import { inTurn } from '../../support/fake-venue.ts';
import { insertWithin } from '../../support/gates.ts';
import { btcUsdt, btcUsdtPerpetual } from '../../support/markets.ts';
import { cause, intent } from '../../support/orders.ts';

describe('a bracket on contracts', () => {
  it('rests as one stop and its targets, moves to break even after the first, and is done after the last', async () => {
    const desk = await createExitDesk({ ...contract, plan: twoTargets });
    await desk.track();
    expect(shown(desk)).toEqual(['stop 4 99', 'limit 2 102', 'limit 2 104']);
    expect(await desk.state()).toBe('protected');
    desk.setPrice('102');
    await desk.track();
    expect(shown(desk)).toEqual(['stop 2 100', 'limit 2 104']);
    desk.setPrice('104');
    await desk.track();
    expect([shown(desk), await desk.state(), desk.positionAtVenue()]).toEqual([[], 'done', '0']);
  });

  it('cancels the targets once the stop has sold everything', async () => {
    const desk = await createExitDesk({ ...contract, plan: twoTargets });
    await desk.track();
    desk.setPrice('98');
    await desk.track();
    expect([shown(desk), await desk.state(), desk.positionAtVenue()]).toEqual([[], 'done', '0']);
  });

  it('places the new stop before the old one goes where the venue cannot change orders', async () => {
    const desk = await createExitDesk({
      ...contract,
      plan: trailing,
      abilities: { ...without('trailing_stop'), amends: false },
    });
    await desk.track();
    expect(shown(desk)).toEqual(['stop 4 98', 'limit 4 110']);
    desk.setPrice('105');
    const stopsAtCancel: number[] = [];
    desk.setFaults({
      cancel: () => {
        stopsAtCancel.push(desk.openAtVenue().filter(({ request }) => request.type === 'stop').length);
        return undefined;
      },
    });
    await desk.track();
    expect(shown(desk)).toEqual(['limit 4 110', 'stop 4 102.9']);
    expect(stopsAtCancel).toEqual([2]);
  });

  it('protects a short position from above', async () => {
    const desk = await createExitDesk({ ...contract, side: 'sell', plan: twoTargets });
    await desk.track();
    expect(shown(desk)).toEqual(['stop 4 101', 'limit 2 98', 'limit 2 96']);
    desk.setPrice('96');
    await settle(desk);
    expect([await desk.state(), desk.positionAtVenue()]).toEqual(['done', '0']);
  });
});

describe('a bracket on spot', () => {
  it('rests as a stop for all of it, and sells a target between canceling the stop and placing it for the rest', async () => {
    const desk = await createExitDesk({ ...spot, plan: twoTargets });
    await desk.track();
    expect(shown(desk)).toEqual(['stop 4 99']);
    desk.setPrice('102.01');
    await desk.track();
    expect(shown(desk)).toEqual(['stop 2 100']);
    expect((await desk.exitNamed('target-1-1'))?.timeInForce).toBe('IOC');
    desk.setPrice('104.01');
    await desk.track();
    expect([shown(desk), await desk.state(), desk.positionAtVenue()]).toEqual([[], 'done', '0']);
  });

  it('sells all targets that a jump has passed before the stop rests again', async () => {
    const desk = await createExitDesk({ ...spot, plan: twoTargets });
    await desk.track();
    desk.setPrice('120');
    await desk.track();
    expect([shown(desk), await desk.state(), desk.positionAtVenue()]).toEqual([[], 'done', '0']);
  });

  it('puts the stop back where the price has left the target, and tries again later', async () => {
    const abilities = { timesInForce: new Set(['GTC'] as const) };
    const desk = await createExitDesk({ ...spot, plan: twoTargets, abilities });
    await desk.track();
    desk.setPrice('102.01');
    desk.setFaults({ place: inTurn({ kind: 'partial_fill', filled: amount('0.5') }) });
    await desk.track();
    expect(shown(desk)).toEqual(['stop 3.5 99']);
    await desk.track();
    expect(shown(desk)).toEqual(['stop 2 100']);
  });

  it('rests as targets where there is no stop', async () => {
    const desk = await createExitDesk({ ...spot, plan: onlyTargets });
    await desk.track();
    expect(shown(desk)).toEqual(['limit 2 102', 'limit 2 104']);
    desk.setPrice('104');
    await desk.track();
    expect(await desk.state()).toBe('done');
  });

  it('waits here for its trigger where the venue has no kind of stop', async () => {
    const desk = await createExitDesk({ ...spot, plan: twoTargets, abilities: without('stop', 'stop_limit') });
    await desk.track();
    const stop = await desk.exitNamed('stop-1');
    expect([shown(desk), stop?.state, stop?.handling, await desk.state()]).toEqual([
      [],
      'waiting',
      'emulated',
      'protected',
    ]);
    desk.setPrice('98');
    await settle(desk);
    expect([await desk.state(), desk.positionAtVenue()]).toEqual(['done', '0']);
  });
});

describe('an entry that fills in parts', () => {
  it.each([
    ['changed in place', {}, 1],
    ['replaced', { amends: false }, 2],
  ])('has what is filled protected, and the stop %s as it grows', async (_, abilities, steps) => {
    for (const market of [btcUsdt, btcUsdtPerpetual]) {
      const desk = await createExitDesk({ market, plan: onlyStop, partial: '1.5', abilities });
      await desk.track();
      expect([shown(desk), await desk.state()]).toEqual([['stop 1.5 99'], 'protected']);
      desk.venue.fillRest(desk.orderId);
      await desk.track();
      expect([shown(desk), await desk.state()]).toEqual([['stop 4 99'], 'protected']);
      expect((await desk.entry()).exits?.steps).toHaveLength(steps);
    }
  });

  it('is done when it ends without a fill', async () => {
    const desk = await createExitDesk({ ...contract, plan: onlyStop, partial: '0' });
    await desk.track();
    expect([await desk.state(), (await desk.entry()).exits?.steps]).toEqual(['waiting', []]);
    desk.venue.cancel(desk.orderId);
    await desk.track();
    expect((await desk.entry()).exits).toMatchObject({ state: 'done', cause: { code: 'not_filled' } });
  });
});

describe('an exit that fails', () => {
  const rejectsStops = {
    place: ({ type }: OrderRequest) => (type === 'stop' ? { kind: 'reject' as const, evidence: cause } : undefined),
  };

  it('is placed three times, then is told of, and is tried again later', async () => {
    const desk = await createExitDesk({ ...contract, plan: onlyStop });
    desk.setFaults(rejectsStops);
    await desk.track();
    expect((await desk.entry()).exits).toMatchObject({ state: 'failed', cause, steps: [{}, {}, {}] });
    expect(desk.positionAtVenue()).toBe('4');
    desk.setFaults({});
    await desk.track();
    expect([shown(desk), await desk.state(), (await desk.entry()).exits?.cause]).toEqual([
      ['stop 4 99'],
      'protected',
      undefined,
    ]);
  });

  it.each([spot, contract])('closes the position where the policy is to', async (on) => {
    const desk = await createExitDesk({ ...on, plan: { ...onlyStop, onFailure: 'close' } });
    desk.setFaults(rejectsStops);
    await desk.track();
    expect(desk.positionAtVenue()).toBe('0');
    expect((await desk.entry()).exits).toMatchObject({ state: 'done', cause: { code: 'closed_at_market' } });
    expect(await desk.exitNamed('close-1')).toMatchObject({ role: 'close', state: 'filled', reduceOnly: true });
  });

  it('is placed again when somebody cancels it elsewhere', async () => {
    const desk = await createExitDesk({ ...contract, plan: onlyStop });
    for (let round = 0; round < 3; round++) {
      await desk.track();
      for (const { request } of desk.openAtVenue()) desk.venue.cancel(request.clientOrderId);
    }
    await desk.track();
    expect((await desk.entry()).exits).toMatchObject({ state: 'failed', cause: { code: 'exit_ended_elsewhere' } });
    await settle(desk);
    expect([shown(desk), await desk.state()]).toEqual([['stop 4 99'], 'protected']);
  });

  it('closes at market what a stop would sell at once', async () => {
    const desk = await createExitDesk({ ...spot, plan: onlyStop });
    desk.setPrice('98');
    await desk.track();
    expect([desk.positionAtVenue(), await desk.state()]).toEqual(['0', 'done']);
  });

  it('is placed all the same where the venue tells no price', async () => {
    const desk = await createExitDesk({ ...contract, plan: onlyStop });
    desk.setFaults({ fetchPrice: () => true });
    await desk.track();
    expect([shown(desk), await desk.state()]).toEqual([['stop 4 99'], 'protected']);
  });

  it('is never doubled while its outcome is not known, and the owner hears of it', async () => {
    const desk = await createExitDesk({ ...spot, plan: onlyStop });
    desk.setFaults({ place: inTurn({ kind: 'lose_answer' }), find: () => ({ kind: 'no_answer' }) });
    await desk.track();
    expect((await desk.entry()).exits).toMatchObject({ state: 'failed', cause: { code: 'protection_pending' } });
    desk.setFaults({});
    await desk.track();
    expect([desk.exitsAtVenue().length, await desk.state()]).toEqual([1, 'protected']);
  });
});

describe('two workers at once', () => {
  it.each([
    ['spot', spot],
    ['contracts', contract],
  ])('place every exit once on %s', async (_, on) => {
    const desk = await createExitDesk({ ...on, plan: twoTargets });
    const entry = await desk.entry();
    await Promise.all(Array.from({ length: 3 }, () => keepExits(entry, desk.context(), desk.ports())));
    desk.check();
    await desk.track();
    expect(shown(desk).filter((line) => line.startsWith('stop'))).toEqual(['stop 4 99']);
    expect(await desk.state()).toBe('protected');
  });
});

describe('a step that was planned and whose order is not recorded', () => {
  const step = { orderId: stepIdOf(intent.orderId, 'stop-1'), name: 'stop-1', role: 'stop_loss' } as const;
  const planned = async (size: string) => {
    const desk = await createExitDesk({ ...spot, plan: onlyStop });
    const planned = { ...step, amount: amount(size), price: price('99') };
    await desk.orders.apply(await desk.entry(), {
      type: 'order.exit_planned',
      atMs: desk.clock.nowMs(),
      step: planned,
    });
    return desk;
  };

  it('is recorded and placed where it still fits', async () => {
    const desk = await planned('4');
    await desk.track();
    expect([shown(desk), (await desk.entry()).exits?.steps.length]).toEqual([['stop 4 99'], 1]);
  });

  it('is given up where it does not, so that whoever planned it can never place it', async () => {
    const desk = await planned('3');
    await desk.track();
    expect(shown(desk)).toEqual(['stop 4 99']);
    expect(await desk.exitNamed('stop-1')).toMatchObject({ state: 'no_order', cause: { code: 'exit_given_up' } });
    const late = { ...intent, orderId: step.orderId, type: 'stop' as const, amount: amount('3') };
    const event = { type: 'order.intended' as const, atMs: desk.clock.nowMs(), intent: late };
    expect(await insertWithin(desk.orders, event, desk.context().policy.limits.account)).toMatchObject({
      kind: 'exists',
    });
  });

  it('is left to whoever was faster to record it', async () => {
    const desk = await planned('4');
    // The other worker has recorded it in the meantime, and ends before it calls the venue.
    const insertIntent: OrdersStore['insertIntent'] = async (event, gate) => {
      await desk.orders.insertIntent(event, gate);
      return desk.orders.insertIntent(event, gate);
    };
    const ports = { ...desk.ports({ ...desk.orders, insertIntent }), deadlineMs: desk.clock.nowMs() };
    await keepExits(await desk.entry(), desk.context(), ports);
    expect([desk.venue.placeCalls, await desk.state()]).toEqual([1, 'failed']);
    await desk.track();
    expect([desk.venue.placeCalls, shown(desk), await desk.state()]).toEqual([2, ['stop 4 99'], 'protected']);
  });
});

it('keeps the old stop at the venue until what closes the position has filled', async () => {
  const desk = await createExitDesk({ ...contract, plan: twoTargets });
  await desk.track();
  desk.setPrice('102');
  for (const order of await desk.orders.listOpen(intent.account, 10)) {
    if (order.state === 'open') await refreshOrder(order, desk.context(), desk.ports());
  }
  desk.setPrice('99.5');
  desk.setFaults({
    place: inTurn(
      { kind: 'reject', evidence: cause },
      { kind: 'reject', evidence: cause },
      { kind: 'reject', evidence: cause },
    ),
  });
  await keepExits(await desk.entry(), desk.context(), desk.ports());
  expect([shown(desk), await desk.state()]).toEqual([['stop 4 99'], 'failed']);
  desk.clock.advance(60_000);
  await settle(desk);
  expect([desk.positionAtVenue(), shown(desk), await desk.state()]).toEqual(['0', [], 'done']);
});

it('an exit is traded like its entry, and is denied where the account may not trade at all', async () => {
  const desk = await createExitDesk({ ...contract, plan: onlyStop, terms: { leverage: '3', marginMode: 'isolated' } });
  const { policy } = desk.context();
  const disabled = { ...policy, account: { ...policy.account, mode: 'live' as const } };
  const denied = await keepExits(await desk.entry(), { ...desk.context(), policy: disabled }, desk.ports());
  expect(denied.exits).toMatchObject({ state: 'failed', cause: { code: 'live_trading_off' } });
  await desk.track();
  await desk.track();
  expect(desk.openAtVenue().map(({ request }) => request)).toMatchObject([
    { leverage: '3', marginMode: 'isolated', reduceOnly: true },
  ]);
});

it('on contracts without reduce-only orders one exit works at a time, and none is asked to be one', async () => {
  const desk = await createExitDesk({ ...contract, plan: twoTargets, abilities: { reduceOnly: false } });
  await desk.track();
  desk.setPrice('102.01');
  await desk.track();
  expect(shown(desk)).toEqual(['stop 2 100']);
  expect(desk.exitsAtVenue().filter(({ request }) => request.reduceOnly !== undefined)).toEqual([]);
});

it('an order that asks for no protection, or is not recorded, stays as it is', async () => {
  const desk = await createExitDesk({ ...contract, plan: onlyStop });
  const { exitPlan: _plan, exits: _exits, ...plain } = await desk.entry();
  desk.tables.orders.set(desk.orderId, plain);
  expect(await keepExits(plain, desk.context(), desk.ports())).toEqual(plain);
  const absent = { ...plain, orderId: 'nd0404' as IntentId };
  expect(await keepExits(absent, desk.context(), desk.ports())).toBe(absent);
  expect(desk.exitsAtVenue()).toEqual([]);
});

it('a defect of the venue’s own is not taken for a missing price', async () => {
  const desk = await createExitDesk({ ...contract, plan: onlyStop });
  desk.setFaults({
    fetchPrice: () => {
      throw new TypeError('a defect');
    },
  });
  await expect(keepExits(await desk.entry(), desk.context(), desk.ports())).rejects.toThrow('a defect');
});

it('an account that holds less than the entry says is protected for what there is, and done when that is nothing', async () => {
  const desk = await createExitDesk({ ...contract, plan: twoTargets });
  await desk.track();
  const keep = async (held: string) =>
    keepExits(await desk.entry(), { ...desk.context(), held: amount(held) }, desk.ports());
  await keep('3');
  expect(shown(desk)).toEqual(['stop 3 99', 'limit 2 102', 'limit 1 104']);
  const entry = await keep('0');
  expect([shown(desk), entry.exits]).toMatchObject([[], { state: 'done', cause: { code: 'nothing_held' } }]);
  expect(await keep('0')).toEqual(entry);
});
