/** Which address is which kind of connection. */
import type { SocketOpener } from '../shared/socket-gate.ts';
import type { BinanceVenue } from './context.ts';
import type { MarketStreams } from './market-streams.ts';
import { SocketApiConnection } from './socket-api.ts';
import { StreamConnection } from './stream-connection.ts';
import { StreamHub } from './stream-hub.ts';

/** Serves streams and the WebSocket API; `undefined` for any other address. */
export function createSocketRouter(
  venue: BinanceVenue,
  marketStreams: MarketStreams,
): (url: URL) => SocketOpener | undefined {
  const hub = new StreamHub(marketStreams);
  return (url) => {
    const kind = connectionKind(url);
    if (kind === undefined) return undefined;
    return (socket, address) => {
      if (kind.api) new SocketApiConnection({ venue, socket, address });
      else new StreamConnection({ venue, hub, socket, names: kind.names, combined: kind.combined });
    };
  };
}

type ConnectionKind = { api: true } | { api: false; combined: boolean; names: string[] };

/**
 * `/ws/<names>` is raw, `/stream?streams=<names>` combined, `/ws-api/v3` the WebSocket API. Raw streams are also at
 * `/stream/ws/…`, because ccxt tells spot from futures by the text `/stream` in the address. `/private/ws?listenKey=` is the user
 * data stream of the account for perpetuals.
 */
function connectionKind(url: URL): ConnectionKind | undefined {
  if (url.pathname === '/ws-api/v3') return { api: true };
  const path = url.pathname.replace(/^\/stream\/ws(?=\/|$)/, '/ws');
  if (path === '/ws' || path.startsWith('/ws/')) {
    return { api: false, combined: false, names: path.split('/').slice(2).filter(Boolean) };
  }
  if (path === '/private/ws') return { api: false, combined: false, names: url.searchParams.getAll('listenKey') };
  if (path !== '/stream') return undefined;
  const names = url.searchParams.get('streams')?.split('/').filter(Boolean) ?? [];
  return { api: false, combined: true, names };
}
