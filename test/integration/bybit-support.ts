import { bybit, pro } from 'ccxt';
import {
  type BybitSimulator,
  type BybitSimulatorOptions,
  createBybitSimulator,
} from '../../local/simulators/bybit/simulator.ts';

export const mainAccount = {
  name: 'main',
  apiKey: 'mainKey0'.repeat(3),
  secret: 'mainSecret0'.repeat(4),
  balances: { USDT: '10000000', BTC: '100', ETH: '100' },
};
export const readerAccount = {
  name: 'reader',
  apiKey: 'readKey0'.repeat(3),
  secret: 'readSecret0'.repeat(4),
  balances: { USDT: '50' },
  permissions: ['read'] as const,
};

export const spot = 'BTC/USDT';
export const perpetual = 'BTC/USDT:USDT';

export function startSimulator(options: Partial<BybitSimulatorOptions> = {}): Promise<BybitSimulator> {
  return createBybitSimulator({ seed: 11, accounts: [mainAccount, readerAccount], symbolsCount: 60, ...options });
}

/** ccxt's own class with nothing changed but the origin of its addresses. */
export function restClient(
  simulator: Pick<BybitSimulator, 'url'>,
  account: { apiKey: string; secret: string } = mainAccount,
) {
  const { apiKey, secret } = account;
  const exchange = new bybit({ apiKey, secret, enableRateLimit: false });
  exchange.urls.api = moved(exchange.urls.api, simulator.url) as typeof exchange.urls.api;
  return exchange;
}

export async function streamClient(simulator: Pick<BybitSimulator, 'url'>) {
  const { apiKey, secret } = mainAccount;
  const exchange = new pro.bybit({ apiKey, secret, enableRateLimit: false });
  exchange.urls.api = moved(exchange.urls.api, simulator.url) as typeof exchange.urls.api;
  // ccxt needs this before it opens any address that begins with ws:// rather than wss://.
  await exchange.loadHttpProxyAgent();
  return exchange;
}

function moved(urls: unknown, origin: string): unknown {
  if (typeof urls === 'string') {
    return urls.replace(/^(https|wss):\/\/[^/]+/, (_, scheme) =>
      scheme === 'wss' ? origin.replace('http', 'ws') : origin,
    );
  }
  if (typeof urls !== 'object' || urls === null) return urls;
  return Object.fromEntries(Object.entries(urls).map(([name, part]) => [name, moved(part, origin)]));
}

export async function control(url: string, method: string, path: string, body?: unknown) {
  const response = await fetch(`${url}/__sim/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

export interface SimulatedOrder {
  account: string;
  category: string;
  symbol: string;
  orderId: string;
  orderLinkId: string;
  orderStatus: string;
  stopOrderType: string;
  cumExecQty: string;
  qty: string;
  fills: { qty: string; tradeId: number }[];
  trigger: { price: string; when: string; by: string } | null;
  trailing: { offset: string; unit: string; activationPrice: string | null; best: string | null } | null;
  reduceOnly: boolean;
}

export async function simulatedOrders(url: string): Promise<SimulatedOrder[]> {
  const { body } = await control(url, 'GET', 'orders');
  return body.orders as SimulatedOrder[];
}

export interface SimulatedPosition {
  account: string;
  symbol: string;
  slot: string;
  size: string;
  realized: string;
  fees: string;
  funding: string;
  net: string;
}

export async function simulatedPosition(url: string, symbol = 'BTCUSDT'): Promise<SimulatedPosition | undefined> {
  const { body } = await control(url, 'GET', 'positions');
  const positions = body.positions as SimulatedPosition[];
  return positions.find((position) => position.account === 'main' && position.symbol === symbol);
}
