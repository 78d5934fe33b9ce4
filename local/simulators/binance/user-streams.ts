/** User data streams: who listens to which account, and what they are told. */
import { createHash } from 'node:crypto';
import { decimal, fixed } from '../engine/decimal.ts';
import { feeAccountId, houseAccountId } from '../engine/ledger.ts';
import type { EngineEvent } from '../engine/types.ts';
import { type ListLookup, ListProgress } from './list-progress.ts';
import { listStatusEvent } from './order-list-view.ts';
import { executionReport } from './order-view.ts';

/** Takes one event of a user data stream. */
export type UserListener = (event: Record<string, unknown>) => void;

const listenKeyMs = 60 * 60_000;

export class UserStreams {
  readonly #nowMs: () => number;
  readonly #symbolOf: (instrumentId: string) => string;
  readonly #listeners = new Map<string, Set<UserListener>>();
  readonly #listenKeys = new Map<string, { accountId: string; expiresAtMs: number }>();
  readonly #cancelIds = new Map<number, string>();
  readonly #amendedIds = new Map<number, string>();
  readonly #amendmentExecutionIds = new Map<number, number>();
  readonly #listProgress: ListProgress;
  #nextExecutionId = 1;
  #keysMade = 0;

  constructor(options: { nowMs(): number; symbolOf(instrumentId: string): string; listOf: ListLookup }) {
    this.#nowMs = options.nowMs;
    this.#listProgress = new ListProgress(options.listOf);
    this.#symbolOf = options.symbolOf;
  }

  /** Listens to an account; returns the function that ends it. */
  listen(accountId: string, listener: UserListener): () => void {
    const listeners = this.#listeners.get(accountId) ?? new Set();
    this.#listeners.set(accountId, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** The account's listen key, the same while it is valid, as Binance does it. */
  createListenKey(accountId: string): string {
    const expiresAtMs = this.#nowMs() + listenKeyMs;
    for (const [key, entry] of this.#listenKeys) {
      if (entry.accountId !== accountId || entry.expiresAtMs <= this.#nowMs()) continue;
      entry.expiresAtMs = expiresAtMs;
      return key;
    }
    this.#keysMade += 1;
    const text = `${accountId}/${this.#nowMs()}/${this.#keysMade}`;
    const key = createHash('sha512').update(text).digest('base64url').replaceAll(/[-_]/g, 'x').slice(0, 64);
    this.#listenKeys.set(key, { accountId, expiresAtMs });
    return key;
  }

  keepListenKey(key: string, accountId: string): boolean {
    const entry = this.#listenKeys.get(key);
    if (entry === undefined || entry.accountId !== accountId || entry.expiresAtMs <= this.#nowMs()) return false;
    entry.expiresAtMs = this.#nowMs() + listenKeyMs;
    return true;
  }

  closeListenKey(key: string, accountId: string): boolean {
    return this.#listenKeys.get(key)?.accountId === accountId && this.#listenKeys.delete(key);
  }

  /** Whose listen key this is, while it is valid. */
  accountOf(key: string): string | undefined {
    const entry = this.#listenKeys.get(key);
    return entry !== undefined && entry.expiresAtMs > this.#nowMs() ? entry.accountId : undefined;
  }

  /** The id of the request that cancels an order, for the report that follows. */
  nameCancellation(orderId: number, cancelId: string): void {
    this.#cancelIds.set(orderId, cancelId);
  }

  /** The id that an order had before it is amended, for the report that follows. */
  nameAmendment(orderId: number, origClientOrderId: string): void {
    this.#amendedIds.set(orderId, origClientOrderId);
  }

  /** The id of the report of an order's last amendment. */
  amendmentExecutionId(orderId: number): number | undefined {
    return this.#amendmentExecutionIds.get(orderId);
  }

  publish(event: EngineEvent): void {
    if (event.type === 'order') this.#publishOrder(event);
    else if (event.type === 'balances') this.#publishBalances(event);
    else if (event.type === 'transfer') this.#publishTransfer(event);
  }

  #publishOrder(event: Extract<EngineEvent, { type: 'order' }>): void {
    const { order, action, fill } = event;
    const cancelId = this.#cancelIds.get(order.id);
    const amendedId = action === 'amended' ? (this.#amendedIds.get(order.id) ?? order.clientOrderId) : undefined;
    if (action === 'canceled') this.#cancelIds.delete(order.id);
    if (action === 'amended') this.#amendedIds.delete(order.id);
    // A hidden fill is not reported: whoever wants to know must ask again once it shows.
    if (fill?.hiddenUntilMs !== undefined) return;
    const symbol = this.#symbolOf(order.instrumentId);
    const executionId = this.#nextExecutionId++;
    if (action === 'amended') this.#amendmentExecutionIds.set(order.id, executionId);
    this.#send(order.accountId, executionReport({ order, action, fill, symbol, cancelId, amendedId, executionId }));
    const renamed = amendedId !== undefined && amendedId !== order.clientOrderId;
    const list = this.#listProgress.after(event, renamed);
    if (list === undefined) return;
    const status = listStatusEvent(list, symbol, Math.floor(order.updatedAtMs));
    this.#send(order.accountId, renamed ? { ...status, l: 'UPDATED' } : status);
  }

  #publishBalances({ accountId, entries }: Extract<EngineEvent, { type: 'balances' }>): void {
    if (accountId === houseAccountId || accountId === feeAccountId) return;
    const nowMs = Math.floor(this.#nowMs());
    this.#send(accountId, {
      e: 'outboundAccountPosition',
      E: nowMs,
      u: nowMs,
      B: entries.map(({ asset, free, locked }) => ({ a: asset, f: fixed(free), l: fixed(locked) })),
    });
  }

  #publishTransfer({ accountId, asset, delta }: Extract<EngineEvent, { type: 'transfer' }>): void {
    const nowMs = Math.floor(this.#nowMs());
    const amount = decimal(delta.toFixed(8));
    this.#send(accountId, { e: 'balanceUpdate', E: nowMs, a: asset, d: amount.toFixed(8), T: nowMs });
  }

  #send(accountId: string, event: Record<string, unknown>): void {
    for (const listener of this.#listeners.get(accountId) ?? []) listener(event);
  }
}
