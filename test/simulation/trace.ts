/** What happened in a run, line by line, for whoever has to understand a failure. */
export class Trace {
  readonly #lines: string[] = [];
  readonly #startMs: number;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#startMs = nowMs();
    this.#nowMs = nowMs;
  }

  add(who: string, what: string): void {
    const seconds = ((this.#nowMs() - this.#startMs) / 1000).toFixed(3);
    this.#lines.push(`${seconds.padStart(9)} s  ${who.padEnd(19)} ${what}`);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }
}
