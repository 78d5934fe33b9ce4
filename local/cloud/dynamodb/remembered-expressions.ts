/**
 * Expressions are parsed once. A desk sends the same few with other values again and again, and to parse them anew took a sixth of
 * what the embedded cloud did for an order. Dynalite's parsers put the values into what they make of a text; here these are
 * marked, and exchanged for those of the next request.
 */
import conditionParser from 'dynalite/db/conditionParser.js';
import type { AttributeValue } from 'dynalite/db/index.js';
import updateParser from 'dynalite/db/updateParser.js';

/** What a parser is given beside the text. It takes from `unused…` what the text uses. */
export interface ParseContext {
  readonly attrNames?: Record<string, string> | undefined;
  readonly attrVals?: Record<string, AttributeValue> | undefined;
  readonly unusedAttrNames: Record<string, true>;
  readonly unusedAttrVals: Record<string, true>;
  readonly [other: string]: unknown;
}

/** Texts at fault throw, or give a sentence. */
export type Parse = (text: string, options: { context: ParseContext }) => unknown;

interface Remembered {
  readonly expression: unknown;
  /** Which value stands where. */
  readonly names: ReadonlyMap<unknown, string>;
  readonly usedNames: readonly string[];
  readonly usedValues: readonly string[];
}

const rememberedMax = 500;
/** Of all others only the types of their values matter to whether a text is right. */
const looksAtValues = /between|attribute_type/i;

export function remembering(parse: Parse): Parse {
  const known = new Map<string, Remembered>();
  return (text, options) => {
    const { context } = options;
    if (looksAtValues.test(text)) return parse(text, options);
    const { attrNames = {}, attrVals = {} } = context;
    const id = JSON.stringify([
      text,
      attrNames,
      Object.entries(attrVals).map(([name, value]) => [name, typeOf(value)]),
    ]);
    let remembered = known.get(id);
    if (remembered === undefined) {
      remembered = parseMarked(parse, text, context);
      // A sentence about what is wrong.
      if (typeof remembered.expression === 'string') return parse(text, options);
      if (known.size >= rememberedMax) known.clear();
      known.set(id, remembered);
    }
    const { expression, names, usedNames, usedValues } = remembered;
    for (const name of usedNames) delete context.unusedAttrNames[name];
    for (const name of usedValues) delete context.unusedAttrVals[name];
    return withValues(expression, (node) => {
      const name = names.get(node);
      return name === undefined ? undefined : attrVals[name];
    });
  };
}

/** The kind of a value as the parsers see it, and whether it has one. */
const typeOf = (value: AttributeValue): string => Object.keys(value).join();

/** @throws what the parser throws of a text at fault */
function parseMarked(parse: Parse, text: string, context: ParseContext): Remembered {
  const { attrNames = {}, attrVals = {} } = context;
  const marked = Object.fromEntries(Object.entries(attrVals).map(([name, value]) => [name, { ...value }]));
  const unusedAttrNames = allOf(attrNames);
  const unusedAttrVals = allOf(attrVals);
  const expression = parse(text, { context: { ...context, attrVals: marked, unusedAttrNames, unusedAttrVals } });
  return {
    expression,
    names: new Map(Object.entries(marked).map(([name, value]) => [value, name])),
    usedNames: Object.keys(attrNames).filter((name) => !(name in unusedAttrNames)),
    usedValues: Object.keys(attrVals).filter((name) => !(name in unusedAttrVals)),
  };
}

const allOf = (names: Record<string, unknown>): Record<string, true> =>
  Object.fromEntries(Object.keys(names).map((name) => [name, true]));

/** A copy with other values: what is made of an expression may be changed by who gets it. */
function withValues(node: unknown, valueAt: (node: unknown) => AttributeValue | undefined): unknown {
  if (typeof node !== 'object' || node === null) return node;
  const value = valueAt(node);
  if (value !== undefined) return value;
  if (Array.isArray(node)) return node.map((each) => withValues(each, valueAt));
  // Without a prototype, as the parsers make what holds names of attributes.
  const copy: Record<string, unknown> = Object.create(Object.getPrototypeOf(node));
  for (const [name, each] of Object.entries(node)) copy[name] = withValues(each, valueAt);
  return copy;
}

/** Has dynalite's validations remember what they parsed. */
export function rememberExpressions(): void {
  for (const parser of [conditionParser, updateParser]) parser.parse = remembering(parser.parse);
}
