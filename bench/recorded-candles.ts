/** Real candles for measures, from the folder of recordings beside the repository; nothing of it is in the repository. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CandleColumns, type CandleRow, columnsOf } from '@nightdesk/core';

const folder = join(import.meta.dirname, '../../shared/data/candles');
const liquidFile = join(folder, 'btc-perp-1m-2022-01.csv');
const thinFile = join(folder, 'unittest-btc-1m-2018.json');

/** Where it is absent, what needs it is left out with a message. */
export const hasRecordings = existsSync(liquidFile) && existsSync(thinFile);
export const withoutRecordings = `left out: there are no recorded candles at ${folder}`;

/** A BTC perpetual, January 2022, one minute: open, high, low, close, volume. */
export function readLiquid(): CandleColumns {
  const [, ...lines] = readFileSync(liquidFile, 'utf8').trim().split('\n');
  return inOrder(
    lines.map((line) => {
      const [time = '', ...values] = line.split(',');
      return [Date.parse(`${time.replace(' ', 'T')}Z`), ...values.map(Number)];
    }),
  );
}

/** A thin market of 2017 and 2018, in which one minute of twenty has no trade. */
export const readThin = (): CandleColumns => inOrder(JSON.parse(readFileSync(thinFile, 'utf8')) as number[][]);

function inOrder(values: readonly (readonly number[])[]): CandleColumns {
  const rows = new Map<number, CandleRow>();
  for (const [openMs = 0, open = 0, high = 0, low = 0, close = 0, volume = 0] of values) {
    rows.set(openMs, { openMs, open, high, low, close, volume });
  }
  return columnsOf([...rows.values()].sort((left, right) => left.openMs - right.openMs));
}
