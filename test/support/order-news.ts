/** News of orders as the queue delivers them, and what becomes of them on a desk in memory. */
import {
  type ConfiguredAccount,
  type IntentId,
  type Market,
  metricNames,
  type OrderNews,
  type OrdersStore,
  type VenueId,
  type VenueOrder,
  type VenueOrderId,
} from '@nightdesk/core';
import {
  type ApplyOrderNews,
  type ApplyOrderNewsDependencies,
  createHandler,
} from '@nightdesk/functions/apply-order-news/handler.ts';
import type { SQSRecord } from 'aws-lambda';
import { deskConfig } from './desk-config.ts';
import { OrderLab } from './order-lab.ts';
import { intent, venueOrder } from './orders.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from './telemetry.ts';

export const newsOf = (order: Partial<VenueOrder>, changes: Partial<OrderNews> = {}): OrderNews => ({
  ...{ account: intent.account, venue: 'fake' as VenueId, symbol: intent.symbol, kind: 'spot', receivedMs: 3_000 },
  order: { ...venueOrder('open', '0'), ...order },
  ...changes,
});

/** Grouped by order, as the queue does. */
export const recordOf = (news: OrderNews | string, receives = 1): SQSRecord => {
  const body = typeof news === 'string' ? news : JSON.stringify(news);
  const group = typeof news === 'string' ? 'broken' : `${news.account}:${news.symbol}:${news.order.venueOrderId}`;
  const attributes = { MessageGroupId: group, ApproximateReceiveCount: String(receives) };
  const messageId = `m${body.length}-${Math.abs(hashOf(body))}`;
  return { messageId, receiptHandle: messageId, body, attributes } as SQSRecord;
};

const hashOf = (text: string): number =>
  [...text].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) | 0, 7);

export interface NewsDeskOptions {
  market?: Market;
  config?: ReturnType<typeof deskConfig>;
  /** @default ids as they are given */
  clientOrderIdOf?: (account: ConfiguredAccount, orderId: IntentId, symbol: string) => string;
  ports?: Partial<ApplyOrderNewsDependencies['ports']>;
}

/** One account on a fake venue, with the function that news come to. */
export class NewsDesk {
  readonly lab: OrderLab;
  readonly telemetry: RecordingTelemetry = createRecordingTelemetry();
  /** Pauses, in seconds, in which messages were handed back. */
  readonly pauses: number[] = [];
  /** What the store of orders was asked, in order. */
  readonly asked: string[] = [];
  readonly apply: ApplyOrderNews;

  constructor({ market, config = deskConfig(), clientOrderIdOf, ports }: NewsDeskOptions = {}) {
    this.lab = new OrderLab({ config, ...(market && { market }) });
    const given = this.lab.ports();
    const orders: OrdersStore = {
      ...given.orders,
      get: (orderId) => this.#ask('get', given.orders.get(orderId)),
      listOpen: (account, limit) => this.#ask('listOpen', given.orders.listOpen(account, limit)),
      list: (query) => this.#ask('list', given.orders.list(query)),
      apply: (order, event) => given.orders.apply(order, event),
    };
    this.apply = createHandler({
      ports: { ...given, orders, ...ports },
      loadConfig: async () => config,
      liveTrading: false,
      telemetry: this.telemetry,
      clientOrderIdOf: clientOrderIdOf ?? ((_account, orderId) => orderId),
      release: async (_records, seconds) => void this.pauses.push(seconds),
    });
  }

  /** Delivers news once. @returns how many are to be delivered again */
  async deliver(news: OrderNews | readonly (OrderNews | string)[], receives = 1): Promise<number> {
    const all: readonly (OrderNews | string)[] = 'account' in news ? [news] : news;
    const records = all.map((each) => recordOf(each, receives));
    return (await this.apply(records, this.lab.clock.nowMs() + 60_000)).length;
  }

  /** How the venue shows an order of ours now, as its stream would tell it. */
  shown(orderId: string = intent.orderId): OrderNews {
    const found = this.lab.venue.ordersWith(orderId).at(-1);
    if (found === undefined) throw new Error(`the venue has no order ${orderId}`);
    const { venueOrderId, status, filled, fills, request } = found;
    const { amount, price, triggerPrice } = request;
    const terms = { amount, ...(price && { price }), ...(triggerPrice && { triggerPrice }) };
    const order = { venueOrderId, clientOrderId: orderId, status, filled, fills, ...terms };
    return newsOf({}, { order: structuredClone(order), symbol: request.symbol, kind: this.lab.market.kind });
  }

  get counts(): { applied: number; dropped: number; failed: number } {
    const { counts } = this.telemetry;
    const { orderNewsApplied, orderNewsDropped, deliveriesFailed } = metricNames;
    const [applied = 0, dropped = 0, failed = 0] = [orderNewsApplied, orderNewsDropped, deliveriesFailed].map((name) =>
      counts.get(name),
    );
    return { applied, dropped, failed };
  }

  #ask<Answer>(name: string, answer: Answer): Answer {
    this.asked.push(name);
    return answer;
  }
}

export const venueIdOf = (id: string): VenueOrderId => id as VenueOrderId;
