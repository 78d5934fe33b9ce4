import { parseTime } from '@nightdesk/core';
import { expect, it } from 'vitest';

it.each([
  ['2026-11-21', Date.UTC(2026, 10, 21)],
  ['2026-11-21T09:30', Date.UTC(2026, 10, 21, 9, 30)],
  ['2026-11-21 09:30', Date.UTC(2026, 10, 21, 9, 30)],
  ['2026-11-21T09:30:15Z', Date.UTC(2026, 10, 21, 9, 30, 15)],
  ['2026-11-21T09:30:15.5Z', Date.UTC(2026, 10, 21, 9, 30, 15, 500)],
  ['2026-11-21T09:30:00+02:00', Date.UTC(2026, 10, 21, 7, 30)],
  ['2026-11-21T09:30:00-05:30', Date.UTC(2026, 10, 21, 15, 0)],
  ['1795253400000', 1_795_253_400_000],
  ['100000000000', 100_000_000_000],
  ['0', 0],
])('%s is a time', (text, atMs) => {
  expect(parseTime(text)).toBe(atMs);
});

it.each([
  ['seconds', '1795253400'],
  ['a day that there is not', '2026-02-30'],
  ['a month that there is not', '2026-13-01'],
  ['an hour that there is not', '2026-11-21T24:01Z'],
  ['a zone that there is not', '2026-11-21T10:00+15:00'],
  ['minutes of a zone that there are not', '2026-11-21T10:00+01:60'],
  ['a plus that became a space on its way', '2026-11-21T10:00 01:00'],
  ['milliseconds beyond all dates', '8640000000000001'],
  ['more digits than a date can hold', '99999999999999999'],
  ['a word', 'yesterday'],
  ['nothing', ''],
])('%s is none', (_what, text) => {
  expect(parseTime(text)).toBeUndefined();
});
