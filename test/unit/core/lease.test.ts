import type { CoordinationRow, LeaseAnswer, RequestLimit } from '@nightdesk/core';
import {
  bucketUnitsOf,
  clockErrorMsOf,
  firstPauseMs,
  type LeasableLimit,
  type LeaseRequest,
  leasable,
  leaseFrom,
  leaseMsOf,
  paceSteps,
  reserveShare,
  travelMsOf,
  tryMs,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { noBan, refuse } from '../../../layers/core/src/limits/breaker.ts';
import { changeBreaker } from '../../../layers/core/src/limits/lease.ts';

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 10, 21);
const minute: LeasableLimit = {
  ...{ name: 'weight', scope: 'egress', kind: 'window', counts: 'all' },
  ...{ unitsMax: 100, windowMs: minuteMs, unitsPerWeight: 1 },
};
const counter: LeasableLimit = { ...minute, kind: 'bucket', unitsMax: 60 };

/** A row that is changed as the table would. */
class Row {
  fields: CoordinationRow | undefined;
  expiresAtMs: number | undefined;

  lease(nowMs: number, request: Partial<LeaseRequest> = {}, limit: LeasableLimit = minute): LeaseAnswer {
    const asked = { unitsMin: 1, unitsWanted: 1, order: true, afterRefusal: 'try' as const, ...request };
    const { row, expiresAtMs, result } = leaseFrom(limit, asked, nowMs)(this.fields);
    if (row !== undefined) [this.fields, this.expiresAtMs] = [row, expiresAtMs];
    return result;
  }

  units(nowMs: number, request: Partial<LeaseRequest> = {}, limit: LeasableLimit = minute): number {
    const answer = this.lease(nowMs, request, limit);
    return answer.kind === 'leased' ? answer.lease.units : 0;
  }
}

describe('a lease from a window', () => {
  const insideMs = startMs + 10_000;

  it('gives what is wanted, and says when it ends and how much all have used', () => {
    expect(new Row().lease(insideMs, { unitsWanted: 20 })).toEqual({
      kind: 'leased',
      lease: { units: 20, untilMs: insideMs + leaseMsOf(minute), ordersOnly: false },
      used: 0.2,
      afterRefusal: false,
      trying: false,
    });
  });

  it('gives what is left of what is wanted, and waits for the next window when that is too little', () => {
    const row = new Row();
    row.lease(insideMs, { unitsWanted: 90 });
    expect(row.units(insideMs, { unitsMin: 4, unitsWanted: 20 })).toBe(10);
    const nextMs = startMs + minuteMs + clockErrorMsOf(minute);
    expect(row.lease(insideMs, {})).toEqual({ kind: 'wait', retryInMs: nextMs - insideMs });
    expect(row.units(nextMs)).toBe(1);
  });

  it('keeps a fifth for orders', () => {
    const row = new Row();
    expect(row.units(insideMs, { unitsWanted: 100, order: false })).toBe(80);
    expect(row.lease(insideMs, { order: false })).toMatchObject({ kind: 'wait' });
    expect(row.lease(insideMs, { unitsWanted: 5 })).toMatchObject({ lease: { units: 5, ordersOnly: true } });
  });

  it('ends before its window does, by the time a request may travel', () => {
    const nearEndMs = startMs + minuteMs - travelMsOf(minute) - 500;
    expect(new Row().lease(nearEndMs)).toMatchObject({ lease: { untilMs: nearEndMs + 500 } });
  });

  it('counts near the border in both windows, because nobody can say in which a request arrives', () => {
    const row = new Row();
    const borderMs = startMs + minuteMs;
    expect(row.lease(borderMs - 100, { unitsWanted: 30 })).toMatchObject({
      lease: { units: 30, untilMs: borderMs + clockErrorMsOf(minute) },
    });
    // Just after it, the window before is still the one that a request may be counted in.
    expect(row.units(borderMs + 10, { unitsWanted: 20 })).toBe(20);
    expect(row.units(borderMs + 5_000, { unitsWanted: 100 })).toBe(50);
  });

  it('waits at the border for the end of whichever window is full', () => {
    const [row, borderMs] = [new Row(), startMs + minuteMs];
    row.lease(insideMs, { unitsWanted: 100 });
    expect(row.lease(borderMs - 100)).toEqual({ kind: 'wait', retryInMs: 100 + clockErrorMsOf(minute) });
    const next = new Row();
    next.lease(borderMs - 100, { unitsWanted: 100 });
    expect(next.lease(borderMs - 100)).toEqual({ kind: 'wait', retryInMs: 100 + minuteMs + clockErrorMsOf(minute) });
  });

  it('waits where a clock is behind that of those who are in the next window already', () => {
    const [row, borderMs] = [new Row(), startMs + minuteMs];
    row.lease(borderMs + 200);
    expect(row.lease(borderMs - 20)).toEqual({ kind: 'wait', retryInMs: 20 + clockErrorMsOf(minute) });
  });

  it('lets a request that is larger than the limit go alone', () => {
    const row = new Row();
    expect(row.units(insideMs, { unitsMin: 130, unitsWanted: 130 })).toBe(130);
    expect(row.lease(insideMs)).toMatchObject({ kind: 'wait' });
  });

  it('forgets the row when no window that it knows of can matter any more', () => {
    const row = new Row();
    row.lease(insideMs);
    expect(row.expiresAtMs).toBe(startMs + 2 * minuteMs);
  });
});

describe('a lease from a bucket', () => {
  it('gives less at once than the venue would, by what flows back while leases last', () => {
    const units = new Row().units(startMs, { unitsWanted: 1_000 }, counter);
    const slackMs = leaseMsOf(counter) + travelMsOf(counter) + clockErrorMsOf(counter);
    expect(units).toBeCloseTo(60 * (1 - slackMs / minuteMs));
  });

  it('waits until enough has flowed back', () => {
    const row = new Row();
    const all = row.units(startMs, { unitsWanted: 1_000 }, counter);
    expect(all).toBeGreaterThan(50);
    expect(row.lease(startMs, { unitsMin: 5 }, counter)).toEqual({ kind: 'wait', retryInMs: expect.closeTo(5_000) });
    expect(row.units(startMs + 5_000, { unitsMin: 5, unitsWanted: 5 }, counter)).toBe(5);
  });

  it('keeps a fifth for orders', () => {
    const row = new Row();
    row.lease(startMs, { unitsWanted: 1_000, order: false }, counter);
    expect(row.lease(startMs, { order: false }, counter)).toMatchObject({ kind: 'wait' });
    expect(row.lease(startMs, {}, counter)).toMatchObject({ lease: { units: 1, ordersOnly: true } });
  });

  it('lets a request that is larger than the bucket go alone, and nothing for a while after it', () => {
    const row = new Row();
    expect(row.units(startMs, { unitsMin: 70 }, counter)).toBe(70);
    const answer = row.lease(startMs + 1, { unitsMin: 70 }, counter);
    expect(answer.kind === 'wait' && answer.retryInMs).toBeGreaterThan(70_000);
  });
});

describe('a lease for what can wait', () => {
  const stepMs = minuteMs / paceSteps;
  /** Of the hundred, eighty are for questions, of which a part is left to others in any case. */
  const unitsMax = 80 * (1 - reserveShare);
  const paced = { order: false, isPaced: true, unitsWanted: 100 };

  it('opens the window further step by step, all of it only in the last', () => {
    const row = new Row();
    const usedAt = (step: number) => {
      row.lease(startMs + step * stepMs + 200, paced);
      return row.fields?.used;
    };
    for (let step = 0; step < paceSteps; step += 1)
      expect(usedAt(step)).toBeCloseTo((unitsMax * (step + 1)) / paceSteps);
  });

  it('waits for the step that has room, and where none has any for the next window', () => {
    const row = new Row();
    const nowMs = startMs + 1_000;
    row.lease(nowMs, paced);
    expect(row.lease(nowMs, { ...paced, unitsMin: 8 })).toEqual({ kind: 'wait', retryInMs: 3 * stepMs - 1_000 });
    expect(row.units(startMs + 3 * stepMs, { ...paced, unitsMin: 8 })).toBeGreaterThanOrEqual(8);
    const nextMs = startMs + minuteMs + clockErrorMsOf(minute);
    expect(row.lease(nowMs, { ...paced, unitsMin: 75 })).toEqual({ kind: 'wait', retryInMs: nextMs - nowMs });
  });

  it('leaves in a window what others took of the one before, until they have taken it', () => {
    const row = new Row();
    const lastStepMs = minuteMs - stepMs + 100;
    expect(row.units(startMs + 30_000, { order: false, unitsWanted: 30 })).toBe(30);
    expect(row.units(startMs + minuteMs + lastStepMs, paced)).toBeCloseTo(50);
    expect(row.lease(startMs + minuteMs + lastStepMs, paced)).toMatchObject({ kind: 'wait' });
    expect(row.units(startMs + minuteMs + lastStepMs, { order: false, unitsWanted: 20 })).toBe(20);
    // Those that they have not taken are kept on.
    expect(row.units(startMs + minuteMs + lastStepMs, paced)).toBe(0);
    expect(row.units(startMs + 2 * minuteMs + lastStepMs, paced)).toBeCloseTo(60);
    expect(row.units(startMs + 3 * minuteMs + lastStepMs, paced)).toBeCloseTo(unitsMax);
  });

  it('leaves one half at the most, however much others took', () => {
    const row = new Row();
    row.lease(startMs + 30_000, { unitsWanted: 100 });
    expect(row.units(startMs + 2 * minuteMs - 1_000, paced)).toBeCloseTo(40);
  });

  it('knows what others take at the border as theirs in both windows', () => {
    const row = new Row();
    const borderMs = startMs + minuteMs;
    expect(row.units(borderMs - 100, { order: false, unitsWanted: 30 })).toBe(30);
    // Nothing more is kept for them: they have it already.
    expect(row.units(borderMs + minuteMs - 1_000, paced)).toBeCloseTo(50);
  });

  it('waits at the border for the next window', () => {
    const borderMs = startMs + minuteMs - 100;
    const endMs = startMs + minuteMs + clockErrorMsOf(minute);
    expect(new Row().lease(borderMs, paced)).toEqual({ kind: 'wait', retryInMs: endMs - borderMs });
  });

  it('has all that questions may of a window so short that others can wait for the next', () => {
    const short = { ...minute, windowMs: 5_000 };
    expect(new Row().units(startMs + 1_000, paced, short)).toBe(80);
  });

  it('has all that questions may of a bucket, which fills all the time', () => {
    expect(new Row().units(startMs, paced, counter)).toBeCloseTo(bucketUnitsOf(counter) * 0.8);
  });
});

describe('a rolling limit', () => {
  const rolling = (unitsMax: number): RequestLimit => ({ ...minute, kind: 'rolling', unitsMax });

  it('is a bucket that lets no more through in its window, what it starts with included', () => {
    expect(leasable(rolling(100))).toMatchObject({ kind: 'bucket', unitsMax: 20, windowMs: 15_000 });
    expect(leasable(rolling(3))).toMatchObject({ unitsMax: 1, windowMs: 30_000 });
    expect(leasable(rolling(1))).toMatchObject({ unitsMax: 1, windowMs: 120_000 });
  });

  it('is the only kind that is handed out as another', () => {
    expect(leasable(minute)).toEqual(minute);
  });
});

describe('the life of a lease', () => {
  it.each([
    [60_000, 2_000],
    [4_000, 1_000],
    [86_400_000, 60_000],
  ])('in a window of %i ms is %i ms', (windowMs, leaseMs) => {
    expect(leaseMsOf({ ...minute, windowMs })).toBe(leaseMs);
  });
});

describe('a row whose venue has refused', () => {
  const refusal = { scope: 'egress', reason: '429', retryAfterMs: 5_000 } as const;

  /** As left by a refusal at the start. */
  function refusedRow(): Row {
    const row = new Row();
    row.lease(startMs);
    const change = changeBreaker((state) => refuse(state, refusal, startMs), startMs)(row.fields);
    [row.fields, row.expiresAtMs] = [change.row, change.expiresAtMs];
    return row;
  }

  it('leases nothing until the time is over, and is not forgotten before', () => {
    const row = refusedRow();
    expect(row.lease(startMs + 4_000)).toEqual({ kind: 'blocked', retryInMs: 1_000, reason: '429' });
    expect(row.expiresAtMs).toBeGreaterThan(startMs + 5_000);
  });

  it('then lets one request try, and no other', () => {
    const row = refusedRow();
    expect(row.lease(startMs + 5_000, { unitsWanted: 50 })).toMatchObject({ trying: true, lease: { units: 1 } });
    expect(row.lease(startMs + 5_001)).toEqual({ kind: 'blocked', retryInMs: tryMs - 1, reason: '429' });
  });

  it('lets pass where the trying is for another limit to decide', () => {
    expect(refusedRow().lease(startMs + 5_000, { afterRefusal: 'pass' })).toMatchObject({
      kind: 'leased',
      trying: false,
    });
  });

  it('is left alone by what is not to be sent now', () => {
    const row = refusedRow();
    expect(row.lease(startMs + 5_000, { afterRefusal: 'leave' })).toEqual({ kind: 'wait', retryInMs: 0 });
    expect(row.lease(startMs + 5_000)).toMatchObject({ trying: true });
  });

  it('is open to all again once the venue has answered', () => {
    const row = refusedRow();
    row.lease(startMs + 5_000);
    row.fields = changeBreaker(() => noBan, startMs + 5_100)(row.fields).row;
    expect(row.units(startMs + 5_101, { unitsWanted: 9 })).toBe(9);
  });

  it('is not written where nothing changes', () => {
    expect(changeBreaker((state) => state, startMs)()).toEqual({ result: noBan });
  });

  it('names a pause where the venue does not', () => {
    const state = changeBreaker((before) => refuse(before, { scope: 'key', reason: '429' }, startMs), startMs)().result;
    expect(state).toMatchObject({ kind: 'open', untilMs: startMs + firstPauseMs });
  });

  it('does not lend more than a window that is full has, when the time is over', () => {
    const row = refusedRow();
    row.lease(startMs + 5_000, { unitsMin: 99, unitsWanted: 99 });
    expect(row.lease(startMs + 5_000 + tryMs)).toMatchObject({ kind: 'wait' });
  });
});
