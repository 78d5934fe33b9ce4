/** What `npm run streams` is asked for. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { StreamsError } from './streams-error.ts';

export const streamsHelp = `What the stream service keeps live: books, trades, funding and own orders.

  npm run streams -- top                    per exchange and kind: updates, lag, gaps; the tasks; what befell last. Drawn anew each second
  npm run streams -- quote BTC/USDT         best prices and depth at each exchange that has the symbol

  --once               (top) one picture instead of one after the other
  --every 2s           (top) how often, 500ms to 60s (default 1s)
  --venue kraken       (quote) one exchange
  --json               JSON, one line each time, instead of tables
  --stage dev          the desk deployed as that stage, read with the AWS credentials of the shell (default: the one on this machine)
  --quotes-table …     its table, where a stage has several since one was retained
  --api https://…      a deployed desk over its API, with a token of the role viewer in NIGHTDESK_TOKEN. It is never printed
  NIGHTDESK_STATE_DIR  folder of the local state (default .nightdesk)

Exit code 0: fine. 1: done, and something is not as it should be: a quote is stale, no task runs, a connection is not open, or
work has no task that has room for it. 2: it could not be done.`;

const defaultStateDirectory = fileURLToPath(new URL('../../.nightdesk', import.meta.url));
const everyMs = { min: 500, max: 60_000 } as const;

const options = {
  once: { type: 'boolean', default: false },
  every: { type: 'string', default: '1s' },
  venue: { type: 'string' },
  json: { type: 'boolean', default: false },
  stage: { type: 'string', default: 'local' },
  'quotes-table': { type: 'string' },
  api: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options, allowPositionals: true });
type Values = ReturnType<typeof parse>['values'];

/** Where the figures come from. */
export type Place =
  | { kind: 'local'; stateDirectory: string }
  | { kind: 'api'; api: string; token: string }
  | { kind: 'stage'; stage: string; quotesTable?: string };

export type StreamsCommand =
  | { name: 'help' }
  | { name: 'top'; place: Place; json: boolean; once: boolean; everyMs: number }
  | { name: 'quote'; place: Place; json: boolean; symbol: string; venue?: string };

/** @throws StreamsError for what is not understood */
export function readCommand(args: readonly string[], environment: NodeJS.ProcessEnv): StreamsCommand {
  const { values, positionals } = read(args);
  const [name, ...rest] = positionals;
  const { json, once, venue } = values;
  if (values.help) return { name: 'help' };
  if (name === 'top') {
    if (rest.length > 0) throw unexpected(rest);
    if (venue !== undefined) throw new StreamsError('--venue goes with quote; top shows all of them');
    return { name, place: placeOf(values, environment), json, once, everyMs: pauseOf(values.every) };
  }
  if (name === 'quote') {
    const [symbol, ...others] = rest;
    if (symbol === undefined) throw new StreamsError('say of which symbol: npm run streams -- quote BTC/USDT');
    if (others.length > 0) throw unexpected(others);
    return { name, place: placeOf(values, environment), json, symbol, ...(venue !== undefined && { venue }) };
  }
  throw new StreamsError(
    `${name === undefined ? 'say what to do' : `there is no command "${name}"`}\n\n${streamsHelp}`,
  );
}

function read(args: readonly string[]): ReturnType<typeof parse> {
  try {
    return parse(args);
  } catch (error) {
    throw new StreamsError(`${error instanceof Error ? error.message : error}\n\n${streamsHelp}`);
  }
}

const unexpected = (words: readonly string[]): StreamsError =>
  new StreamsError(`"${words.join(' ')}" is not expected; --help tells what there is`);

function pauseOf(text: string): number {
  const [, digits, unit] = /^(\d{1,5})(ms|s)$/.exec(text) ?? [];
  const pauseMs = Number(digits) * (unit === 's' ? 1_000 : 1);
  if (pauseMs >= everyMs.min && pauseMs <= everyMs.max) return pauseMs;
  throw new StreamsError(`--every ${text}: must be a number and ms or s, from 500ms to 60s, for example 2s`);
}

function placeOf(values: Values, { NIGHTDESK_TOKEN: token, NIGHTDESK_STATE_DIR: directory }: NodeJS.ProcessEnv): Place {
  const { stage, api, 'quotes-table': quotesTable } = values;
  if (api !== undefined) {
    if (stage !== 'local') throw new StreamsError('--api and --stage name two desks: give one of them');
    if (!isSafe(api)) throw new StreamsError('--api must be the https:// address of a desk');
    if (!token) throw new StreamsError('a desk at --api wants a token of the role viewer: set NIGHTDESK_TOKEN');
    return { kind: 'api', api, token };
  }
  if (stage === 'local') {
    return { kind: 'local', stateDirectory: directory ? resolve(directory) : defaultStateDirectory };
  }
  return { kind: 'stage', stage, ...(quotesTable !== undefined && { quotesTable }) };
}

/** A token goes over the network encrypted, or not at all. */
function isSafe(api: string): boolean {
  const url = URL.canParse(api) ? new URL(api) : undefined;
  const isHere = url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  return url?.protocol === 'https:' || isHere;
}
