/** The simulated venues: which there are, who has an account at them, and their processes. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DeskConfig } from '@nightdesk/core';
import type { Watchdog } from '../cloud/lambda/watchdog.ts';
import { readStateFile, writeStateFile } from '../cloud/state-file.ts';
import { type ReadyChild, startChild } from './child-process.ts';

interface StandIn {
  script: string;
  /** Far above the real venue's, since a load test sends from one address with one key what a desk spreads over many. */
  limits: Readonly<Record<string, number>>;
  /** The same for the desk, by the names under which it keeps the venue's limits. */
  deskLimits: Readonly<Record<string, number>>;
  /** Keys in the form of the venue's own. */
  newKeys(): TradingKeys;
}

/** 64 letters and digits each. */
const lettersAndDigits = (): TradingKeys => ({
  apiKey: randomBytes(32).toString('hex'),
  secret: randomBytes(32).toString('hex'),
});
/** In base64, which Kraken's requests are signed with once it is decoded. */
const krakenKeys = (): TradingKeys => ({
  apiKey: randomBytes(42).toString('base64'),
  secret: randomBytes(64).toString('base64'),
});

const scriptOf = (venue: string) => fileURLToPath(new URL(`../simulators/${venue}/main.ts`, import.meta.url));

/** Venues that local mode can stand in for. */
const standIns: Readonly<Record<string, StandIn>> = {
  binance: {
    script: scriptOf('binance'),
    limits: { weightPerMinute: 1_000_000, ordersPer10Seconds: 100_000, ordersPerDay: 100_000_000 },
    deskLimits: { weight: 1_000_000, 'orders-10s': 100_000, 'orders-day': 100_000_000 },
    newKeys: lettersAndDigits,
  },
  bybit: {
    script: scriptOf('bybit'),
    limits: { requestsPer5Seconds: 100_000, userRateFactor: 1_000 },
    deskLimits: { requests: 10_000, weight: 10_000, orders: 1_000 },
    newKeys: lettersAndDigits,
  },
  kraken: {
    script: scriptOf('kraken'),
    limits: {
      ...{ callCounterMax: 100_000, callDecayPerSecond: 10_000, orderCounterMax: 100_000, orderDecayPerSecond: 10_000 },
      ...{ publicCounterMax: 100_000, publicDecayPerSecond: 10_000, openOrdersMax: 10_000 },
    },
    deskLimits: { counter: 100_000, trading: 100_000, public: 100_000 },
    newKeys: krakenKeys,
  },
};

/** What the desk may send to a simulated venue. */
export const deskLimitsOf = (venue: string): Readonly<Record<string, number>> | undefined =>
  standIns[venue]?.deskLimits;

/** Whether local mode has a stand-in for a venue. */
export const isSimulated = (venue: string): boolean => Object.hasOwn(standIns, venue);

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

export interface SimulatedVenuesOptions {
  /** Where venues keep orders and balances; absent keeps them in memory. */
  stateDirectory: string | undefined;
  /** File that keeps the keys of accounts, readable by its owner only; absent keeps them in memory. */
  keysPath: string | undefined;
  /** Decides prices and trades of all simulated venues. */
  seed: number;
  watchdog: Watchdog;
  log: (message: string) => void;
  onUnexpectedExit: (error: Error) => void;
}

export interface SimulatedVenues {
  readonly running: readonly Simulator[];
  /** Origin of each that runs, by venue. */
  urls(): Record<string, string>;
  /** Keys of every account that ever was at one of them, by account. */
  keys(): Readonly<Record<string, TradingKeys>>;
  /**
   * Brings the accounts of a configuration to the simulated venues: starts those that do not run yet. One that has no account
   * any more goes on running, since what happened there is still to be seen.
   *
   * @throws Error when one does not start
   */
  serve(config: DeskConfig): Promise<void>;
  stop(): Promise<void>;
}

/** Enough of everything that is traded much for any load test. */
const ampleBalances = {
  ...{ USDT: '1000000000', USDC: '1000000000', BTC: '100000', ETH: '1000000', BNB: '1000000' },
  ...{ SOL: '10000000', XRP: '1000000000', ADA: '1000000000', DOGE: '1000000000' },
  ...{ USD: '1000000000', EUR: '1000000000' },
};

/** Gives each account at a simulated venue its keys: those that are known or in the file, else new ones. */
function provideTradingKeys(
  config: DeskConfig,
  { path, known }: { path: string | undefined; known: Readonly<Record<string, TradingKeys>> },
): Record<string, TradingKeys> {
  const stored = (path === undefined ? undefined : readStateFile(path)) as Record<string, TradingKeys> | undefined;
  const keys: Record<string, TradingKeys> = { ...stored, ...known };
  for (const [account, { exchange }] of Object.entries(config.accounts)) {
    const standIn = isSimulated(exchange) ? standIns[exchange] : undefined;
    if (standIn !== undefined) keys[account] ??= standIn.newKeys();
  }
  if (path !== undefined) writeStateFile(path, keys);
  return keys;
}

export function createSimulatedVenues(options: SimulatedVenuesOptions): SimulatedVenues {
  const running = new Map<string, Simulator>();
  let keys: Record<string, TradingKeys> = {};

  async function serveVenue(venue: string, accounts: readonly SimulatedAccount[]): Promise<void> {
    const simulator = running.get(venue);
    if (simulator === undefined) running.set(venue, await startSimulator(venue, accounts, options));
    else await addAccounts(simulator, accounts);
  }

  return {
    get running() {
      return [...running.values()];
    },
    urls: () => Object.fromEntries([...running].map(([venue, { url }]) => [venue, url])),
    keys: () => keys,
    async serve(config) {
      keys = provideTradingKeys(config, { path: options.keysPath, known: keys });
      const venues = new Set(Object.values(config.accounts).map(({ exchange }) => exchange));
      const served = [...venues].filter(isSimulated).map((venue) => serveVenue(venue, accountsAt(venue, config, keys)));
      // All of them have to be over before one that failed is told: whoever stops the rest must know them.
      const failure = (await Promise.allSettled(served)).find((result) => result.status === 'rejected');
      if (failure !== undefined) throw failure.reason;
    },
    async stop() {
      await Promise.all([...running.values()].map((simulator) => simulator.stop()));
    },
  };
}

/** An account in the words of the simulators. */
interface SimulatedAccount extends TradingKeys {
  name: string;
  balances: Readonly<Record<string, string>>;
}

function accountsAt(
  venue: string,
  config: DeskConfig,
  keys: Readonly<Record<string, TradingKeys>>,
): SimulatedAccount[] {
  return Object.entries(config.accounts).flatMap(([name, { exchange }]) => {
    const pair = keys[name];
    return exchange === venue && pair !== undefined ? [{ name, ...pair, balances: ampleBalances }] : [];
  });
}

async function startSimulator(
  venue: string,
  accounts: readonly SimulatedAccount[],
  options: SimulatedVenuesOptions,
): Promise<Simulator> {
  const { stateDirectory, seed } = options;
  const standIn = standIns[venue];
  if (standIn === undefined) throw new Error(`local mode has no stand-in for ${venue}`);
  const state = stateDirectory === undefined ? [] : ['--state', join(stateDirectory, venue)];
  const child: ReadyChild = await startChild({
    ...options,
    name: `simulated ${venue}`,
    arguments: [standIn.script, '--seed', String(seed), ...state],
    input: JSON.stringify({ accounts, limits: standIn.limits }),
  });
  return { venue, url: String(child.ready.url), pid: child.pid, stop: () => child.stop() };
}

/** Tells a running venue of its accounts; those that it knows stay as they are. */
async function addAccounts({ venue, url }: Simulator, accounts: readonly SimulatedAccount[]): Promise<void> {
  const answer = await fetch(`${url}/__sim/accounts`, { method: 'POST', body: JSON.stringify(accounts) });
  if (!answer.ok) throw new Error(`simulated ${venue} does not take its accounts: ${await answer.text()}`);
}
