/** What survives a restart, in plain JSON, and where the engine hands it over. */
import { type Decimal, decimal, isDecimal } from './decimal.ts';
import type { Transfer } from './transfers.ts';
import type { Booking, Distance, ExitRule, Exits, Fill, Order, Position, Trailing, Trigger } from './types.ts';

/** The same with every decimal as its text. */
type Stored<Value> = Value extends Decimal
  ? string
  : Value extends readonly (infer Item)[]
    ? Stored<Item>[]
    : Value extends object
      ? { -readonly [Key in keyof Value]: Stored<Value[Key]> }
      : Value;

export type StoredOrder = Stored<Order>;
export type StoredPosition = Stored<Position>;
export type StoredBooking = Stored<Booking>;

export type StoredTransfer = Stored<Transfer>;

export interface StoredBalance {
  accountId: string;
  asset: string;
  free: string;
  locked: string;
}

/** What an account chose for its positions in an instrument, or in all of them (`*`). */
export interface StoredSetting {
  accountId: string;
  instrumentId: string;
  leverage?: string;
  hedged?: boolean;
  isolated?: boolean;
}

/** When all orders of an account end; `null` where nothing is to end them. */
export interface StoredTimer {
  accountId: string;
  atMs: number | null;
}

/** Everything one command changed. The latest record of anything but a booking holds. */
export interface StoreRecord {
  orders: StoredOrder[];
  balances: StoredBalance[];
  positions?: StoredPosition[];
  bookings?: StoredBooking[];
  settings?: StoredSetting[];
  transfers?: StoredTransfer[];
  timers?: StoredTimer[];
}

/** Must have the record safe from a killed process when `append` returns, since the answer is sent then. */
export interface EngineStore {
  load(): StoreRecord;
  append(record: StoreRecord): void;
  clear(): void;
  close(): void;
}

/** Keeps nothing. */
export const memoryStore: EngineStore = {
  load: () => ({ orders: [], balances: [] }),
  append() {},
  clear() {},
  close() {},
};

export function storedOrder(order: Order): StoredOrder {
  return withText(order) as StoredOrder;
}

export function storedPosition(position: Position): StoredPosition {
  return withText(position) as StoredPosition;
}

export function storedBooking(booking: Booking): StoredBooking {
  return withText(booking) as StoredBooking;
}

export function storedTransfer(transfer: Transfer): StoredTransfer {
  return withText(transfer) as StoredTransfer;
}

/** Every decimal in a value replaced by its text. */
function withText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withText);
  if (typeof value !== 'object' || value === null) return value;
  if (isDecimal(value)) return value.toFixed();
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withText(part)]));
}

export function restoredOrder(stored: StoredOrder): Order {
  const { price, quoteQuantity, displayQuantity, trigger, exits, slicing, ...rest } = stored;
  return {
    ...rest,
    ...(price !== undefined && { price: decimal(price) }),
    ...(quoteQuantity !== undefined && { quoteQuantity: decimal(quoteQuantity) }),
    ...(displayQuantity !== undefined && { displayQuantity: decimal(displayQuantity) }),
    ...(trigger !== undefined && { trigger: restoredTrigger(trigger) }),
    ...(exits !== undefined && { exits: restoredExits(exits) }),
    ...(slicing !== undefined && { slicing: { ...slicing, ratio: decimal(slicing.ratio) } }),
    quantity: decimal(stored.quantity),
    executed: decimal(stored.executed),
    executedQuote: decimal(stored.executedQuote),
    reserved: decimal(stored.reserved),
    fills: stored.fills.map(restoredFill),
  };
}

function restoredTrigger({ trailing, ...stored }: Stored<Trigger>): Trigger {
  return {
    ...stored,
    price: decimal(stored.price),
    ...(trailing !== undefined && { trailing: restoredTrailing(trailing) }),
  };
}

function restoredTrailing({ activation, limit, best, ...stored }: Stored<Trailing>): Trailing {
  return {
    ...stored,
    offset: restoredDistance(stored.offset),
    ...(activation !== undefined && { activation: { ...activation, price: decimal(activation.price) } }),
    ...(limit !== undefined && { limit: restoredDistance(limit) }),
    ...(best !== undefined && { best: decimal(best) }),
  };
}

function restoredDistance({ amount, unit }: Stored<Distance>): Distance {
  return { amount: decimal(amount), unit };
}

function restoredExits({ takeProfit, stopLoss, trailingStop, scope }: Stored<Exits>): Exits {
  return {
    ...(trailingStop !== undefined && { trailingStop: restoredRule(trailingStop) }),
    ...(takeProfit !== undefined && { takeProfit: restoredRule(takeProfit) }),
    ...(stopLoss !== undefined && { stopLoss: restoredRule(stopLoss) }),
    scope,
  };
}

function restoredRule({ trigger, price }: Stored<ExitRule>): ExitRule {
  return { trigger: restoredTrigger(trigger), ...(price !== undefined && { price: decimal(price) }) };
}

function restoredFill(stored: Stored<Fill>): Fill {
  const { closed, realized, ...rest } = stored;
  return {
    ...rest,
    price: decimal(stored.price),
    quantity: decimal(stored.quantity),
    quote: decimal(stored.quote),
    commission: decimal(stored.commission),
    ...(closed !== undefined && { closed: decimal(closed) }),
    ...(realized !== undefined && { realized: decimal(realized) }),
  };
}

export function restoredPosition(stored: StoredPosition): Position {
  return {
    ...stored,
    size: decimal(stored.size),
    entryValue: decimal(stored.entryValue),
    margin: decimal(stored.margin),
    realized: decimal(stored.realized),
    fees: decimal(stored.fees),
    funding: decimal(stored.funding),
    netBefore: decimal(stored.netBefore),
  };
}

export function restoredTransfer(stored: StoredTransfer): Transfer {
  return { ...stored, amount: decimal(stored.amount), fee: decimal(stored.fee) };
}

export function restoredBooking({ position, ...stored }: StoredBooking): Booking {
  return {
    ...stored,
    amount: decimal(stored.amount),
    ...(position !== undefined && {
      position: {
        ...position,
        size: decimal(position.size),
        price: decimal(position.price),
        rate: decimal(position.rate),
      },
    }),
  };
}
