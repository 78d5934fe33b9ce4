/** The gate as tests pass it: by the limits that a test is about, with none in the way that it is not about. */
import {
  type AccountLimits,
  type BooksStore,
  configSchemas,
  type GateLimits,
  gateOf,
  type InsertOrderResult,
  type IntentGate,
  type LimitText,
  notional,
  type OrderEvent,
  type OrdersStore,
} from '@nightdesk/core';

type Intended = Extract<OrderEvent, { type: 'order.intended' }>;

/** Limits as risk.yaml would give them, wide open but for those given. */
export function gateLimits(given: Partial<AccountLimits> = {}): GateLimits {
  const wide = notional('1000000000');
  const { default: account } = configSchemas.risk.parse({
    default: { orderNotionalMax: wide, openNotionalMax: wide },
  });
  return { account: { ...account, ...given }, desk: { venueExposureMax: '1000000000000' as LimitText } };
}

const clock = { nowMs: () => 0, sleep: async () => undefined };

export const gateFor = (intent: Intended['intent'], limits: GateLimits = gateLimits()): IntentGate =>
  gateOf(intent, { policy: { limits } }, { clock });

/** Records an intent within limits. */
export const insertWithin = (
  orders: Pick<OrdersStore, 'insertIntent'>,
  event: Intended,
  limits: Partial<AccountLimits> = {},
): Promise<InsertOrderResult> => orders.insertIntent(event, gateFor(event.intent, gateLimits(limits)));

/** Of accounts that were never reconciled. */
export const noBooks: Pick<BooksStore, 'get'> = { get: async () => undefined };
