// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are placeholders of CloudFormation's Fn::Sub, not of JavaScript.
import { describe, expect, it } from 'vitest';
import { noValue, type References, resolveCondition, resolveValue } from '../../../local/assembly/intrinsics.ts';
import type { Json } from '../../../local/assembly/template.ts';

const values: Record<string, Json> = { Table: 'orders', List: ['a', 'b', 'c'], Count: 3 };
const conditions: Record<string, boolean> = { Yes: true, No: false };

const references: References = {
  ref(name) {
    if (name === 'AWS::NoValue') return noValue;
    const value = values[name];
    if (value === undefined) throw new Error(`no ${name}`);
    return value;
  },
  attribute(logicalId, attribute) {
    if (logicalId !== 'Table') throw new Error(`no ${logicalId}`);
    return `arn-of-${attribute}`;
  },
  importValue: (name) => `imported ${name}`,
  condition(name) {
    const value = conditions[name];
    if (value === undefined) throw new Error(`no ${name}`);
    return value;
  },
};

const resolved: [what: string, value: Json, expected: Json][] = [
  ['plain values stay', { a: [1, 'x', true, null], b: {} }, { a: [1, 'x', true, null], b: {} }],
  ['Ref', { Ref: 'Table' }, 'orders'],
  ['Ref inside of lists and objects', { a: [{ b: { Ref: 'Count' } }] }, { a: [{ b: 3 }] }],
  ['GetAtt as a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn-of-Arn'],
  ['GetAtt as text', { 'Fn::GetAtt': 'Table.Arn' }, 'arn-of-Arn'],
  ['GetAtt with a nested attribute', { 'Fn::GetAtt': 'Table.Endpoint.Port' }, 'arn-of-Endpoint.Port'],
  ['Join', { 'Fn::Join': ['-', ['x', { Ref: 'Table' }, { Ref: 'Count' }]] }, 'x-orders-3'],
  ['Join leaves out no value', { 'Fn::Join': [',', ['x', { Ref: 'AWS::NoValue' }, 'y']] }, 'x,y'],
  ['Join of a list that a function gives', { 'Fn::Join': ['', { 'Fn::Split': ['.', 'a.b'] }] }, 'ab'],
  ['Select', { 'Fn::Select': [1, { Ref: 'List' }] }, 'b'],
  ['Select with a position as text', { 'Fn::Select': ['2', ['a', 'b', { Ref: 'Table' }]] }, 'orders'],
  ['Split', { 'Fn::Split': ['r', { Ref: 'Table' }] }, ['o', 'de', 's']],
  [
    'the account of an ARN, as CDK writes it',
    { 'Fn::Select': [4, { 'Fn::Split': [':', 'arn:aws:sqs:eu:123:name'] }] },
    '123',
  ],
  ['Sub', { 'Fn::Sub': 'x-${Table}/${Table.Arn}' }, 'x-orders/arn-of-Arn'],
  ['Sub with names of its own', { 'Fn::Sub': ['${Own}-${Table}', { Own: { Ref: 'Count' } }] }, '3-orders'],
  ['Sub with a literal', { 'Fn::Sub': '${!Table} ${Table}' }, '${Table} orders'],
  ['If', { 'Fn::If': ['Yes', { Ref: 'Table' }, 'other'] }, 'orders'],
  ['If does not evaluate the other branch', { 'Fn::If': ['No', { Ref: 'Nowhere' }, 'other'] }, 'other'],
  ['If with no value drops the property', { a: 1, b: { 'Fn::If': ['No', 2, { Ref: 'AWS::NoValue' }] } }, { a: 1 }],
  ['ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': 'data:${Table}' } }, 'imported data:orders'],
];

const refused: [what: string, value: Json, problem: string][] = [
  ['an unknown name', { Ref: 'Nowhere' }, 'no Nowhere'],
  ['an unknown name within a Sub', { 'Fn::Sub': '${Nowhere}' }, 'no Nowhere'],
  ['an unsupported function', { a: { 'Fn::GetAZs': '' } }, 'Fn::GetAZs is not supported'],
  ['a weak reference to another stack', { 'Fn::GetStackOutput': ['a', 'b'] }, 'Fn::GetStackOutput is not supported'],
  ['a name that every object has', { 'Fn::toString': [] }, 'Fn::toString is not supported'],
  ['a dynamic reference', '{{resolve:ssm:/a/b}}', 'dynamic references'],
  ['a position that is not there', { 'Fn::Select': [3, { Ref: 'List' }] }, 'no element 3 in a list of 3'],
  ['a position that is no number', { 'Fn::Select': ['x', ['a']] }, 'no element NaN'],
  ['Join of an object', { 'Fn::Join': ['', [{ a: 1 }]] }, 'Fn::Join needs text'],
  ['Join of text', { 'Fn::Join': ['', 'abc'] }, 'Fn::Join takes a list'],
  ['Join without separator', { 'Fn::Join': [['a']] }, 'Fn::Join takes a list of 2'],
  ['If without the other branch', { 'Fn::If': ['Yes', 1] }, 'Fn::If takes a list of 3'],
  ['an unknown condition', { 'Fn::If': ['Maybe', 1, 2] }, 'no Maybe'],
  ['a function beside other keys', { 'Fn::Join': ['', []], other: 1 }, 'Fn::Join stands beside other keys'],
];

describe('intrinsic functions', () => {
  it.each(resolved)('resolves %s', (_what, value, expected) => {
    expect(resolveValue(value, references)).toEqual(expected);
  });

  it.each(refused)('refuses %s', (_what, value, problem) => {
    expect(() => resolveValue(value, references)).toThrow(problem);
  });
});

const evaluated: [expression: Json, expected: boolean][] = [
  [{ 'Fn::Equals': [{ Ref: 'Table' }, 'orders'] }, true],
  [{ 'Fn::Equals': [{ Ref: 'Table' }, 'other'] }, false],
  [{ 'Fn::Not': [{ Condition: 'Yes' }] }, false],
  [{ 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] }, false],
  [{ 'Fn::Or': [{ Condition: 'Yes' }, { Condition: 'No' }] }, true],
];

describe('conditions', () => {
  it.each(evaluated)('evaluates %j to %s', (expression, expected) => {
    expect(resolveCondition(expression, references)).toBe(expected);
  });

  it.each([{ 'Fn::Contains': [[], 'a'] }, {}, 'Yes'] as Json[])('refuses %j', (expression) => {
    expect(() => resolveCondition(expression, references)).toThrow('is not supported');
  });
});
