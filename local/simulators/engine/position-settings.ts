/** What accounts have chosen for their positions: leverage and position mode, per instrument or for all. */
import { type Decimal, decimal } from './decimal.ts';
import type { StoredSetting } from './store.ts';

export interface PositionSetting {
  leverage?: Decimal;
  /** One position per direction instead of a single one. */
  hedged?: boolean;
  /** Each position is backed by its own margin only. */
  isolated?: boolean;
}

/** Stands for all instruments of an account. */
const everyInstrument = '*';
const standardLeverage = decimal('10');

export class PositionSettings {
  readonly #settings = new Map<string, StoredSetting>();
  #changed: StoredSetting[] = [];

  leverage(accountId: string, instrumentId: string): Decimal {
    const text = this.#find(accountId, instrumentId)?.leverage ?? this.#find(accountId, everyInstrument)?.leverage;
    return text === undefined ? standardLeverage : decimal(text);
  }

  /** @param instrumentId absent for what holds where nothing else was chosen */
  isHedged(accountId: string, instrumentId: string = everyInstrument): boolean {
    const { hedged } = this.#find(accountId, instrumentId) ?? {};
    return hedged ?? this.#find(accountId, everyInstrument)?.hedged ?? false;
  }

  isIsolated(accountId: string): boolean {
    return this.#find(accountId, everyInstrument)?.isolated ?? false;
  }

  /** Changes what is given and keeps the rest. @param instrumentId absent for all instruments. */
  set(accountId: string, instrumentId: string | undefined, change: PositionSetting): void {
    const key = instrumentId ?? everyInstrument;
    const { leverage, ...flags } = change;
    const setting = {
      ...(this.#find(accountId, key) ?? { accountId, instrumentId: key }),
      ...flags,
      ...(leverage !== undefined && { leverage: leverage.toFixed() }),
    };
    this.#keep(setting);
    if (instrumentId !== undefined || flags.hedged === undefined) return;
    // What is chosen for all instruments counts for those, too, that had a mode of their own.
    for (const own of [...this.#settings.values()]) {
      if (own.accountId === accountId && own.hedged !== undefined) this.#keep({ ...own, hedged: flags.hedged });
    }
  }

  #keep(setting: StoredSetting): void {
    this.restore(setting);
    this.#changed.push(setting);
  }

  /** Puts a stored setting back. */
  restore(setting: StoredSetting): void {
    this.#settings.set(`${setting.accountId} ${setting.instrumentId}`, setting);
  }

  takeChanged(): StoredSetting[] {
    const changed = this.#changed;
    this.#changed = [];
    return changed;
  }

  clear(): void {
    this.#settings.clear();
    this.#changed = [];
  }

  #find(accountId: string, instrumentId: string): StoredSetting | undefined {
    return this.#settings.get(`${accountId} ${instrumentId}`);
  }
}
