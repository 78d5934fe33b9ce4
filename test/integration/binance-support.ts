import { binance, pro } from 'ccxt';
import {
  type BinanceSimulator,
  type BinanceSimulatorOptions,
  createBinanceSimulator,
} from '../../local/simulators/binance/simulator.ts';

export const mainAccount = {
  name: 'main',
  apiKey: 'mainKey0'.repeat(8),
  secret: 'mainSecret'.repeat(6),
  balances: { USDT: '10000000', BTC: '100', ETH: '100' },
};
export const readerAccount = {
  name: 'reader',
  apiKey: 'readKey0'.repeat(8),
  secret: 'readSecret'.repeat(6),
  balances: { USDT: '50' },
  permissions: ['read'] as const,
};

export function startSimulator(options: Partial<BinanceSimulatorOptions> = {}): Promise<BinanceSimulator> {
  return createBinanceSimulator({ seed: 11, accounts: [mainAccount, readerAccount], ...options });
}

type Addresses = Pick<BinanceSimulator, 'url' | 'wsUrl' | 'wsApiUrl'>;

/** ccxt's own class with nothing changed but the addresses. */
export function restClient(
  simulator: Pick<BinanceSimulator, 'url'>,
  account: { apiKey: string; secret: string } = mainAccount,
) {
  const exchange = new binance({ apiKey: account.apiKey, secret: account.secret, enableRateLimit: false });
  redirect(exchange.urls, simulator.url);
  return exchange;
}

export async function streamClient(simulator: Addresses) {
  const exchange = new pro.binance({ apiKey: mainAccount.apiKey, secret: mainAccount.secret, enableRateLimit: false });
  redirect(exchange.urls, simulator.url);
  const api = exchange.urls.api as unknown as { ws: Record<string, unknown> };
  api.ws = { ...api.ws, spot: simulator.wsUrl, 'ws-api': { spot: simulator.wsApiUrl } };
  // ccxt needs this before it opens any address that begins with ws:// rather than wss://.
  await exchange.loadHttpProxyAgent();
  return exchange;
}

function redirect(urls: unknown, origin: string): void {
  const { api } = urls as { api: Record<string, unknown> };
  for (const [name, url] of Object.entries(api)) {
    if (typeof url === 'string') api[name] = url.replace(/^https:\/\/[^/]+/, origin);
  }
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
  clientOrderId: string;
  orderId: number;
  symbol: string;
  status: string;
  executedQty: string;
  acceptedAtMs: number;
  fills: { qty: string; tradeId: number }[];
  trigger: { price: string; when: string; by: string } | null;
  trailing: { offset: string; unit: string; activationPrice: string | null; best: string | null } | null;
  listId: number | null;
  reduceOnly: boolean;
}

export async function simulatedOrders(url: string): Promise<SimulatedOrder[]> {
  const { body } = await control(url, 'GET', 'orders');
  return body.orders as SimulatedOrder[];
}
