/** The WebSocket side of a venue: opening connections, keeping them alive, closing them on request. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { every, type VenueClock } from '../clock.ts';
import type { FaultBoard } from '../fault-board.ts';
import { type FaultyConnection, type FrameWords, spoilFrames } from './frame-faults.ts';

const pingPeriodMs = 20_000;

/** Takes over a connection that has just been opened. */
export type SocketOpener = (socket: WebSocket, address: string) => void;

export interface SocketGateOptions {
  clock: VenueClock;
  faults: FaultBoard;
  /** The venue's own time, which pings carry. */
  nowMs(): number;
  /** How faults of frames read what is sent. */
  words: FrameWords;
  /** Who serves connections to this address; `undefined` refuses them with 404. */
  openerOf(url: URL): SocketOpener | undefined;
}

export class SocketGate {
  readonly #options: SocketGateOptions;
  // Pings are answered here, since one who has fallen silent answers none.
  readonly #server = new WebSocketServer({ noServer: true, autoPong: false });
  readonly #connections = new WeakMap<WebSocket, FaultyConnection>();
  readonly #answered = new WeakSet<WebSocket>();
  readonly #stopPinging: () => void;

  constructor(options: SocketGateOptions) {
    this.#options = options;
    this.#stopPinging = every(options.clock, pingPeriodMs, () => this.#ping());
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
    if (this.#options.faults.active('disconnect-streams').length > 0) {
      socket.destroy();
      return;
    }
    const open = this.#options.openerOf(url);
    if (open === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (client) => {
      const { faults, words } = this.#options;
      const connection = spoilFrames(client, { path: url.pathname, faults, words });
      this.#connections.set(client, connection);
      this.#answered.add(client);
      client.on('pong', () => this.#answered.add(client));
      client.on('ping', (data) => {
        if (!connection.isSilent) client.pong(data);
      });
      client.on('error', () => client.terminate());
      open(client, request.socket.remoteAddress ?? 'unknown');
    });
  }

  /** A client that has not answered the last ping is gone. */
  #ping(): void {
    for (const client of this.#server.clients) {
      if (this.#connections.get(client)?.isSilent === true) continue;
      if (this.#answered.delete(client)) client.ping(String(Math.floor(this.#options.nowMs())));
      else client.terminate();
    }
  }
}
