/** `npm run simulate`: runs the order path under many seeded schedules of faults, and tells of the first that breaks it. */
import { parseArgs } from 'node:util';
import { type DefectName, defectNames, describeDefect } from './defects.ts';
import { type SimulationResult, simulate } from './simulate.ts';

const help = `Runs the order path in memory under seeded schedules of faults and checks its invariants after every effect.

  npm run simulate -- [options]

  --seeds <n>        how many schedules (default 1000)
  --first-seed <n>   the first of them (default 1)
  --json             one JSON object on stdout instead of text
  --trace            prints what happened in every run; best with --seeds 1
  --break <defect>   breaks the desk on purpose, to see that it is noticed:
${defectNames.map((name) => `                       ${name.padEnd(19)} ${describeDefect(name)}`).join('\n')}
  --help             this text

Exit code: 0 nothing found, 1 an invariant was violated, 2 wrong options.`;

const progressEvery = 250;

interface Options {
  seeds: number;
  firstSeed: number;
  json: boolean;
  trace: boolean;
  defect?: DefectName;
}

/** `undefined` when help is asked for. @throws TypeError naming the option that is wrong */
function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      'first-seed': { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      break: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const defect = defectNames.find((name) => name === values.break);
  if (values.break !== undefined && defect === undefined) {
    throw new TypeError(`--break must be one of ${defectNames.join(', ')}`);
  }
  const seeds = wholeNumber('--seeds', values.seeds);
  const firstSeed = wholeNumber('--first-seed', values['first-seed']);
  return { seeds, firstSeed, json: values.json, trace: values.trace, ...(defect !== undefined && { defect }) };
}

function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new TypeError(`${option} must be a whole number from 1 to 999999999, not "${text}"`);
}

async function runSeeds(options: Options): Promise<void> {
  const { seeds, firstSeed, json, trace, defect } = options;
  const startedMs = performance.now();
  const totals = { seeds: 0, signals: 0, orders: 0, venueOrders: 0, handedOver: 0, crashes: 0 };
  let failed: SimulationResult | undefined;
  for (let seed = firstSeed; seed < firstSeed + seeds && failed === undefined; seed++) {
    const result = await simulate(seed, defect);
    totals.seeds += 1;
    for (const field of ['signals', 'orders', 'venueOrders', 'handedOver', 'crashes'] as const)
      totals[field] += result[field];
    if (trace && !json) console.log(result.trace.join('\n'));
    if (result.violation !== undefined) failed = result;
    if (!json && totals.seeds % progressEvery === 0) console.log(`${totals.seeds} of ${seeds} seeds`);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const seedsPerSecond = Math.round(totals.seeds / seconds);
  if (json)
    console.log(JSON.stringify({ ...totals, seconds, seedsPerSecond, ...(failed && { failed: told(failed) }) }));
  else report({ ...totals, seedsPerSecond }, failed, options);
  if (failed !== undefined) process.exitCode = 1;
}

/** A result in what JSON can hold. */
const told = ({ reached, ...result }: SimulationResult) => ({ ...result, reached: [...reached] });

function report(totals: Record<string, number>, failed: SimulationResult | undefined, options: Options): void {
  const counts = Object.entries(totals).map(([name, value]) => `${name} ${value}`);
  console.log(counts.join(', '));
  if (failed === undefined) {
    console.log('every invariant held');
    return;
  }
  const defect = options.defect === undefined ? '' : ` --break ${options.defect}`;
  if (!options.trace) console.log(failed.trace.join('\n'));
  console.log(`\nseed ${failed.seed}: ${failed.violation}`);
  console.log(`again: npm run simulate -- --first-seed ${failed.seed} --seeds 1${defect}`);
}

/** What to run; `undefined` where there is nothing to run, because help was asked for or an option is wrong. */
function optionsOrHelp(): Options | undefined {
  try {
    const options = readOptions();
    if (options === undefined) console.log(help);
    return options;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
    return undefined;
  }
}

const options = optionsOrHelp();
if (options !== undefined) await runSeeds(options);
