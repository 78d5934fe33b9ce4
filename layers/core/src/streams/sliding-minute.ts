/** What happened within the last minute, in memory that does not grow. */

/** What figures are of; milliseconds. */
export const slidingMs = 60_000;
const sliceCount = 6;
const sliceMs = slidingMs / sliceCount;

/** Counts by slices of the minute: the oldest goes as a whole. Times are of one clock that never goes back, milliseconds. */
export class SlidingMinute<Slice> {
  readonly #create: () => Slice;
  /** By number, counted from the beginning of the clock. */
  readonly #slices = new Map<number, Slice>();

  constructor(create: () => Slice) {
    this.#create = create;
  }

  /** What is counted in now. */
  current(nowMs: number): Slice {
    const number = Math.floor(nowMs / sliceMs);
    const known = this.#slices.get(number);
    if (known !== undefined) return known;
    const slice = this.#create();
    for (const older of this.#slices.keys()) if (older <= number - sliceCount) this.#slices.delete(older);
    this.#slices.set(number, slice);
    return slice;
  }

  /** All that still counts. */
  all(nowMs: number): Slice[] {
    const first = firstOf(nowMs);
    return [...this.#slices].flatMap(([number, slice]) => (number < first ? [] : [slice]));
  }
}

const firstOf = (nowMs: number): number => Math.floor(nowMs / sliceMs) - sliceCount + 1;

/** How often something happens. */
export class RateMeter {
  readonly #startedMs: number;
  readonly #minute = new SlidingMinute(() => ({ count: 0 }));

  constructor(nowMs: number) {
    this.#startedMs = nowMs;
  }

  add(count: number, nowMs: number): void {
    this.#minute.current(nowMs).count += count;
  }

  /** Over the last minute, or since it began. */
  perSecond(nowMs: number): number {
    const spanMs = nowMs - Math.max(this.#startedMs, firstOf(nowMs) * sliceMs);
    const count = this.#minute.all(nowMs).reduce((sum, slice) => sum + slice.count, 0);
    return (count * 1_000) / Math.max(spanMs, 1_000);
  }
}
