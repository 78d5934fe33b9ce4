/** The simulated Binance by itself, for measures that need no desk around it. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { noWatchdog } from '@nightdesk/local/cloud/lambda/watchdog.ts';
import { startChild } from '@nightdesk/local/supervisor/child-process.ts';
import type { SimulatorOrder } from '@nightdesk/local/supervisor/client.ts';
import type { TradingKeys } from '@nightdesk/local/supervisor/simulators.ts';

export interface SimulatedVenue {
  url: string;
  /** Of the one account at it, which holds enough for every measure. */
  keys: TradingKeys;
  /** When it took an order; epoch milliseconds with decimals. @throws Error when it does not have it */
  acceptedAtMs(clientOrderId: string): Promise<number>;
  stop(): Promise<void>;
}

const script = fileURLToPath(import.meta.resolve('@nightdesk/local/simulators/binance/main.ts'));
const balances = { USDT: '1000000000', BTC: '100000' };

export async function startSimulatedVenue(): Promise<SimulatedVenue> {
  const keys: TradingKeys = { apiKey: randomBytes(32).toString('hex'), secret: randomBytes(32).toString('hex') };
  const child = await startChild({
    name: 'simulated binance',
    arguments: [script],
    input: JSON.stringify({ accounts: [{ ...keys, balances }] }),
    watchdog: noWatchdog,
    log: console.error,
    onUnexpectedExit: (error) => console.error(error.message),
  });
  const url = String(child.ready.url);
  return {
    url,
    keys,
    async acceptedAtMs(clientOrderId) {
      const answer = await fetch(`${url}/__sim/orders?${new URLSearchParams({ clientOrderId })}`);
      const { orders } = (await answer.json()) as { orders: SimulatorOrder[] };
      const [order] = orders;
      if (order === undefined) throw new Error(`the simulated venue has no order ${clientOrderId}`);
      return order.acceptedAtMs;
    },
    stop: () => child.stop(),
  };
}
