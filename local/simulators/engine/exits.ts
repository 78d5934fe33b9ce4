/** Take-profits and stop-losses: orders of the engine's own that leave a position again, and end when it is gone. */
import type { ChangeLog } from './change-log.ts';
import { type Decimal, floorToStep, zero } from './decimal.ts';
import type { MarketState } from './market-state.ts';
import type { Matcher } from './matcher.ts';
import type { OrderIndex } from './order-index.ts';
import type { PositionBook } from './position-book.ts';
import { closableBy, type PositionKey } from './positions.ts';
import {
  type ExitRole,
  type ExitRule,
  type Exits,
  type Fill,
  type Order,
  type OrderRequest,
  opposite,
} from './types.ts';

export interface ExitKeeperOptions {
  orders: OrderIndex;
  positions: PositionBook;
  changes: ChangeLog;
  matcher: Matcher;
  nowMs(): number;
  /** Puts an order that needs no funds among those that wait for their trigger. */
  wait(request: OrderRequest, market: MarketState): Order;
}

const kinds = [
  ['take-profit', 'takeProfit'],
  ['stop-loss', 'stopLoss'],
  ['trailing-stop', 'trailingStop'],
] as const;

export class ExitKeeper {
  readonly #options: ExitKeeperOptions;
  #nextExit = 1;

  constructor(options: ExitKeeperOptions) {
    this.#options = options;
  }

  /** Brings exits and reduce-only orders in line with what a trade has made of a position. */
  afterFill(order: Order, fill: Fill, market: MarketState): void {
    const { accountId, instrumentId, slot = 'net', exits, side } = order;
    const key = { accountId, instrumentId, slot };
    if (exits !== undefined) {
      const quantity = openedBy(fill, market);
      const leave = {
        key,
        side: opposite(side),
        quantity,
        group: `order ${order.id}`,
        whole: exits.scope === 'position',
      };
      if (quantity.gt(zero)) this.#place(exits, leave, market);
    }
    if (market.instrument.perpetual !== undefined) this.#trim(key, market);
  }

  /** Of exits that belong together only the first is carried out. */
  afterTrigger(order: Order, market: MarketState): void {
    const group = order.exit?.group;
    if (group === undefined) return;
    for (const other of this.#waiting(order, market)) {
      if (other.exit?.group === group)
        this.#options.matcher.end(other, market, { status: 'canceled', reason: 'other-exit-triggered' });
    }
  }

  /** Sets the exits of a position; for all of it they replace those there are. */
  set(key: PositionKey, market: MarketState, exits: Exits & { quantity?: Decimal }): void {
    const position = this.#options.positions.find(key);
    if (position === undefined || position.size.eq(zero)) throw new Error('there is no position to set exits for');
    const leave = {
      key,
      side: position.size.gt(zero) ? ('sell' as const) : ('buy' as const),
      quantity: exits.quantity ?? position.size.abs(),
      group: `set ${this.#options.nowMs()} ${this.#nextExit++}`,
      whole: exits.scope === 'position',
    };
    this.#place(exits, leave, market);
  }

  /** Takes away the exits of a kind that are for all of a position. */
  drop(key: PositionKey, market: MarketState, kind: ExitRole['kind']): void {
    for (const other of this.#waiting(key, market)) {
      if (other.exit?.kind === kind && other.exit.whole) {
        this.#options.matcher.end(other, market, { status: 'canceled', reason: 'exit-replaced' });
      }
    }
  }

  /** The exit of a kind that is for all of a position. */
  whole(key: PositionKey, market: MarketState, kind: ExitRole['kind']): Order | undefined {
    return this.#waiting(key, market).find(({ exit }) => exit?.kind === kind && exit.whole);
  }

  #place(exits: Exits, leave: Leave, market: MarketState): void {
    for (const [kind, name] of kinds) {
      const rule = exits[name];
      if (rule === undefined) continue;
      if (leave.whole) this.drop(leave.key, market, kind);
      const earlier = leave.whole ? undefined : this.#sibling(leave, kind, market);
      if (earlier === undefined) this.#options.wait(this.#request({ ...leave, rule, kind }, market), market);
      else this.#resize(earlier, earlier.quantity.plus(leave.quantity), market);
    }
  }

  /** An exit of the same order for an earlier part of it. */
  #sibling({ key, group }: Leave, kind: ExitRole['kind'], market: MarketState): Order | undefined {
    return this.#waiting(key, market).find(({ exit }) => exit?.group === group && exit.kind === kind);
  }

  #request(leave: Leave & { rule: ExitRule; kind: ExitRole['kind'] }, market: MarketState): OrderRequest {
    const { key, side, quantity, whole, group, rule, kind } = leave;
    return {
      ...key,
      clientOrderId: `#exit-${Math.floor(this.#options.nowMs())}-${this.#nextExit++}`,
      side,
      execution: rule.price === undefined ? 'market' : 'limit',
      timeInForce: 'good-till-canceled',
      trigger: rule.trigger,
      ...(rule.price !== undefined && { price: rule.price }),
      quantity,
      reservesWhenTriggered: true,
      ...(market.instrument.perpetual !== undefined && { reduceOnly: true }),
      exit: { kind, whole, ...(!whole && { group }) },
      attributes: {},
    };
  }

  /** Lets no order reduce more than there is, and ends those that have nothing left to reduce. */
  #trim(key: PositionKey, market: MarketState): void {
    const { positions, orders, matcher } = this.#options;
    const position = positions.find(key);
    for (const order of orders.openOf(key.accountId)) {
      if (order.reduceOnly !== true || order.instrumentId !== key.instrumentId) continue;
      if ((order.slot ?? 'net') !== key.slot) continue;
      const closable = position === undefined ? zero : closableBy(position, order.side, position.size.abs());
      const remaining = order.quantity.minus(order.executed);
      if (closable.eq(zero)) matcher.end(order, market, { status: 'canceled', reason: 'position-closed' });
      else if (remaining.gt(closable) || (order.exit?.whole === true && order.status === 'pending')) {
        this.#resize(order, order.executed.plus(closable), market);
      }
    }
  }

  #resize(order: Order, quantity: Decimal, market: MarketState): void {
    if (order.quantity.eq(quantity)) return;
    const resting = market.resting.has(order.id);
    if (resting) this.#options.matcher.leave(order, market);
    order.quantity = quantity;
    order.updatedAtMs = this.#options.nowMs();
    if (resting) this.#options.matcher.rest(order, market);
    this.#options.changes.note('amended', order);
  }

  #waiting(key: Omit<PositionKey, 'slot'> & { slot?: PositionKey['slot'] }, market: MarketState): Order[] {
    return [...market.triggers].filter(
      ({ accountId, slot = 'net' }) => accountId === key.accountId && slot === (key.slot ?? 'net'),
    );
  }
}

interface Leave {
  readonly key: PositionKey;
  readonly side: Order['side'];
  readonly quantity: Decimal;
  /** For all of the position, whatever becomes of it. */
  readonly whole: boolean;
  readonly group: string;
}

/** What a trade added to a position, or brought in coins after the fee. */
function openedBy(fill: Fill, { instrument }: MarketState): Decimal {
  if (instrument.perpetual !== undefined) return fill.quantity.minus(fill.closed ?? zero);
  const fee = fill.commissionAsset === instrument.base ? fill.commission : zero;
  return floorToStep(fill.quantity.minus(fee), instrument.stepSize);
}
