/** Kills the desk at random moments under load and checks that no signal was lost or doubled. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeVerification } from '@nightdesk/local/audit/verify-desk.ts';
import { type CrashReport, runCrashes } from './crashes.ts';

const help = `Runs the desk as npm start does, sends it signals, and kills the whole process or a sandbox with kill -9 at random
moments, starting it again each time. At the end every confirmed signal must have exactly one order at the simulated
venue or a recorded reason why not, the desk must see every order as the venue does, and the journal must verify.

  node test/crash/run.ts [--kills 50] [--rate 15] [--seed 1]

  --kills   how often
  --rate    signals per second
  --seed    decides the moments and the targets; without it one is picked and printed

Exits 0 when all of that holds. Sandboxes are killed on Linux only; elsewhere every kill is of the whole process.`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    rate: { type: 'string', default: '15' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

function wholeNumber(name: 'kills' | 'rate' | 'seed'): number {
  const value = values[name];
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new Error(`--${name} must be a whole number, not "${value}"`);
}

function print(report: CrashReport): void {
  const { kills, signals, orders, latenciesMs, settledAfterMs, verification, failures } = report;
  const share = (part: number) =>
    `${Math.round((latenciesMs[Math.floor(latenciesMs.length * part)] ?? 0) / 10) / 100} s`;
  const lines = [
    `kills     ${kills.process} of the whole process, ${kills.starting} while it started, ${kills.sandbox} of a sandbox`,
    `signals   ${signals.sent} sent, ${signals.confirmed} confirmed, ${signals.unconfirmed} given up, ${signals.resent} resends`,
    `orders    ${Object.entries(orders)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ')}`,
    `from signal to last word   half within ${share(0.5)}, 99 of 100 within ${share(0.99)}, all within ${share(1 - 1e-9)}`,
    `at rest   ${(settledAfterMs / 1000).toFixed(1)} s after the last kill`,
    `journal   ${describeVerification(verification)}`,
    ...(failures.length === 0 ? ['Nothing was lost or doubled.'] : failures.map((failure) => `FAILED    ${failure}`)),
  ];
  console.log(lines.join('\n'));
}

async function main(): Promise<void> {
  if (values.help) return console.log(help);
  const [kills, signalsPerSecond, seed] = [wholeNumber('kills'), wholeNumber('rate'), wholeNumber('seed')];
  console.log(`${kills} kills under ${signalsPerSecond} signals a second, seed ${seed}`);
  const stateDirectory = mkdtempSync(join(tmpdir(), 'nightdesk-crash-'));
  const report = await runCrashes({ kills, signalsPerSecond, seed, stateDirectory, log: console.error });
  print(report);
  if (report.failures.length > 0) {
    process.exitCode = 1;
    console.log(`The state is kept in ${stateDirectory}`);
  } else {
    rmSync(stateDirectory, { recursive: true, force: true });
  }
}

await main();
