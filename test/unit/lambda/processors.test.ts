import { cpus } from 'node:os';
import { beforeEach, describe, expect, it } from 'vitest';
import { createProcessorMeter, processors } from '../../../local/cloud/lambda/processors.ts';

let nowMs: number;
/** Of each processor, milliseconds. */
let worked: number[];
let idled: number[];
let reads: number;

const read = () => {
  reads += 1;
  return worked.map((user, index) => ({
    times: { user, nice: 0, sys: 0, irq: 0, idle: idled[index] },
  })) as ReturnType<typeof cpus>;
};
/** Time passes, of which the processors worked so much. */
function pass(ms: number, ...work: number[]): void {
  nowMs += ms;
  worked = worked.map((sum, index) => sum + (work[index] ?? 0));
  idled = idled.map((sum, index) => sum + ms - (work[index] ?? 0));
}

beforeEach(() => {
  [nowMs, worked, idled, reads] = [1_000, [500, 500], [9_000, 9_000], 0];
});
const meter = () => createProcessorMeter(read, () => nowMs);

describe('how many processors have nothing to do', () => {
  it('is counted since somebody began to look', () => {
    const meterOf = meter();
    pass(10_000);
    meterOf.look();
    pass(50, 50, 20);
    expect(meterOf.idle()).toBeCloseTo(0.6);
    pass(50, 50, 50);
    expect(meterOf.idle()).toBe(0);
    pass(50);
    expect(meterOf.idle()).toBe(2);
  });

  it('is none where nobody looked before, or the system does not tell', () => {
    expect(meter().idle()).toBe(0);
    worked = [];
    const untold = meter();
    untold.look();
    nowMs += 100;
    expect(untold.idle()).toBe(0);
  });

  it('is read again only after a while, however many ask', () => {
    const meterOf = meter();
    meterOf.look();
    pass(50, 50, 25);
    const idle = [meterOf.idle(), meterOf.idle()];
    nowMs += 30;
    meterOf.look();
    expect([...idle, meterOf.idle()]).toEqual([0.5, 0.5, 0.5]);
    expect(reads).toBe(2);
  });

  it('is told of this machine', async () => {
    processors.look();
    await new Promise((resolve) => setTimeout(resolve, 60));
    const idle = processors.idle();
    expect(idle).toBeGreaterThanOrEqual(0);
    expect(idle).toBeLessThanOrEqual(cpus().length);
  });
});
