/** `npm run bench`: what the desk does in which time, beside the least that could be done, on one simulator in one run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type BenchDesk, startDesk } from './desk.ts';
import { describeMachine, type Machine } from './machine.ts';
import { measureCandles } from './measures/candles.ts';
import { measureColdStart } from './measures/cold-start.ts';
import { measureFirstOrder } from './measures/first-order.ts';
import { measureGate } from './measures/gate.ts';
import { measureGateLatency } from './measures/gate-latency.ts';
import { measureLatency } from './measures/latency.ts';
import { measureMappers } from './measures/mappers.ts';
import { measureNotices } from './measures/notices.ts';
import { measureReconciliation } from './measures/reconciliation.ts';
import { measureSimulation } from './measures/simulation.ts';
import { measureSizes } from './measures/sizes.ts';
import { measureStreams } from './measures/streams.ts';
import { measureThroughput } from './measures/throughput.ts';
import { measureTracking } from './measures/tracking.ts';
import { measureVenueLoading } from './measures/venue-loading.ts';
import { formatReport, type Report } from './report.ts';

const help = `Measures the desk on this machine, beside the bare use of ccxt, on the same simulated venue.

  npm run bench                          everything, about fifteen minutes
  npm run bench -- --only latency        one of the measures below; may be repeated
  npm run bench -- --quick               shorter runs and fewer samples, to see that it works
  npm run bench -- --help                this text

  latency        signal posted until the venue accepted its order, beside a bare handler with ccxt
  throughput     sustained load, with nothing lost or doubled
  cold-start     process spawned until the first order was accepted, beside import ccxt and loadMarkets
  tracking       venue calls and table units to follow resting orders, beside asking about each every minute
  reconciliation venue calls and table units to compare 1, 10 and 100 accounts with their venue, and the time
  notices        an order's fill recorded until a webhook was told, beside a bare POST to it
  gate           orders that the gate judges a second, beside a comparison of two numbers
  gate-latency   what every limit adds to the way of an order, and to its table units, beside the two that must be
  candles        bytes and write units of a candle beside other ways to keep it, and the time to read, export and backfill many
  streams        books that a core keeps up to date, beside ccxt.pro as its users write it; how soon quotes and fills can be read
  simulation     seeded schedules of faults simulated a second
  first-order    the same of a process with one stored market, beside loadMarkets of the whole list
  venues         time and memory to load each venue, beside import ccxt
  mappers        answers mapped a second, beside ccxt's parsing of them
  sizes          function bundles, and the venue layer beside the package of ccxt

Prints a table and writes bench/results/<time>.json. A result worth comparing with is copied to bench/baselines/.
The machine should be at rest: figures are ratios to be read side by side, and no test depends on them.`;

interface MeasureOptions {
  /** Shorter runs and fewer samples. */
  quick: boolean;
}

const deskMeasures: Readonly<Record<string, (desk: BenchDesk, options: MeasureOptions) => Promise<Report>>> = {
  latency: measureLatency,
  throughput: measureThroughput,
  'cold-start': measureColdStart,
};
/** These run once the desk is closed, so that it takes no time from them. */
const otherMeasures: Readonly<Record<string, (options: MeasureOptions) => Promise<Report>>> = {
  tracking: measureTracking,
  reconciliation: measureReconciliation,
  notices: measureNotices,
  gate: measureGate,
  'gate-latency': measureGateLatency,
  candles: measureCandles,
  streams: measureStreams,
  simulation: measureSimulation,
  'first-order': measureFirstOrder,
  venues: measureVenueLoading,
  mappers: measureMappers,
  sizes: measureSizes,
};
const names = [...Object.keys(deskMeasures), ...Object.keys(otherMeasures)];
const resultsDirectory = fileURLToPath(new URL('./results', import.meta.url));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return console.log(help);
  const wanted = values.only ?? names;
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: expected one of ${names.join(', ')}`);
  const machine = describeMachine();
  console.log(machineLine(machine));
  const reports = await measure(wanted, values.quick);
  console.log(`\nwritten to ${writeResult({ machine, quick: values.quick, reports })}`);
}

/** Prints each report as it comes. */
async function measure(wanted: readonly string[], quick: boolean): Promise<Record<string, Report>> {
  const reports: Record<string, Report> = {};
  const add = (name: string, report: Report): void => {
    reports[name] = report;
    console.log(`\n${formatReport(report)}`);
  };
  const onDesk = Object.entries(deskMeasures).filter(([name]) => wanted.includes(name));
  if (onDesk.length > 0) {
    const desk = await startDesk((message) => console.error(message));
    try {
      for (const [name, run] of onDesk) add(name, await run(desk, { quick }));
    } finally {
      await desk.close();
    }
  }
  for (const [name, run] of Object.entries(otherMeasures)) {
    if (wanted.includes(name)) add(name, await run({ quick }));
  }
  return reports;
}

const machineLine = ({ cores, processor, memoryGb, node, platform, loadBefore }: Machine): string =>
  `${cores} cores (${processor}), ${memoryGb} GB, Node ${node}, ${platform}, load before ${loadBefore.toFixed(2)}`;

interface Result {
  machine: Machine;
  quick: boolean;
  reports: Readonly<Record<string, Report>>;
}

function writeResult({ machine, quick, reports }: Result): string {
  const takenAt = new Date().toISOString();
  const figures = Object.fromEntries(Object.entries(reports).map(([name, report]) => [name, report.figures]));
  const path = join(resultsDirectory, `${takenAt.replaceAll(':', '-')}.json`);
  mkdirSync(resultsDirectory, { recursive: true });
  writeFileSync(path, `${JSON.stringify({ takenAt, machine, quick, ...figures }, undefined, 2)}\n`);
  return relative(process.cwd(), path);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
