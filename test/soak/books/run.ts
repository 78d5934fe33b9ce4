/** Reconciles accounts at three simulated venues for an hour of the desk's own time, which passes in minutes. */
import { parseArgs } from 'node:util';
import { type BooksSoakReport, runBooksSoak } from './books-soak.ts';

const help = `Has accounts at the simulated Binance, Kraken and Bybit trade for an hour of the desk's own time, and reconciles each of them every
minute: with market and limit orders, brackets, cancels and changes, while the venues delay, fail, lose answers, refuse, fill in parts
and hide fills for less than a minute. None of that may be told as a difference, dust aside. Then once more while others place and fill orders,
deposit and withdraw with the same accounts: each of it must be told as what it was, once, at the second look at the latest. In the
end the books must say what the venues' own ledgers say, and the journal must verify.

  npm run soak:books -- [--minutes 60] [--seed 1] [--only trading|others] [--json]

  --minutes   how long accounts trade in each of the two runs, by the desk's own time
  --seed      decides everything that is not a matter of moments; without it one is picked and printed
  --only      one of the two runs
  --json      the reports as JSON on stdout

Exits 0 when all of that holds, and 1 when something does not: it is then printed.`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const runs = { trading: false, others: true } as const;

function wholeNumber(name: 'minutes' | 'seed'): number {
  const value = values[name];
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new Error(`--${name} must be a whole number, not "${value}"`);
}

function chosenRuns(): (keyof typeof runs)[] {
  const { only } = values;
  if (only === undefined) return ['trading', 'others'];
  if (only === 'trading' || only === 'others') return [only];
  throw new Error(`--only must be trading or others, not "${only}"`);
}

const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ') || 'none';

function lines(name: keyof typeof runs, report: BooksSoakReport): string[] {
  const { seed, minutes, seconds, accounts, orders, fills, looks, faults, deeds, told, verdict, violations } = report;
  const found = [
    `${name === 'trading' ? 'Only the desk trades' : 'Others use the same accounts'}, seed ${seed}`,
    `time        ${minutes} minutes of ${accounts} accounts, in ${seconds} s`,
    `orders      ${listed(orders)}; ${fills} fills`,
    `looks       ${looks.answered} answered, ${looks.unanswered} not`,
    `faults      ${listed(faults)}`,
    `others did  ${listed(deeds)}`,
    `told        ${listed(told)}`,
    `            ${verdict.falseAlarms.length} false alarms, ${verdict.missed.length} missed, ${verdict.late.length} late, ${verdict.dust.length} of dust`,
    ...(verdict.longestMs > 0 ? [`            the longest took ${Math.round(verdict.longestMs / 1_000)} s`] : []),
    `journal     ${report.journal}`,
  ];
  if (violations.length === 0) found.push("The books are what the venues' ledgers are.");
  for (const violation of violations.slice(0, 20)) found.push(`VIOLATION   ${violation}`);
  if (violations.length > 20) found.push(`            and ${violations.length - 20} more`);
  return found;
}

async function main(): Promise<void> {
  if (values.help) return console.log(help);
  const [minutes, seed] = [wholeNumber('minutes'), wholeNumber('seed')];
  const reports: Partial<Record<keyof typeof runs, BooksSoakReport>> = {};
  for (const name of chosenRuns()) {
    console.error(`${name}: ${minutes} minutes, seed ${seed}`);
    const log = (message: string) => console.error(message);
    const report = await runBooksSoak({ minutes, seed, hasOthers: runs[name], log });
    reports[name] = report;
    if (!values.json) console.log(`${lines(name, report).join('\n')}\n`);
    if (report.violations.length > 0) process.exitCode = 1;
  }
  if (values.json) console.log(JSON.stringify(reports, null, 2));
}

await main();
