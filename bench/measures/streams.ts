/** What streams take: books kept up to date by one processor, their memory, and how soon what they bring can be read. */
import { hasBooks, withoutBooks } from '../recorded-books.ts';
import { megabytes, milliseconds, type Report, times, verdict } from '../report.ts';
import { rounded } from '../statistics.ts';
import { measureStreamDesk, type StreamDeskFigures } from '../stream-desk.ts';
import { type MemoryCost, measureMemory, measureRates, type Rates } from '../stream-rates.ts';

const targets = { rateRatio: 0.8, readableMs: 100 };
/** Of the whole desk. */
const updatesPerSecond = 2_000;
const markets = 100;
const rounds = { quick: 1, full: 5 };
const countedUpdates = { quick: 60_000, full: 200_000 };
const memorySizes = [100, 200, 400];

export async function measureStreams({ quick }: { quick: boolean }): Promise<Report> {
  const size = quick ? 'quick' : 'full';
  const taken = hasBooks ? await measureBooks(size) : undefined;
  const desk = await measureStreamDesk(size, { updatesPerSecond });
  return {
    title: 'Streams',
    columns: ['', 'Nightdesk', 'beside', '', 'ratio', 'target'],
    rows: [...(taken === undefined ? [] : [...rateRows(taken.rates), ...memoryRows(taken.memory)]), ...deskRows(desk)],
    notes: [...(hasBooks ? notes : [withoutBooks]), ...deskNotes],
    figures: { ...taken, desk, targets },
  };
}

const notes = [
  `books: the recorded book of XRP/USDT under the names of ${markets} markets, pushed as fast as it is read by a process of its own`,
  'Nightdesk checks numbers and sides, counts, tells of every update, and publishes to the embedded table once a second for each market;',
  "loops: `watchOrderBook` of each market, resp. `watchOrderBookForSymbols` of all, as ccxt's users write them",
  'by the processor time of the reading process, which is what a core of a task bears',
];

const deskNotes = [
  'read: from an update being received to a client that asks `GET /quotes` again and again having it; the desk, venue and client share this machine',
  "fills: of orders that rest until the venue's price comes to them, by the times of the venue and of the desk's order",
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

function deskRows({ readable, published, fills, missing, ...load }: StreamDeskFigures): string[][] {
  const row = (what: string, { p50, p99 }: { p50: number; p99: number }, target = ''): string[] => [
    ...[what, milliseconds(p50), 'p99', milliseconds(p99), '', target],
  ];
  const name = `update readable at ${thousands(load.updatesPerSecond)}/s of ${load.markets} markets, p50`;
  return [
    row(name, readable, `p99 at most ${targets.readableMs} ms: ${verdict(readable.p99 <= targets.readableMs)}`),
    row("  up to the table's answer, p50", published),
    row(`fill at the venue to its order, p50 of ${fills.count}`, fills, `none missing: ${verdict(missing === 0)}`),
  ];
}
