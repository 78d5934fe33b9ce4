import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../../local/cloud/event-sources/filter.ts';

const record = {
  eventName: 'MODIFY',
  dynamodb: {
    Keys: { id: { S: 'order-1' } },
    NewImage: {
      id: { S: 'order-1' },
      version: { N: '3' },
      tags: { SS: ['a', 'b'] },
      live: { BOOL: true },
      note: { NULL: null },
    },
    OldImage: { id: { S: 'order-1' }, version: { N: '2' } },
  },
};

const image = (fields: object) => ({ dynamodb: { NewImage: fields } });

describe('a pattern', () => {
  it.each([
    ['a value', { eventName: ['MODIFY'] }, true],
    ['one of several values', { eventName: ['INSERT', 'MODIFY'] }, true],
    ['none of several values', { eventName: ['INSERT', 'REMOVE'] }, false],
    ['text that looks like a number, and is text', image({ version: { N: ['3'] } }), true],
    ['a number, where the record has text', image({ version: { N: [3] } }), false],
    ['a boolean', image({ live: { BOOL: [true] } }), true],
    ['null', image({ note: { NULL: [null] } }), true],
    ['null, where there is nothing', image({ absent: { NULL: [null] } }), false],
    ['a member of a list', image({ tags: { SS: ['b'] } }), true],
    ['all fields', { eventName: ['MODIFY'], ...image({ id: { S: ['order-1'] } }) }, true],
    ['not all fields', { eventName: ['MODIFY'], ...image({ id: { S: ['order-2'] } }) }, false],
    ['a prefix', image({ id: { S: [{ prefix: 'order-' }] } }), true],
    ['another prefix', image({ id: { S: [{ prefix: 'signal-' }] } }), false],
    ['a prefix of what is not there', image({ absent: { S: [{ prefix: '' }] } }), false],
    ['anything but a value', image({ id: { S: [{ 'anything-but': 'order-2' }] } }), true],
    ['anything but its value', image({ id: { S: [{ 'anything-but': ['order-2', 'order-1'] }] } }), false],
    ['anything but a value, where there is nothing', image({ absent: { S: [{ 'anything-but': ['x'] }] } }), false],
    ['what exists', image({ id: { S: [{ exists: true }] } }), true],
    ['what does not exist', image({ absent: { S: [{ exists: true }] } }), false],
    ['what must not exist', image({ absent: { S: [{ exists: false }] } }), true],
    ['what must not exist and does', image({ id: { S: [{ exists: false }] } }), false],
    ['a field that only holds fields, which exists for no rule', { dynamodb: { OldImage: [{ exists: true }] } }, false],
    ['one of a value and a rule', { eventName: ['INSERT', { prefix: 'MOD' }] }, true],
    ['a field of what is no object', { eventName: { x: ['y'] } }, false],
  ])('with %s', (_title, pattern, expected) => {
    expect(compileFilter(JSON.stringify(pattern))(record)).toBe(expected);
  });

  it.each([
    ['it is not JSON', '{'],
    ['it is not a JSON object', '[]'],
    ['it names no field', '{}'],
    ['dynamodb names no field', '{"dynamodb":{}}'],
    ['eventName must be an object or a list of rules', '{"eventName":"MODIFY"}'],
    ['eventName has no rule', '{"eventName":[]}'],
    ['a rule is a value or has one name', '{"eventName":[{"prefix":"a","exists":true}]}'],
    ['a rule is a value or has one name', '{"eventName":[["a"]]}'],
    ['the rule numeric is not emulated', '{"eventName":[{"numeric":[">",1]}]}'],
    ['the rule toString is not emulated', '{"eventName":[{"toString":1}]}'],
    ['$or is not emulated', '{"$or":[{"eventName":["MODIFY"]}]}'],
    ['exists must be true or false', '{"eventName":[{"exists":"yes"}]}'],
    ['prefix must be a string', '{"eventName":[{"prefix":1}]}'],
    ['anything-but is emulated for strings and numbers only', '{"eventName":[{"anything-but":{"prefix":"a"}}]}'],
    ['longer than 4096 characters', JSON.stringify({ eventName: ['x'.repeat(4096)] })],
  ])('is refused: %s', (problem, pattern) => {
    expect(() => compileFilter(pattern)).toThrow(problem);
  });
});
