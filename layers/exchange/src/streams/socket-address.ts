/** Where a socket is really dialled: ccxt keeps the venue's own addresses, since it reads from them what is behind them. */
import type { ClientOptions } from '../construct-client.ts';
import type { StreamVenueClient } from './stream-client.ts';

const parts = /^(wss?:\/\/[^/]+)(.*)$/;

export interface SocketAddresses {
  /** ccxt's addresses, texts nested in objects. */
  own: unknown;
  /** The same as they were configured, in the same shape. */
  moved: unknown;
  /** Base of all that is in neither, so that a stand-in's client never talks to the venue itself. @default where it is */
  otherwise?: string | undefined;
}

/** @returns the address to dial for one of the venue's */
export function socketAddresses({ own, moved, otherwise }: SocketAddresses): (url: string) => string {
  const pairs: Pair[] = [];
  collect(own, moved, pairs);
  const byLength = pairs.filter(({ from, to }) => from !== to).sort((a, b) => b.from.length - a.from.length);
  return (url) => {
    const exact = byLength.find(({ from }) => url.startsWith(from));
    if (exact !== undefined) return exact.to + url.slice(exact.from.length);
    // ccxt puts words between the host and the rest of a path, as Binance's futures have them.
    const [, origin, path = ''] = parts.exec(url) ?? [];
    const sameHost = byLength.find(({ from }) => parts.exec(from)?.[1] === origin);
    if (sameHost !== undefined) return baseOf(sameHost) + path;
    return otherwise === undefined ? url : otherwise.replace(/\/+$/, '').replace(/^http/, 'ws') + path;
  };
}

interface Pair {
  from: string;
  to: string;
}

/** What was put in place of the host: the new address without the path that both have. */
function baseOf({ from, to }: Pair): string {
  const path = parts.exec(from)?.[2] ?? '';
  return path !== '' && to.endsWith(path) ? to.slice(0, -path.length) : to;
}

function collect(own: unknown, moved: unknown, pairs: Pair[]): void {
  if (typeof own === 'string' && typeof moved === 'string') pairs.push({ from: own, to: moved });
  if (typeof own !== 'object' || own === null || typeof moved !== 'object' || moved === null) return;
  for (const [name, address] of Object.entries(own)) collect(address, (moved as Record<string, unknown>)[name], pairs);
}

/** Gives the client back the venue's own addresses of sockets, and says where each of them is dialled instead. */
export function dialled(
  client: Pick<StreamVenueClient, 'describe' | 'hostname' | 'urls'>,
  { exchangeConfig }: Pick<ClientOptions, 'exchangeConfig'>,
): (url: string) => string {
  const { baseUrl } = exchangeConfig;
  if (baseUrl === undefined) return (url) => url;
  const named = JSON.stringify(client.describe().urls?.api ?? {}).replaceAll('{hostname}', client.hostname ?? '');
  const own = (JSON.parse(named) as { ws?: unknown }).ws;
  const api = client.urls.api as Record<string, unknown>;
  const addressOf = socketAddresses({ own, moved: api.ws, ...(typeof baseUrl === 'string' && { otherwise: baseUrl }) });
  client.urls = { ...client.urls, api: { ...api, ws: own } };
  return addressOf;
}
