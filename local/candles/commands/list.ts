/** `npm run candles -- list`: what is collected, how much of it there is, and what goes wrong. */
import { parseArgs } from 'node:util';
import { type CandleStore, type Lane, laneKeyOf, partOf, type SeriesRecord, seriesKeyOf } from '@nightdesk/core';
import { type Command, commonHelp, commonOptions, grouped, marketOptions } from '../command.ts';
import { bytesText, durationText, percentText, tableText } from '../describe.ts';
import { nameOf, selectRecords } from '../select-records.ts';

const help = `Lists every series: candles as of the last sealed period, how much of what should be there is there or shown not to exist,
its size in the table (hot) and in files (cold), how long ago its last candle closed, and what goes wrong.

  npm run candles -- list
  npm run candles -- list --venue binance --symbol BTC/USDT

${commonHelp}`;

interface Listed {
  record: SeriesRecord;
  untilMs: number | undefined;
}

export const list: Command = {
  summary: 'series, coverage, size, freshness, failures',
  help,
  async run(args, { open, json, print, clock }) {
    const { values } = parseArgs({ args: [...args], options: { ...commonOptions, ...marketOptions } });
    const { series, candles } = await open();
    const records = await selectRecords(series, { venue: values.venue, symbols: values.symbol });
    const untils = await readUntils(records, candles);
    const listed = records.map((record) => ({ record, untilMs: untils.get(seriesKeyOf(record.series)) }));
    if (json) print(JSON.stringify(listed.map(({ record, untilMs }) => ({ ...record, collectedToMs: untilMs }))));
    else print(describeList(listed, clock.nowMs()));
    return 0;
  },
};

/** Until when each was asked for, by the newest row of its lane; of trades and funding its record knows. */
export async function readUntils(records: readonly SeriesRecord[], candles: CandleStore): Promise<Map<string, number>> {
  const lanes = new Map<string, { lane: Lane; records: SeriesRecord[] }>();
  const untils = new Map<string, number>();
  for (const record of records) {
    const { series, lane: number, cursor } = record;
    if (cursor !== undefined) untils.set(seriesKeyOf(series), cursor.atMs);
    const lane = { venue: series.venue, part: partOf(series), number };
    const known = lanes.get(laneKeyOf(lane)) ?? { lane, records: [] };
    lanes.set(laneKeyOf(lane), { lane, records: [...known.records, record] });
  }
  await Promise.all(
    [...lanes.values()].map(async ({ lane, records: members }) => {
      const row = await candles.lastOfLane(lane);
      for (const { series } of members) {
        const untilMs = row?.members.find(({ symbol }) => symbol === series.symbol)?.untilMs;
        if (untilMs !== undefined) untils.set(seriesKeyOf(series), untilMs);
      }
    }),
  );
  return untils;
}

export function describeList(listed: readonly Listed[], nowMs: number): string {
  if (listed.length === 0) return 'nothing is collected: config/collection.yaml says what is';
  const head = ['series', 'candles', 'covered', 'hot', 'cold', 'bytes each', 'fresh', 'trouble'];
  const rows = listed.map(({ record, untilMs }) => [
    `${nameOf(record.series)}${record.status === 'kept' ? ' (kept)' : ''}`,
    ...figuresOf(record),
    untilMs === undefined ? '-' : `${durationText(Math.max(0, nowMs - untilMs))} ago`,
    troubleOf(record, nowMs),
  ]);
  const sum = (value: (record: SeriesRecord) => number) =>
    listed.reduce((total, { record }) => total + value(record), 0);
  const candles = grouped(sum(({ totals }) => totals.candles));
  const [hot, cold] = [sum(({ totals }) => totals.hotBytes), sum(({ totals }) => totals.coldBytes)].map(bytesText);
  const failing = listed.filter(({ record }) => record.failure !== undefined).length;
  const all = `${grouped(listed.length)} series, ${candles} candles, ${hot} hot, ${cold} cold, ${failing} failing`;
  return `${tableText(head, rows, new Set([1, 2, 3, 4, 5]))}\n${all}`;
}

function figuresOf({ series, totals }: SeriesRecord): string[] {
  const { candles, hotBytes, coldBytes, missing } = totals;
  const cold = bytesText(coldBytes);
  if (series.kind !== 'candles') return ['-', '-', '-', cold, '-'];
  const explained = candles + missing.noTrades + missing.outage;
  const expected = explained + missing.open + missing.quarantined;
  const each = candles > 0 && hotBytes > 0 ? (hotBytes / candles).toFixed(1) : '-';
  return [grouped(candles), expected > 0 ? percentText(explained / expected) : '-', bytesText(hotBytes), cold, each];
}

function troubleOf({ failure, backfill }: SeriesRecord, nowMs: number): string {
  const parts: string[] = [];
  if (failure) {
    const waits = durationText(Math.max(0, failure.retryAtMs - nowMs));
    parts.push(`${failure.code}: ${failure.message} (${failure.attempts} times, again in ${waits})`);
  }
  if (backfill && backfill.endedAtMs === undefined) {
    const share = (backfill.doneToMs - backfill.fromMs) / Math.max(1, backfill.toMs - backfill.fromMs);
    const cause = backfill.cause ? `, stands still: ${backfill.cause.message}` : '';
    parts.push(`backfill at ${percentText(share)}${cause}`);
  }
  return parts.join('; ');
}
