/**
 * Reads fields of ccxt's answers, which are believed only after a check. Absent (`undefined` or `null`) is told apart
 * from zero and from nonsense; what is there and not of its form stops the reading.
 */
import { isNegative, isPositive, isQuantity, type Price, price } from '@nightdesk/core';

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

  /** A decimal that is zero or more. */
  quantity(name: string): string {
    return this.optionalQuantity(name) ?? this.#refuse(name, 'nothing');
  }

  optionalQuantity(name: string): string | undefined {
    const text = this.optionalDecimal(name);
    return text !== undefined && isNegative(text) ? this.#refuse(name, 'less than zero') : text;
  }

  /** For what is only shown: what makes no sense is not there, and keeps nobody from reading the rest. */
  quantityIfSane(name: string): string | undefined {
    const value = this.#values[name];
    const text = typeof value === 'number' ? String(value) : value;
    return typeof text === 'string' && isQuantity(text) && !isNegative(text) ? text : undefined;
  }

  price(name: string): Price {
    return this.optionalPrice(name) ?? this.#refuse(name, 'no price');
  }

  /** A price of zero is how venues spell that there is none. */
  optionalPrice(name: string): Price | undefined {
    const text = this.optionalQuantity(name);
    return text !== undefined && isPositive(text) ? price(text) : undefined;
  }

  /** True for a distance in place of a price, as Kraken has it in trailing stops: `+5`, `-1.5%`. */
  isOffset(name: string): boolean {
    const value = this.#values[name];
    return typeof value === 'string' && /^[+-]/.test(value);
  }

  /** UTC epoch milliseconds. */
  timeMs(name: string): number {
    return this.optionalTimeMs(name) ?? this.#refuse(name, 'no time');
  }

  optionalTimeMs(name: string): number | undefined {
    const text = this.optionalDecimal(name);
    if (text === undefined) return undefined;
    const timeMs = Number(text);
    return Number.isSafeInteger(timeMs) && timeMs > 0 ? timeMs : this.#refuse(name, 'no time in milliseconds');
  }

  /** One of these words, or absent; any other is refused. */
  optionalWord<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const text = this.optionalText(name);
    if (text === undefined) return undefined;
    return words.find((word) => word === text) ?? this.#refuse(name, 'a word not known here');
  }

  word<Word extends string>(name: string, words: readonly Word[]): Word {
    return this.optionalWord(name, words) ?? this.#refuse(name, 'nothing');
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

  /** Whatever is there, for a mapper that reads an object of its own. */
  value(name: string): unknown {
    return this.#values[name];
  }

  /** Names of all fields that are there. */
  names(): string[] {
    return Object.keys(this.#values);
  }

  list(name: string): readonly unknown[] {
    const value = this.#values[name] ?? [];
    return Array.isArray(value) ? value : this.#refuse(name, 'no list');
  }

  #refuse(name: string, problem: string): never {
    throw new UnparsableAnswerError(this.#what, name, problem);
  }
}

/** The properties of an object without those that are absent. */
export function present<Properties extends object>(properties: Properties): Present<Properties> {
  const entries = Object.entries(properties).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Present<Properties>;
}

type Present<Properties> = { [Name in keyof Properties]?: Exclude<Properties[Name], undefined> };

/** @throws UnparsableAnswerError when `value` is no list. */
export function listOf(what: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new UnparsableAnswerError(what, what, 'no list');
  return value;
}
