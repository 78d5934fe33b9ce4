/** Trades at length at three simulated venues that fail in turn, and checks that the desk and they agree about everything. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describe } from './judge.ts';
import { runSoak, type SoakReport } from './soak.ts';

const help = `Runs the desk at the simulated Binance, Kraken and Bybit and sends it signals of every kind, while the venues drop answers, fail,
refuse, fill in parts and hide what they filled, and prices move. Then it cancels and changes orders while they fill. In the end every
signal must have ended in orders or a recorded reason, no order may be there twice, orders and positions must be what the venues
filled, every position with exits must be protected or told of, and the journal must verify.

  npm run soak -- [--signals 1000] [--races 1000] [--seed 1] [--json]

  --signals   mixed signals; 0 leaves them out
  --races     cancels and changes raced against fills; 0 leaves them out
  --seed      decides everything that is not a matter of moments; without it one is picked and printed
  --json      the report as JSON on stdout

Exits 0 when all of that holds, 1 when something does not: the first violation is then printed with the file that has all of
them, each with its signal, its order here and at the venue, its journal and its lines of the log. 1,000 of each take some 20 minutes.`;

const { values } = parseArgs({
  options: {
    signals: { type: 'string', default: '1000' },
    races: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

function wholeNumber(name: 'signals' | 'races' | 'seed'): number {
  const value = values[name];
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new Error(`--${name} must be a whole number, not "${value}"`);
}

const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ') || 'none';

function lines({ seed, mixed, races, journal, violations }: SoakReport): string[] {
  const found: string[] = [`seed        ${seed}`];
  if (mixed !== undefined) {
    found.push(
      `signals     ${mixed.accepted} answered 202, ${mixed.resent} resent, ${mixed.refused.length} refused, in ${mixed.seconds} s`,
      `kinds       ${listed(mixed.kinds)}`,
      `faults      ${listed(mixed.faults)}`,
      `orders      ${listed(mixed.orders)}`,
      `brackets    ${listed(mixed.brackets)}`,
    );
  }
  if (races !== undefined) {
    found.push(
      `races       ${races.run}, ${races.contested} of them with fills on both sides of the command, ${races.tooLate} commands too late, in ${races.seconds} s`,
      `commands    ${listed(races.outcomes)}`,
      `faults      ${listed(races.faults)}`,
    );
  }
  found.push(`journal     ${journal}`);
  const refused = [...(mixed?.refused ?? []), ...(races?.refused ?? [])];
  for (const text of refused.slice(0, 5)) found.push(`REFUSED     ${text}`);
  if (violations.length === 0) found.push('Nothing was doubled or lost, and desk and venues agree.');
  for (const violation of violations.slice(0, 10)) found.push(`VIOLATION   ${describe(violation)}`);
  if (violations.length > 10) found.push(`            and ${violations.length - 10} more`);
  return found;
}

async function main(): Promise<void> {
  if (values.help) return console.log(help);
  const [signals, races, seed] = [wholeNumber('signals'), wholeNumber('races'), wholeNumber('seed')];
  console.error(`${signals} signals and ${races} races, seed ${seed}`);
  const report = await runSoak({ signals, races, seed, log: (message) => console.error(message) });
  const { explained, ...rest } = report;
  console.log(values.json ? JSON.stringify(rest, null, 2) : lines(report).join('\n'));
  if (report.violations.length === 0) return;
  process.exitCode = 1;
  const path = join(mkdtempSync(join(tmpdir(), 'nightdesk-soak-')), 'violations.json');
  writeFileSync(path, JSON.stringify(explained, null, 2));
  console.error(JSON.stringify(explained[0], null, 2));
  console.error(
    `npm run soak -- --signals ${signals} --races ${races} --seed ${seed} found this; all of it is in ${path}`,
  );
}

await main();
