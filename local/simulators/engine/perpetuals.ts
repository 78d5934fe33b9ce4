/** What accounts and the venue do with perpetuals besides trading: funding, leverage, modes, exits. */
import type { Bookings } from './bookings.ts';
import type { ChangeLog } from './change-log.ts';
import type { Decimal } from './decimal.ts';
import type { ExitKeeper } from './exits.ts';
import { settleFunding } from './funding.ts';
import type { MarketState } from './market-state.ts';
import type { PositionBook } from './position-book.ts';
import type { PositionSetting } from './position-settings.ts';
import type { PositionKey } from './positions.ts';
import type { Booking, ExitRole, Exits, Order } from './types.ts';

export interface PerpetualsOptions {
  positions: PositionBook;
  bookings: Bookings;
  changes: ChangeLog;
  exits: ExitKeeper;
  nowMs(): number;
  marketOf(instrumentId: string): MarketState;
  /** Ends a command that may have set off triggers. */
  finish(market: MarketState): void;
}

export class Perpetuals {
  readonly #options: PerpetualsOptions;

  constructor(options: PerpetualsOptions) {
    this.#options = options;
  }

  /** Books one funding on all positions in a perpetual; above zero, longs pay. */
  fund(instrumentId: string, rate: Decimal): Booking[] {
    const booked = settleFunding(this.#options, this.#options.marketOf(instrumentId), rate);
    this.#options.changes.commit();
    return booked;
  }

  /** Changes the leverage and what positions lock for it; false, and nothing changed, when there is not enough. */
  setLeverage(accountId: string, instrumentId: string, leverage: Decimal): boolean {
    const { positions, changes, marketOf } = this.#options;
    const done = positions.setLeverage(accountId, marketOf(instrumentId).instrument, leverage);
    changes.commit(positions.settings.takeChanged());
    return done;
  }

  /** Chooses the position or margin mode. @param instrumentId absent for all instruments */
  setMode(accountId: string, instrumentId: string | undefined, mode: Omit<PositionSetting, 'leverage'>): void {
    const { settings } = this.#options.positions;
    settings.set(accountId, instrumentId, mode);
    this.#options.changes.commit(settings.takeChanged());
  }

  /** Sets exits of a position. @throws Error when there is none: ask first. */
  setExits(key: PositionKey, exits: Exits & { quantity?: Decimal }): void {
    const market = this.#options.marketOf(key.instrumentId);
    this.#options.exits.set(key, market, exits);
    this.#options.finish(market);
  }

  /** Takes away the exit of a kind that is for all of a position. */
  dropExit(key: PositionKey, kind: ExitRole['kind']): void {
    const market = this.#options.marketOf(key.instrumentId);
    this.#options.exits.drop(key, market, kind);
    this.#options.finish(market);
  }

  /** The exit of a kind that is for all of a position. */
  exitOf(key: PositionKey, kind: ExitRole['kind']): Readonly<Order> | undefined {
    return this.#options.exits.whole(key, this.#options.marketOf(key.instrumentId), kind);
  }
}
