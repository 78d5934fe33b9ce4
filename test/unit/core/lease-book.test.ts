/** How much a process leases: what it needs, and what its turns have shown that it will need. */
import { leasable, leaseMsOf } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { LeaseBook } from '../../../layers/core/src/limits/lease-book.ts';

const limit = leasable({
  ...{ name: 'weight', scope: 'egress', kind: 'window', counts: 'all' },
  ...{ unitsMax: 6_000, windowMs: 60_000, unitsPerWeight: 1 },
});
const startMs = Date.UTC(2026, 10, 21);
const pauseMs = 60_000;

class Process {
  readonly book = new LeaseBook(limit);
  nowMs = startMs;
  leases: number[] = [];

  /** So many requests of two units, 20 ms one after the other. */
  ask(count: number, order: boolean): void {
    for (let request = 0; request < count; request += 1) {
      if (!this.book.has(2, order, this.nowMs)) this.#lease(2, order);
      this.book.spend(2, order, this.nowMs);
      const ahead = this.book.unitsAhead(order, this.nowMs);
      if (ahead > 0) this.#lease(ahead, order);
      this.nowMs += 20;
    }
  }

  turn(count: number, order = false): number[] {
    this.leases = [];
    this.ask(count, order);
    this.nowMs += pauseMs;
    return this.leases.map(Math.round);
  }

  #lease(unitsMin: number, order: boolean): void {
    const { unitsWanted } = this.book.request(unitsMin, order, this.nowMs);
    this.leases.push(unitsWanted);
    this.book.add({ units: unitsWanted, untilMs: this.nowMs + leaseMsOf(limit), ordersOnly: false });
  }
}

describe('a process whose requests come in turns', () => {
  it('leases at once, from the second turn on, what the turn before has used, and no more', () => {
    const process = new Process();
    expect(process.turn(40).length).toBeGreaterThan(3);
    expect([process.turn(40), process.turn(40)]).toEqual([[80], [80]]);
  });

  it('leases more, and ahead again, where a turn goes on for longer than the one before', () => {
    const process = new Process();
    process.turn(10);
    const longer = process.turn(40);
    expect(longer[0]).toBe(20);
    expect(longer.length).toBeGreaterThan(2);
    expect(longer.reduce((sum, units) => sum + units, 0)).toBeGreaterThanOrEqual(80);
  });

  it('leases too much once where a turn is shorter, and then what that used', () => {
    const process = new Process();
    process.turn(40);
    expect([process.turn(10), process.turn(10)]).toEqual([[80], [20]]);
  });

  it('leases for an order what that needs, however many there were before', () => {
    const process = new Process();
    process.turn(40, true);
    expect(process.turn(1, true)).toEqual([2]);
  });

  it('never leases more at once than a twentieth of a limit, however much a turn used', () => {
    const process = new Process();
    process.turn(400);
    expect(Math.max(...process.turn(400))).toBe(300);
  });
});
