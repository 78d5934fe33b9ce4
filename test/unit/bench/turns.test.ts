import { expect, it } from 'vitest';
import { timeInTurn } from '../../../bench/turns.ts';

/** A clock that only work moves, and a log of whose turn it was. */
function workshop() {
  let timeMs = 0;
  const turns: string[] = [];
  const work = (name: string, takesMs: (run: number) => number) => {
    let run = 0;
    return () => {
      if (turns.at(-1) !== name) turns.push(name);
      timeMs += takesMs(run++);
    };
  };
  return { work, turns, nowMs: () => timeMs };
}

it('tells what one run of each takes', () => {
  const { work, nowMs } = workshop();
  const works = [work('quick', () => 0.5), work('slow', () => 4)];
  expect(timeInTurn(works, { rounds: 3, sliceMs: 10, nowMs })).toEqual([
    [0.5, 0.5, 0.5],
    [4, 4, 4],
  ]);
});

it('leaves the first turn of each out, in which it is slower', () => {
  const { work, nowMs } = workshop();
  const compiled = work('compiled', (run) => (run === 0 ? 50 : 1));
  expect(timeInTurn([compiled], { rounds: 2, sliceMs: 5, nowMs })).toEqual([[1, 1]]);
});

it('goes round and round instead of finishing one before the next', () => {
  const { work, turns, nowMs } = workshop();
  timeInTurn([work('a', () => 1), work('b', () => 1)], { rounds: 2, sliceMs: 3, nowMs });
  expect(turns).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
});

it('runs what takes longer than its turn once', () => {
  const { work, nowMs } = workshop();
  expect(timeInTurn([work('long', () => 100)], { rounds: 1, sliceMs: 10, nowMs })).toEqual([[100]]);
});
