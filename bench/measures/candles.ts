/** What candles take: bytes, write units, and the time to read, export and backfill them. */
import { synthesizeApp } from '@nightdesk/local/supervisor/app-assembly.ts';
import { afterStart, type BackfillCost, backfill, rateShare } from '../candle-backfill.ts';
import { type CandleDesk, withCandleDesk } from '../candle-desk.ts';
import { bytesPerCandle, type OtherFormats } from '../candle-formats.ts';
import { exportYear, forgetBlocks, readYear, spansAtOnce, storeYear } from '../candle-year.ts';
import { runScript } from '../child.ts';
import type { CollectLaneInput, CollectLaneOutput } from '../processes/collect-lane.ts';
import type { StoreCandlesInput, StoreCandlesOutput, Written } from '../processes/store-candles.ts';
import { hasRecordings, readLiquid, readThin, withoutRecordings } from '../recorded-candles.ts';
import { milliseconds, type Report, times, verdict } from '../report.ts';
import { medianOf, rounded } from '../statistics.ts';

const targets = { bytesPerCandle: 12, writesRatio: 50, yearMs: 1_000, rateShare: 0.9 };
/** Minutes between two runs of a lane. */
const everyMinutes = [1, 5, 15];
const singleItems = 200;
const reads = { quick: 3, full: 7 };
const liveMinutes = { quick: 10, full: 60 };
const backfillDays = { quick: 70, full: 695 };
/** As binance.us publishes it: a question for a thousand candles, which weighs 2, eight times a second for all that the desk asks. */
const limited = { weight: 1_200, quick: 350, full: backfillDays.full };

export async function measureCandles({ quick }: { quick: boolean }): Promise<Report> {
  const size = quick ? 'quick' : 'full';
  const [kept, deployed, past] = [await measureKept(), await measureDeployed(size), await measureRate(size)];
  const used = await withCandleDesk(undefined, async (desk) => ({
    ...(hasRecordings && (await measureYear(desk, size))),
    backfill: await backfill(desk, { symbol: 'ETH/USDT', days: backfillDays[size] }),
  }));
  return {
    title: 'Candles of one minute',
    columns: ['', 'Nightdesk', 'beside', '', 'ratio', 'target'],
    rows: [...keptRows(kept), ...deployedRows(deployed), ...usedRows(used, past)],
    notes: [
      ...(hasRecordings ? recordedNotes : [withoutRecordings]),
      'as deployed: 40 simulated markets, whose candles have quote volume and trades, with the records of the series',
      `rate: of a weight of ${limited.weight} a minute, as binance.us has it, all of the desk's questions may use four fifths; orders have the rest. Its account trades elsewhere, and it begins when what its start asked is over`,
    ],
    figures: { kept, deployed, used, rate: past, targets },
  };
}

const recordedNotes = [
  'recorded: a BTC perpetual in January 2022, and a thin market; open, high, low, close and volume',
  'a lane: 25 series, each with another day of the BTC perpetual; a day of them is then stored by one block each',
  "units after DynamoDB's rules, as the embedded cloud consumes them; the year is the recorded month, again and again",
];

interface Kept extends StoreCandlesOutput {
  others: { liquid: OtherFormats; thin: OtherFormats };
}

/** `undefined` without recordings. */
async function measureKept(): Promise<Kept | undefined> {
  if (!hasRecordings) return undefined;
  const { output } = await runScript<StoreCandlesOutput>('store-candles.ts', {
    everyMinutes,
    singleItems,
  } satisfies StoreCandlesInput);
  return { ...output, others: { liquid: bytesPerCandle(readLiquid()), thin: bytesPerCandle(readThin()) } };
}

/** How often, and what came of it. */
type Deployed = CollectLaneOutput & { every: string };

async function measureDeployed(size: 'quick' | 'full'): Promise<Deployed[]> {
  const directory = await synthesizeApp(console.error);
  const measured: Deployed[] = [];
  for (const every of ['5m', '1m']) {
    const input: CollectLaneInput = { directory, every, minutes: liveMinutes[size] };
    measured.push({ every, ...(await runScript<CollectLaneOutput>('collect-lane.ts', input)).output });
  }
  return measured;
}

function measureRate(size: 'quick' | 'full') {
  return withCandleDesk({ weight: limited.weight }, async (desk) => {
    await afterStart();
    const cost = await backfill(desk, { symbol: 'BTC/USDT', days: limited[size] });
    return { ...cost, share: rounded(rateShare(cost, limited.weight)) };
  });
}

async function measureYear(desk: CandleDesk, size: 'quick' | 'full') {
  await storeYear(desk, readLiquid());
  const hot = await readOften(desk, reads[size], spansAtOnce);
  const paged = await readOften(desk, reads[size], 1);
  const exported = { csv: await exportYear(desk, 'csv'), parquet: await exportYear(desk, 'parquet') };
  await forgetBlocks(desk);
  return { year: { hot, paged, exported, cold: await readOften(desk, reads[size], spansAtOnce) } };
}

/** The first time is for sandboxes to get warm. */
async function readOften(desk: CandleDesk, count: number, spans: number) {
  const { pages, candles, bytes } = await readYear(desk, spans);
  const tookMs: number[] = [];
  for (let read = 0; read < count; read += 1) tookMs.push((await readYear(desk, spans)).tookMs);
  return { pages, candles, bytes, p50Ms: medianOf(tookMs) };
}

const single = 'one item for each candle';
const perThousand = ({ candles, writeUnits }: Pick<Written, 'candles' | 'writeUnits'>): number =>
  rounded((writeUnits / candles) * 1_000);
const perCandle = ({ candles, bytes }: Written): number => rounded(bytes / candles);

function keptRows(kept: Kept | undefined): string[][] {
  if (kept === undefined) return [];
  const { liquid, thin, liquidFiles, thinFiles, lanes, others } = kept;
  const itemBytes = perCandle(kept.single);
  const hot = perCandle(liquid);
  const target = `at most ${targets.bytesPerCandle}: ${verdict(hot <= targets.bytesPerCandle)}`;
  return [
    compared('bytes in the table', hot, { name: 'gzipped JSON', figure: others.liquid.gzippedJson, target }),
    compared('', hot, { name: single, figure: itemBytes }),
    compared('  thin market', perCandle(thin), { name: 'gzipped JSON', figure: others.thin.gzippedJson }),
    compared('bytes in files', perCandle(liquidFiles), {
      name: 'plain Parquet, zstd',
      figure: others.liquid.plainParquet,
    }),
    compared('  thin market', perCandle(thinFiles), { name: 'plain Parquet, zstd', figure: others.thin.plainParquet }),
    writesRow('write units per 1,000, backfilled', perThousand(liquid), perThousand(kept.single)),
    ...lanes.map((lane) =>
      writesRow(
        `  collected every ${lane.everyMinutes}m, stored`,
        perThousand(lane) + perThousand(liquid),
        perThousand(kept.single),
      ),
    ),
  ];
}

function deployedRows(deployed: readonly Deployed[]): string[][] {
  return deployed.flatMap(({ every, live, sealed }) => {
    const own = perThousand(live) + perThousand(sealed);
    const limits = rounded((live.otherWriteUnits / live.candles + sealed.otherWriteUnits / sealed.candles) * 1_000);
    return [
      writesRow(`  as deployed, every ${every}`, own, 1_000),
      ['    and to keep request limits', limits.toFixed(2), '', '', '', ''],
    ];
  });
}

function writesRow(what: string, figure: number, ofSingle: number): string[] {
  const reached = ofSingle / figure >= targets.writesRatio;
  return compared(what, figure, {
    name: single,
    figure: ofSingle,
    target: `${targets.writesRatio} x: ${verdict(reached)}`,
  });
}

/** Another way, and what it takes. */
interface Beside {
  name: string;
  figure: number;
  target?: string;
}

function compared(what: string, figure: number, { name, figure: theirs, target = '' }: Beside): string[] {
  return [what, figure.toFixed(2), name, theirs.toFixed(2), times(theirs / figure), target];
}

type Used = { backfill: BackfillCost } & Partial<Awaited<ReturnType<typeof measureYear>>>;

function usedRows({ year, backfill: cost }: Used, past: { share: number }): string[][] {
  const took = (what: string, ms: number, target = ''): string[] => [what, milliseconds(ms), '', '', '', target];
  const perCandleUs = (ms: number): string => `${((ms / cost.candles) * 1_000).toFixed(1)} us`;
  return [
    ...(year === undefined
      ? []
      : [
          took(
            `a year read through the API, ${spansAtOnce} spans side by side`,
            year.hot.p50Ms,
            `at most 1 s: ${verdict(year.hot.p50Ms <= targets.yearMs)}`,
          ),
          took('  page by page', year.paged.p50Ms),
          took('  from files alone, side by side', year.cold.p50Ms),
          took('a year exported to CSV', year.exported.csv.tookMs),
          took('  to Parquet', year.exported.parquet.tookMs),
        ]),
    [`${cost.candles.toLocaleString('en-US')} candles backfilled`, milliseconds(cost.tookMs), '', '', '', ''],
    ['  for each', perCandleUs(cost.tookMs), '', '', '', ''],
    ['  computing for each', cost.cpuMs === undefined ? 'not told' : perCandleUs(cost.cpuMs), '', '', '', ''],
    [
      ...['  of the request rate that it may use', `${Math.round(past.share * 100)} %`, '', '', ''],
      `${targets.rateShare * 100} %: ${verdict(past.share >= targets.rateShare)}`,
    ],
  ];
}
