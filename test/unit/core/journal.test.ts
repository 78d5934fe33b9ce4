import { canonicalJson, chainStart, follow, genesisHash, type JournalEvent, seal, sha256Hex } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../support/property.ts';

describe('canonical JSON', () => {
  it.each([
    [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
    [{ b: undefined, a: {} }, '{"a":{}}'],
    [Object.assign(Object.create(null), { z: '1' }), '{"z":"1"}'],
    ['é"\n', '"é\\"\\n"'],
    [-0, '0'],
  ])('%# has one spelling', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it.each([[0.5], [Number.NaN], [2 ** 53], [[undefined]], [() => 1], [new Date(0)], [Symbol('x')], [1n]])(
    'refuses what has none: %s',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );

  it('does not depend on the order in which members were written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.boolean(), fc.maxSafeInteger())), (members) => {
        const backwards = Object.fromEntries(Object.entries(members).reverse());
        expect(canonicalJson(backwards)).toBe(canonicalJson(members));
        expect(JSON.parse(canonicalJson(members))).toEqual({ ...members });
      }),
    );
  });
});

/** A chain of `length` events. */
function chain(length: number): JournalEvent[] {
  const events: JournalEvent[] = [];
  for (let sequence = 1; sequence <= length; sequence++) {
    const entry = {
      stream: 'order#1',
      sequence,
      type: 'order.observed',
      atMs: sequence,
      data: { filled: `${sequence}` },
    };
    events.push(seal(entry, events.at(-1)?.hash ?? genesisHash));
  }
  return events;
}

/** Where following the events ends: a cursor, or the first misfit. */
function followAll(events: readonly JournalEvent[]) {
  let cursor = chainStart;
  for (const event of events) {
    const next = follow(cursor, event);
    if ('reason' in next) return next;
    cursor = next;
  }
  return cursor;
}

describe('a chain', () => {
  it('hashes as documented: SHA-256 of the hash before and the canonical entry', () => {
    const [event] = chain(1);
    const entry = '{"atMs":1,"data":{"filled":"1"},"sequence":1,"stream":"order#1","type":"order.observed"}';
    expect(event?.hash).toBe(sha256Hex('0'.repeat(64) + entry));
  });

  it('knows SHA-256 as published (FIPS 180-2, "abc")', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('is followed to its end', () => {
    expect(followAll(chain(5))).toEqual({ sequence: 5, hash: chain(5)[4]?.hash });
  });

  it('names the first event that was removed, altered, inserted, or moved', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 8 }),
        fc.nat(6),
        fc.constantFrom('remove', 'alter', 'repeat', 'swap'),
        (length, at, how) => {
          const events = chain(length);
          const index = at % (length - 1);
          const event = events[index] as JournalEvent;
          if (how === 'remove') events.splice(index, 1);
          if (how === 'alter') events[index] = { ...event, data: { filled: '999' } };
          if (how === 'repeat') events.splice(index, 0, event);
          if (how === 'swap') events.splice(index, 2, events[index + 1] as JournalEvent, event);
          const result = followAll(events);
          expect(result).toHaveProperty('reason');
          const expected = { remove: index + 2, alter: index + 1, repeat: index + 1, swap: index + 2 }[how];
          expect(result.sequence).toBe(expected);
        },
      ),
    );
  });

  it('shows an event that was resealed after altering, at the next one', () => {
    const events = chain(3);
    const [first] = events;
    if (first === undefined) throw new Error('unreachable');
    events[0] = seal({ ...first, data: { filled: '999' } }, genesisHash);
    expect(followAll(events)).toMatchObject({ sequence: 2, reason: expect.stringContaining('prevHash') });
  });
});
