/**
 * Defects that trading programs really have, mimicked around the desk's services. A simulation that finds none of them
 * would prove nothing about a desk in which it finds nothing.
 */
import {
  add,
  applyEvent,
  type ExecutionVenue,
  finalStates,
  needsCare,
  type Order,
  type OrderEvent,
  type OrdersStore,
  streams,
} from '@nightdesk/core';
import type { WatchedVenue } from '@nightdesk/functions/shared/venue-watch.ts';
import { createMemoryOrders } from '../support/memory-stores.ts';
import type { Desk } from './desk.ts';
import type { Services } from './services.ts';

/** When a handing over is recorded that is recorded too late. */
const recordedLateMs = 1_000;

type PlaceOrder = ExecutionVenue['placeOrder'];
type Break = (services: Services, desk: Desk) => Services;

export const defectNames = [
  'retry-on-timeout',
  'intent-after-call',
  'double-fill',
  'answer-before-send',
  'blind-switch',
  'forgotten-release',
  'forgotten-position',
  'forgotten-exposure',
  'forgotten-bracket',
  'cancel-believed',
  'late-fill-missed',
  'hand-over-unrecorded',
  'hand-over-in-doubt',
  'hand-over-once',
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
  'forgotten-position': {
    description: 'what an order filled is in the order alone, and in no position',
    apply: forgottenPosition,
  },
  'forgotten-exposure': {
    description: 'what an order had at stake is forgotten once it has ended',
    apply: forgottenExposure,
  },
  'forgotten-bracket': {
    description: 'an order that is filled is over, whatever its position still needs',
    apply: forgottenBracket,
  },
  'cancel-believed': {
    description: 'a cancellation that was not answered is taken for done',
    apply: cancelBelieved,
  },
  'late-fill-missed': {
    description: 'an order that was canceled is not asked about again',
    apply: lateFillMissed,
  },
  'hand-over-unrecorded': {
    description: 'a leg is handed over to another account before that is recorded',
    apply: handOverUnrecorded,
  },
  'hand-over-in-doubt': {
    description: 'an order that its venue may have is handed over when the venue does not answer',
    apply: handOverInDoubt,
  },
  'hand-over-once': {
    description: 'a leg whose handing over was interrupted is not handed over again',
    apply: handOverOnce,
  },
};

export const describeDefect = (name: DefectName): string => defects[name].description;

export const breakServices = (name: DefectName, services: Services, desk: Desk): Services =>
  defects[name].apply(services, desk);

/** The methods of a port as functions of their own, which a spread would lose where the port is a class. */
function boundTo(port: WatchedVenue): WatchedVenue {
  return {
    settlingMs: port.settlingMs,
    wallets: port.wallets,
    abilitiesOf: (market) => port.abilitiesOf(market),
    placeOrder: (request, market) => port.placeOrder(request, market),
    findOrder: (reference, market) => port.findOrder(reference, market),
    cancelOrder: (reference, market) => port.cancelOrder(reference, market),
    amendOrder: (reference, change, market) => port.amendOrder(reference, change, market),
    prepareMarket: (settings, market) => port.prepareMarket(settings, market),
    fetchPrice: (market, side) => port.fetchPrice(market, side),
    fetchTicker: (market) => port.fetchTicker(market),
    fetchBalances: (kind) => port.fetchBalances(kind),
    fetchPositions: (markets) => port.fetchPositions(markets),
    fetchOpenOrders: (which) => port.fetchOpenOrders(which),
    probe: () => port.probe(),
  };
}

/** What placing an order becomes at every venue; the rest of each stays as it is. */
function breakPlacing(services: Services, change: (place: PlaceOrder) => PlaceOrder): Services['venue'] {
  return (id) => {
    const port = services.venue(id);
    return {
      ...boundTo(port),
      placeOrder: change((request, market) => port.placeOrder(request, market)),
    };
  };
}

function retryOnTimeout(services: Services): Services {
  const venue = breakPlacing(services, (place) => async (request, market) => {
    const outcome = await place(request, market);
    return outcome.kind === 'unknown' ? place(request, market) : outcome;
  });
  return { ...services, venue };
}

function intentAfterCall(services: Services): Services {
  const { orders } = services;
  const waiting = new Map<string, () => ReturnType<OrdersStore['insertIntent']>>();
  return {
    ...services,
    orders: {
      ...orders,
      async insertIntent(event, gate) {
        const known = await orders.get(event.intent.orderId);
        const applied = applyEvent(undefined, event);
        if (known !== undefined || applied === undefined) return orders.insertIntent(event, gate);
        waiting.set(event.intent.orderId, () => orders.insertIntent(event, gate));
        return { kind: 'created', order: applied.order };
      },
    },
    venue: breakPlacing(services, (place) => async (request, market) => {
      const outcome = await place(request, market);
      await waiting.get(request.clientOrderId)?.();
      return outcome;
    }),
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
  const insertIntent: OrdersStore['insertIntent'] = async (event, gate) => {
    const rows = [...tables.risk].filter(([key]) => key === event.intent.account || key === '*');
    for (const [key, row] of rows) tables.risk.set(key, { ...row, state: 'active' });
    try {
      return await orders.insertIntent(event, { judge: gate.judge, usesSource: gate.usesSource });
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

function forgottenExposure(services: Services, { tables }: Desk): Services {
  const orders = createMemoryOrders(tables);
  const apply = async (order: Order, event: OrderEvent) => {
    const counters = tables.risk.get(order.account)?.counters;
    const after = await orders.apply(order, event);
    const row = tables.risk.get(order.account);
    if (row !== undefined && counters !== undefined) tables.risk.set(order.account, { ...row, counters });
    return after;
  };
  return { ...services, orders: { ...services.orders, apply } };
}

function forgottenPosition(services: Services, { tables }: Desk): Services {
  const orders = createMemoryOrders(tables);
  const apply = async (order: Order, event: OrderEvent) => {
    const stream = streams.position(order.account, order.symbol);
    const applied = orders.apply(order, event);
    tables.positions.clear();
    tables.journal.delete(stream);
    return applied;
  };
  return { ...services, orders: { ...services.orders, apply } };
}

function forgottenBracket(services: Services): Services {
  const { orders } = services;
  const listOpen: OrdersStore['listOpen'] = async (account, limit) =>
    (await orders.listOpen(account, limit)).filter(({ state }) => !finalStates.has(state));
  return { ...services, orders: { ...orders, listOpen } };
}

function lateFillMissed(services: Services): Services {
  const { orders } = services;
  const listOpen: OrdersStore['listOpen'] = async (account, limit) =>
    (await orders.listOpen(account, limit)).filter(({ settling, exits }) => settling === undefined || needsCare(exits));
  return { ...services, orders: { ...orders, listOpen } };
}

function cancelBelieved(services: Services): Services {
  return {
    ...services,
    venue(account) {
      const port = boundTo(services.venue(account));
      const cancelOrder: ExecutionVenue['cancelOrder'] = async (reference, market) => {
        const outcome = await port.cancelOrder(reference, market);
        const found = outcome.kind === 'unknown' ? await port.findOrder(reference, market) : undefined;
        return found?.kind === 'found' ? { kind: 'canceled', order: { ...found.order, status: 'canceled' } } : outcome;
      };
      return { ...port, cancelOrder };
    },
  };
}

function handOverUnrecorded(services: Services, { run }: Desk): Services {
  const { orders } = services;
  const insertDenied: OrdersStore['insertDenied'] = async (event) => {
    const order = applyEvent(undefined, event)?.order;
    if (event.type !== 'order.denied' || event.failedOverTo === undefined || order === undefined)
      return orders.insertDenied(event);
    run.time.after(recordedLateMs, () => void orders.insertDenied(event));
    return order;
  };
  return { ...services, orders: { ...orders, insertDenied } };
}

function handOverInDoubt(services: Services): Services {
  const { orders } = services;
  const isInDoubt = (order: Order | undefined): boolean => order?.state === 'intended' || order?.state === 'unknown';
  return {
    ...services,
    orders: {
      ...orders,
      async get(orderId) {
        const order = await orders.get(orderId);
        return isInDoubt(order) ? undefined : order;
      },
      async insertDenied(event) {
        const known = await orders.get(event.intent.orderId);
        const denied = applyEvent(undefined, event)?.order;
        const isHandedOver = event.type === 'order.denied' && event.failedOverTo !== undefined;
        return isInDoubt(known) && isHandedOver && denied ? denied : orders.insertDenied(event);
      },
    },
  };
}

function handOverOnce(services: Services): Services {
  const { orders } = services;
  const get: OrdersStore['get'] = async (orderId) => {
    const { failedOverTo: _forgotten, ...order } = (await orders.get(orderId)) ?? {};
    return 'orderId' in order ? order : undefined;
  };
  return { ...services, orders: { ...orders, get } };
}
