/**
 * A simulated venue as a process of its own.
 *
 *     node <venue>/main.ts --port 4801 --seed 1 --state .nightdesk/<venue> < config.json
 *
 * The accounts come as JSON on stdin, because they hold secrets: `{"accounts":[…],"limits":{…}}`. When it accepts
 * connections it prints one JSON line with its addresses. SIGTERM and SIGINT end it; with
 * `--state` not even `kill -9` loses an order that was answered.
 */
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { z } from 'zod';

const amount = z.string().regex(/^\d{1,20}(\.\d{1,8})?$/, 'must be a decimal string such as "1000.5"');
const aliveEveryMs = 60_000;

export interface RunningSimulator {
  /** Said in the ready line, beside the process id. */
  readonly addresses: Readonly<Record<string, string | number>>;
  close(): Promise<void>;
}

/** What the command line says. */
export interface ProcessArguments {
  port: number;
  seed: number;
  directory: string | undefined;
  symbolsCount: number | undefined;
  tickMs: number | undefined;
}

/** The configuration that comes on stdin, given the venue's words for permissions and limits. */
export function configSchemaOf<Permission extends z.ZodType, Limits extends z.ZodType>(words: {
  permission: Permission;
  limits: Limits;
}) {
  return z.strictObject({
    accounts: z
      .array(
        z.strictObject({
          name: z.string().min(1).optional(),
          apiKey: z.string().min(8),
          secret: z.string().min(8),
          balances: z.record(z.string(), amount),
          permissions: z.array(words.permission).optional(),
          allowedAddresses: z.array(z.string()).optional(),
        }),
      )
      .min(1),
    limits: words.limits.optional(),
  });
}

/** Reads stdin and the command line, starts the venue and serves until a signal. @throws Error naming what is wrong. */
export async function runSimulatorProcess<Config>(options: {
  schema: z.ZodType<Config>;
  start(config: Config, given: ProcessArguments): Promise<RunningSimulator>;
}): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      state: { type: 'string' },
      symbols: { type: 'string' },
      tick: { type: 'string' },
    },
  });
  const config = options.schema.parse(parseInput(await text(process.stdin)));
  const simulator = await options.start(config, {
    port: wholeNumber('port', values.port),
    seed: wholeNumber('seed', values.seed),
    directory: values.state,
    symbolsCount: values.symbols === undefined ? undefined : wholeNumber('symbols', values.symbols),
    tickMs: values.tick === undefined ? undefined : wholeNumber('tick', values.tick),
  });
  process.stdout.write(`${JSON.stringify({ ready: true, ...simulator.addresses, pid: process.pid })}\n`);

  // While connections are refused nothing is listening, which must not end the process.
  setInterval(() => undefined, aliveEveryMs);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void simulator.close().then(() => process.exit(0)));
  }
}

function wholeNumber(name: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new Error(`--${name} must be a whole number, not "${value}"`);
}

/** @throws Error without the text, since that holds secrets. */
function parseInput(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    throw new Error('stdin must be JSON such as {"accounts":[…]}');
  }
}
