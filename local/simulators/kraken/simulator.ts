/** A simulated Kraken on a port of this machine, for ccxt's own classes to talk to. */
import { systemVenueClock, type VenueClock } from '../clock.ts';
import type { EngineEvent } from '../engine/types.ts';
import { FaultBoard } from '../fault-board.ts';
import { BookHistory } from '../shared/book-history.ts';
import { createSimulatedMarket, openAccounts, type SimulatorOptions, skewedTime } from '../shared/simulated-market.ts';
import { SocketGate } from '../shared/socket-gate.ts';
import { openVenueServer } from '../shared/venue-server.ts';
import { Accounts, type KrakenAccountOptions } from './accounts.ts';
import { Catalog, feeRates } from './catalog.ts';
import type { KrakenVenue } from './context.ts';
import { controlledVenue } from './controlled-venue.ts';
import { createFrameWords } from './frame-words.ts';
import { createHttpDialect } from './http-dialect.ts';
import { type Limits, RateLimiter, standardLimits } from './limits.ts';
import { openSocketSession } from './socket-session.ts';
import { SocketTokens } from './socket-tokens.ts';

export interface KrakenSimulatorOptions extends SimulatorOptions {
  accounts: readonly KrakenAccountOptions[];
  /** Pairs listed. @default 700 */
  symbolsCount?: number | undefined;
  /** Replaces single limits. @default `standardLimits`, wider than Kraken's own `realLimits` */
  limits?: Partial<Limits> | undefined;
}

export interface KrakenSimulator {
  /** Origin of REST and `/__sim`, e.g. `http://127.0.0.1:4802`. */
  readonly url: string;
  /** WebSocket v2, public and private channels alike, for ccxt's `urls.api.ws.publicV2` and `privateV2`. */
  readonly wsUrl: string;
  readonly port: number;
  close(): Promise<void>;
}

const symbolsCountStandard = 700;

/** Starts a simulated Kraken. Resolves once it accepts connections. @throws Error when the port is taken. */
export async function createKrakenSimulator(options: KrakenSimulatorOptions): Promise<KrakenSimulator> {
  const clock = options.clock ?? systemVenueClock;
  const listeners = new Set<(event: EngineEvent) => void>();
  const venue = createVenue(options, { clock, onEvent: (event) => notify(listeners, event) });
  const { faults, nowMs, market } = venue;
  const listen = (listener: (event: EngineEvent) => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const openerOf = (url: URL) => {
    return url.pathname === '/v2' ? openSocketSession({ venue, clock, listen }) : undefined;
  };
  const reset = () => {
    market.reset();
    openAccounts(market, venue.accounts.all());
  };
  const server = await openVenueServer({
    name: 'kraken',
    port: options.port ?? 0,
    clock,
    dialect: createHttpDialect(venue),
    gate: new SocketGate({ clock, faults, nowMs, words: createFrameWords(venue.catalog), openerOf }),
    venue: controlledVenue(venue, reset),
  });
  return {
    url: server.url,
    wsUrl: `${server.socketUrl}/v2`,
    port: server.port,
    async close() {
      await server.close();
      market.close();
    },
  };
}

function notify(listeners: ReadonlySet<(event: EngineEvent) => void>, event: EngineEvent): void {
  for (const listener of listeners) listener(event);
}

function createVenue(
  options: KrakenSimulatorOptions,
  { clock, onEvent }: { clock: VenueClock; onEvent(event: EngineEvent): void },
): KrakenVenue {
  const { seed, directory, tickMs, quietCandles = 'shown' } = options;
  const catalog = new Catalog({ seed, symbolsCount: options.symbolsCount ?? symbolsCountStandard });
  const accounts = new Accounts(options.accounts);
  const faults = new FaultBoard(() => clock.nowMs());
  const limits = { ...standardLimits, ...options.limits };
  const market = createSimulatedMarket({
    ...{ seed, directory, tickMs, clock, faults, onEvent },
    instruments: catalog.instruments,
    feeRate: feeRates.taker,
    symbolOf: (instrumentId) => catalog.byInstrument(instrumentId).altname,
  });
  openAccounts(market, accounts.all());
  const limiter = new RateLimiter(limits);
  const nowMs = skewedTime(clock, faults);
  const books = new BookHistory(() => clock.nowMs());
  const state = { catalog, accounts, market, faults, books, limits, limiter };
  return { ...state, tokens: new SocketTokens(), quietCandles, nowMs };
}
