/** The simulated venues: which there are, who has an account at them, and their processes. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DeskConfig } from '@nightdesk/core';
import type { Watchdog } from '../cloud/lambda/watchdog.ts';
import { readStateFile, writeStateFile } from '../cloud/state-file.ts';
import { type ReadyChild, startChild } from './child-process.ts';

/** Venues that local mode can stand in for, and the script of each. */
const scripts: Readonly<Record<string, string>> = {
  binance: fileURLToPath(new URL('../simulators/binance/main.ts', import.meta.url)),
};

/** Whether local mode has a stand-in for a venue. */
export const isSimulated = (venue: string): boolean => Object.hasOwn(scripts, venue);

/** Keys of one account at a simulated venue, in the form of the desk's trading secrets. */
export interface TradingKeys {
  apiKey: string;
  secret: string;
}

export interface Simulator {
  venue: string;
  url: string;
  pid: number;
  stop(): Promise<void>;
}

export interface SimulatorsOptions {
  config: DeskConfig;
  keys: Readonly<Record<string, TradingKeys>>;
  /** Where venues keep orders and balances; absent keeps them in memory. */
  stateDirectory: string | undefined;
  /** Decides prices and trades of all simulated venues. */
  seed: number;
  watchdog: Watchdog;
  log: (message: string) => void;
  onUnexpectedExit: (error: Error) => void;
}

/** Enough of everything that is traded much for any load test. */
const ampleBalances = {
  ...{ USDT: '1000000000', USDC: '1000000000', BTC: '100000', ETH: '1000000', BNB: '1000000' },
  ...{ SOL: '10000000', XRP: '1000000000', ADA: '1000000000', DOGE: '1000000000' },
};

/** Far above the real venue's, since a load test sends from one address with one key what a desk spreads over many. */
const wideLimits = { weightPerMinute: 1_000_000, ordersPer10Seconds: 100_000, ordersPerDay: 100_000_000 };

/**
 * Gives each account at a simulated venue its keys: those in the state, else new ones.
 *
 * @param path of the file that keeps them, readable by its owner only; absent keeps them in memory
 */
export function provideTradingKeys(config: DeskConfig, path: string | undefined): Record<string, TradingKeys> {
  const known = (path === undefined ? undefined : readStateFile(path)) as Record<string, TradingKeys> | undefined;
  const keys: Record<string, TradingKeys> = { ...known };
  for (const [account, { exchange }] of Object.entries(config.accounts)) {
    if (isSimulated(exchange)) keys[account] ??= { apiKey: newKey(), secret: newKey() };
  }
  if (path !== undefined) writeStateFile(path, keys);
  return keys;
}

/** 64 letters and digits, as Binance's are. */
const newKey = (): string => randomBytes(32).toString('hex');

/** Starts every simulated venue that the configuration has accounts at. @throws Error when one does not start. */
export async function startSimulators(options: SimulatorsOptions): Promise<Simulator[]> {
  const venues = [...new Set(Object.values(options.config.accounts).map(({ exchange }) => exchange))];
  const started = await Promise.allSettled(venues.filter(isSimulated).map((venue) => startSimulator(venue, options)));
  const failure = started.find((result) => result.status === 'rejected');
  const simulators = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (failure === undefined) return simulators;
  await Promise.all(simulators.map((simulator) => simulator.stop()));
  throw failure.reason;
}

async function startSimulator(venue: string, options: SimulatorsOptions): Promise<Simulator> {
  const { config, keys, stateDirectory, seed } = options;
  const script = scripts[venue] ?? '';
  const state = stateDirectory === undefined ? [] : ['--state', join(stateDirectory, venue)];
  const accounts = Object.entries(config.accounts)
    .filter(([, { exchange }]) => exchange === venue)
    .map(([name]) => ({ name, ...keys[name], balances: ampleBalances }));
  const child: ReadyChild = await startChild({
    ...options,
    name: `simulated ${venue}`,
    arguments: [script, '--seed', String(seed), ...state],
    input: JSON.stringify({ accounts, limits: wideLimits }),
  });
  return { venue, url: String(child.ready.url), pid: child.pid, stop: () => child.stop() };
}
