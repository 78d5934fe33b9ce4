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

it.each([
  ['spaces', ' '.repeat(bytesMax)],
  ['dashes', '-'.repeat(bytesMax)],
  ['dashes, as long as a line may be', '-'.repeat(999)],
  ['digits', '1'.repeat(bytesMax)],
])(
  'a signal for people whose list has a line of %s is read at once',
  (_, line) => {
    const text = `BTC/USDT\nEntry: 100\nTargets:\n${line}!\nStop: 90\nAmount: ${line} 1%!`;
    expect(() => parseSignal(text, { dialect: 'cornix' })).toThrow(RequestError);
  },
  2_000,
);

it.each([
  ['1) 110', '110'],
  ['2: 110.5', '110.5'],
  ['- 110 ', '110'],
  ['🎯 $110', '110'],
])('a target of such a list may be written %s', (line, price) => {
  const text = `BTC/USDT\nEntry: 100\nTargets:\n${line}\nStop: 90\nAmount: 1%`;
  expect(parseSignal(text, { dialect: 'cornix' }).signal.takeProfit).toMatchObject([{ price }]);
});

it('a value keeps what is inside it, and not what is around', () => {
  const { signal } = parseSignal('action = buy \n symbol: BTC/USDT ;size.base=\t1 ; comment = a\u2028b ', {
    dialect: 'native',
  });
  expect(signal).toMatchObject({ action: 'buy', symbol: 'BTC/USDT', size: { base: '1' }, comment: 'a\u2028b' });
});
