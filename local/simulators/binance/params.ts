/** The parameters of one request, read by name; what nobody reads is refused as Binance refuses it. */
import { type Decimal, decimal } from '../engine/decimal.ts';
import {
  duplicateParameter,
  emptyParameter,
  illegalCharacters,
  invalidParameter,
  missingParameter,
  unreadParameters,
} from './errors.ts';

const decimalRange = '^([0-9]{1,20})(\\.[0-9]{1,20})?$';
const decimalPattern = new RegExp(decimalRange);
const integerRange = '^[0-9]{1,20}$';
const integerPattern = new RegExp(integerRange);

export class Params {
  readonly #values: ReadonlyMap<string, string>;
  readonly #read: Set<string>;
  readonly #sentName: (name: string) => string;

  private constructor(
    values: ReadonlyMap<string, string>,
    view: { read: Set<string>; sentName(name: string): string },
  ) {
    this.#values = values;
    this.#read = view.read;
    this.#sentName = view.sentName;
  }

  static of(values: ReadonlyMap<string, string>): Params {
    return new Params(values, { read: new Set(), sentName: (name) => name });
  }

  /** The same parameters, some of them under the names that `sentName` gives; what is read counts in both. */
  renamed(sentName: (name: string) => string): Params {
    return new Params(this.#values, { read: this.#read, sentName });
  }

  /** The name under which a parameter was sent, for errors. */
  sentName(name: string): string {
    return this.#sentName(name);
  }

  /** From a query string and a form body; a name in both takes the query's value. @throws BinanceError -1101. */
  static parse(query: string, body: string): Params {
    const values = new Map<string, string>();
    for (const part of [query, body]) {
      const own = new Set<string>();
      for (const [name, value] of new URLSearchParams(part)) {
        if (own.has(name)) throw duplicateParameter();
        own.add(name);
        if (!values.has(name)) values.set(name, value);
      }
    }
    return Params.of(values);
  }

  /** The value without counting it as read. */
  peek(name: string): string | undefined {
    return this.#values.get(this.#sentName(name));
  }

  has(name: string): boolean {
    return this.#values.has(this.#sentName(name));
  }

  /** @throws BinanceError -1105 when it was sent empty. */
  optional(name: string): string | undefined {
    const sent = this.#sentName(name);
    this.#read.add(sent);
    const value = this.#values.get(sent);
    if (value === '') throw emptyParameter(sent);
    return value;
  }

  /** @throws BinanceError -1102. */
  required(name: string): string {
    const sent = this.#sentName(name);
    this.#read.add(sent);
    const value = this.#values.get(sent);
    if (value === undefined || value === '') throw missingParameter(sent);
    return value;
  }

  /** @throws BinanceError -1100 when it is not a plain decimal. */
  decimal(name: string): Decimal | undefined {
    const text = this.optional(name);
    if (text === undefined) return undefined;
    if (!decimalPattern.test(text)) throw illegalCharacters(this.#sentName(name), decimalRange);
    return decimal(text);
  }

  /** @throws BinanceError -1100 when it is not a whole number. */
  integer(name: string): number | undefined {
    const text = this.optional(name);
    if (text === undefined) return undefined;
    if (!integerPattern.test(text)) throw illegalCharacters(this.#sentName(name), integerRange);
    return Number(text);
  }

  /** @throws BinanceError -1130 when outside 1…max. */
  limit(options: { standard: number; max: number }): number {
    const value = this.integer('limit') ?? options.standard;
    if (value < 1) throw invalidParameter('limit');
    return Math.min(value, options.max);
  }

  flag(name: string): boolean {
    return this.optional(name)?.toLowerCase() === 'true';
  }

  /** A JSON list of symbols such as `["BTCUSDT","ETHUSDT"]`. @throws BinanceError -1100. */
  symbolList(name: string): string[] | undefined {
    const text = this.optional(name);
    if (text === undefined) return undefined;
    if (!/^\[("[A-Z0-9_-]{1,20}"(,"[A-Z0-9_-]{1,20}")*)?\]$/.test(text)) {
      throw illegalCharacters(name, '^\\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}\\]$');
    }
    return JSON.parse(text) as string[];
  }

  /** To be called when a route has read all it knows. @throws BinanceError -1104. */
  finish(): void {
    const unread = [...this.#values.keys()].filter((name) => !this.#read.has(name));
    if (unread.length > 0) throw unreadParameters(this.#values.size - unread.length, this.#values.size);
  }
}
