/** Collects a day of candles at five simulated venues, while their answers are spoiled, in minutes. */
import { parseArgs } from 'node:util';
import { fivePublicVenues } from '../../support/public-venues.ts';
import { type CandlesSoakReport, runCandlesSoak, violationsOf } from './candles-soak.ts';
import type { CollectedVenue } from './venues.ts';

const help = `Has the planner and the collector bring candles of five simulated venues (binance, binanceus, kraken, bybit, bybiteu) up to
a midnight of the desk's own time and beyond it, when days are made complete. Meanwhile the venues cut pages short, disorder them, leave candles out, show some that make
no sense or differ later, break connections, answer rubbish, say 429, and are down for minutes. In the end every minute in which somebody
traded must be there once and as it was, every other be known as quiet, and no venue may have been asked more than it lets through.

  npm run soak:candles -- [--minutes 1440] [--symbols 200] [--venues kraken,bybit] [--every 5m] [--factor 60] [--seed 1] [--json]

  --minutes   of the desk's own time before midnight
  --symbols   of each venue
  --venues    some of the five, by commas; all where it is left out
  --every     how often what is new is fetched
  --factor    how many times faster than the machine's time passes
  --seed      decides markets and faults; without it one is picked and printed
  --json      the report as JSON on stdout

Exits 0 when all of that holds, and 1 when something does not: it is then printed.`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1440' },
    symbols: { type: 'string', default: '200' },
    venues: { type: 'string', default: fivePublicVenues.join(',') },
    every: { type: 'string', default: '5m' },
    factor: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

function wholeNumber(name: 'minutes' | 'symbols' | 'factor' | 'seed'): number {
  const value = values[name];
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new Error(`--${name} must be a whole number, not "${value}"`);
}

function venuesNamed(): CollectedVenue[] {
  const names = values.venues.split(',');
  const unknown = names.find((name) => !fivePublicVenues.some((known) => known === name));
  if (unknown === undefined) return fivePublicVenues.filter((known) => names.includes(known));
  throw new Error(`--venues names "${unknown}"; there are ${fivePublicVenues.join(', ')}`);
}

function lines(report: CandlesSoakReport): string[] {
  const { verdict, requests, told, failures, seconds, minutes, symbols, seed } = report;
  const asked = Object.entries(requests).map(([name, each]) => `${each.requests} at ${name}`);
  const found = [
    `time        ${minutes} minutes of ${verdict.series} series (${symbols} a venue), in ${seconds} s; seed ${seed}`,
    `candles     ${verdict.collected} of ${verdict.traded} as they were, ${verdict.quietKnown} of ${verdict.quiet} quiet minutes known as such`,
    `            ${verdict.duplicates} twice, ${verdict.misaligned} misaligned, ${verdict.wrong} wrong`,
    `requests    ${asked.join(', ')}`,
    `told        ${
      Object.entries(told)
        .map(([type, count]) => `${count} ${type}`)
        .join(', ') || 'nothing'
    }`,
    `made again  ${failures.length} deliveries`,
  ];
  return [...found, ...violationsOf(report).map((violation) => `VIOLATION   ${violation}`)];
}

async function main(): Promise<void> {
  if (values.help) return console.log(help);
  const report = await runCandlesSoak({
    ...{ minutes: wholeNumber('minutes'), symbols: wholeNumber('symbols'), every: values.every },
    venues: venuesNamed(),
    ...{ factor: wholeNumber('factor'), seed: wholeNumber('seed') },
    log: (message) => console.error(message),
  });
  console.log(values.json ? JSON.stringify(report, null, 2) : lines(report).join('\n'));
  for (const failure of report.failures.slice(0, 5)) console.error(failure);
  if (violationsOf(report).length > 0) process.exitCode = 1;
}

await main();
