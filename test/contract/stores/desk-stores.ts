/** The tables of one desk behind the ports, as the contract suites of the stores get them: empty, and closed after each test. */
import {
  type AccountId,
  type AccountLimits,
  type BooksStore,
  type ChainCursor,
  chainStart,
  follow,
  type Intent,
  type IntentId,
  type JournalEvent,
  type JournalReader,
  type MarketsStore,
  notional,
  type OrderEvent,
  type OrdersStore,
  type PaperStore,
  type PositionsStore,
  type RiskStore,
  type SignalId,
  type SignalsStore,
} from '@nightdesk/core';
import { intent } from '../../support/orders.ts';

export interface DeskStores {
  readonly signals: SignalsStore;
  readonly orders: OrdersStore;
  readonly positions: PositionsStore;
  readonly risk: RiskStore;
  readonly markets: MarketsStore;
  readonly paper: PaperStore;
  readonly books: BooksStore;
  readonly journal: JournalReader;
  /** Lets so much time pass that signals are kept in the journal only. Like real tables, it may take its time about it. */
  expireSignals(): void;
  close(): Promise<void>;
}

export type OpenStores = () => Promise<DeskStores>;

export const main = intent.account;
export const wideLimits: Partial<AccountLimits> = {
  orderNotionalMax: notional('1000000'),
  openNotionalMax: notional('1000000'),
};

/** How an account's switch, or that of all accounts, is set in these suites. */
export const switched = (state: 'active' | 'reducing' | 'halted', reason = 'for the test') => ({
  state,
  reason,
  by: 'risk',
  atMs: 1_200,
});

export type IntendedEvent = Extract<OrderEvent, { type: 'order.intended' }>;
export type DeniedEvent = Extract<OrderEvent, { type: 'order.denied' }>;

export const orderId = (number: number): IntentId => `nd${String(number).padStart(4, '0')}` as IntentId;
export const signalId = (number: number): SignalId => `sg${String(number).padStart(4, '0')}` as SignalId;

/** Records `intent` of the support folder, with what is to be different. */
export const intends = (change: Partial<Intent> = {}, atMs = 1_500): IntendedEvent => ({
  type: 'order.intended',
  atMs,
  intent: { ...intent, ...change },
});

export function denies(change: Partial<Intent> = {}, atMs = 1_500): DeniedEvent {
  const { amount: _amount, reserved: _reserved, ...rest } = { ...intent, ...change };
  return { type: 'order.denied', atMs, intent: rest, cause: { code: 'stale_signal', message: 'it came too late' } };
}

/** Both switches on, as they are before the first order. */
export async function activate(risk: RiskStore, account: AccountId = main): Promise<void> {
  await Promise.all([risk.ensure('*', 1_000), risk.ensure(account, 1_000)]);
}

export async function scanAll(journal: JournalReader): Promise<JournalEvent[]> {
  const events: JournalEvent[] = [];
  for await (const event of journal.scan()) events.push(event);
  return events;
}

/** All that an attempt to write could have left behind, to be compared before and after. */
export async function everythingIn({ orders, positions, risk, journal }: DeskStores, known: readonly IntentId[] = []) {
  const events = await scanAll(journal);
  return {
    events: events.sort((left, right) => left.stream.localeCompare(right.stream) || left.sequence - right.sequence),
    orders: await Promise.all([intent.orderId, ...known].map((id) => orders.get(id))),
    open: await orders.listOpen(main, 100),
    positions: await positions.listByAccount(main),
    risk: await Promise.all([risk.get(main), risk.get('*')]),
  };
}

/** Where a chain ends. @throws Error naming the first event that does not fit */
export function endOf(events: readonly JournalEvent[]): ChainCursor {
  let cursor = chainStart;
  for (const event of events) {
    const next = follow(cursor, event);
    if ('reason' in next) throw new Error(`${next.stream}, sequence ${next.sequence}: ${next.reason}`);
    cursor = next;
  }
  return cursor;
}
