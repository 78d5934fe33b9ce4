import { expect, it } from 'vitest';
import { judgeBooks } from './judge-books.ts';

const deed = { account: 'main', atMs: 1_000, expected: 'outsider_fill BTC/USDT 0.01' };
const told = { account: 'main', atMs: 120_000, what: deed.expected };
const looks = [500, 60_000, 120_000, 180_000].map((atMs) => ({ account: 'main', atMs }));
const nothing = { falseAlarms: [], dust: [], missed: [], late: [], longestMs: 0 };

it('what is told at the second look answers for what was done', () => {
  expect(judgeBooks([deed], [told], looks)).toEqual({ ...nothing, longestMs: 119_000 });
});

it('what is told at the third look is late, looks at other accounts and unanswered ones aside', () => {
  const third = { ...told, atMs: 180_000 };
  expect(judgeBooks([deed], [third], looks).late).toEqual([{ ...deed, looks: 3 }]);
  const others = looks.map((look) => ({ ...look, account: look.atMs === 60_000 ? 'second' : look.account }));
  expect(judgeBooks([deed], [third], others).late).toEqual([]);
});

it.each([
  ['before it was done', { ...told, atMs: 900 }],
  ['of another account', { ...told, account: 'second' }],
  ['of another amount', { ...told, what: 'outsider_fill BTC/USDT 0.02' }],
])('what is told %s is a false alarm, and the deed is missed', (_case, wrong) => {
  expect(judgeBooks([deed], [wrong], looks)).toEqual({ ...nothing, falseAlarms: [wrong], missed: [deed] });
});

it('what is told twice is a false alarm once, and dust is none', () => {
  const again = { ...told, atMs: 180_000 };
  const dust = { ...told, what: 'dust USDT 0.00000001' };
  const verdict = judgeBooks([deed], [told, again, dust], looks);
  expect(verdict).toEqual({ ...nothing, falseAlarms: [again], dust: [dust], longestMs: 119_000 });
});
