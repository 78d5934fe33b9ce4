import conditionParser from 'dynalite/db/conditionParser.js';
import type { AttributeValue } from 'dynalite/db/index.js';
import updateParser from 'dynalite/db/updateParser.js';
import { describe, expect, it } from 'vitest';
import { type Parse, remembering } from '../../../local/cloud/dynamodb/remembered-expressions.ts';
import fc from '../../support/property.ts';

const conditions = [
  'attribute_not_exists(a)',
  '#x = :v',
  '#x = :v AND attribute_exists(b.c[1])',
  'a = :v OR a <> :w OR NOT begins_with(b, :v)',
  'a IN (:v, :w, b)',
  'size(a) > :v',
  'a BETWEEN :v AND :w',
  'attribute_type(a, :v)',
  'contains(a, :v) AND (b < :v)',
  '((a = :v))',
  'size(a)',
  'nothing(a)',
  'a = = :v',
  'name = :v',
  'a = :missing',
];
const updates = [
  'SET a = :v',
  'SET #x = #x + :v, b = if_not_exists(b, :w)',
  'ADD a :v DELETE b :w',
  'SET a = list_append(a, :v) REMOVE c',
  'SET a = :v, a = :w',
  'SET a.b = :v, a = :w',
  'SET a = :missing',
];

const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.record({ S: fc.constantFrom('', 'S', 'N', 'text') }),
  fc.record({ N: fc.constantFrom('0', '1', '-2.5') }),
  fc.record({ BOOL: fc.boolean() }),
  fc.record({ L: fc.constant([{ S: 'x' }]) }),
  fc.record({ SS: fc.constant(['x']) }),
  fc.record({ M: fc.constant({ b: { N: '1' } }) }),
);
const request = (texts: string[]): fc.Arbitrary<Request> =>
  fc.record({
    text: fc.constantFrom(...texts),
    attrNames: fc.constantFrom<Record<string, string>[]>({}, { '#x': 'amount' }, { '#x': 'name', '#unused': 'b' }),
    attrVals: fc.oneof(fc.record({ ':v': value }), fc.record({ ':v': value, ':w': value })),
  });

interface Request {
  text: string;
  attrNames: Record<string, string>;
  attrVals: Record<string, AttributeValue>;
}

/** What a parser makes of a request, what it complains of, and what it leaves as unused. */
function outcome(parse: Parse, { text, attrNames, attrVals }: Request) {
  const all = (names: object): Record<string, true> =>
    Object.fromEntries(Object.keys(names).map((name) => [name, true as const]));
  const context = {
    ...{ attrNames, attrVals, unusedAttrNames: all(attrNames), unusedAttrVals: all(attrVals) },
    ...{ isReserved: (name: string) => name === 'name', compare: () => false },
  };
  const { unusedAttrNames, unusedAttrVals } = context;
  try {
    return { made: parse(text, { context }), unusedAttrNames, unusedAttrVals };
  } catch (error) {
    return { refused: String(error) };
  }
}

describe('an expression that was parsed before', () => {
  it.each([
    ['conditions', conditionParser.parse, conditions],
    ['updates', updateParser.parse, updates],
  ])('gives for %s what parsing it anew would', (_name, parse, texts) => {
    // Kept for all cases, so that nearly each finds its text remembered with other values.
    const remembered = remembering(parse);
    fc.assert(
      fc.property(request(texts), (asked) => {
        expect(outcome(remembered, asked)).toEqual(outcome(parse, asked));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is not parsed anew, and its values are those of the request', () => {
    let parsed = 0;
    const parse = remembering((text, options) => {
      parsed += 1;
      return conditionParser.parse(text, options);
    });
    const ask = (N: string) => outcome(parse, { text: 'a = :v', attrNames: {}, attrVals: { ':v': { N } } });
    const first = ask('1');
    expect(JSON.stringify(ask('2'))).toBe(JSON.stringify(first).replace('"1"', '"2"'));
    expect(parsed).toBe(1);
  });

  it('can be changed by who gets it, and is as before for the next', () => {
    const parse = remembering(conditionParser.parse);
    const ask = () => outcome(parse, { text: 'a.b = :v', attrNames: {}, attrVals: { ':v': { N: '1' } } });
    const first = ask() as { made: { expression: { args: unknown[] } } };
    const before = structuredClone(first.made);
    first.made.expression.args.length = 0;
    expect(ask()).toMatchObject({ made: before });
  });

  it('is forgotten when there are too many', () => {
    let parsed = 0;
    const parse = remembering((text) => {
      parsed += 1;
      return { text };
    });
    const context = { unusedAttrNames: {}, unusedAttrVals: {} };
    for (let index = 0; index < 501; index += 1) parse(`a${index} = :v`, { context });
    parse('a500 = :v', { context });
    expect(parsed).toBe(501);
    parse('a0 = :v', { context });
    expect(parsed).toBe(502);
  });
});
