/** Exits while a switch lets none of them pass, and after it. */
import { amount, askSwitches, keepExits, price, readSwitchesOnce, type SwitchState } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import {
  contract,
  onlyStop,
  onlyTargets,
  shown,
  spot,
  trailing,
  twoTargets,
  without,
} from '../../support/exit-plans.ts';
import {
  bracket,
  closing,
  decided,
  filled,
  type Row,
  rejected,
  standing,
  stopOnly,
  target,
  targetsOnly,
  thrice,
} from '../../support/exit-situations.ts';
import { createExitDesk, type ExitDesk } from '../../support/exits.ts';
import { btcUsdt } from '../../support/markets.ts';
import { createMemoryRisk } from '../../support/memory-stores.ts';
import { intent } from '../../support/orders.ts';

const barred = { code: 'switch_not_active', message: 'test' };
const told = { state: 'failed', cause: barred } as const;
const isProtected = { state: 'protected' } as const;

describe('while a switch lets no exit pass', () => {
  const rows: Row[] = [
    ['a missing stop is told of, and no step is planned', { plan: stopOnly }, ['failed: switch_not_active']],
    ['once', { plan: stopOnly, exits: told }, []],
    [
      'also where it had failed before',
      { plan: stopOnly, orders: thrice('stop', rejected) },
      ['failed: switch_not_active'],
    ],
    ['a step that was planned stays so', { plan: stopOnly, exits: told, orders: [['stop-1', 'absent']] }, []],
    [
      'unless the position is gone',
      {
        ...{ plan: stopOnly, exits: told, orders: [['stop-1', 'absent']] },
        entry: { state: 'canceled', filled: amount('0') },
      },
      ['give up stop-1'],
    ],
    ['a stop that is missing closes nothing', { plan: closing(bracket), exits: told, orders: standing.slice(1) }, []],
    ['nor does a price beyond the stop', { exits: told, last: '98', orders: standing.slice(1) }, []],
    ['nor do targets that are missing', { plan: closing(targetsOnly), exits: told }, []],
    ['which are told of', { plan: targetsOnly }, ['failed: switch_not_active']],
    ['a close that was planned waits', { exits: told, orders: [...standing, ['close-1', 'absent']] }, []],
    [
      'a close that is at its venue goes on',
      { plan: stopOnly, exits: told, orders: [['close-1', { state: 'open' }]] },
      [],
    ],
    [
      'what is left after a close is told of as ever',
      {
        ...{ market: btcUsdt, plan: stopOnly, exits: told },
        orders: [['close-1', { ...filled('3.99999'), amount: amount('3.99999') }]],
      },
      ['done: dust_left'],
    ],
    [
      'a stop that is to be smaller stays as it is',
      {
        ...{ exits: isProtected, abilities: { amends: true } },
        orders: [['stop-1', {}], ['target-1-1', filled('2'), target('2', '102')], ...standing.slice(2)],
      },
      [],
    ],
    [
      'a stop on spot rests though a target is reached',
      { market: btcUsdt, exits: isProtected, last: '103', orders: standing.slice(0, 1) },
      [],
    ],
    [
      'one that would sell more than there is does not rest',
      {
        ...{ market: btcUsdt, plan: stopOnly, abilities: { amends: false } },
        ...{ orders: standing.slice(0, 1), view: { barred, held: amount('3') } },
      },
      ['cancel stop-1: replaced'],
    ],
    [
      'one that is to be canceled is canceled',
      { plan: stopOnly, exits: told, orders: [['stop-1', { cancel: { requestedAtMs: 0, reason: 'by hand' } }]] },
      ['cancel stop-1: unwanted'],
    ],
  ];
  it.each(rows)('%s', (_, situation, expected) => {
    expect(decided({ view: { barred }, ...situation })).toEqual(expected);
  });

  it('only waits: what was planned gets its order after that', () => {
    const situation = { plan: stopOnly, exits: told, orders: [['stop-1', 'absent']] } satisfies Row[1];
    expect(decided(situation)).toEqual(['place stop-1 stop 4 99 as planned']);
  });
});

function setSwitch(desk: ExitDesk, state: SwitchState): void {
  const row = desk.tables.risk.get('*');
  if (row === undefined) throw new Error('the switch was set before');
  desk.tables.risk.set('*', { ...row, state });
}

const denied = ({ tables }: ExitDesk) => [...tables.orders.values()].filter(({ state }) => state === 'denied');

describe('a bracket through a halt', () => {
  it.each([
    ['a stop', contract, onlyStop, ['stop 4 99']],
    ['a stop and targets', contract, twoTargets, ['stop 4 99', 'limit 2 102', 'limit 2 104']],
    ['targets on spot', spot, onlyTargets, ['limit 2 102', 'limit 2 104']],
  ])('of %s takes no steps, however long it is, and is placed in the next round', async (_, on, plan, placed) => {
    const desk = await createExitDesk({ ...on, plan });
    setSwitch(desk, 'halted');
    for (let round = 0; round < 8; round++) {
      desk.clock.advance(round * 3_600_000);
      await desk.track();
    }
    expect((await desk.entry()).exits).toEqual({
      ...{ state: 'failed', steps: [] },
      cause: { code: 'switch_not_active', message: expect.stringContaining('the switch of all accounts is halted') },
    });
    setSwitch(desk, 'reducing');
    await desk.track();
    expect([shown(desk), await desk.state()]).toEqual([placed, 'protected']);
    expect(denied(desk)).toEqual([]);
  });

  it.each([
    ['spot', spot],
    ['contracts', contract],
  ])('on %s keeps the stop that rests, and moves it after that', async (_, on) => {
    const abilities = { ...without('trailing_stop'), amends: false };
    const desk = await createExitDesk({ ...on, plan: { ...trailing, takeProfits: [] }, abilities });
    await desk.track();
    const before = shown(desk);
    setSwitch(desk, 'halted');
    for (const level of ['104', '108']) {
      desk.setPrice(level);
      await desk.track();
      expect(shown(desk)).toEqual(before);
    }
    expect((await desk.entry()).exits).toMatchObject({ state: 'protected', steps: [{}] });
    setSwitch(desk, 'active');
    await desk.track();
    expect([shown(desk), await desk.state()]).toEqual([['stop 4 105.84'], 'protected']);
  });

  it('is told of where it begins between the look at the switch and the order, which is then placed as planned', async () => {
    const desk = await createExitDesk({ ...contract, plan: onlyStop });
    const early = readSwitchesOnce(desk.ports().risk);
    await askSwitches(intent.account, {}, early);
    setSwitch(desk, 'halted');
    await keepExits(await desk.entry(), desk.context(), { ...desk.ports(), risk: early });
    const { exits } = await desk.entry();
    expect(exits).toMatchObject({ state: 'failed', cause: { code: 'switch_not_active' }, steps: [{ name: 'stop-1' }] });
    for (let round = 0; round < 3; round++) await desk.track();
    expect([shown(desk), denied(desk)]).toEqual([[], []]);
    setSwitch(desk, 'active');
    await desk.track();
    expect([shown(desk), await desk.state()]).toEqual([['stop 4 99'], 'protected']);
    expect((await desk.entry()).exits?.steps).toMatchObject([{ name: 'stop-1' }]);
  });

  it('is the same where nobody has set a switch yet', async () => {
    const desk = await createExitDesk({ ...contract, plan: onlyStop });
    const row = desk.tables.risk.get('*');
    desk.tables.risk.delete('*');
    await desk.track();
    expect((await desk.entry()).exits).toMatchObject({ cause: { code: 'switch_not_set' }, steps: [] });
    if (row !== undefined) desk.tables.risk.set('*', row);
    await desk.track();
    expect(await desk.state()).toBe('protected');
  });

  it('is one while reducing, too, where the venue has no orders that only reduce', async () => {
    const desk = await createExitDesk({ ...contract, plan: onlyStop, abilities: { reduceOnly: false } });
    setSwitch(desk, 'reducing');
    await desk.track();
    expect((await desk.entry()).exits).toMatchObject({ cause: { code: 'switch_not_active' }, steps: [] });
    setSwitch(desk, 'active');
    await desk.track();
    expect([shown(desk), await desk.state()]).toEqual([['stop 4 99'], 'protected']);
  });

  it('cancels what is left once the position is gone', async () => {
    const desk = await createExitDesk({ ...contract, plan: twoTargets });
    await desk.track();
    setSwitch(desk, 'halted');
    desk.setPrice(price('98'));
    await desk.track();
    expect([shown(desk), await desk.state()]).toEqual([[], 'done']);
  });
});

it('both switches are read once for all who ask in one round', async () => {
  const desk = await createExitDesk({ ...contract, plan: onlyStop });
  const risk = createMemoryRisk(desk.tables);
  const asked: string[] = [];
  const once = readSwitchesOnce({
    get: (account) => {
      asked.push(account);
      return risk.get(account);
    },
  });
  setSwitch(desk, 'reducing');
  expect(await askSwitches(intent.account, { reduceOnly: true }, once)).toBeUndefined();
  expect(await askSwitches(intent.account, {}, once)).toMatchObject({ code: 'switch_not_active' });
  expect(asked).toEqual(['*', intent.account]);
});
