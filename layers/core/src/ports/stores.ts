/** The tables as the handlers see them. Every write is conditional, and carries its journal event in the same transaction. */
import type { Books } from '../books/books.ts';
import type { AccountConfig } from '../config/desk-config.ts';
import type { AccountId, IntentId, SignalId, SourceId, VenueId } from '../ids.ts';
import type { JournalEvent } from '../journal/chain.ts';
import type { Order, OrderState } from '../orders/order.ts';
import type { OrderEvent } from '../orders/order-events.ts';
import type { PaperAccount, PaperOrder } from '../paper/paper-account.ts';
import type { PositionRow } from '../positions/ledger.ts';
import type { Denial } from '../risk/denials.ts';
import type { IntentExposure } from '../risk/exposure.ts';
import type { Judgement } from '../risk/gate.ts';
import type { AccountFigures, DeskFigures, RiskRows, RiskState } from '../risk/risk-state.ts';
import type { SwitchState } from '../risk/switches.ts';
import type { SignalRecord } from '../signals/signal.ts';
import type { EquityMarks } from '../valuation/equity-marks.ts';
import type { FundingPayment } from './account.ts';
import type { Market } from './market-data.ts';

export interface SignalsStore {
  /** Strongly consistent. */
  get(signalId: SignalId): Promise<SignalRecord | undefined>;
  /** Writes the signal and its journal event unless the signal is there: `false` means somebody else was first. */
  insert(record: SignalRecord): Promise<boolean>;
  /**
   * The start of the window an identical body falls into: the given time if no window is running, else the running
   * one's. `windowKey` tells (source, body) apart.
   */
  openWindow(windowKey: string, nowMs: number, windowMs: number): Promise<number>;
}

export type InsertOrderResult =
  | { kind: 'created'; order: Order }
  | { kind: 'exists'; order: Order }
  /** The risk rows did not let it pass; nothing was written. */
  | { kind: 'denied'; denial: Denial };

/** How an intent is judged by the risk rows: once by those that were read, and again by newer ones where its claims are refused. */
export interface IntentGate {
  judge(rows: RiskRows): Judgement;
  /** Read already; absent has the store read them. */
  rows?: RiskRows;
  /** Whether the source's row is looked at, too. */
  usesSource: boolean;
}

/** A position as it was read; without a row where there was none. */
export interface KnownPosition {
  of: Pick<PositionRow, 'account' | 'symbol'>;
  row: PositionRow | undefined;
}

export interface OrdersStore {
  /** Strongly consistent. */
  get(orderId: IntentId): Promise<Order | undefined>;
  /**
   * Records an intent: order, journal event and what it claims of the risk rows in one transaction, on condition that the order
   * is absent and that every claim is granted. What is refused is judged anew by the rows as they are by then.
   */
  insertIntent(event: Extract<OrderEvent, { type: 'order.intended' }>, gate: IntentGate): Promise<InsertOrderResult>;
  /** Records that a leg has no order, and why, unless there is one. */
  insertDenied(event: Extract<OrderEvent, { type: 'order.denied' | 'order.concluded' }>): Promise<Order>;
  /**
   * Applies an event to the version given and writes order, reservation and journal event in one transaction, and with them
   * the position, where the event brought fills or fees (`positionDelta`). What leads to
   * a call that places it (`order.attempted`, `order.triggered`) is written only while the switches let it pass.
   *
   * @param position read ahead; where it is another by now, or one of another market, the store reads it anew
   * @throws VersionConflictError when the stored version is another one; nothing was written.
   */
  apply(order: Order, event: OrderEvent, position?: KnownPosition): Promise<Order>;
  listBySignal(signalId: SignalId): Promise<Order[]>;
  /** Orders that are not final, and those whose position needs care, oldest first; at most `limit`. */
  listOpen(account: AccountId, limit: number): Promise<Order[]>;
  list(query: OrdersQuery): Promise<OrdersPage>;
}

/** The desk's own positions. They are written by `OrdersStore.apply`, together with the order whose fills they count. */
export interface PositionsStore {
  /**
   * Has a position count with another worth from now on, here and in the counters of the risk rows; false where it has changed
   * since it was read, and nothing was written.
   */
  revalue(position: PositionRow, exposure: IntentExposure): Promise<boolean>;
  /**
   * Counts funding payments to a position, with their journal event in one transaction; those it has already are left out.
   * Returns the position with all of them; `undefined` where the desk has none in that market, and nothing was written.
   *
   * @throws VersionConflictError when others kept changing the position; nothing was written.
   */
  fund(
    of: Pick<PositionRow, 'account' | 'symbol'>,
    payments: readonly FundingPayment[],
    atMs: number,
  ): Promise<PositionRow | undefined>;
  /** Strongly consistent; `undefined` where the desk has traded nothing yet. */
  get(account: AccountId, symbol: string): Promise<PositionRow | undefined>;
  /** All of an account, closed ones included, by symbol. */
  listByAccount(account: AccountId): Promise<PositionRow[]>;
}

export interface OrdersQuery {
  account?: AccountId;
  status?: OrderState;
  symbol?: string;
  /** Recorded then or later; UTC epoch milliseconds. Nothing older is read. */
  sinceMs?: number;
  /** From an earlier page. */
  cursor?: string;
  limit: number;
  nowMs: number;
}

export interface OrdersPage {
  orders: Order[];
  /** Absent on the last page. */
  cursor?: string;
}

export interface JournalReader {
  /** One stream's events in sequence. */
  read(stream: string): Promise<JournalEvent[]>;
  /** Every event of every stream, streams together, each in sequence. */
  scan(): AsyncIterable<JournalEvent>;
}

export interface RiskStore {
  /** Strongly consistent; `undefined` where no row is. */
  get(account: AccountId | '*'): Promise<RiskState | undefined>;
  /** Creates a row in state `active` unless there is one. Only for accounts that cannot lose money. */
  ensure(account: AccountId | '*', nowMs: number): Promise<void>;
  /** Sets a switch, with its journal event, in one transaction. */
  setSwitch(account: AccountId | '*', change: SwitchChange): Promise<RiskState>;
  /**
   * Sets a switch unless it is as strict already, which a breaker never loosens; tells whether it has changed.
   */
  tighten(account: AccountId | '*', change: SwitchChange): Promise<boolean>;
  /** The rows that an intent of the account and the source is judged by, strongly consistent. */
  rows(account: AccountId, source?: SourceId): Promise<RiskRows>;
  /** Writes what all accounts of a mode are worth. */
  saveDeskFigures(figures: Partial<Record<AccountConfig['mode'], DeskFigures>>): Promise<void>;
}

/** What reconciliation writes at the end of a look, all of it or nothing. */
export interface BooksChange {
  /** As they are to be, with the version that they were read with; the first have 0. */
  books: Books;
  /** What is to be told of it, in order; a look that found nothing new has none. */
  events: readonly BooksEvent[];
  /** For the account's risk row; absent where the venue did not answer. */
  figures?: AccountFigures;
  /** Closes the day before, or begins one; absent where the day is still the same. */
  day?: EquityDay;
}

export interface BooksEvent {
  /** `books.opened`, `books.difference`, `books.settled`, `books.transfer`, `books.funding`, `books.unanswered`, `books.answered`, `breaker.tripped`, `breaker.eased`, `breaker.armed`. */
  type: string;
  atMs: number;
  data: Record<string, unknown>;
}

/** What an account made in one day of the owner's. */
export interface EquityDay {
  day: string;
  marks: EquityMarks;
}

export interface BooksStore {
  /** Strongly consistent; `undefined` before the account was reconciled. */
  get(account: AccountId): Promise<Books | undefined>;
  /**
   * Writes books, journal events and the risk row's figures in one transaction, on condition that the stored version is that of
   * the books given; returns them with the next one.
   *
   * @throws VersionConflictError when somebody else wrote meanwhile; nothing was written.
   */
  save(change: BooksChange): Promise<Books>;
  /** The days of an account, newest first. */
  listDays(account: AccountId, limit: number): Promise<EquityDay[]>;
}

export interface SwitchChange {
  state: SwitchState;
  reason: string;
  /** Who: the role of the token used, or `breaker:<name>`. */
  by: string;
  /** From where: the caller's address. Absent where it was not a call. */
  from?: string;
  atMs: number;
}

export interface MarketsStore {
  get(venue: VenueId, symbol: string): Promise<Market | undefined>;
  /** Markets of a venue that a chart would call by this name, e.g. `BTCUSDT`. */
  findByName(venue: VenueId, name: string): Promise<Market[]>;
  /** Whether any market of the venue is stored: false before the first refresh. */
  hasAny(venue: VenueId): Promise<boolean>;
  /** Makes the stored markets of a venue equal to these; tells how many rows that took. */
  replaceAll(venue: VenueId, markets: Market[]): Promise<{ written: number; removed: number }>;
}

/** What paper accounts have, and their orders: the only word on them, as there is no venue that could be asked. */
export interface PaperStore {
  /** Strongly consistent; `undefined` before the first change. Open orders come without their fills. */
  load(account: AccountId): Promise<PaperAccount | undefined>;
  /** Strongly consistent: an order with all of its fills, also one that has ended. */
  find(account: AccountId, clientOrderId: string): Promise<PaperOrder | undefined>;
  /**
   * Writes the account and the orders of it that changed in one transaction, on condition that the stored version is that of
   * the account given, and stores the next one. Fills of the orders are added to those that are stored.
   *
   * @throws VersionConflictError when the stored version is another one; nothing was written.
   */
  save(account: AccountId, change: PaperChange): Promise<void>;
}

export interface PaperChange {
  /** As it is after the change, with the version that it was read with. */
  account: PaperAccount;
  /** New, changed and ended ones, at most `paperOrdersMax` and the new one. */
  orders: readonly PaperOrder[];
}
