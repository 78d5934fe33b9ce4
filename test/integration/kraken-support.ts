import { kraken, pro } from 'ccxt';
import { sign } from '../../local/simulators/kraken/signature.ts';
import {
  createKrakenSimulator,
  type KrakenSimulator,
  type KrakenSimulatorOptions,
} from '../../local/simulators/kraken/simulator.ts';

export const mainAccount = {
  name: 'main',
  apiKey: 'mainKey0'.repeat(7),
  secret: Buffer.from('main secret of the simulated venue').toString('base64'),
  balances: { USD: '10000000', USDT: '10000000', BTC: '100', ETH: '100' },
};
export const readerAccount = {
  name: 'reader',
  apiKey: 'readKey0'.repeat(7),
  secret: Buffer.from('reader secret of the simulated venue').toString('base64'),
  balances: { USD: '50' },
  permissions: ['query-funds', 'query-open-trades', 'query-closed-trades'] as const,
};

export function startSimulator(options: Partial<KrakenSimulatorOptions> = {}): Promise<KrakenSimulator> {
  return createKrakenSimulator({ seed: 11, symbolsCount: 60, accounts: [mainAccount, readerAccount], ...options });
}

let lastNonce = 0;

/** ccxt counts nonces in milliseconds, of which two calls to this machine may share one. */
export function nextNonce(): number {
  lastNonce = Math.max(Date.now() * 1000, lastNonce + 1);
  return lastNonce;
}

/** ccxt's own class with nothing changed but the addresses and how fine its nonces are. */
export function restClient(
  simulator: Pick<KrakenSimulator, 'url'>,
  account: { apiKey: string; secret: string } = mainAccount,
) {
  const exchange = new kraken({ apiKey: account.apiKey, secret: account.secret, enableRateLimit: false });
  redirect(exchange, simulator.url);
  exchange.nonce = nextNonce;
  return exchange;
}

export async function streamClient(simulator: Pick<KrakenSimulator, 'url' | 'wsUrl'>) {
  const exchange = new pro.kraken({ apiKey: mainAccount.apiKey, secret: mainAccount.secret, enableRateLimit: false });
  redirect(exchange, simulator.url);
  exchange.nonce = nextNonce;
  const api = exchange.urls.api as unknown as { ws: Record<string, unknown> };
  api.ws = { ...api.ws, publicV2: simulator.wsUrl, privateV2: simulator.wsUrl };
  // ccxt needs this before it opens any address that begins with ws:// rather than wss://.
  await exchange.loadHttpProxyAgent();
  return exchange;
}

function redirect(exchange: { urls: unknown }, origin: string): void {
  const { api } = exchange.urls as { api: Record<string, unknown> };
  for (const [name, url] of Object.entries(api)) {
    if (typeof url === 'string') api[name] = url.replace(/^https:\/\/[^/]+/, origin);
  }
}

export interface KrakenAnswer {
  error: string[];
  result?: Record<string, unknown>;
}

export interface PrivateCall {
  account?: { apiKey: string; secret: string };
  nonce?: string;
  /** Replaces what the request would be signed with. */
  signature?: string;
}

/** A private call without ccxt, which would translate the errors. */
export async function callPrivate(
  url: string,
  name: string,
  params: Readonly<Record<string, string>> = {},
  { account = mainAccount, nonce = String(nextNonce()), signature }: PrivateCall = {},
): Promise<KrakenAnswer> {
  const path = `/0/private/${name}`;
  const body = new URLSearchParams({ nonce, ...params }).toString();
  const response = await fetch(url + path, {
    method: 'POST',
    body,
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      'API-Key': account.apiKey,
      'API-Sign': signature ?? sign({ path, nonce, body }, account.secret),
    },
  });
  return (await response.json()) as KrakenAnswer;
}

export async function callPublic(url: string, path: string): Promise<KrakenAnswer> {
  const response = await fetch(`${url}/0/public/${path}`);
  return (await response.json()) as KrakenAnswer;
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
  orderId: string;
  symbol: string;
  status: string;
  executedQty: string;
  acceptedAtMs: number;
  origQty: string;
  trigger: { price: string; when: string; by: string } | null;
  trailing: { offset: string; unit: string; best: string | null } | null;
  expiresAtMs: number | null;
  fills: { qty: string; quoteQty: string; commission: string; commissionAsset: string; tradeId: number }[];
}

export async function simulatedOrders(url: string): Promise<SimulatedOrder[]> {
  const { body } = await control(url, 'GET', 'orders');
  return body.orders as SimulatedOrder[];
}
