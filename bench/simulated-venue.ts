/** The simulated Binance by itself, for measures that need no desk around it. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { noWatchdog } from '@nightdesk/local/cloud/lambda/watchdog.ts';
import { startChild } from '@nightdesk/local/supervisor/child-process.ts';
import type { SimulatorOrder } from '@nightdesk/local/supervisor/client.ts';
import type { TradingKeys } from '@nightdesk/local/supervisor/simulators.ts';

export interface SimulatedVenue {
  url: string;
  /** Of the first account at it. Each holds enough for every measure. */
  keys: TradingKeys;
  /** Of all of them. */
  allKeys: readonly TradingKeys[];
  /** When it took an order; epoch milliseconds with decimals. @throws Error when it does not have it */
  acceptedAtMs(clientOrderId: string): Promise<number>;
  /** What it was asked so far, and the request weight of that. */
  requests(): Promise<RequestTotals>;
  /** Moves the time that it shows and checks ahead. */
  advance(byMs: number): Promise<void>;
  /** Last price of a market. @param symbol in the venue's words */
  priceOf(symbol: string): Promise<number>;
  stop(): Promise<void>;
}

export interface RequestTotals {
  calls: number;
  weight: number;
  /** Calls by endpoint. */
  endpoints: Readonly<Record<string, number>>;
}

const script = fileURLToPath(import.meta.resolve('@nightdesk/local/simulators/binance/main.ts'));
const balances = { USDT: '1000000000', USDC: '1000000000', BTC: '100000' };

const newKeys = (): TradingKeys => ({
  apiKey: randomBytes(32).toString('hex'),
  secret: randomBytes(32).toString('hex'),
});

/**
 * @param limits in place of Binance's own, by the simulator's names
 * @param options how many accounts there are at it
 */
export async function startSimulatedVenue(
  limits: Readonly<Record<string, number>> = {},
  { accounts = 1 }: { accounts?: number } = {},
): Promise<SimulatedVenue> {
  const keys = newKeys();
  const allKeys = [keys, ...Array.from({ length: accounts - 1 }, newKeys)];
  const child = await startChild({
    name: 'simulated binance',
    arguments: [script],
    input: JSON.stringify({ accounts: allKeys.map((each) => ({ ...each, balances })), limits }),
    watchdog: noWatchdog,
    log: console.error,
    onUnexpectedExit: (error) => console.error(error.message),
  });
  const url = String(child.ready.url);
  return {
    url,
    keys,
    allKeys,
    async acceptedAtMs(clientOrderId) {
      const answer = await fetch(`${url}/__sim/orders?${new URLSearchParams({ clientOrderId })}`);
      const { orders } = (await answer.json()) as { orders: SimulatorOrder[] };
      const [order] = orders;
      if (order === undefined) throw new Error(`the simulated venue has no order ${clientOrderId}`);
      return order.acceptedAtMs;
    },
    requests: () => requestTotals(url),
    async advance(skewMs) {
      if (skewMs <= 0) return;
      const answer = await fetch(`${url}/__sim/faults`, {
        method: 'POST',
        body: JSON.stringify({ kind: 'skew-clock', skewMs: Math.round(skewMs) }),
      });
      if (!answer.ok) throw new Error(`the simulated venue refused to move its clock: ${await answer.text()}`);
    },
    async priceOf(symbol) {
      const answer = await fetch(`${url}/api/v3/ticker/price?symbol=${symbol}`);
      return Number(((await answer.json()) as { price: string }).price);
    },
    stop: () => child.stop(),
  };
}

/** What a simulated venue was asked so far. @param url its address */
export async function requestTotals(url: string): Promise<RequestTotals> {
  const answer = await fetch(`${url}/__sim/requests`);
  const told = (await answer.json()) as {
    endpoints: Record<string, Record<string, number>>;
    weightByWindow: Record<string, number>;
  };
  const sum = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((all, count) => all + count, 0);
  const endpoints = Object.fromEntries(Object.entries(told.endpoints).map(([name, outcomes]) => [name, sum(outcomes)]));
  return { calls: sum(endpoints), weight: sum(told.weightByWindow), endpoints };
}
