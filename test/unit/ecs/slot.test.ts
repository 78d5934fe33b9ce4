import { createMovableClock } from '@nightdesk/local/cloud/clock.ts';
import { describe, expect, it } from 'vitest';
import { openSlot } from '../../../local/cloud/ecs/slot.ts';
import type { Task } from '../../../local/cloud/ecs/task.ts';

/** A slot whose tasks are made up: each ends when it is told to. */
function openFakeSlot() {
  const clock = createMovableClock();
  const lines: string[] = [];
  const started: { endsWith(reason: string): Promise<void>; stops: number[] }[] = [];
  const faults = { startFails: false };
  function startTask(): Task {
    if (faults.startFails) throw new Error('no process can be started');
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    const stops: number[] = [];
    const endsWith = async (reason: string) => {
      resolve(reason);
      await ended;
    };
    started.push({ endsWith, stops });
    const stop = async (withinMs: number) => {
      stops.push(withinMs);
      await endsWith('SIGTERM');
    };
    return { pid: started.length, ended, stop };
  }
  const slot = openSlot({ name: 'stream-1', clock, startTask, log: (line) => lines.push(line) });
  return { slot, clock, lines, started, faults };
}

describe('a place of a service', () => {
  it('has another task after a while that doubles up to half a minute, and says why', async () => {
    const { slot, clock, lines, started } = openFakeSlot();
    const waits: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      await started.at(-1)?.endsWith('exit code 1');
      expect(slot.task).toBeUndefined();
      const before = started.length;
      let waitedMs = 0;
      while (started.length === before) {
        clock.advance(250);
        waitedMs += 250;
      }
      waits.push(waitedMs);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(slot).toMatchObject({ restarts: 9, task: { pid: 10 } });
    expect(lines[0]).toBe('a task of stream-1 has ended (exit code 1); another one starts in 500 ms');
  });

  it('begins with the shortest while again after a task that worked', async () => {
    const { clock, lines, started } = openFakeSlot();
    await started[0]?.endsWith('exit code 1');
    clock.advance(500);
    clock.advance(60_000);
    await started[1]?.endsWith('SIGKILL');
    expect(lines[1]).toBe('a task of stream-1 has ended (SIGKILL); another one starts in 500 ms');
  });

  it('goes on trying where no process can be started', async () => {
    const { slot, clock, lines, started, faults } = openFakeSlot();
    faults.startFails = true;
    await started[0]?.endsWith('exit code 1');
    clock.advance(500);
    expect(lines[1]).toBe('a task of stream-1 cannot be started: no process can be started');
    faults.startFails = false;
    clock.advance(30_000);
    expect(slot.task).toMatchObject({ pid: 2 });
  });

  it('that is stopped ends its task, or starts none any more', async () => {
    const running = openFakeSlot();
    await running.slot.stop(2_000);
    const between = openFakeSlot();
    await between.started[0]?.endsWith('exit code 1');
    await between.slot.stop(2_000);
    for (const { clock } of [running, between]) clock.advance(120_000);
    expect(running.started).toMatchObject([{ stops: [2_000] }]);
    expect(between.started).toMatchObject([{ stops: [] }]);
  });
});
