/** `GET /health` on loopback, where the container's own health check asks. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const healthPath = '/health';
const host = '127.0.0.1';

export type Health = { isHealthy: true } | { isHealthy: false; reason: string };

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** @throws Error when the port cannot be listened at */
export async function startHealthServer(port: number, health: () => Health): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const isKnown = request.method === 'GET' && request.url === healthPath;
    const state = health();
    response.statusCode = isKnown ? (state.isHealthy ? 200 : 503) : 404;
    response.setHeader('content-type', 'application/json');
    response.setHeader('connection', 'close');
    response.end(JSON.stringify(isKnown ? state : { error: `only GET ${healthPath} is answered` }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
