/** What is asked of `npm run size`, and its answer. */
import { parseArgs } from 'node:util';
import { type Amount, type Notional, type Price, type Size, SizingError, shareOf, sizeByRisk } from '@nightdesk/core';

export const sizeHelp = `How much to trade so that a loss at the stop costs no more than a share of the equity.

  npm run size -- --equity 10000 --risk 1% --entry 100 --stop 95

  --equity, --entry, --stop    decimals; a stop above the entry is that of a short position
  --risk                       share of the equity, e.g. 1%; fees and slippage come on top
  --notional-max               largest worth of the position
  --leverage-max               its largest worth as a multiple of the equity
  --step                       smallest change of an amount at the exchange; rounded down to it
  --json                       one line of JSON instead of a sentence

It asks nothing of anybody and places nothing. Exit code 2: something that was given makes no sense.`;

/** Something is missing, or is no option. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const needed = ['equity', 'risk', 'entry', 'stop'] as const;

/**
 * @returns what is to be printed
 * @throws UsageError | SizingError
 */
export function runSize(args: readonly string[]): string {
  const values = read(args);
  if (values.help) return sizeHelp;
  const missing = needed.filter((name) => values[name] === undefined).map((name) => `--${name}`);
  if (missing.length > 0) throw new UsageError(`missing: ${missing.join(', ')}`);
  const { equity, risk, entry, stop } = values;
  const { 'notional-max': notionalMax, 'leverage-max': leverageMax, step } = values;
  const terms = {
    equity: equity as Notional,
    risk: shareFrom(String(risk)),
    entry: entry as Price,
    stop: stop as Price,
  };
  const size = sizeByRisk(terms, {
    ...(notionalMax !== undefined && { notionalMax: notionalMax as Notional }),
    ...(leverageMax !== undefined && { leverageMax }),
    ...(step !== undefined && { amountStep: step as Amount }),
  });
  return values.json ? JSON.stringify(size) : describe(size);
}

function read(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({
      args: [...args],
      options: {
        ...{ equity: text, risk: text, entry: text, stop: text },
        ...{ 'notional-max': text, 'leverage-max': text, step: text },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** A share without `%` could be meant either way, and one of the two is a hundred times the other. */
function shareFrom(text: string): string {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent === undefined) throw new SizingError('risk', `must be a share such as 1%, got ${text}`);
  return shareOf(percent as Notional, '1', '100');
}

function describe({ amount, notional, cappedBy }: Size): string {
  const cap = cappedBy === undefined ? '' : `, less than the risk allows because of ${cappedBy}`;
  return `${amount} (worth ${notional} at the entry${cap})`;
}
