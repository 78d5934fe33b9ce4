/** What loading one venue from the layer takes, for every venue, beside importing the whole of ccxt. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { listVenues } from '@nightdesk/exchange/venue-catalog.ts';
import { runScript } from '../child.ts';
import { megabytes, milliseconds, type Report, times } from '../report.ts';
import { type NamedDistribution, namedDistributionOf, rounded, spreadOver } from '../statistics.ts';
import { venuesDirectory } from '../venue-layer.ts';

/** What is loaded, and how tables name it. */
const kinds = { rest: 'one venue over HTTP', pro: 'one venue with streams', ccxt: 'import ccxt' } as const;
type Kind = keyof typeof kinds;

interface Load {
  wallMs: number;
  cpuMs: number;
  /** By how much the process's resident memory grew. */
  residentMb: number;
}

interface Subject {
  kind: Kind;
  /** The venue's name; of ccxt, its own. */
  name: string;
}

const quantities: Readonly<Record<keyof Load, { title: string; format: (value: number) => string }>> = {
  wallMs: { title: 'time', format: milliseconds },
  cpuMs: { title: 'processor time', format: milliseconds },
  residentMb: { title: 'resident memory', format: megabytes },
};
const quantityNames = Object.keys(quantities) as (keyof Load)[];
type Summary = Record<keyof Load, NamedDistribution>;

const plan = { restMax: Number.POSITIVE_INFINITY, proMax: Number.POSITIVE_INFINITY, ccxtSamples: 9 };
const quickPlan = { restMax: 12, proMax: 6, ccxtSamples: 3 };
const progressEvery = 10;

export async function measureVenueLoading({ quick }: { quick: boolean }): Promise<Report> {
  const { restMax, proMax, ccxtSamples } = quick ? quickPlan : plan;
  const directory = await venuesDirectory();
  const entries = await listVenues(directory);
  const subjects = [
    ...spreadOver(entries, restMax).map(({ venue }): Subject => ({ kind: 'rest', name: venue })),
    ...spreadOver(
      entries.filter(({ streams }) => streams),
      proMax,
    ).map(({ venue }): Subject => ({ kind: 'pro', name: venue })),
  ];
  const loads = await loadInTurn(subjects, { directory, ccxtSamples });
  const summaries = { rest: summaryOf(loads, 'rest'), pro: summaryOf(loads, 'pro'), ccxt: summaryOf(loads, 'ccxt') };
  const ratio = ratioOf(summaries.ccxt, summaries.rest);
  const of = (kind: Kind) => subjects.filter((subject) => subject.kind === kind).map(({ name }) => name);
  return {
    title: `Loading and constructing one venue, each in a process of its own: ${of('rest').length} over HTTP, ${of('pro').length} with streams`,
    columns: ['', 'p50', 'p90', 'max', 'which'],
    rows: (Object.keys(kinds) as Kind[]).flatMap((kind) => rowsOf(kind, summaries[kind])),
    notes: [
      `of import ccxt, one venue over HTTP takes at the median ${times(ratio.wallMs)} less time, ${times(ratio.cpuMs)} less processor time, ${times(ratio.residentMb)} less memory`,
      `ccxt was loaded ${ccxtSamples} times in between; Node's own start is left out of all`,
      ...(quick ? [`only these venues: ${of('rest').join(', ')}; with streams ${of('pro').join(', ')}`] : []),
    ],
    figures: { ...summaries, ratio },
  };
}

/** One after the other, with ccxt's turns spread evenly in between, so that what else the machine does meets all alike. */
async function loadInTurn(
  subjects: readonly Subject[],
  { directory, ccxtSamples }: { directory: string; ccxtSamples: number },
): Promise<(Subject & Load)[]> {
  const ccxt: Subject = { kind: 'ccxt', name: 'ccxt' };
  const followedByCcxt = new Set(spreadOver([...subjects.keys()], ccxtSamples));
  const inTurn = [...subjects.entries()].flatMap(([index, subject]) =>
    followedByCcxt.has(index) ? [subject, ccxt] : [subject],
  );
  const loads: (Subject & Load)[] = [];
  // What is read from the disk for the first time would count against whoever comes first.
  for (const subject of [...subjects.slice(0, 1), ccxt]) await load(subject, directory);
  for (const subject of inTurn) {
    loads.push({ ...subject, ...(await load(subject, directory)) });
    if (loads.length % progressEvery === 0) console.error(`venues: ${loads.length} of ${inTurn.length} loaded`);
  }
  return loads;
}

async function load({ kind, name }: Subject, directory: string): Promise<Load> {
  const input =
    kind === 'ccxt'
      ? { module: 'ccxt', exportName: 'binance' }
      : { module: pathToFileURL(join(directory, kind, `${name}.js`)).href, exportName: 'default' };
  return (await runScript<Load>('load-venue.mjs', input)).output;
}

function summaryOf(loads: readonly (Subject & Load)[], kind: Kind): Summary {
  const of = (quantity: keyof Load) =>
    namedDistributionOf(loads.filter((load) => load.kind === kind).map((load) => [load.name, load[quantity]]));
  return { wallMs: of('wallMs'), cpuMs: of('cpuMs'), residentMb: of('residentMb') };
}

function ratioOf(ccxt: Summary, venue: Summary): Load {
  const of = (quantity: keyof Load) => rounded(ccxt[quantity].p50 / venue[quantity].p50);
  return { wallMs: of('wallMs'), cpuMs: of('cpuMs'), residentMb: of('residentMb') };
}

const rowsOf = (kind: Kind, summary: Summary): string[][] =>
  quantityNames.map((quantity) => {
    const { title, format } = quantities[quantity];
    const { p50, p90, max, maxName } = summary[quantity];
    return [`${kinds[kind]}: ${title}`, format(p50), format(p90), format(max), maxName];
  });
