/** The services of the simulated desk as one invocation reaches them: each call can fail, come late, or be its last. */
import type { LoadDeskConfig } from '@nightdesk/aws';
import type {
  AccountId,
  CoordinationStore,
  ExecutionPorts,
  MarketsStore,
  OrdersStore,
  PositionsStore,
  RiskStore,
  Secrets,
  SignalQueue,
  SignalsStore,
} from '@nightdesk/core';
import { createHandOver } from '@nightdesk/functions/shared/hand-over.ts';
import { createVenueWatch, type WatchedVenue } from '@nightdesk/functions/shared/venue-watch.ts';
import { noBooks } from '../support/gates.ts';
import {
  createMemoryMarkets,
  createMemoryOrders,
  createMemoryPositions,
  createMemoryRisk,
  createMemorySignals,
} from '../support/memory-stores.ts';
import { type Desk, venueOf } from './desk.ts';
import type { Sandbox } from './sandbox.ts';
import { reachVenue } from './venue-line.ts';

export interface Services {
  orders: OrdersStore;
  positions: PositionsStore;
  signals: SignalsStore;
  risk: RiskStore;
  markets: MarketsStore;
  queue: SignalQueue;
  secrets: Secrets;
  coordination: Pick<CoordinationStore, 'change'>;
  venue(account: AccountId): WatchedVenue;
}

/** The desk's services as they are: this is what a deliberate defect changes. */
export function createServices(desk: Desk): Services {
  const { tables, coordination, queue, secrets } = desk;
  return {
    orders: createMemoryOrders(tables),
    positions: createMemoryPositions(tables),
    signals: createMemorySignals(tables),
    risk: createMemoryRisk(tables),
    markets: createMemoryMarkets(tables),
    queue: { send: async (messages) => queue.send(messages) },
    secrets,
    coordination: {
      // Somebody else came first, so it is decided once more.
      async change(key, decide) {
        if (desk.run.faults.strikes('conflict')) decide(coordination.rows.get(key));
        return coordination.change(key, decide);
      },
    },
    venue: (account) => venueOf(desk, account),
  };
}

/** The services as `sandbox` reaches them. */
export function reachServices(desk: Desk, services: Services, sandbox: Sandbox): Services {
  return {
    orders: reach('orders', services.orders, sandbox),
    positions: reach('positions', services.positions, sandbox),
    signals: reach('signals', services.signals, sandbox),
    risk: reach('risk', services.risk, sandbox),
    markets: reach('markets', services.markets, sandbox),
    queue: reach('queue', services.queue, sandbox),
    secrets: reach('secrets', services.secrets, sandbox),
    coordination: reach('coordination', services.coordination, sandbox),
    venue: (account) => reachVenue(desk, account, { port: services.venue(account), sandbox }),
  };
}

export function executionPorts(services: Services, sandbox: Sandbox, loadConfig: LoadDeskConfig): ExecutionPorts {
  const { orders, positions, risk, markets, queue, secrets, coordination, venue } = services;
  const { clock } = sandbox;
  const watch = createVenueWatch({ coordination, clock });
  return {
    ...{
      orders,
      positions,
      books: noBooks,
      risk,
      clock,
      isVenueFailing: watch.isFailing,
      handOver: createHandOver({ queue, loadConfig }),
    },
    findMarket: (venueId, symbol) => markets.get(venueId, symbol),
    async openVenue(account) {
      await secrets.get(`accounts/${account.id}`);
      return watch.watch(account.venue, venue(account.id));
    },
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
