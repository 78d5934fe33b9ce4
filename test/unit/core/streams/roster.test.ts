import {
  type AccountId,
  type CoordinationRow,
  leaveRoster,
  type RosterMemory,
  type RosterTurn,
  type StreamUnit,
  silentMsMax,
  takeTurn,
  type VenueId,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';

const marketUnit = (venue: string, number: number): StreamUnit => {
  return { kind: 'markets', id: `${venue}#markets#${number}`, venue: venue as VenueId, subscriptions: [] };
};
const accountUnit = (venue: string, account: string): StreamUnit => {
  const id = `${venue}#account#${account}`;
  return { kind: 'account', id, venue: venue as VenueId, account: account as AccountId };
};
const unitsOf = (venue: string, count: number) =>
  Array.from({ length: count }, (_, number) => marketUnit(venue, number));
const four = unitsOf('fake', 4);
const [m0, m1, m2, m3] = ['fake#markets#0', 'fake#markets#1', 'fake#markets#2', 'fake#markets#3'];

/** Tasks that take turns on one row, each as it is told. */
class Table {
  row: CoordinationRow | undefined;
  /** As the last turn was told. */
  staying: readonly string[] = [];
  owned: readonly string[] = [];
  readonly #memories = new Map<string, RosterMemory>();

  turn(task: string, change: Partial<Omit<RosterTurn, 'running'>> & { running?: readonly string[] } = {}) {
    const { running = [], ...rest } = change;
    const memory = this.#memories.get(task) ?? new Map();
    const turn = { task, isDraining: false, units: four, memory, nowMs: 0, ...rest, running: new Set(running) };
    const { row, result } = takeTurn(this.row, turn);
    if (row !== undefined) this.row = row;
    this.#memories.set(task, result.memory);
    this.staying = result.staying;
    this.owned = result.owned;
    return { mine: result.mine, unplaced: result.unplaced, tasks: result.tasks };
  }

  has(field: string): boolean {
    return Object.hasOwn(this.row ?? {}, field);
  }
}

describe('the roster of tasks', () => {
  it('gives a task that is alone everything at once', () => {
    const table = new Table();
    expect(table.turn('a')).toEqual({ mine: [m0, m1, m2, m3], unplaced: [], tasks: ['a'] });
    expect(table.row).toEqual({ 'task#a': '0 1', ...Object.fromEntries(four.map(({ id }) => [`unit#${id}`, 0])) });
    table.turn('a', { nowMs: 750 });
    expect(table.row?.['task#a']).toBe('0 2');
  });

  it('moves units to a second task only once it has them going', () => {
    const table = new Table();
    table.turn('a');
    expect(table.turn('b')).toEqual({ mine: [m2, m3], unplaced: [], tasks: ['a', 'b'] });
    expect(table.owned).toEqual([]);
    // Whoever has a unit goes on with it meanwhile.
    expect(table.turn('a').mine).toEqual([m0, m1, m2, m3]);
    expect(table.turn('b', { running: [m3] }).mine).toEqual([m2, m3]);
    expect(table.owned).toEqual([m3]);
    expect(table.turn('a').mine).toEqual([m0, m1, m2]);
    expect(table.owned).toEqual([m0, m1, m2]);
    expect(table.turn('b', { running: [m2, m3] }).mine).toEqual([m2, m3]);
    expect(table.turn('a').mine).toEqual([m0, m1]);
    expect([...Object.keys(table.row ?? {})].filter((field) => field.startsWith('next#'))).toEqual([]);
  });

  it('frees what a silent task had, and not a moment before', () => {
    const table = new Table();
    table.turn('a');
    table.turn('b', { units: [...four, ...unitsOf('other', 1)], nowMs: 10_000 });
    const beats = [10_750, 11_500, 12_250, 10_000 + silentMsMax].map((nowMs) => table.turn('b', { nowMs }).tasks);
    expect(beats.at(-1)).toEqual(['a', 'b']);
    expect(table.turn('b', { nowMs: 10_001 + silentMsMax })).toEqual({
      mine: [m0, m1, m2, m3],
      unplaced: [],
      tasks: ['b'],
    });
    expect(table.has('task#a')).toBe(false);
  });

  it('does not hold others to be silent for the time in which it did not look itself', () => {
    const table = new Table();
    table.turn('a');
    table.turn('b');
    table.turn('b', { nowMs: 750 });
    // A table that nobody reached for a minute.
    const beats = [60_000, 61_500, 62_250].map((nowMs) => table.turn('b', { nowMs }).tasks);
    expect(beats).toEqual([...beats.keys()].map(() => ['a', 'b']));
    expect(table.turn('b', { nowMs: 60_001 + silentMsMax }).tasks).toEqual(['b']);
  });

  it('takes a task back that others held to be gone, with what it has running of its share', () => {
    const table = new Table();
    table.turn('a');
    const running = table.turn('b').mine;
    table.turn('b', { running });
    const left = takeTurn(table.row, {
      ...{ task: 'a', isDraining: false, units: four, running: new Set([m0, m1]), nowMs: 9_000 },
      memory: new Map([
        ['a', { count: 1, sinceMs: 8_000 }],
        ['b', { count: 2, sinceMs: 5_000 }],
      ]),
    });
    expect(left.result.mine).toEqual([m0, m1, m2, m3]);
    table.row = left.row;
    expect(table.turn('b', { running, nowMs: 9_000 })).toEqual({ mine: running, unplaced: [], tasks: ['a', 'b'] });
    // Its count goes on: others must see that it is not the one that stood still.
    expect(table.row?.['task#b']).toBe('1 3');
  });

  it('has a draining task go on until its units are claimed, and leave when it has none', () => {
    const table = new Table();
    table.turn('a');
    expect(table.turn('a', { isDraining: true }).mine).toEqual([m0, m1, m2, m3]);
    expect(table.row?.['task#a']).toBe('0 2 draining');
    expect(table.turn('b').mine).toEqual([m0, m1, m2, m3]);
    expect(table.turn('b', { running: [m0, m1, m2] }).mine).toEqual([m0, m1, m2, m3]);
    expect(table.turn('a', { isDraining: true }).mine).toEqual([m3]);
    table.turn('b', { running: [m0, m1, m2, m3] });
    expect(table.turn('a', { isDraining: true })).toEqual({ mine: [], unplaced: [], tasks: ['a', 'b'] });
    expect(table.has('task#a')).toBe(false);
  });

  it('lets no third task begin what another has claimed, before the last one knows that', () => {
    const table = new Table();
    const units = unitsOf('fake', 2);
    table.turn('a', { units });
    table.turn('a', { units, isDraining: true });
    table.turn('b', { units });
    table.turn('b', { units, running: [m0, m1] });
    expect(table.row?.[`last#${m1}`]).toBe(0);
    expect(table.turn('c', { units }).mine).toEqual([]);
    table.turn('a', { units, isDraining: true });
    expect(table.turn('c', { units }).mine).toEqual([m1]);
  });

  it('lets no third task begin what was free and another was about to have', () => {
    const table = new Table();
    table.row = { 'task#a': '0 1', 'task#b': '1 1', 'task#c': '2 1', [`unit#${m0}`]: 1, [`next#${m1}`]: 1 };
    // What the second has begun moves to the first, and the third may not have it yet.
    expect(table.turn('a', { units: unitsOf('fake', 2) }).mine).toEqual([m1]);
    expect(table.row).toMatchObject({ [`unit#${m1}`]: 0, [`last#${m1}`]: 1 });
    table.turn('b', { units: unitsOf('fake', 2) });
    expect(table.has(`last#${m1}`)).toBe(false);
  });

  it('tells a draining task when nobody is left who could take over, the others ending as well', () => {
    const table = new Table();
    table.turn('a');
    table.turn('b', { nowMs: 10 });
    table.turn('a', { isDraining: true, nowMs: 20 });
    expect(table.staying).toEqual(['b']);
    table.turn('b', { isDraining: true, nowMs: 30 });
    expect(table.staying).toEqual([]);
    table.turn('a', { isDraining: true, nowMs: 40 });
    expect(table.staying).toEqual([]);
  });

  it('gives a draining task nothing new, not even what it had begun', () => {
    const table = new Table();
    table.turn('a');
    expect(table.turn('b').mine).toEqual([m2, m3]);
    expect(table.turn('b', { isDraining: true }).mine).toEqual([]);
    expect(table.turn('a').mine).toEqual([m0, m1, m2, m3]);
    const alone = new Table();
    expect(alone.turn('a', { isDraining: true })).toEqual({ mine: [], unplaced: [m0, m1, m2, m3], tasks: ['a'] });
    expect(alone.row).toEqual({});
  });

  it('tells what there is no room for: a task has few connections to one venue', () => {
    const table = new Table();
    const units = [accountUnit('fake', 'main'), ...unitsOf('fake', 5), ...unitsOf('other', 1)];
    const ids = units.map(({ id }) => id);
    expect(table.turn('a', { units })).toEqual({
      mine: [...ids.slice(0, 5), 'other#markets#0'],
      unplaced: ['fake#markets#4'],
      tasks: ['a'],
    });
    const second = table.turn('b', { units });
    expect(second.unplaced).toEqual([]);
    expect(second.mine).toContain('fake#markets#4');
    expect(second.mine).toHaveLength(3);
  });

  it('takes what is new beside what is on its way out only when that has gone', () => {
    const table = new Table();
    const [kept, more] = [unitsOf('fake', 5), unitsOf('fake', 10)];
    table.turn('a', { units: kept });
    table.turn('b', { units: kept });
    // Another has begun two of the five, and five have come: together that is one too many for either of them.
    const { mine, unplaced } = table.turn('a', { units: more });
    expect(mine).toEqual(kept.map(({ id }) => id));
    expect(unplaced).toEqual([]);
    const begun = table.turn('b', { units: more }).mine;
    expect(begun).toHaveLength(5);
    table.turn('b', { units: more, running: begun });
    expect(table.turn('a', { units: more }).mine).toHaveLength(5);
    expect(Object.keys(table.row ?? {}).filter((field) => field.startsWith('unit#'))).toHaveLength(10);
  });

  it('lets go of what there is no more room for', () => {
    const table = new Table();
    const units = unitsOf('fake', 6);
    table.row = { 'task#a': '0 1', ...Object.fromEntries(units.map(({ id }) => [`unit#${id}`, 0])) };
    expect(table.turn('a', { units })).toEqual({
      mine: units.slice(0, 5).map(({ id }) => id),
      unplaced: ['fake#markets#5'],
      tasks: ['a'],
    });
  });

  it('forgets units that are not wanted any more, and leaves others theirs that it does not know yet', () => {
    const table = new Table();
    table.turn('a', { units: unitsOf('fake', 2) });
    table.turn('b', { units: unitsOf('new', 2) });
    expect(table.turn('a', { units: [] }).mine).toEqual([]);
    // It counts on the first to take its share of them, as soon as that knows them.
    expect(Object.keys(table.row ?? {}).sort()).toEqual(['task#a', 'task#b', 'unit#new#markets#1']);
  });

  it('keeps a unit that it was to hand over, when the other is not to have it after all', () => {
    const table = new Table();
    table.turn('a');
    table.turn('b');
    expect([table.has(`next#${m2}`), table.has(`next#${m3}`)]).toEqual([true, true]);
    table.turn('b', { isDraining: true });
    expect([table.has(`next#${m2}`), table.has(`next#${m3}`)]).toEqual([false, false]);
    // Marked for it by somebody who has gone: not a reason to give it up.
    table.row = { ...table.row, [`next#${m0}`]: 7 };
    table.turn('a', { units: four.slice(0, 1) });
    expect(table.has(`next#${m0}`)).toBe(false);
  });

  it('does not wait for a task that says that it leaves', () => {
    const table = new Table();
    table.turn('a');
    table.turn('b');
    const left = leaveRoster(table.row, 'a');
    expect(left.row).toEqual({ 'task#b': '0 1', [`next#${m2}`]: 0, [`next#${m3}`]: 0 });
    table.row = left.row;
    expect(table.turn('b').mine).toEqual([m0, m1, m2, m3]);
    expect(leaveRoster(table.row, 'a')).toEqual({ result: undefined });
    expect(leaveRoster(undefined, 'a')).toEqual({ result: undefined });
  });

  it('takes what it cannot read to be free', () => {
    const table = new Table();
    table.row = { 'task#b': 'yes', 'task#c': 3, [`unit#${m0}`]: 0, [`unit#${m1}`]: 'b', other: 1 };
    expect(table.turn('a')).toEqual({ mine: [m0, m1, m2, m3], unplaced: [], tasks: ['a'] });
  });
});
