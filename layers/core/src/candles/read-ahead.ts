/**
 * Results of tasks in their order, of which some are begun before they are asked for.
 *
 * @param tasks are begun one after the other; what they hold on to is bounded by `ahead`
 * @param ahead how many are under way or waiting beside the one that is asked for; at least 0
 */
export async function* readAhead<Result>(
  tasks: Iterable<() => Promise<Result>>,
  ahead: number,
): AsyncGenerator<Result, void, undefined> {
  const begun: Promise<Result>[] = [];
  for (const task of tasks) {
    const result = task();
    // Who asks for no more does not hear of it; who does is told when its turn comes.
    result.catch(() => undefined);
    begun.push(result);
    if (begun.length > ahead) yield begun.shift() as Promise<Result>;
  }
  yield* begun;
}
