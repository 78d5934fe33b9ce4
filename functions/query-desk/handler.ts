import { type HttpAnswer, type HttpHandler, requireRole } from '@nightdesk/aws';
import {
  type AccountId,
  type BooksStore,
  type IntentId,
  type JournalReader,
  type OrdersStore,
  type PositionRow,
  type PositionsStore,
  RequestError,
  type RiskStore,
  type Secrets,
  type SignalId,
  type SignalsStore,
  streams,
} from '@nightdesk/core';
import { pathId } from '../shared/path-id.ts';
import { listBalances, readPnl, readReconciliation } from './books.ts';
import { type ExchangesDependencies, listExchanges, readExchange } from './exchanges.ts';
import { checkHealth, type HealthChecks } from './health.ts';
import { readRisk } from './risk.ts';
import { parseOrdersQuery, parsePositionsQuery } from './schema.ts';
import { eventView, orderView, positionView, signalView } from './views.ts';

export interface QueryDeskDependencies extends ExchangesDependencies {
  secrets: Secrets;
  secretsPrefix: string;
  signals: Pick<SignalsStore, 'get'>;
  orders: Pick<OrdersStore, 'get' | 'list' | 'listBySignal'>;
  positions: Pick<PositionsStore, 'get' | 'listByAccount'>;
  journal: Pick<JournalReader, 'read'>;
  risk: Pick<RiskStore, 'get' | 'rows'>;
  books: Pick<BooksStore, 'get' | 'listDays'>;
  health: HealthChecks;
}

type Query = (event: Parameters<HttpHandler>[0], dependencies: QueryDeskDependencies) => Promise<HttpAnswer>;

/** By route key of the HTTP API. All but health need a token. */
const queries: Readonly<Record<string, Query>> = {
  'GET /signals/{signalId}': readSignal,
  'GET /orders': listOrders,
  'GET /orders/{id}': readOrder,
  'GET /orders/{id}/events': readEvents,
  'GET /positions': listPositions,
  'GET /balances': (event, dependencies) => listBalances(event.queryStringParameters ?? {}, dependencies),
  'GET /pnl': (event, dependencies) => readPnl(event.queryStringParameters ?? {}, dependencies),
  'GET /reconciliation': (event, dependencies) => readReconciliation(event.queryStringParameters ?? {}, dependencies),
  'GET /risk': (_event, dependencies) => readRisk(dependencies),
  'GET /exchanges': (event, dependencies) => listExchanges(event.queryStringParameters ?? {}, dependencies),
  'GET /exchanges/{venue}': (event, dependencies) => readExchange(event.pathParameters?.venue ?? '', dependencies),
};

/** Answers questions about the desk. Changes nothing. */
export function createHandler(dependencies: QueryDeskDependencies): HttpHandler {
  const { secrets, secretsPrefix: prefix } = dependencies;
  return async (event) => {
    if (event.routeKey === 'GET /health') return readHealth(dependencies);
    await requireRole(event.headers.authorization, 'viewer', { secrets, prefix });
    const query = Object.hasOwn(queries, event.routeKey) ? queries[event.routeKey] : undefined;
    if (query === undefined) throw new RequestError('not_found', `${event.routeKey} is not a route of this desk`);
    return query(event, dependencies);
  };
}

async function readHealth({ health }: QueryDeskDependencies): Promise<HttpAnswer> {
  const { healthy, parts } = await checkHealth(health);
  return { status: healthy ? 200 : 503, body: { status: healthy ? 'ok' : 'failing', parts } };
}

async function readSignal(
  event: Parameters<Query>[0],
  { signals, orders }: QueryDeskDependencies,
): Promise<HttpAnswer> {
  const signalId = pathId<SignalId>(event, 'signalId');
  const record = signalId && (await signals.get(signalId));
  if (!record) throw new RequestError('not_found', 'there is no signal with this id');
  return { status: 200, body: signalView(record, await orders.listBySignal(signalId)) };
}

async function listOrders(event: Parameters<Query>[0], { orders, clock }: QueryDeskDependencies): Promise<HttpAnswer> {
  const page = await orders.list(parseOrdersQuery(event.queryStringParameters ?? {}, clock.nowMs()));
  return { status: 200, body: { ...page, orders: page.orders.map(orderView) } };
}

async function readOrder(event: Parameters<Query>[0], { orders }: QueryDeskDependencies): Promise<HttpAnswer> {
  const orderId = pathId<IntentId>(event, 'id');
  const order = orderId && (await orders.get(orderId));
  if (!order) throw new RequestError('not_found', 'there is no order with this id');
  return { status: 200, body: orderView(order) };
}

async function readEvents(event: Parameters<Query>[0], { journal }: QueryDeskDependencies): Promise<HttpAnswer> {
  const orderId = pathId<IntentId>(event, 'id');
  const events = orderId === undefined ? [] : await journal.read(streams.order(orderId));
  if (events.length === 0) throw new RequestError('not_found', 'there is no order with this id');
  return { status: 200, body: { events: events.map(eventView) } };
}

/** Of one account, or of every one that is configured. */
async function listPositions(
  event: Parameters<Query>[0],
  { loadConfig, positions, books }: QueryDeskDependencies,
): Promise<HttpAnswer> {
  const { account, symbol } = parsePositionsQuery(event.queryStringParameters ?? {});
  const configured = Object.keys((await loadConfig()).accounts) as AccountId[];
  const accounts = account === undefined ? configured : [account];
  const read = async (id: AccountId) => {
    const rows: Promise<(PositionRow | undefined)[]> =
      symbol === undefined ? positions.listByAccount(id) : positions.get(id, symbol).then((row) => [row]);
    const [found, kept] = await Promise.all([rows, books.get(id)]);
    return found.filter((row) => row !== undefined).map((row) => positionView(row, kept));
  };
  return { status: 200, body: { positions: (await Promise.all(accounts.map(read))).flat() } };
}
