/** The WebSocket side: which path is which kind of connection, keep-alive, and disconnection on request. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { every, type VenueClock } from '../clock.ts';
import type { BinanceVenue } from './context.ts';
import { MarketStreams } from './market-streams.ts';
import { SocketApiConnection } from './socket-api.ts';
import { StreamConnection } from './stream-connection.ts';
import { StreamHub } from './stream-hub.ts';

const pingPeriodMs = 20_000;

export class Sockets {
  readonly marketStreams: MarketStreams;
  readonly hub: StreamHub;
  readonly #venue: BinanceVenue;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #answered = new WeakSet<WebSocket>();
  readonly #stopPinging: () => void;

  constructor(venue: BinanceVenue, clock: VenueClock) {
    this.#venue = venue;
    this.marketStreams = new MarketStreams({ venue, clock });
    this.hub = new StreamHub(this.marketStreams);
    this.#stopPinging = every(clock, pingPeriodMs, () => this.#ping());
  }

  get connectionCount(): number {
    return this.#server.clients.size;
  }

  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  disconnectAll(): void {
    for (const client of this.#server.clients) client.terminate();
  }

  close(): void {
    this.#stopPinging();
    this.disconnectAll();
    this.#server.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'ws://simulator');
    if (this.#venue.faults.active('disconnect-streams').length > 0) {
      socket.destroy();
      return;
    }
    const kind = connectionKind(url);
    if (kind === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (client) => {
      this.#answered.add(client);
      client.on('pong', () => this.#answered.add(client));
      client.on('error', () => client.terminate());
      this.#open(client, kind, request.socket.remoteAddress ?? 'unknown');
    });
  }

  #open(socket: WebSocket, kind: ConnectionKind, address: string): void {
    const venue = this.#venue;
    if (kind.api) new SocketApiConnection({ venue, socket, address });
    else new StreamConnection({ venue, hub: this.hub, socket, names: kind.names, combined: kind.combined });
  }

  /** A client that has not answered the last ping is gone. */
  #ping(): void {
    for (const client of this.#server.clients) {
      if (this.#answered.delete(client)) client.ping(String(Math.floor(this.#venue.nowMs())));
      else client.terminate();
    }
  }
}

type ConnectionKind = { api: true } | { api: false; combined: boolean; names: string[] };

/**
 * `/ws/<names>` is raw, `/stream?streams=<names>` combined, `/ws-api/v3` the WebSocket API. Raw streams are also at
 * `/stream/ws/…`, because ccxt tells spot from futures by the text `/stream` in the address.
 */
function connectionKind(url: URL): ConnectionKind | undefined {
  if (url.pathname === '/ws-api/v3') return { api: true };
  const path = url.pathname.replace(/^\/stream\/ws(?=\/|$)/, '/ws');
  if (path === '/ws' || path.startsWith('/ws/')) {
    return { api: false, combined: false, names: path.split('/').slice(2).filter(Boolean) };
  }
  if (path !== '/stream') return undefined;
  const names = url.searchParams.get('streams')?.split('/').filter(Boolean) ?? [];
  return { api: false, combined: true, names };
}
