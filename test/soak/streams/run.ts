/** Streams books of three simulated venues while frames, connections and tasks are lost, and compares what is published with the venues. */
import { parseArgs } from 'node:util';
import { runStreamsSoak, type StreamsSoakReport, violationsOf } from './streams-soak.ts';

const help = `Runs a desk with two tasks of the stream service at the simulated Binance, Kraken and Bybit, and trades. Meanwhile frames are left out, swapped and
spoiled, connections break off or fall silent, and a task is killed twice. Every second quotes are read from GET /quotes and compared with what the venue's own
book was at the same number. In the end every fill at the venues must be in the desk's orders exactly once, what a killed task had must have been taken
over within 5 s, and memory must not have grown.

  npm run soak:streams -- [--minutes 30] [--symbols 300] [--seed 1] [--json]

  --minutes   how long all of that goes on
  --symbols   of the three venues together
  --seed      decides markets, orders and faults; without it one is picked and printed
  --json      the report as JSON on stdout

Exits 0 when all of that holds, and 1 when something does not: it is then printed.`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    symbols: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

function numberOf(name: 'minutes' | 'symbols' | 'seed'): number {
  const value = values[name];
  const pattern = name === 'minutes' ? /^\d{1,4}(\.\d{1,2})?$/ : /^\d{1,6}$/;
  if (pattern.test(value)) return Number(value);
  throw new Error(`--${name} must be a ${name === 'minutes' ? '' : 'whole '}number, not "${value}"`);
}

const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ') || 'none';

function lines(report: StreamsSoakReport): string[] {
  const { compared, fills, takeovers, memory, struck, incidents, reasons } = report;
  const violations = violationsOf(report);
  const taken = takeovers.map(
    ({ takenOverMs, booksBackMs, connections }) =>
      `${connections} connections after ${takenOverMs} ms, nine in ten of their books after ${booksBackMs} ms`,
  );
  const resident =
    memory &&
    `${memory.firstMb} MB in the first third, ${memory.lastMb} MB in the last one, at most ${memory.mostMb} MB`;
  const found = [
    `time        ${report.minutes} minutes of ${report.symbols} markets, ${report.updatesPerSecond} updates a second, in ${report.seconds} s; seed ${report.seed}`,
    `begun       nine in ten quotes ${Math.round(report.begunMs)} ms after collection.yaml was saved`,
    `books       ${compared.equal} quotes equal to the venue's, ${compared.stale} marked as stale, ${compared.absent} absent, ${compared.untold} too old to compare`,
    `faults      ${listed(struck)}`,
    `told        ${listed(incidents)}`,
    ...Object.entries(reasons).map(([what, counts]) => `            ${what}: ${listed(counts)}`),
    `fills       ${fills.fills} of ${fills.orders} orders`,
    `taken over  ${taken.join('; ') || 'nothing'}`,
    `memory      ${resident ?? 'too short to tell'}`,
  ];
  if (violations.length === 0) found.push('No wrong book was published, no fill lost or doubled.');
  for (const violation of violations.slice(0, 20)) found.push(`VIOLATION   ${violation}`);
  if (violations.length > 20) found.push(`            and ${violations.length - 20} more`);
  return found;
}

async function main(): Promise<void> {
  if (values.help) return console.log(help);
  const [minutes, symbols, seed] = [numberOf('minutes'), numberOf('symbols'), numberOf('seed')];
  console.error(`${minutes} minutes of ${symbols} markets, seed ${seed}`);
  const report = await runStreamsSoak({ minutes, symbols, seed, log: (message) => console.error(message) });
  console.log(values.json ? JSON.stringify(report, null, 2) : lines(report).join('\n'));
  if (violationsOf(report).length > 0) process.exitCode = 1;
}

await main();
