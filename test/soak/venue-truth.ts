/** What the simulated venues have, in one shape. They share no code with the desk, so this is what it is measured by. */
import type { OrderState } from '@nightdesk/core';
import { type VenueName, venueNames } from './markets.ts';
import type { SoakDesk } from './soak-desk.ts';

export interface VenueFill {
  price: string;
  qty: string;
  commission: string;
  commissionAsset: string;
  tradeId: string | number;
  atMs: number;
}

/** An order as its venue has it. */
export interface VenueOrder {
  venue: VenueName;
  account: string;
  /** The venue's own name of the market. */
  name: string;
  clientOrderId: string;
  venueOrderId: string;
  side: string;
  state: OrderState | undefined;
  /** In the venue's word. */
  status: string;
  quantity: string;
  executed: string;
  fills: VenueFill[];
  /** As the simulator reports it. */
  report: Readonly<Record<string, unknown>>;
}

const states: Readonly<Record<VenueName, Readonly<Record<string, OrderState>>>> = {
  binance: {
    ...{ NEW: 'open', PARTIALLY_FILLED: 'open', FILLED: 'filled', CANCELED: 'canceled' },
    ...{ EXPIRED: 'expired', EXPIRED_IN_MATCH: 'expired', REJECTED: 'rejected' },
  },
  kraken: { pending: 'open', open: 'open', closed: 'filled', canceled: 'canceled', expired: 'expired' },
  bybit: {
    ...{ New: 'open', PartiallyFilled: 'open', Untriggered: 'open', Triggered: 'open', Filled: 'filled' },
    ...{ Cancelled: 'canceled', PartiallyFilledCanceled: 'canceled', Deactivated: 'canceled', Rejected: 'rejected' },
  },
};

const text = (...values: unknown[]): string => {
  const found = values.find((value) => typeof value === 'string' || typeof value === 'number');
  return found === undefined ? '' : String(found);
};

/** Every order of every customer at every venue. */
export async function readVenueOrders(soak: Pick<SoakDesk, 'control'>): Promise<VenueOrder[]> {
  const all = await Promise.all(
    venueNames.map(async (venue) => {
      const { orders } = await soak.control<{ orders: Record<string, unknown>[] }>(venue, 'GET', '/__sim/orders');
      return orders.filter(({ account }) => !text(account).startsWith('@')).map((report) => normalize(venue, report));
    }),
  );
  return all.flat();
}

function normalize(venue: VenueName, report: Record<string, unknown>): VenueOrder {
  const status = text(report.status, report.orderStatus);
  return {
    ...{ venue, status, report, state: states[venue][status] },
    account: text(report.account),
    name: text(report.symbol),
    clientOrderId: text(report.clientOrderId),
    venueOrderId: text(report.orderId),
    side: text(report.side).toLowerCase(),
    quantity: text(report.origQty, report.qty),
    executed: text(report.executedQty, report.cumExecQty),
    fills: report.fills as VenueFill[],
  };
}
