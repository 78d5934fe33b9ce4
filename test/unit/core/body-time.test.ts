/** A body is read in a time that grows with its length: patterns that try every way to share spaces would take minutes. */
import { parseSignal, RequestError } from '@nightdesk/core';
import { expect, it } from 'vitest';

const bytesMax = 64 * 1024;

// Line separators are spaces, and none of the characters that `.` stands for.
it.each([
  ['spaces before a line separator', `symbol=${' '.repeat(bytesMax)}x\u2028y`],
  ['tabs before a line separator', `symbol:${'\t'.repeat(bytesMax)}x\u2029y`],
  ['spaces before a carriage return', `symbol=${' '.repeat(bytesMax)}x\ry`],
])(
  'the longest body of %s is refused at once',
  (_, text) => {
    expect(() => parseSignal(text, { dialect: 'native' })).toThrow(RequestError);
  },
  2_000,
);

it('a value keeps what is inside it, and not what is around', () => {
  const { signal } = parseSignal('action = buy \n symbol: BTC/USDT ;size.base=\t1 ; comment = a\u2028b ', {
    dialect: 'native',
  });
  expect(signal).toMatchObject({ action: 'buy', symbol: 'BTC/USDT', size: { base: '1' }, comment: 'a\u2028b' });
});
