/** What the commands of `npm run candles` have in common. */
import { firstCandleMs, parseTime, type Span, timeForms, tradedSpan } from '@nightdesk/core';
import { CandlesError } from './candles-error.ts';
import type { Collected, StoreNames } from './open-store.ts';

export interface CommandContext {
  stage: string;
  json: boolean;
  /** Closed by whoever calls the command. */
  open(): Promise<Collected>;
  print(line: string): void;
  clock: { nowMs(): number; sleep(delayMs: number): Promise<void> };
  /** Aborted when the person wants no more of it. */
  signal: AbortSignal;
  /** Where progress is drawn; not a terminal gets a line now and then. */
  progress: NodeJS.WriteStream;
}

export interface Command {
  summary: string;
  help: string;
  /** It ends by itself when the person interrupts it; others are ended. */
  handlesInterrupt?: true;
  /** @returns the exit code */
  run(args: readonly string[], context: CommandContext): Promise<number>;
}

/** Options of every command. */
export const commonOptions = {
  stage: { type: 'string', default: 'local' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  'candles-table': { type: 'string' },
  'archive-bucket': { type: 'string' },
} as const;

export const commonHelp = `  --stage dev            the desk deployed as that stage, with the AWS credentials of the shell (default: the one on this machine)
  --json                 JSON instead of sentences
  NIGHTDESK_STATE_DIR    folder of the local state (default .nightdesk)`;

/** Which series is meant. */
export const marketOptions = { venue: { type: 'string' }, symbol: { type: 'string', multiple: true } } as const;
export const spanOptions = { from: { type: 'string' }, to: { type: 'string' } } as const;

export const storeNamesOf = (values: { 'candles-table'?: string; 'archive-bucket'?: string }): StoreNames => ({
  ...{ candlesTable: values['candles-table'], archiveBucket: values['archive-bucket'] },
});

/** @throws CandlesError for what is no time */
export function timeOf(option: string, text: string): number {
  const atMs = parseTime(text);
  if (atMs === undefined) throw new CandlesError(`${option} ${text}: must be ${timeForms}`);
  return atMs;
}

/**
 * @param usual ends now
 * @throws CandlesError for what is no time, and for an end that is not behind the beginning
 */
export function spanOf(values: { from?: string; to?: string }, usual: Span): Span {
  const fromMs = values.from === undefined ? usual.fromMs : timeOf('--from', values.from);
  const toMs = values.to === undefined ? usual.toMs : timeOf('--to', values.to);
  if (fromMs >= toMs) {
    throw new CandlesError(
      `--from ${minuteOf(fromMs)} must be before ${values.to ? '--to' : 'the end,'} ${minuteOf(toMs)}`,
    );
  }
  const traded = tradedSpan({ fromMs, toMs }, usual.toMs);
  if (traded.fromMs < traded.toMs) return traded;
  throw new CandlesError(`candles are from ${minuteOf(firstCandleMs).slice(0, 10)} until now: see --from and --to`);
}

/** @throws CandlesError naming the option */
export function required(option: string, value: string | undefined): string {
  if (value === undefined) throw new CandlesError(`${option} is missing; --help tells what there is`);
  return value;
}

/** `2026-11-21 09:30`, in UTC. */
export const minuteOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');

export const grouped = (count: number): string => count.toLocaleString('en-US');
