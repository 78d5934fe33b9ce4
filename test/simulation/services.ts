/** The services of the simulated desk as one invocation reaches them: each call can fail, come late, or be its last. */
import type {
  ExecutionPorts,
  ExecutionVenue,
  MarketsStore,
  OrdersStore,
  RiskStore,
  Secrets,
  SignalQueue,
  SignalsStore,
} from '@nightdesk/core';
import {
  createMemoryMarkets,
  createMemoryOrders,
  createMemoryRisk,
  createMemorySignals,
} from '../support/memory-stores.ts';
import type { Desk } from './desk.ts';
import type { Sandbox } from './sandbox.ts';
import { reachVenue } from './venue-line.ts';

export interface Services {
  orders: OrdersStore;
  signals: SignalsStore;
  risk: RiskStore;
  markets: MarketsStore;
  queue: SignalQueue;
  secrets: Secrets;
  venue: ExecutionVenue;
}

/** The desk's services as they are: this is what a deliberate defect changes. */
export function createServices(desk: Desk): Services {
  const { tables, queue, secrets, venue } = desk;
  return {
    orders: createMemoryOrders(tables),
    signals: createMemorySignals(tables),
    risk: createMemoryRisk(tables),
    markets: createMemoryMarkets(tables),
    queue: { send: async (messages) => queue.send(messages) },
    secrets,
    venue,
  };
}

/** The services as `sandbox` reaches them. */
export function reachServices(desk: Desk, services: Services, sandbox: Sandbox): Services {
  return {
    orders: reach('orders', services.orders, sandbox),
    signals: reach('signals', services.signals, sandbox),
    risk: reach('risk', services.risk, sandbox),
    markets: reach('markets', services.markets, sandbox),
    queue: reach('queue', services.queue, sandbox),
    secrets: reach('secrets', services.secrets, sandbox),
    venue: reachVenue(desk, services.venue, sandbox),
  };
}

export function executionPorts(services: Services, sandbox: Sandbox): ExecutionPorts {
  const { orders, risk, markets, secrets, venue } = services;
  return {
    orders,
    risk,
    clock: sandbox.clock,
    findMarket: (venueId, symbol) => markets.get(venueId, symbol),
    async openVenue(account) {
      await secrets.get(`accounts/${account.id}`);
      return venue;
    },
    // One venue only, so nobody stands in for it.
    isVenueFailing: async () => false,
    handOver: () => Promise.reject(new Error('there is no other venue')),
  };
}

type Method = (...parameters: unknown[]) => Promise<unknown>;

/** Every method of a service, called through the sandbox. */
function reach<Service extends object>(name: string, service: Service, sandbox: Sandbox): Service {
  const methods = Object.entries(service) as [string, unknown][];
  const reached = methods.map(([method, implementation]) => {
    if (typeof implementation !== 'function') return [method, implementation];
    const call = implementation as Method;
    return [method, (...parameters: unknown[]) => sandbox.call(`${name}.${method}`, () => call(...parameters))];
  });
  return Object.fromEntries(reached) as Service;
}
