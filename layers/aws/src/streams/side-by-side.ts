/**
 * Works on all of them, so many at a time. What fails does not keep the others from being worked on.
 *
 * @throws whatever failed first, once all have been worked on
 */
export async function sideBySide<Task>(
  tasks: readonly Task[],
  atOnceMax: number,
  work: (task: Task) => Promise<void>,
): Promise<void> {
  const left = tasks.values();
  const failures: unknown[] = [];
  const workOn = async (): Promise<void> => {
    for (const task of left) await work(task).catch((error: unknown) => failures.push(error));
  };
  await Promise.all(Array.from({ length: Math.min(atOnceMax, tasks.length) }, workOn));
  if (failures.length > 0) throw failures[0];
}
