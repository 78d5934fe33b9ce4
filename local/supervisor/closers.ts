/** What has to be closed at the end, last started first. */
export interface Closers {
  add(close: () => unknown): void;
  /** Runs every closer, also after one has failed. @throws the first failure */
  close(): Promise<void>;
}

export function createClosers(): Closers {
  const pending: (() => unknown)[] = [];
  let closing: Promise<void> | undefined;

  async function run(): Promise<void> {
    const failures: unknown[] = [];
    for (let close = pending.pop(); close !== undefined; close = pending.pop()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  return {
    add: (close) => void pending.push(close),
    close: () => (closing ??= run()),
  };
}
