/** A venue's port: REST, sockets and control calls, and its closing and opening again on request. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { VenueClock } from '../clock.ts';
import { type ControlledVenue, handleControl } from './control-routes.ts';
import { type HttpDialect, handleHttp, readText } from './http-api.ts';
import { RequestCounts } from './request-counts.ts';
import type { SocketGate } from './socket-gate.ts';

export interface VenueServerOptions {
  /** How messages name the venue. */
  name: string;
  /** 0 takes any free port. */
  port: number;
  clock: VenueClock;
  dialect: HttpDialect;
  gate: SocketGate;
  venue: ControlledVenue;
}

export interface VenueServer {
  /** Origin of REST and `/__sim`, e.g. `http://127.0.0.1:4801`. */
  readonly url: string;
  /** Origin of sockets, e.g. `ws://127.0.0.1:4801`. */
  readonly socketUrl: string;
  readonly port: number;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const keepAliveMs = 60_000;

/** Resolves once connections are accepted. @throws Error when the port is taken. */
export async function openVenueServer(options: VenueServerOptions): Promise<VenueServer> {
  const { name, clock, dialect, gate, venue } = options;
  const counts = new RequestCounts();
  let { port } = options;
  let server: Server;
  let cancelReopening = () => {};

  const actions = {
    disconnectStreams: () => gate.disconnectAll(),
    connectionCount: () => gate.connectionCount,
    refuseConnections: (forMs: number) => {
      // The answer to the request that asked for it goes out first.
      setImmediate(() => {
        gate.disconnectAll();
        server.close();
        server.closeAllConnections();
      });
      cancelReopening = clock.after(forMs, () => void open());
    },
  };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/__sim') !== true) {
      await handleHttp({ dialect, faults: venue.faults, clock, counts }, request, response);
      return;
    }
    const body = await readText(request);
    const input = { method: request.method ?? 'GET', url: request.url, body };
    const answer = handleControl({ venue, clock, counts, actions }, input);
    response.writeHead(answer.status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  };

  async function open(): Promise<void> {
    server = createServer((request, response) => {
      handle(request, response).catch((error: unknown) => failRequest(name, response, error));
    });
    server.keepAliveTimeout = keepAliveMs;
    gate.attach(server);
    await listen(server, port);
    port = (server.address() as AddressInfo).port;
  }

  await open();
  return {
    url: `http://${host}:${port}`,
    socketUrl: `ws://${host}:${port}`,
    port,
    async close() {
      cancelReopening();
      gate.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** A defect of the simulator itself: told on stderr, and to the client as a plain 500. */
function failRequest(name: string, response: ServerResponse, error: unknown): void {
  // A client that hung up in the middle of its request is no defect.
  if (response.socket === null || response.socket.destroyed) return;
  console.error(`${name} simulator failed on a request:`, error);
  if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'text/plain' });
  response.end('the simulator failed; see its stderr');
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
