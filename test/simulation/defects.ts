/**
 * Defects that trading programs really have, mimicked around the desk's services. A simulation that finds none of them
 * would prove nothing about a desk in which it finds nothing.
 */
import { add, applyEvent, type Order, type OrderEvent, type OrdersStore } from '@nightdesk/core';
import { createMemoryOrders } from '../support/memory-stores.ts';
import type { Desk } from './desk.ts';
import type { Services } from './services.ts';

type Break = (services: Services, desk: Desk) => Services;

export const defectNames = [
  'retry-on-timeout',
  'intent-after-call',
  'double-fill',
  'answer-before-send',
  'blind-switch',
  'forgotten-release',
] as const;
export type DefectName = (typeof defectNames)[number];

const defects: Readonly<Record<DefectName, { description: string; apply: Break }>> = {
  'retry-on-timeout': {
    description: 'a placement that was not answered is repeated blind',
    apply: retryOnTimeout,
  },
  'intent-after-call': {
    description: 'the intent is written only after the venue was called',
    apply: intentAfterCall,
  },
  'double-fill': { description: 'the last fill of an answer is counted twice', apply: doubleFill },
  'answer-before-send': {
    description: 'the sender is answered while the message is still on its way to the queue',
    apply: answerBeforeSend,
  },
  'blind-switch': { description: 'intents are recorded whatever the switches say', apply: blindSwitch },
  'forgotten-release': { description: 'a final order keeps its reservation', apply: forgottenRelease },
};

export const describeDefect = (name: DefectName): string => defects[name].description;

export const breakServices = (name: DefectName, services: Services, desk: Desk): Services =>
  defects[name].apply(services, desk);

function retryOnTimeout(services: Services): Services {
  const { venue } = services;
  return {
    ...services,
    venue: {
      settlingMs: venue.settlingMs,
      fetchPrice: (market, side) => venue.fetchPrice(market, side),
      findOrder: (reference, market) => venue.findOrder(reference, market),
      async placeOrder(request, market) {
        const outcome = await venue.placeOrder(request, market);
        return outcome.kind === 'unknown' ? venue.placeOrder(request, market) : outcome;
      },
    },
  };
}

function intentAfterCall(services: Services): Services {
  const { orders, venue } = services;
  const waiting = new Map<string, () => ReturnType<OrdersStore['insertIntent']>>();
  return {
    ...services,
    orders: {
      ...orders,
      async insertIntent(event, limits) {
        const known = await orders.get(event.intent.orderId);
        const applied = applyEvent(undefined, event);
        if (known !== undefined || applied === undefined) return orders.insertIntent(event, limits);
        waiting.set(event.intent.orderId, () => orders.insertIntent(event, limits));
        return { kind: 'created', order: applied.order };
      },
    },
    venue: {
      settlingMs: venue.settlingMs,
      fetchPrice: (market, side) => venue.fetchPrice(market, side),
      findOrder: (reference, market) => venue.findOrder(reference, market),
      async placeOrder(request, market) {
        const outcome = await venue.placeOrder(request, market);
        await waiting.get(request.clientOrderId)?.();
        return outcome;
      },
    },
  };
}

function doubleFill(services: Services): Services {
  const { orders } = services;
  const twice = (event: OrderEvent): OrderEvent => {
    const last = event.type === 'order.observed' ? event.order.fills.at(-1) : undefined;
    if (event.type !== 'order.observed' || last === undefined) return event;
    return { ...event, order: { ...event.order, filled: add(event.order.filled, last.amount) } };
  };
  return { ...services, orders: { ...orders, apply: (order, event) => orders.apply(order, twice(event)) } };
}

function answerBeforeSend(services: Services, { run }: Desk): Services {
  const { queue } = services;
  const sent = {
    send: async (messages: Parameters<typeof queue.send>[0]) => {
      const isLost = run.faults.strikes('fail_before');
      if (!isLost) await queue.send(messages);
    },
  };
  return { ...services, queue: sent };
}

function blindSwitch(services: Services, { tables }: Desk): Services {
  const { orders } = services;
  const insertIntent: OrdersStore['insertIntent'] = async (event, limits) => {
    const rows = [...tables.risk].filter(([key]) => key === event.intent.account || key === '*');
    for (const [key, row] of rows) tables.risk.set(key, { ...row, state: 'active' });
    try {
      return await orders.insertIntent(event, limits);
    } finally {
      for (const [key, { state }] of rows) {
        const row = tables.risk.get(key);
        if (row !== undefined) tables.risk.set(key, { ...row, state });
      }
    }
  };
  return { ...services, orders: { ...orders, insertIntent } };
}

function forgottenRelease(services: Services, { tables }: Desk): Services {
  const orders = createMemoryOrders(tables);
  const apply = async (order: Order, event: OrderEvent) => {
    const reserved = tables.risk.get(order.account)?.reserved;
    const after = await orders.apply(order, event);
    const row = tables.risk.get(order.account);
    if (row !== undefined && reserved !== undefined) tables.risk.set(order.account, { ...row, reserved });
    return after;
  };
  return { ...services, orders: { ...services.orders, apply } };
}
