/** What streams take: books kept up to date by one processor, and their memory. */
import { hasBooks, withoutBooks } from '../recorded-books.ts';
import { megabytes, type Report, times, verdict } from '../report.ts';
import { rounded } from '../statistics.ts';
import { type MemoryCost, measureMemory, measureRates, type Rates } from '../stream-rates.ts';

const targets = { rateRatio: 0.8 };
const markets = 100;
const rounds = { quick: 1, full: 5 };
const countedUpdates = { quick: 60_000, full: 200_000 };
const memorySizes = [100, 200, 400];

export async function measureStreams({ quick }: { quick: boolean }): Promise<Report> {
  const size = quick ? 'quick' : 'full';
  const taken = hasBooks ? await measureBooks(size) : undefined;
  return {
    title: 'Streams',
    columns: ['', 'Nightdesk', 'beside', '', 'ratio', 'target'],
    rows: taken === undefined ? [] : [...rateRows(taken.rates), ...memoryRows(taken.memory)],
    notes: hasBooks ? notes : [withoutBooks],
    figures: { ...taken, targets },
  };
}

const notes = [
  `books: the recorded book of XRP/USDT under the names of ${markets} markets, pushed as fast as it is read by a process of its own`,
  'Nightdesk checks numbers and sides, counts, tells of every update, and publishes to the embedded table once a second for each market;',
  "loops: `watchOrderBook` of each market, resp. `watchOrderBookForSymbols` of all, as ccxt's users write them",
  'by the processor time of the reading process, which is what a core of a task bears',
];

async function measureBooks(size: 'quick' | 'full') {
  const rates = await measureRates({ rounds: rounds[size], symbols: markets, countedUpdates: countedUpdates[size] });
  return { rates, memory: await measureMemory(memorySizes, countedUpdates.quick) };
}

function rateRows({ desk, each, together }: Rates): string[][] {
  const beside = (what: string, name: string, rate: Rates['each']): string[] => {
    const ratio = rounded(desk.perCoreSecond / rate.perCoreSecond);
    const target = `at least ${targets.rateRatio}: ${verdict(ratio >= targets.rateRatio)}`;
    return [what, thousands(desk.perCoreSecond), name, thousands(rate.perCoreSecond), times(ratio), target];
  };
  const share = (rate: Rates['each']) => `${Math.round(rate.seenShare * 100)} %`;
  return [
    beside('book updates per second and core', 'a loop for each market', each),
    beside('', 'one loop for all', together),
    ['  of which whoever reads is told', share(desk), 'a loop for each market', share(each), '', ''],
    ['', share(desk), 'one loop for all', share(together), '', ''],
    ['  what went wrong', String(desk.incidents.length), '', '', '', `none: ${verdict(desk.incidents.length === 0)}`],
  ];
}

const thousands = (value: number): string => Math.round(value).toLocaleString('en-US');

const memoryRows = ({ sizes, per100Mb }: MemoryCost): string[][] => [
  ['memory of 100 markets more', megabytes(per100Mb), '', '', '', ''],
  ...sizes.map(({ symbols, heapMb, residentMb }) => [
    ...[`  ${symbols} markets, heap`, megabytes(heapMb), 'resident', megabytes(residentMb), '', ''],
  ]),
];
