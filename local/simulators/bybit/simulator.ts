/** A simulated Bybit on a port of this machine, for ccxt's own classes to talk to. */
import { systemVenueClock, type VenueClock } from '../clock.ts';
import { decimal } from '../engine/decimal.ts';
import type { EngineEvent } from '../engine/types.ts';
import { FaultBoard } from '../fault-board.ts';
import { AccountDirectory } from '../shared/accounts.ts';
import { BookHistory } from '../shared/book-history.ts';
import { createSimulatedMarket, openAccounts, type SimulatorOptions, skewedTime } from '../shared/simulated-market.ts';
import { SocketGate } from '../shared/socket-gate.ts';
import { openVenueServer } from '../shared/venue-server.ts';
import { type BybitAccountOptions, standardPermissions } from './accounts.ts';
import { Catalog } from './catalog.ts';
import type { BybitVenue } from './context.ts';
import { controlledVenue } from './controlled-venue.ts';
import { frameWords } from './frame-words.ts';
import { createHttpDialect } from './http-dialect.ts';
import { type Limits, RateLimiter, standardLimits } from './limits.ts';
import { OrderLinks } from './order-links.ts';
import { PrivateStreams } from './private-streams.ts';
import { PublicStreams } from './public-streams.ts';
import { createSocketRouter } from './sockets.ts';

export interface BybitSimulatorOptions extends SimulatorOptions {
  accounts: readonly BybitAccountOptions[];
  /** Spot symbols listed; about as many perpetuals come with them. @default 420 */
  symbolsCount?: number | undefined;
  /** Replaces single limits. @default `standardLimits`, wider than Bybit's own `realLimits` */
  limits?: Partial<Limits> | undefined;
}

export interface BybitSimulator {
  /** Origin of REST and `/__sim`, e.g. `http://127.0.0.1:4803`. */
  readonly url: string;
  /** Origin of sockets, whose paths are Bybit's own. */
  readonly wsUrl: string;
  readonly port: number;
  close(): Promise<void>;
}

const symbolsCountStandard = 420;
/** Every symbol has its own rates. */
const feeRate = decimal('0.001');

/** Starts a simulated Bybit. Resolves once it accepts connections. @throws Error when the port is taken. */
export async function createBybitSimulator(options: BybitSimulatorOptions): Promise<BybitSimulator> {
  const clock = options.clock ?? systemVenueClock;
  const { venue, publicStreams, privateStreams } = createVenue(options, clock);
  const { faults, nowMs, market } = venue;
  const reset = () => {
    market.reset();
    venue.links.clear();
    openAccounts(market, venue.accounts.all());
  };
  const openerOf = createSocketRouter({ venue, publicStreams, privateStreams });
  const server = await openVenueServer({
    name: 'bybit',
    port: options.port ?? 0,
    clock,
    dialect: createHttpDialect(venue),
    gate: new SocketGate({ clock, faults, nowMs, words: frameWords, openerOf }),
    venue: controlledVenue(venue, reset),
  });
  return {
    url: server.url,
    wsUrl: server.socketUrl,
    port: server.port,
    async close() {
      await server.close();
      market.close();
    },
  };
}

function createVenue(options: BybitSimulatorOptions, clock: VenueClock) {
  const { seed, directory, tickMs, quietCandles = 'shown' } = options;
  const catalog = new Catalog({ seed, symbolsCount: options.symbolsCount ?? symbolsCountStandard });
  const accounts = new AccountDirectory(options.accounts, standardPermissions);
  const faults = new FaultBoard(() => clock.nowMs());
  const limiter = new RateLimiter({ ...standardLimits, ...options.limits });
  const links = new OrderLinks((instrumentId) => catalog.byInstrument(instrumentId).category);
  const market = createSimulatedMarket({
    ...{ seed, directory, tickMs, clock, faults, feeRate },
    symbolOf: (instrumentId) => catalog.byInstrument(instrumentId).symbol,
    instruments: catalog.instruments,
    onEvent(event: EngineEvent) {
      if (event.type === 'order' && event.action === 'accepted') links.add(event.order);
      if (event.type === 'trade') publicStreams.onTrade(event.trade);
      privateStreams.onEvent(event);
    },
  });
  const nowMs = skewedTime(clock, faults);
  const books = new BookHistory(() => clock.nowMs());
  const venue: BybitVenue = { catalog, accounts, market, faults, books, limiter, links, quietCandles, nowMs };
  const publicStreams = new PublicStreams({ venue, clock });
  const privateStreams = new PrivateStreams(venue);
  for (const order of market.engine.orders.all()) links.add(order);
  openAccounts(market, accounts.all());
  return { venue, publicStreams, privateStreams };
}
