/**
 * Reads fields of ccxt's answers, which are believed only after a check. Absent (`undefined` or `null`) is told apart
 * from zero and from nonsense; what is there and not of its form stops the reading.
 */
import { isQuantity } from '@nightdesk/core';

/** An answer lacks a field that it must have, or holds something else in it. Names the field and repeats no value. */
export class UnparsableAnswerError extends Error {
  override readonly name = 'UnparsableAnswerError';

  constructor(what: string, field: string, problem: string) {
    super(`the ${what} in the venue's answer has ${problem} in "${field}"`);
  }
}

/** One object of an answer. */
export class Fields {
  readonly #what: string;
  readonly #values: Readonly<Record<string, unknown>>;

  /** @throws UnparsableAnswerError when `value` is no object. */
  constructor(what: string, value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new UnparsableAnswerError(what, what, 'no object');
    }
    this.#what = what;
    this.#values = value as Record<string, unknown>;
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.#refuse(name, 'nothing');
  }

  optionalText(name: string): string | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined || value === '') return undefined;
    return typeof value === 'string' ? value : this.#refuse(name, 'no text');
  }

  /** A decimal as a text; ccxt makes texts of numbers here, and where a venue's code made numbers, those are taken too. */
  decimal(name: string): string {
    return this.optionalDecimal(name) ?? this.#refuse(name, 'nothing');
  }

  optionalDecimal(name: string): string | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined || value === '') return undefined;
    const text = typeof value === 'number' ? String(value) : value;
    return typeof text === 'string' && isQuantity(text) ? text : this.#refuse(name, 'no decimal number');
  }

  /** UTC epoch milliseconds. */
  optionalTimeMs(name: string): number | undefined {
    const text = this.optionalDecimal(name);
    if (text === undefined) return undefined;
    const timeMs = Number(text);
    return Number.isSafeInteger(timeMs) && timeMs > 0 ? timeMs : this.#refuse(name, 'no time in milliseconds');
  }

  optionalFlag(name: string): boolean | undefined {
    const value = this.#values[name] ?? undefined;
    return value === undefined || typeof value === 'boolean' ? value : this.#refuse(name, 'no true or false');
  }

  fields(name: string): Fields {
    return this.optionalFields(name) ?? this.#refuse(name, 'nothing');
  }

  optionalFields(name: string): Fields | undefined {
    const value = this.#values[name] ?? undefined;
    return value === undefined ? undefined : new Fields(`${this.#what}.${name}`, value);
  }

  list(name: string): readonly unknown[] {
    const value = this.#values[name] ?? [];
    return Array.isArray(value) ? value : this.#refuse(name, 'no list');
  }

  #refuse(name: string, problem: string): never {
    throw new UnparsableAnswerError(this.#what, name, problem);
  }
}

/** @throws UnparsableAnswerError when `value` is no list. */
export function listOf(what: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new UnparsableAnswerError(what, what, 'no list');
  return value;
}
