/**
 * The simulated Binance as a process of its own.
 *
 *     node main.ts --port 4801 --seed 1 --state .nightdesk/binance < config.json
 *
 * The accounts come as JSON on stdin, because they hold secrets: `{"accounts":[…],"limits":{…}}`. When it accepts
 * connections it prints one JSON line with its addresses. SIGTERM and SIGINT end it; with
 * `--state` not even `kill -9` loses an order that was answered.
 */
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createBinanceSimulator } from './simulator.ts';

const amount = z.string().regex(/^\d{1,20}(\.\d{1,8})?$/, 'must be a decimal string such as "1000.5"');
const permission = z.enum(['read', 'trade', 'withdraw', 'internal-transfer', 'margin', 'futures']);

const configSchema = z.strictObject({
  accounts: z
    .array(
      z.strictObject({
        name: z.string().min(1).optional(),
        apiKey: z.string().min(8),
        secret: z.string().min(8),
        balances: z.record(z.string(), amount),
        permissions: z.array(permission).optional(),
        allowedAddresses: z.array(z.string()).optional(),
      }),
    )
    .min(1),
  limits: z
    .strictObject({
      weightPerMinute: z.number().int().positive(),
      ordersPer10Seconds: z.number().int().positive(),
      ordersPerDay: z.number().int().positive(),
      violationsBeforeBan: z.number().int().positive(),
      firstBanMs: z.number().int().positive(),
    })
    .partial()
    .optional(),
});

const aliveEveryMs = 60_000;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    state: { type: 'string' },
    symbols: { type: 'string' },
  },
});

const wholeNumber = (name: string, value: string): number => {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new Error(`--${name} must be a whole number, not "${value}"`);
};

/** @throws Error without the text, since that holds secrets. */
const parseInput = (input: string): unknown => {
  try {
    return JSON.parse(input);
  } catch {
    throw new Error('stdin must be JSON such as {"accounts":[…]}');
  }
};

const config = configSchema.parse(parseInput(await text(process.stdin)));
const simulator = await createBinanceSimulator({
  ...config,
  port: wholeNumber('port', values.port),
  seed: wholeNumber('seed', values.seed),
  directory: values.state,
  symbolsCount: values.symbols === undefined ? undefined : wholeNumber('symbols', values.symbols),
});

const { url, wsUrl, wsApiUrl, port } = simulator;
process.stdout.write(`${JSON.stringify({ ready: true, url, wsUrl, wsApiUrl, port, pid: process.pid })}\n`);

// While connections are refused nothing is listening, which must not end the process.
setInterval(() => undefined, aliveEveryMs);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void simulator.close().then(() => process.exit(0)));
}
