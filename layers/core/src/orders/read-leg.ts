/** What a leg is begun with: everything that is recorded of it, asked for at once, so that it can be told in one answer. */
import type { IntentId } from '../ids.ts';
import type { KnownPosition, OrdersStore } from '../ports/stores.ts';
import { positionDelta } from '../positions/position-delta.ts';
import type { RiskRows } from '../risk/risk-state.ts';
import type { SignalMessage } from '../signals/signal.ts';
import { isCommand } from './execute-command.ts';
import type { ExecutionPolicy, ExecutionPorts } from './execution-ports.ts';
import type { Order } from './order.ts';

export interface LegRows {
  /** What became of the leg already. */
  order: Order | undefined;
  /** What its intent is judged by, as it was then; absent where that could not be read, and is read when it is needed. */
  rows?: RiskRows;
  /** Likewise, what its fills are added to. */
  position?: KnownPosition;
}

/** @throws what the store throws of the order */
export async function readLeg(
  message: SignalMessage,
  orderId: IntentId,
  { policy, ports }: { policy: ExecutionPolicy; ports: Pick<ExecutionPorts, 'orders' | 'risk' | 'positions'> },
): Promise<LegRows> {
  if (isCommand(message)) return { order: await ports.orders.get(orderId) };
  const { symbol, source } = message.signal;
  const of = { account: message.account, symbol };
  const usesSource = policy.limits.source?.ordersPerMinuteMax !== undefined;
  const [order, rows, position] = await Promise.all([
    ports.orders.get(orderId),
    ports.risk.rows(policy.account.id, usesSource ? source : undefined).catch(() => undefined),
    ports.positions.get(of.account, symbol).then(
      (row) => ({ of, row }),
      () => undefined,
    ),
  ]);
  return { order, ...(rows && { rows }), ...(position && { position }) };
}

/**
 * The store, which has the leg's first fills added to the position that was read with it. What is filled after that is added to
 * what these made of it.
 */
export function addingTo(position: KnownPosition | undefined, orders: OrdersStore): OrdersStore {
  let known = position;
  return {
    ...orders,
    async apply(order, event) {
      const next = await orders.apply(order, event, known);
      if (positionDelta(order, next) !== undefined) known = undefined;
      return next;
    },
  };
}
