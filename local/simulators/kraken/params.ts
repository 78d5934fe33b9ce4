/** The parameters of one request, read by name. Kraken ignores those that it does not know. */
import { type Decimal, decimal } from '../engine/decimal.ts';
import { parseJson } from '../shared/parse-json.ts';
import { invalidArguments } from './errors.ts';

const decimalPattern = /^\d{1,20}(\.\d{1,20})?$/;
const integerPattern = /^-?\d{1,18}$/;

export class Params {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: Iterable<readonly [string, string]>) {
    this.#values = new Map(values);
  }

  /** From the query and a body that is a form or JSON; the body's value counts when both have a name. */
  static parse(query: string, body: string): Params {
    const fromBody = body.startsWith('{') ? jsonEntries(body) : new URLSearchParams(body);
    return new Params([...new URLSearchParams(query), ...fromBody]);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** An empty text counts as absent. */
  text(name: string): string | undefined {
    return this.#values.get(name) || undefined;
  }

  /** @throws KrakenError naming the field. */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw invalidArguments(name);
    return value;
  }

  /** @throws KrakenError naming the field when it is not a plain decimal. */
  decimal(name: string): Decimal | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!decimalPattern.test(text)) throw invalidArguments(name);
    return decimal(text);
  }

  /** @throws KrakenError naming the field when it is not a whole number. */
  integer(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!integerPattern.test(text)) throw invalidArguments(name);
    return Number(text);
  }

  flag(name: string): boolean {
    return this.text(name)?.toLowerCase() === 'true';
  }

  /** Texts between commas. */
  list(name: string): string[] {
    return (this.text(name) ?? '').split(',').flatMap((part) => part.trim() || []);
  }
}

/** @throws KrakenError when the body is no JSON object. */
function jsonEntries(body: string): [string, string][] {
  const parsed = parseJson(body);
  if (typeof parsed !== 'object' || parsed === null) throw invalidArguments();
  return Object.entries(parsed).map(([name, value]) => {
    return [name, typeof value === 'object' ? JSON.stringify(value) : String(value)];
  });
}
