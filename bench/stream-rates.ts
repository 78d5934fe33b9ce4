/** Books that one processor keeps up to date, in the desk's way and in those of users of ccxt.pro, and the memory of them. */
import { runScript } from './child.ts';
import type { ReadBooksInput, ReadBooksOutput } from './processes/read-books.ts';
import { medianOf, rounded } from './statistics.ts';
import { openQuoteTable, startStreamedVenue } from './streamed-venue.ts';
import { venuesDirectory } from './venue-layer.ts';

export type Way = ReadBooksInput['way'];
export const ways = ['desk', 'each', 'together'] as const satisfies readonly Way[];

export interface RateOptions {
  /** How often each way has its turn. */
  rounds: number;
  symbols: number;
  /** Of each turn. */
  countedUpdates: number;
}

export interface Rate {
  /** Updates applied in a second of processor time; the median of the rounds. */
  perCoreSecond: number;
  /** Of those, what the loops of a user saw. */
  seenShare: number;
  perSecond: number;
  written: number;
  incidents: string[];
}

export type Rates = Record<Way, Rate>;

const warmUpdates = 60_000;

/** Takes turns, so that what else the machine does is the same for all of them. */
export async function measureRates({ rounds, symbols, countedUpdates }: RateOptions): Promise<Rates> {
  const outputs: Record<Way, ReadBooksOutput[]> = { desk: [], each: [], together: [] };
  await withVenue(async (read) => {
    for (let round = 0; round < rounds; round++) {
      for (const way of ways) outputs[way].push(await read({ way, symbols, countedUpdates }));
    }
  });
  const rateOf = (taken: readonly ReadBooksOutput[]): Rate => {
    const median = (of: (output: ReadBooksOutput) => number) => rounded(medianOf(taken.map(of)));
    return {
      perCoreSecond: median(({ updates, cpuMs }) => (updates / cpuMs) * 1_000),
      seenShare: median(({ seen, updates }) => seen / Math.max(1, updates)),
      perSecond: median(({ updates, wallMs }) => (updates / wallMs) * 1_000),
      written: taken.reduce((sum, { written }) => sum + written, 0),
      incidents: taken.flatMap(({ incidents }) => incidents),
    };
  };
  return { desk: rateOf(outputs.desk), each: rateOf(outputs.each), together: rateOf(outputs.together) };
}

export interface MemoryCost {
  /** Megabytes of heap and buffers, and what the system counts, by how many books there are. */
  sizes: { symbols: number; heapMb: number; residentMb: number }[];
  /** Of a hundred books more. */
  per100Mb: number;
}

const megabyte = 1_000_000;

export async function measureMemory(counts: readonly number[], countedUpdates: number): Promise<MemoryCost> {
  const sizes: MemoryCost['sizes'] = [];
  await withVenue(async (read) => {
    for (const symbols of counts) {
      const { heapBytes, residentBytes } = await read({ way: 'desk', symbols, countedUpdates });
      sizes.push({
        symbols,
        heapMb: rounded(heapBytes / megabyte),
        residentMb: rounded(residentBytes / megabyte),
      });
    }
  });
  const [first, last] = [sizes[0], sizes.at(-1)];
  if (first === undefined || last === undefined || first === last) throw new RangeError('two sizes are needed');
  return { sizes, per100Mb: rounded(((last.heapMb - first.heapMb) / (last.symbols - first.symbols)) * 100) };
}

type Read = (turn: { way: Way; symbols: number; countedUpdates: number }) => Promise<ReadBooksOutput>;

async function withVenue(work: (read: Read) => Promise<void>): Promise<void> {
  const [venue, table, directory] = [await startStreamedVenue(), await openQuoteTable(), await venuesDirectory()];
  try {
    await work(async ({ way, symbols, countedUpdates }) => {
      const input: ReadBooksInput = {
        ...{ way, countedUpdates, warmUpdates, directory, url: venue.url, symbols: venue.symbols(symbols) },
        aws: { url: table.url, table: table.table },
      };
      return (await runScript<ReadBooksOutput>('read-books.ts', input, { node: ['--expose-gc'] })).output;
    });
  } finally {
    await venue.stop();
    await table.close();
  }
}
