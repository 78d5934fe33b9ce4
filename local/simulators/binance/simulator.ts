/** A simulated Binance on a port of this machine, for ccxt's own classes to talk to. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemVenueClock, type VenueClock } from '../clock.ts';
import { decimal } from '../engine/decimal.ts';
import { createFileStore } from '../engine/file-store.ts';
import { SeededVenue } from '../engine/seeded-venue.ts';
import { memoryStore } from '../engine/store.ts';
import type { EngineEvent } from '../engine/types.ts';
import { FaultBoard } from '../fault-board.ts';
import { type AccountOptions, Accounts } from './accounts.ts';
import { Catalog } from './catalog.ts';
import type { BinanceVenue } from './context.ts';
import { handleControl } from './control-routes.ts';
import { handleHttp, RequestCounts, readText } from './http-api.ts';
import { type Limits, RateLimiter, standardLimits } from './limits.ts';
import { Sockets } from './sockets.ts';
import { UserStreams } from './user-streams.ts';

export interface BinanceSimulatorOptions {
  /** @default 0, any free port */
  port?: number | undefined;
  /** Decides symbols, prices and trades. */
  seed: number;
  /** Where orders and balances survive a restart; absent keeps them in memory. */
  directory?: string | undefined;
  /** @default the system's time */
  clock?: VenueClock | undefined;
  accounts: readonly AccountOptions[];
  /** Spot symbols listed. @default 2100 */
  symbolsCount?: number | undefined;
  /** How often markets in use move. @default 250 */
  tickMs?: number | undefined;
  /** Replaces single limits. @default `standardLimits`, wider than Binance's own `realLimits` */
  limits?: Partial<Limits> | undefined;
}

export interface BinanceSimulator {
  /** Origin of REST and `/__sim`, e.g. `http://127.0.0.1:4801`. */
  readonly url: string;
  /** Base of raw streams, for ccxt's `urls.api.ws.spot`. */
  readonly wsUrl: string;
  /** The WebSocket API, for ccxt's `urls.api.ws['ws-api'].spot`. */
  readonly wsApiUrl: string;
  readonly port: number;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const feeRate = decimal('0.001');

/** Starts a simulated Binance. Resolves once it accepts connections. @throws Error when the port is taken. */
export async function createBinanceSimulator(options: BinanceSimulatorOptions): Promise<BinanceSimulator> {
  const clock = options.clock ?? systemVenueClock;
  const simulation = createSimulation(options, clock);
  const { venue, sockets, counts } = simulation;
  let port = options.port ?? 0;
  let server: Server;
  let cancelReopening = () => {};

  const actions = {
    disconnectStreams: () => sockets.disconnectAll(),
    connectionCount: () => sockets.connectionCount,
    reset: simulation.reset,
    refuseConnections: (forMs: number) => {
      // The answer to the request that asked for it goes out first.
      setImmediate(() => {
        sockets.disconnectAll();
        server.close();
        server.closeAllConnections();
      });
      cancelReopening = clock.after(forMs, () => void open());
    },
  };
  const handle = (request: IncomingMessage, response: ServerResponse) =>
    request.url?.startsWith('/__sim') === true
      ? serveControl({ venue, counts, actions }, request, response)
      : handleHttp({ venue, clock, counts }, request, response);

  async function open(): Promise<void> {
    server = createServer((request, response) => {
      handle(request, response).catch((error: unknown) => failRequest(response, error));
    });
    server.keepAliveTimeout = 60_000;
    sockets.attach(server);
    await listen(server, port);
    port = (server.address() as AddressInfo).port;
  }

  await open();
  return {
    url: `http://${host}:${port}`,
    wsUrl: `ws://${host}:${port}/stream/ws`,
    wsApiUrl: `ws://${host}:${port}/ws-api/v3`,
    port,
    async close() {
      cancelReopening();
      sockets.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      venue.market.close();
    },
  };
}

function createSimulation(options: BinanceSimulatorOptions, clock: VenueClock) {
  const catalog = new Catalog({ seed: options.seed, symbolsCount: options.symbolsCount ?? 2100 });
  const accounts = new Accounts(options.accounts);
  const faults = new FaultBoard(() => clock.nowMs());
  const limits = { ...standardLimits, ...options.limits };
  const nowMs = () => faults.active('skew-clock').reduce((sum, { skewMs }) => sum + skewMs, clock.nowMs());
  const symbolOf = (instrumentId: string) => catalog.byInstrument(instrumentId).symbol;
  const userStreams = new UserStreams({ nowMs, symbolOf });
  const onEvent = (event: EngineEvent) => {
    userStreams.publish(event);
    if (event.type === 'trade') sockets.marketStreams.onTrade(event.trade);
  };
  const market = new SeededVenue({
    instruments: catalog.instruments,
    seed: options.seed,
    clock,
    feeRate,
    store: options.directory === undefined ? memoryStore : createFileStore(options.directory),
    tickMs: options.tickMs,
    onEvent,
    hideFillUntilMs: (order) => {
      const subject = { account: order.accountId, symbol: symbolOf(order.instrumentId) };
      const [fault] = faults.strike(['hide-fill'], subject);
      return fault === undefined ? undefined : clock.nowMs() + fault.hideMs;
    },
  });
  const limiter = new RateLimiter(limits);
  const venue: BinanceVenue = { catalog, accounts, market, faults, limits, limiter, userStreams, nowMs };
  const sockets = new Sockets(venue, clock);
  const counts = new RequestCounts();
  openAccounts(venue);
  const reset = () => {
    sockets.disconnectAll();
    market.reset();
    openAccounts(venue);
  };
  return { venue, sockets, counts, reset };
}

/** Gives each account its starting balances, unless it has a past. */
function openAccounts(venue: BinanceVenue): void {
  const { engine } = venue.market;
  const known = new Set(engine.ledger.accountIds());
  for (const account of venue.accounts.all()) {
    if (known.has(account.id)) continue;
    for (const [asset, amount] of Object.entries(account.startingBalances)) {
      engine.transfer(account.id, asset, decimal(amount));
    }
  }
}

async function serveControl(
  options: Parameters<typeof handleControl>[0],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readText(request);
  const answer = handleControl(options, { method: request.method ?? 'GET', url: request.url ?? '/', body });
  response.writeHead(answer.status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(answer.body));
}

/** A defect of the simulator itself: told on stderr, and to the client as a plain 500. */
function failRequest(response: ServerResponse, error: unknown): void {
  // A client that hung up in the middle of its request is no defect.
  if (response.socket === null || response.socket.destroyed) return;
  console.error('binance simulator failed on a request:', error);
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
