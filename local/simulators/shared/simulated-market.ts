/** The market behind a simulated venue, the faults that reach it, and the accounts' starting balances. */
import type { VenueClock } from '../clock.ts';
import { type Decimal, decimal } from '../engine/decimal.ts';
import { createFileStore } from '../engine/file-store.ts';
import { SeededVenue } from '../engine/seeded-venue.ts';
import { memoryStore } from '../engine/store.ts';
import type { EngineEvent, Instrument } from '../engine/types.ts';
import type { FaultBoard } from '../fault-board.ts';
import type { VenueAccount } from './accounts.ts';
import type { QuietCandles } from './candle-pages.ts';

/** What every simulated venue can be started with. */
export interface SimulatorOptions {
  /** @default 0, any free port */
  port?: number | undefined;
  /** Decides symbols, prices and trades. */
  seed: number;
  /** Where orders and balances survive a restart; absent keeps them in memory. */
  directory?: string | undefined;
  /** @default the system's time */
  clock?: VenueClock | undefined;
  /** How often markets in use move. @default 250 */
  tickMs?: number | undefined;
  /** What is said of minutes in which nobody traded. @default `shown` */
  quietCandles?: QuietCandles | undefined;
}

export interface SimulatedMarketOptions extends Pick<SimulatorOptions, 'seed' | 'directory' | 'tickMs'> {
  clock: VenueClock;
  faults: FaultBoard;
  instruments: ReadonlyMap<string, Instrument>;
  feeRate: Decimal;
  /** An instrument's name in the venue's words, for faults. */
  symbolOf(instrumentId: string): string;
  onEvent(event: EngineEvent): void;
}

export function createSimulatedMarket(options: SimulatedMarketOptions): SeededVenue {
  const { clock, directory, faults, symbolOf } = options;
  return new SeededVenue({
    ...options,
    venueNowMs: skewedTime(clock, faults),
    store: directory === undefined ? memoryStore : createFileStore(directory),
    hideFillUntilMs: (order) => {
      const subject = { account: order.accountId, symbol: symbolOf(order.instrumentId) };
      const [fault] = faults.strike(['hide-fill'], subject);
      return fault === undefined ? undefined : clock.nowMs() + fault.hideMs;
    },
  });
}

/** The venue's own time in epoch milliseconds, skewed when a fault says so. */
export function skewedTime(clock: VenueClock, faults: FaultBoard): () => number {
  return () => faults.active('skew-clock').reduce((sum, { skewMs }) => sum + skewMs, clock.nowMs());
}

/** Gives each account its starting balances, unless it has a past. */
export function openAccounts({ engine }: SeededVenue, accounts: readonly VenueAccount<string>[]): void {
  const known = new Set(engine.ledger.accountIds());
  for (const account of accounts) {
    if (known.has(account.id)) continue;
    for (const [asset, amount] of Object.entries(account.startingBalances)) {
      engine.transfers.grant(account.id, asset, decimal(amount));
    }
  }
}
