/** The parameters of one request, read by name: from the query of a GET or the JSON body of a POST. */
import { type Decimal, decimal } from '../engine/decimal.ts';
import { parseJson } from '../shared/parse-json.ts';
import { invalidParameter } from './errors.ts';

const decimalPattern = /^-?\d{1,20}(\.\d{1,20})?$/;
const integerPattern = /^\d{1,16}$/;

export class Params {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values;
  }

  static ofQuery(query: string): Params {
    return new Params(new Map(new URLSearchParams(query)));
  }

  /** `undefined` when the text is not a JSON object. */
  static ofBody(body: string): Params | undefined {
    const parsed = parseJson(body);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? Params.of(parsed) : undefined;
  }

  static of(values: object): Params {
    return new Params(new Map(Object.entries(values)));
  }

  /** What was sent as text, as a number or as true or false; empty text counts as absent. */
  text(name: string): string | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'object') throw invalidParameter(`${name} is not a plain value`);
    return String(value);
  }

  /** A text, whatever else was sent under that name. */
  peek(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  /** @throws BybitError 10001 */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw invalidParameter(`${name} is required`);
    return value;
  }

  /** @throws BybitError 10001 when it is another text. */
  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const choice = choices.find((one) => one === value);
    if (choice === undefined) throw invalidParameter(`${name} must be one of ${choices.join(', ')}`);
    return choice;
  }

  /** @throws BybitError 10001 when it is not a plain decimal. */
  decimal(name: string): Decimal | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!decimalPattern.test(value)) throw invalidParameter(`${name} is not a decimal`);
    return decimal(value);
  }

  /** @throws BybitError 10001 when it is not a whole number. */
  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!integerPattern.test(value)) throw invalidParameter(`${name} is not a whole number`);
    return Number(value);
  }

  /** A page size, cut to what the endpoint allows. */
  limit(options: { standard: number; max: number }): number {
    return Math.min(Math.max(this.integer('limit') ?? options.standard, 1), options.max);
  }

  flag(name: string): boolean {
    return this.text(name)?.toLowerCase() === 'true';
  }

  /** A list of objects. @throws BybitError 10001 */
  objects(name: string): Params[] {
    const value = this.#values.get(name);
    if (!Array.isArray(value)) throw invalidParameter(`${name} is not a list`);
    return value.map((item: unknown) => {
      if (typeof item !== 'object' || item === null) throw invalidParameter(`${name} holds what is not an object`);
      return Params.of(item);
    });
  }

  /** The same with some values set. */
  with(values: Readonly<Record<string, unknown>>): Params {
    return new Params(new Map([...this.#values, ...Object.entries(values)]));
  }
}
