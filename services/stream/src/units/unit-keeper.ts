/** Has the units of this task going, each for itself: one that fails is tried again alone, and never takes others down. */
import { Backoff, type Clock, type DeskConfig, type StreamUnit, type UnitStatus } from '@nightdesk/core';
import type { OpenUnit, RunnerEnd, UnitRunner } from './unit-runner.ts';
import { settingsOf } from './unit-settings.ts';

/** Opening reads secrets and loads a class; what takes longer than this will not come. */
const openMsMax = 20_000;

export interface UnitKeeperOptions {
  open: OpenUnit;
  clock: Clock;
  /** A clock that never goes back; milliseconds. */
  monotonicMs(): number;
  /** From 0 to 1, so that units which failed together are not tried together. */
  random(): number;
  /** Told of each failure, but not of the same one again while it lasts. */
  onFailure(unit: StreamUnit, error: unknown): void;
}

type State = { kind: 'opening' } | { kind: 'going'; runner: UnitRunner } | { kind: 'resting'; untilMs: number };

interface Entry {
  unit: StreamUnit;
  /** What its opening depended on: with others it is opened anew. */
  settings: string;
  state: State;
  backoff: Backoff;
  /** No other task has it. */
  isOwned: boolean;
  /** Its last failure that was told: the same again is no news. */
  told?: string | undefined;
}

export class UnitKeeper {
  readonly #options: UnitKeeperOptions;
  readonly #entries = new Map<string, Entry>();
  /** Runners that are being closed. */
  readonly #closing = new Set<Promise<void>>();

  constructor(options: UnitKeeperOptions) {
    this.#options = options;
  }

  /**
   * Has these going and no others. Called every beat: what rests after a failure is tried again by it.
   *
   * @param owned those of them that no other task has
   */
  keep(units: readonly StreamUnit[], config: DeskConfig, owned: ReadonlySet<string>): void {
    const wanted = new Set(units.map(({ id }) => id));
    for (const [id, entry] of this.#entries) if (!wanted.has(id)) this.#end(id, entry);
    for (const unit of units) this.#keepOne(unit, config);
    for (const entry of this.#entries.values()) this.#own(entry, owned.has(entry.unit.id));
  }

  /** Of those, the ones that others may leave to this task. */
  running(): ReadonlySet<string> {
    return new Set(this.#runners().flatMap(([id, { isRunning }]) => (isRunning ? [id] : [])));
  }

  /** Units that this task looks after, whether or not they are connected right now. */
  get count(): number {
    return this.#entries.size;
  }

  /** By id. Those that are not open are told as such. */
  statuses(): UnitStatus[] {
    return [...this.#entries.values()].map(({ unit, state }) =>
      state.kind === 'going'
        ? state.runner.status
        : { unit: unit.id, venue: unit.venue, subscriptions: 0, isOpen: false },
    );
  }

  booksLost(): number {
    return this.#runners().reduce((sum, [, { booksLost }]) => sum + booksLost, 0);
  }

  /** Ends all of them. Resolves when what they still had is written; what others await is awaited too. */
  async endAll(): Promise<void> {
    for (const [id, entry] of this.#entries) this.#end(id, entry);
    await Promise.all(this.#closing);
  }

  #runners(): [string, UnitRunner][] {
    return [...this.#entries].flatMap(([id, { state }]) => (state.kind === 'going' ? [[id, state.runner]] : []));
  }

  #keepOne(unit: StreamUnit, config: DeskConfig): void {
    const settings = settingsOf(unit, config);
    const known = this.#entries.get(unit.id);
    if (known !== undefined && known.settings !== settings) this.#end(unit.id, known);
    const entry = this.#entries.get(unit.id) ?? this.#begin(unit, settings);
    const isChanged = entry.unit !== unit;
    entry.unit = unit;
    const { state } = entry;
    if (state.kind === 'resting' && this.#options.monotonicMs() >= state.untilMs) void this.#open(entry, config);
    if (state.kind !== 'going') return;
    if (isChanged) this.#guard(entry, () => state.runner.adapt(unit));
    this.#guard(entry, () => state.runner.tend());
  }

  /** Whoever had it before may have told things last that only this task keeps up from now on. */
  #own(entry: Entry, isOwned: boolean): void {
    const { state, isOwned: wasOwned } = entry;
    entry.isOwned = isOwned;
    if (isOwned && !wasOwned && state.kind === 'going') this.#guard(entry, () => state.runner.confirm());
  }

  #begin(unit: StreamUnit, settings: string): Entry {
    const entry: Entry = {
      unit,
      settings,
      state: { kind: 'resting', untilMs: -Infinity },
      backoff: new Backoff(this.#options.random),
      isOwned: false,
    };
    this.#entries.set(unit.id, entry);
    return entry;
  }

  async #open(entry: Entry, config: DeskConfig): Promise<void> {
    const { open, clock, monotonicMs } = this.#options;
    const { unit } = entry;
    const own: State = { kind: 'opening' };
    entry.state = own;
    let going: State | undefined;
    /** A runner may end while it is still being opened. */
    let early: RunnerEnd | undefined;
    const onEnd = (end: RunnerEnd) => {
      if (going === undefined) early ??= end;
      else if (entry.state === going && this.#has(entry)) this.#onEnd(entry, end);
    };
    const isAwaited = () => entry.state === own && this.#has(entry);
    try {
      const opening = open(unit, config, onEnd);
      // Whoever was not waited for, or is wanted no more, is closed as soon as it is there.
      opening.then((runner) => isAwaited() || this.#close(runner)).catch(() => undefined);
      const runner = await Promise.race([opening, tooLate(unit, clock)]);
      if (!isAwaited()) return;
      going = { kind: 'going', runner };
      entry.backoff.opened(monotonicMs());
      entry.told = undefined;
      entry.state = going;
      if (early !== undefined) this.#onEnd(entry, early);
      else if (entry.unit !== unit) this.#guard(entry, () => runner.adapt(entry.unit));
    } catch (error) {
      if (isAwaited()) this.#rest(entry, error);
    }
  }

  /** It is still wanted, and nobody else is in its place. */
  #has(entry: Entry): boolean {
    return this.#entries.get(entry.unit.id) === entry;
  }

  /** A runner ended by itself. */
  #onEnd(entry: Entry, { reason, isRenewal }: RunnerEnd): void {
    if (isRenewal) {
      this.#closeRunner(entry);
      entry.state = { kind: 'resting', untilMs: -Infinity };
    } else {
      this.#rest(entry, new Error(reason));
    }
  }

  #rest(entry: Entry, error: unknown): void {
    const { monotonicMs, onFailure } = this.#options;
    const nowMs = monotonicMs();
    this.#closeRunner(entry);
    entry.state = { kind: 'resting', untilMs: nowMs + entry.backoff.failed(nowMs) };
    const text = error instanceof Error ? error.message : '';
    if (entry.told !== text) onFailure(entry.unit, error);
    entry.told = text;
  }

  /** What a runner throws ends it alone. */
  #guard(entry: Entry, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#rest(entry, error);
    }
  }

  #end(id: string, entry: Entry): void {
    this.#entries.delete(id);
    this.#closeRunner(entry);
  }

  #closeRunner({ state }: Entry): void {
    if (state.kind === 'going') this.#close(state.runner);
  }

  #close(runner: UnitRunner): void {
    const closing: Promise<void> = runner
      .close()
      .catch(() => undefined)
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

async function tooLate({ id }: StreamUnit, clock: Clock): Promise<never> {
  await clock.sleep(openMsMax);
  throw new Error(`${id} was not open within ${openMsMax / 1_000} s`);
}
