/** Times pieces of work in turn, so that what else the machine does is the same for all of them. */

export interface TurnOptions {
  /** How often each has its turn. */
  rounds: number;
  /** How long a turn lasts at least; work begun in it is finished. */
  sliceMs: number;
  /** Milliseconds with decimals, from any start. */
  nowMs(): number;
}

/**
 * Each has one turn before the first round that does not count, in which its code is compiled.
 *
 * @returns by work and round: milliseconds that one run of it took on average
 */
export function timeInTurn(works: readonly (() => unknown)[], { rounds, sliceMs, nowMs }: TurnOptions): number[][] {
  const takeTurn = (work: () => unknown): number => {
    const startMs = nowMs();
    let [runs, tookMs] = [0, 0];
    do {
      work();
      runs += 1;
      tookMs = nowMs() - startMs;
    } while (tookMs < sliceMs);
    return tookMs / runs;
  };
  for (const work of works) takeTurn(work);
  const taken = works.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, work] of works.entries()) taken[index]?.push(takeTurn(work));
  }
  return taken;
}
