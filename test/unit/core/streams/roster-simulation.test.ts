import {
  type AccountId,
  beatEveryMs,
  type CoordinationRow,
  connectionsPerVenueMax,
  leaveRoster,
  type RosterMemory,
  type StreamUnit,
  takeTurn,
  type VenueId,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../../support/property.ts';

const stepMs = 50;
/** A connection takes as long until it is of use. */
const startMs = 600;
const takeoverMsMax = 5_000;
const settleMs = 20_000;

const venues = ['binance', 'bybit', 'kraken'];
const unitOf = (number: number): StreamUnit => {
  const venue = venues[number % venues.length] as VenueId;
  return number % 4 === 3
    ? { kind: 'account', id: `${venue}#account#main-${number}`, venue, account: `main-${number}` as AccountId }
    : { kind: 'markets', id: `${venue}#markets#${number}`, venue, subscriptions: [] };
};

/** A task as the service would run one: beats, begins and ends units as it is told, and may die between any two moments. */
class SimulatedTask {
  readonly name: string;
  /** Its clock began at some time of its own. */
  readonly #clockAtMs: number;
  /** When each of its units was begun. */
  readonly begun = new Map<string, number>();
  isDraining = false;
  isAlive = true;
  diedAtMs = -Infinity;
  #memory: RosterMemory = new Map();
  #nextBeatMs: number;
  #phaseMs: number;

  constructor(name: string, nowMs: number, seed: number) {
    this.name = name;
    this.#clockAtMs = seed * 7_919;
    this.#phaseMs = (seed * 131) % beatEveryMs;
    this.#nextBeatMs = nowMs + this.#phaseMs;
  }

  runs(unit: string, nowMs: number): boolean {
    return nowMs - (this.begun.get(unit) ?? nowMs) >= startMs;
  }

  /** @returns the row as it becomes */
  live(row: CoordinationRow | undefined, units: readonly StreamUnit[], { nowMs, isLost }: Moment) {
    if (!this.isAlive || nowMs < this.#nextBeatMs) return row;
    this.#nextBeatMs += beatEveryMs;
    if (isLost) return row;
    const { row: next, result } = takeTurn(row, {
      ...{ task: this.name, isDraining: this.isDraining, units, memory: this.#memory },
      ...{
        running: new Set([...this.begun.keys()].filter((unit) => this.runs(unit, nowMs))),
        nowMs: nowMs + this.#clockAtMs,
      },
    });
    this.#memory = result.memory;
    for (const unit of this.begun.keys()) if (!result.mine.includes(unit)) this.begun.delete(unit);
    for (const unit of result.mine) if (!this.begun.has(unit)) this.begun.set(unit, nowMs);
    if (this.isDraining && result.mine.length === 0) this.end(nowMs);
    return next ?? row;
  }

  end(nowMs: number): void {
    this.isAlive = false;
    this.diedAtMs = nowMs;
    this.begun.clear();
  }
}

interface Moment {
  nowMs: number;
  isLost: boolean;
}

class Simulation {
  readonly units: readonly StreamUnit[];
  readonly tasks: SimulatedTask[] = [];
  row: CoordinationRow | undefined;
  nowMs = 0;
  rowBytesMax = 0;
  readonly #missingSinceMs = new Map<string, number>();
  readonly #uselessSinceMs = new Map<string, number>();
  /** For how long a unit was with nobody, at the most. */
  missingMsMax = 0;
  /** For how long nobody had it of use, at the most: begun and not broken off since. */
  uselessMsMax = 0;
  /** Tasks that had one unit at a time, at the most. */
  sharedMax = 0;
  venueMax = 0;

  constructor(unitCount: number) {
    this.units = Array.from({ length: unitCount }, (_, number) => unitOf(number));
  }

  get living(): SimulatedTask[] {
    return this.tasks.filter(({ isAlive }) => isAlive);
  }

  join(seed: number): void {
    this.tasks.push(new SimulatedTask(`7c9e6679f2c14d0fa3f1c5d2b8e0${this.tasks.length}${seed}`, this.nowMs, seed));
  }

  /** @param losesBeat whether one of them does not reach the table */
  pass(spanMs: number, losesBeat = false): void {
    let lost = losesBeat ? 1 : 0;
    for (const endMs = this.nowMs + spanMs; this.nowMs < endMs; this.nowMs += stepMs) {
      for (const task of this.living) {
        const before = this.row;
        this.row = task.live(before, this.units, { nowMs: this.nowMs, isLost: lost > 0 });
        if (before === this.row && lost > 0) lost -= 1;
      }
      this.#look();
    }
  }

  holders(unit: string): string[] {
    return this.living.filter(({ begun }) => begun.has(unit)).map(({ name }) => name);
  }

  /** For how long something was not so. */
  #spanMs(sinceMs: Map<string, number>, unit: string, isSo: boolean): number {
    if (isSo) sinceMs.delete(unit);
    else sinceMs.set(unit, sinceMs.get(unit) ?? this.nowMs);
    return this.nowMs - (sinceMs.get(unit) ?? this.nowMs);
  }

  #look(): void {
    this.rowBytesMax = Math.max(this.rowBytesMax, JSON.stringify(this.row ?? {}).length);
    for (const { id } of this.units) {
      const holders = this.holders(id).length;
      this.sharedMax = Math.max(this.sharedMax, holders);
      const isOfUse = this.living.some((task) => task.runs(id, this.nowMs));
      this.missingMsMax = Math.max(this.missingMsMax, this.#spanMs(this.#missingSinceMs, id, holders > 0));
      this.uselessMsMax = Math.max(this.uselessMsMax, this.#spanMs(this.#uselessSinceMs, id, isOfUse));
    }
    for (const { begun } of this.living) {
      for (const venue of venues) {
        const count = [...begun.keys()].filter((unit) => unit.startsWith(`${venue}#`)).length;
        this.venueMax = Math.max(this.venueMax, count);
      }
    }
  }
}

/** What may happen to tasks; each is applied to the one that its number falls to. */
const happenings = fc.array(
  fc.record({
    what: fc.constantFrom('join' as const, 'kill' as const, 'drain' as const, 'leave' as const, 'beat lost' as const),
    who: fc.nat(20),
    afterMs: fc.integer({ min: 0, max: 9_000 }),
  }),
  { maxLength: 8 },
);

describe('tasks that share one roster', () => {
  it('have every unit again within 5 s of a death, never in more than two places, and evenly in the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 2, max: 4 }),
        happenings,
        (unitCount, taskCount, events) => {
          const simulation = new Simulation(unitCount);
          for (let seed = 0; seed < taskCount; seed += 1) simulation.join(seed);
          simulation.pass(10_000);
          for (const { what, who, afterMs } of events) {
            const { living } = simulation;
            const task = living[who % living.length];
            const staying = living.filter(({ isDraining }) => !isDraining);
            // Somebody has to be left, and a death that comes before another was noticed is another test.
            if (what === 'join' && living.length < 5) simulation.join(who);
            if (what === 'kill' && task && staying.some((each) => each !== task)) {
              task.end(simulation.nowMs);
              simulation.pass(takeoverMsMax);
            }
            if (what === 'drain' && task && staying.some((each) => each !== task)) task.isDraining = true;
            if (what === 'leave' && task && staying.some((each) => each !== task)) {
              simulation.row = leaveRoster(simulation.row, task.name).row ?? simulation.row;
              task.end(simulation.nowMs);
            }
            simulation.pass(afterMs, what === 'beat lost');
          }
          simulation.pass(settleMs);
          expect(simulation.missingMsMax).toBeLessThanOrEqual(takeoverMsMax);
          expect(simulation.uselessMsMax).toBeLessThanOrEqual(takeoverMsMax + startMs);
          expect(simulation.sharedMax).toBeLessThanOrEqual(2);
          for (const { id } of simulation.units) expect([id, simulation.holders(id).length]).toEqual([id, 1]);
          const counts = simulation.living.filter(({ isDraining }) => !isDraining).map(({ begun }) => begun.size);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          expect(simulation.living.some(({ isDraining }) => isDraining)).toBe(false);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('interrupt nothing when one drains, or when others come', () => {
    const simulation = new Simulation(9);
    simulation.join(1);
    simulation.pass(2_000);
    simulation.uselessMsMax = 0;
    simulation.join(2);
    simulation.join(3);
    simulation.pass(10_000);
    expect(simulation.living.map(({ begun }) => begun.size)).toEqual([3, 3, 3]);
    for (const task of simulation.living.slice(0, 2)) task.isDraining = true;
    simulation.pass(10_000);
    expect(simulation.living).toHaveLength(1);
    expect(simulation.uselessMsMax).toBe(0);
  });

  it('have no more connections to a venue than are allowed, and a row below 4 KB for 40 units while all of them move', () => {
    const simulation = new Simulation(40);
    for (let seed = 0; seed < 3; seed += 1) simulation.join(seed);
    simulation.pass(15_000);
    const first = simulation.living;
    for (let seed = 3; seed < 6; seed += 1) simulation.join(seed);
    for (const task of first) task.isDraining = true;
    simulation.pass(20_000);
    expect(simulation.living).toHaveLength(3);
    expect(simulation.living.map(({ begun }) => begun.size).sort()).toEqual([13, 13, 14]);
    expect(simulation.venueMax).toBe(connectionsPerVenueMax);
    expect(simulation.rowBytesMax).toBeLessThan(4_096);
  });
});
