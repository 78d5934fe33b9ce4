/** A simulated Binance on a port of this machine, for ccxt's own classes to talk to. */
import { systemVenueClock, type VenueClock } from '../clock.ts';
import { decimal } from '../engine/decimal.ts';
import type { EngineEvent } from '../engine/types.ts';
import { FaultBoard } from '../fault-board.ts';
import { BookHistory } from '../shared/book-history.ts';
import { createSimulatedMarket, openAccounts, type SimulatorOptions, skewedTime } from '../shared/simulated-market.ts';
import { SocketGate } from '../shared/socket-gate.ts';
import { openVenueServer } from '../shared/venue-server.ts';
import { Accounts, type BinanceAccountOptions } from './accounts.ts';
import { Catalog } from './catalog.ts';
import type { BinanceVenue } from './context.ts';
import { controlledVenue } from './controlled-venue.ts';
import { frameWords } from './frame-words.ts';
import { createHttpDialect } from './http-dialect.ts';
import { type Limits, RateLimiter, standardLimits } from './limits.ts';
import { MarketStreams } from './market-streams.ts';
import { createSocketRouter } from './sockets.ts';
import { UserStreams } from './user-streams.ts';

export interface BinanceSimulatorOptions extends SimulatorOptions {
  accounts: readonly BinanceAccountOptions[];
  /** Spot symbols listed. @default 2100 */
  symbolsCount?: number | undefined;
  /** Perpetuals margined in USDT that are listed, as market data only. @default the ten well-known ones */
  perpetualsCount?: number | undefined;
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

const symbolsCountStandard = 2100;
const feeRate = decimal('0.001');

/** Starts a simulated Binance. Resolves once it accepts connections. @throws Error when the port is taken. */
export async function createBinanceSimulator(options: BinanceSimulatorOptions): Promise<BinanceSimulator> {
  const clock = options.clock ?? systemVenueClock;
  const { venue, marketStreams } = createVenue(options, clock);
  const { faults, nowMs, market } = venue;
  const reset = () => {
    market.reset();
    openAccounts(market, venue.accounts.all());
  };
  const server = await openVenueServer({
    name: 'binance',
    port: options.port ?? 0,
    clock,
    dialect: createHttpDialect(venue),
    gate: new SocketGate({
      ...{ clock, faults, nowMs, words: frameWords },
      openerOf: createSocketRouter(venue, marketStreams),
    }),
    venue: controlledVenue(venue, reset),
  });
  return {
    url: server.url,
    wsUrl: `${server.socketUrl}/stream/ws`,
    wsApiUrl: `${server.socketUrl}/ws-api/v3`,
    port: server.port,
    async close() {
      await server.close();
      market.close();
    },
  };
}

function createVenue(
  options: BinanceSimulatorOptions,
  clock: VenueClock,
): { venue: BinanceVenue; marketStreams: MarketStreams } {
  const { seed, directory, tickMs, quietCandles = 'shown' } = options;
  const catalog = new Catalog({ ...options, symbolsCount: options.symbolsCount ?? symbolsCountStandard });
  const accounts = new Accounts(options.accounts);
  const faults = new FaultBoard(() => clock.nowMs());
  const limits = { ...standardLimits, ...options.limits };
  const nowMs = skewedTime(clock, faults);
  const symbolOf = (instrumentId: string) => catalog.byInstrument(instrumentId).symbol;
  const listOf = (listId: number) => market.engine.lists.of(listId);
  const userStreams = new UserStreams({ nowMs, symbolOf, listOf });
  const onEvent = (event: EngineEvent) => {
    userStreams.publish(event);
    if (event.type === 'trade') marketStreams.onTrade(event.trade);
  };
  const market = createSimulatedMarket({
    ...{ seed, directory, tickMs, clock, faults, feeRate, symbolOf, onEvent },
    instruments: catalog.instruments,
  });
  const limiter = new RateLimiter(limits);
  const books = new BookHistory(() => clock.nowMs());
  const state = { catalog, accounts, market, faults, books, limits, limiter };
  const venue: BinanceVenue = { ...state, userStreams, quietCandles, nowMs };
  const marketStreams = new MarketStreams({ venue, clock });
  openAccounts(market, accounts.all());
  return { venue, marketStreams };
}
