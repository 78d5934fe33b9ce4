/** What survives a restart, in plain JSON, and where the engine hands it over. */
import { decimal } from './decimal.ts';
import type { Fill, Order, OrderStatus, Side, TimeInForce } from './types.ts';

export interface StoredOrder {
  id: number;
  accountId: string;
  instrumentId: string;
  clientOrderId: string;
  side: Side;
  execution: 'limit' | 'market';
  timeInForce: TimeInForce;
  price?: string;
  quantity: string;
  quoteQuantity?: string;
  displayQuantity?: string;
  trigger?: { price: string; when: 'at-or-above' | 'at-or-below' };
  slicing?: { ratio: string; everyMs: number };
  attributes: Readonly<Record<string, string>>;
  status: OrderStatus;
  executed: string;
  executedQuote: string;
  reserved: string;
  acceptedAtMs: number;
  updatedAtMs: number;
  workingAtMs?: number;
  nextSliceAtMs?: number;
  fills: StoredFill[];
}

interface StoredFill {
  tradeId: number;
  price: string;
  quantity: string;
  quote: string;
  commission: string;
  commissionAsset: string;
  atMs: number;
  isMaker: boolean;
  hiddenUntilMs?: number;
}

export interface StoredBalance {
  accountId: string;
  asset: string;
  free: string;
  locked: string;
}

/** Everything one command changed. The latest record of an order or a balance holds. */
export interface StoreRecord {
  orders: StoredOrder[];
  balances: StoredBalance[];
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
  const { price, quoteQuantity, displayQuantity, trigger, slicing } = order;
  return {
    ...order,
    ...(price && { price: price.toFixed() }),
    ...(quoteQuantity && { quoteQuantity: quoteQuantity.toFixed() }),
    ...(displayQuantity && { displayQuantity: displayQuantity.toFixed() }),
    ...(trigger && { trigger: { ...trigger, price: trigger.price.toFixed() } }),
    ...(slicing && { slicing: { ...slicing, ratio: slicing.ratio.toFixed() } }),
    quantity: order.quantity.toFixed(),
    executed: order.executed.toFixed(),
    executedQuote: order.executedQuote.toFixed(),
    reserved: order.reserved.toFixed(),
    fills: order.fills.map(storedFill),
  } as StoredOrder;
}

function storedFill(fill: Fill): StoredFill {
  return {
    ...fill,
    price: fill.price.toFixed(),
    quantity: fill.quantity.toFixed(),
    quote: fill.quote.toFixed(),
    commission: fill.commission.toFixed(),
  };
}

export function restoredOrder(stored: StoredOrder): Order {
  const { price, quoteQuantity, displayQuantity, trigger, slicing, ...rest } = stored;
  return {
    ...rest,
    ...(price !== undefined && { price: decimal(price) }),
    ...(quoteQuantity !== undefined && { quoteQuantity: decimal(quoteQuantity) }),
    ...(displayQuantity !== undefined && { displayQuantity: decimal(displayQuantity) }),
    ...(trigger !== undefined && { trigger: { ...trigger, price: decimal(trigger.price) } }),
    ...(slicing !== undefined && { slicing: { ...slicing, ratio: decimal(slicing.ratio) } }),
    quantity: decimal(stored.quantity),
    executed: decimal(stored.executed),
    executedQuote: decimal(stored.executedQuote),
    reserved: decimal(stored.reserved),
    fills: stored.fills.map(restoredFill),
  };
}

function restoredFill(stored: StoredFill): Fill {
  return {
    ...stored,
    price: decimal(stored.price),
    quantity: decimal(stored.quantity),
    quote: decimal(stored.quote),
    commission: decimal(stored.commission),
  };
}
