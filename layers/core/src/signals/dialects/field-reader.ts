/** Reads a sender's fields one by one and remembers which, so that none that changes an order is passed over unseen. */
import { RequestError } from '../../errors.ts';
import type { RawObject, RawValue } from '../body.ts';

/** A refusal of one field: it has no valid value. */
export const invalid = (path: string, message: string): RequestError =>
  new RequestError('invalid_signal', `${path} ${message}`, [{ path, message }]);

/** A refusal of one field: the desk cannot do what it asks for, so it must not act as if it were not there. */
export const unsupported = (path: string, message: string): RequestError =>
  new RequestError('unsupported', `${path} ${message}`, [{ path, message }]);

const keyLengthMax = 64;
const unknownKeysMax = 20;

/** True for what a template sends along where nothing is meant: empty, `false` or zero. */
function isNeutral(value: RawValue): boolean {
  if (value === null || value === false) return true;
  if (typeof value === 'string') return /^(?:|false|none|null|0+(?:\.0+)?)$/i.test(value.trim());
  return typeof value === 'object' && Object.values(value).every(isNeutral);
}

export class FieldReader {
  readonly #fields: RawObject;
  readonly #prefix: string;
  readonly #spelling: ReadonlyMap<string, string>;
  readonly #known = new Set<string>();
  readonly #groups: FieldReader[] = [];

  /**
   * @param options.prefix path of this object in the body
   * @param options.spelling how the sender spelt a key, where `fields` has it otherwise
   */
  constructor(fields: RawObject, options: { prefix?: string; spelling?: ReadonlyMap<string, string> } = {}) {
    this.#fields = fields;
    this.#prefix = options.prefix ?? '';
    this.#spelling = options.spelling ?? new Map();
  }

  /** The key as a refusal has to name it. */
  pathOf(key: string): string {
    const path = this.#spelling.get(key) ?? key;
    return this.#prefix === '' ? path : `${this.#prefix}.${path}`;
  }

  /** True when the key is there and holds something. */
  has(key: string): boolean {
    const value = this.#value(key);
    return value !== undefined && value !== null && value !== '';
  }

  /** Text or number; absent when there is nothing in it. @throws RequestError when it is something else */
  text(key: string): string | undefined {
    const value = this.#value(key);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw invalid(this.pathOf(key), 'must be text or a number');
    const trimmed = value.trim();
    return trimmed === '' ? undefined : trimmed;
  }

  /** Text in lower case, its parts joined by `_`: `ENTER-LONG`, `Enter Long` and `enter_long` are one word. */
  word(key: string): string | undefined {
    return this.text(key)
      ?.toLowerCase()
      .replace(/[\s-]+/g, '_');
  }

  /** A number that is not zero: templates write 0 for what they leave open. */
  quantity(key: string): string | undefined {
    const value = this.text(key);
    return value === undefined || isNeutral(value) ? undefined : value;
  }

  /** @throws RequestError when it is neither true nor false */
  flag(key: string): boolean | undefined {
    const value = this.#value(key);
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'boolean') return value;
    const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
    if (word === 'true' || word === '1') return true;
    if (word === 'false' || word === '0') return false;
    throw invalid(this.pathOf(key), 'must be true or false');
  }

  /** @throws RequestError when it is no object */
  group(key: string): FieldReader | undefined {
    const value = this.#value(key);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'object' || Array.isArray(value)) throw invalid(this.pathOf(key), 'must be an object');
    return this.#groupOf(value, this.pathOf(key));
  }

  /** @throws RequestError when it is no list of objects */
  list(key: string): FieldReader[] {
    const value = this.#value(key);
    if (value === undefined || value === null) return [];
    const path = this.pathOf(key);
    if (!Array.isArray(value)) throw invalid(path, 'must be a list');
    return value.map((member, index) => {
      if (member === null || typeof member !== 'object' || Array.isArray(member)) {
        throw invalid(`${path}.${index}`, 'must be an object');
      }
      return this.#groupOf(member, `${path}.${index}`);
    });
  }

  /** True when the key holds an object, so that senders may write a number or an object. */
  isGroup(key: string): boolean {
    const value = this.#value(key);
    return value !== null && typeof value === 'object' && !Array.isArray(value);
  }

  /** Keys that only inform, and secrets: their values are not even looked at. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.#known.add(key);
  }

  /** Keys that would change what is traded and have no equal here. @throws RequestError when one of them asks for anything */
  refuse(why: string, ...keys: readonly string[]): void {
    for (const key of keys) {
      const value = this.#value(key);
      if (value !== undefined && !isNeutral(value)) throw unsupported(this.pathOf(key), why);
    }
  }

  /** For dialects whose senders take no unknown keys themselves. @throws RequestError for the first one that asks for anything */
  refuseUnknown(): void {
    for (const [key, value] of Object.entries(this.#fields)) {
      if (!this.#known.has(key) && !isNeutral(value)) {
        throw invalid(this.pathOf(key).slice(0, keyLengthMax), 'is not known, and may change the order');
      }
    }
    for (const group of this.#groups) group.refuseUnknown();
  }

  /** Keys that nobody asked for, cut to a length and a number that an answer can hold. */
  unknownKeys(): string[] {
    const own = Object.keys(this.#fields)
      .filter((key) => !this.#known.has(key))
      .map((key) => this.pathOf(key).slice(0, keyLengthMax));
    return [...own, ...this.#groups.flatMap((group) => group.unknownKeys())].slice(0, unknownKeysMax);
  }

  #groupOf(fields: RawObject, prefix: string): FieldReader {
    const group = new FieldReader(fields, { prefix });
    this.#groups.push(group);
    return group;
  }

  #value(key: string): RawValue | undefined {
    this.#known.add(key);
    return Object.hasOwn(this.#fields, key) ? this.#fields[key] : undefined;
  }
}
