/**
 * A venue that sends what was recorded: it answers what a client asks of the recording, and passes everything else, such as
 * the list of markets, on to a simulated one.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';

/** Sends one frame to a client. */
export type SendFrame = (frame: string) => void;

export interface ReplayVenue {
  /** What an HTTP request is answered with; `undefined` passes it on. */
  answer(path: string, query: URLSearchParams): unknown;
  /** Takes what a client sends over its socket. */
  receive(message: Readonly<Record<string, unknown>>, send: SendFrame): void;
  /** A client is gone. */
  leave(send: SendFrame): void;
}

export interface ReplayServer {
  /** Origin of HTTP and sockets alike. */
  readonly url: string;
  readonly connectionsCount: number;
  close(): Promise<void>;
}

export async function startReplayServer(venue: ReplayVenue, upstreamUrl: string): Promise<ReplayServer> {
  const server = createServer((request, response) => void answer(request, response));
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket: WebSocket) => {
    const send: SendFrame = (frame) => socket.send(frame);
    socket.on('message', (data: RawData) =>
      venue.receive(JSON.parse(data.toString()) as Record<string, unknown>, send),
    );
    socket.on('close', () => venue.leave(send));
    socket.on('error', () => socket.terminate());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const own = venue.answer(url.pathname, url.searchParams);
    const passed = own === undefined ? await fetch(`${upstreamUrl}${request.url}`) : undefined;
    const body = passed === undefined ? JSON.stringify(own) : await passed.text();
    response.writeHead(passed?.status ?? 200, { 'content-type': 'application/json' });
    response.end(body);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connectionsCount() {
      return sockets.clients.size;
    },
    async close() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
