import { bodyText, type HttpAnswer, type HttpHandler, requireRole, type Telemetry } from '@nightdesk/aws';
import {
  accountOf,
  type Clock,
  compare,
  type DeskConfig,
  deskSource,
  duplicateRuleTexts,
  finalStates,
  type IntentId,
  type Issue,
  metricNames,
  type Order,
  type OrdersStore,
  parseNative,
  parseSignal,
  RequestError,
  type Secrets,
} from '@nightdesk/core';
import { type AcceptancePorts, acceptSignal, type IncomingSignal } from '../shared/accept-signal.ts';
import { pathId } from '../shared/path-id.ts';
import { type ResolutionContext, type ResolvedSignal, resolveSignal } from '../shared/resolve-signal.ts';
import { type ChangeRequest, parseCancelAll, parseCancelOne, parseChange } from './schema.ts';

export interface ManageOrdersDependencies extends AcceptancePorts {
  loadConfig(): Promise<DeskConfig>;
  secrets: Secrets;
  secretsPrefix: string;
  orders: Pick<OrdersStore, 'get'>;
  markets: ResolutionContext['markets'];
  clock: Clock;
  telemetry: Telemetry;
}

/** What a request comes to, before it is known to be new. */
type Wanted = Pick<IncomingSignal, 'identity' | 'resolve'>;

interface Request {
  event: Parameters<HttpHandler>[0];
  config: DeskConfig;
  receivedAtMs: number;
}

/**
 * Takes what people order themselves, and their changes and cancels. Each becomes a signal of the desk's own source on the queue
 * of all others, in the lane of its order, and is recorded and executed as any other.
 */
export function createHandler(dependencies: ManageOrdersDependencies): HttpHandler {
  const { telemetry } = dependencies;
  return async (event) => {
    const { secrets, secretsPrefix: prefix, clock, loadConfig } = dependencies;
    const by = await requireRole(event.headers.authorization, 'trader', { secrets, prefix });
    const request: Request = { event, config: await loadConfig(), receivedAtMs: clock.nowMs() };
    const wanted = await read(request, dependencies);
    const { config, receivedAtMs } = request;
    const { requestId } = event.requestContext;
    const accepted = await acceptSignal(
      { ...wanted, source: deskSource(config), config, receivedAtMs, requestId },
      dependencies,
    );
    const duplicateRule = duplicateRuleTexts[accepted.rule];
    if (accepted.kind === 'duplicate') {
      telemetry.count(metricNames.signalsDuplicate);
      return { status: 200, body: { signalId: accepted.signalId, status: 'duplicate', duplicateRule } };
    }
    const { signalId, symbol, action, orderId } = accepted.signal;
    telemetry.count(metricNames.signalsAccepted);
    telemetry.info('signal accepted', { signalId, source: 'desk', by, symbol, action, orderId });
    return { status: 202, body: { signalId, status: 'accepted', duplicateRule } } satisfies HttpAnswer;
  };
}

function read(request: Request, dependencies: ManageOrdersDependencies): Promise<Wanted> {
  const { routeKey } = request.event;
  switch (routeKey) {
    case 'POST /orders':
      return readOrder(request, dependencies);
    case 'PATCH /orders/{id}':
      return readChange(request, dependencies);
    case 'DELETE /orders/{id}':
      return readCancelOne(request, dependencies);
    case 'DELETE /orders':
      return readCancelAll(request, dependencies);
    default:
      throw new RequestError('not_found', `there is no ${routeKey}`);
  }
}

type Resolving = Pick<ManageOrdersDependencies, 'markets'>;

/** A signal as any source may send it, which names its account. */
async function readOrder({ event, config, receivedAtMs }: Request, { markets }: Resolving): Promise<Wanted> {
  const source = deskSource(config);
  const parsed = parseSignal(bodyText(event), { dialect: source.dialect });
  const resolve = () => resolveSignal(parsed, { source, config, markets, receivedAtMs });
  return { identity: parsed.identity, resolve };
}

async function readChange(request: Request, { orders }: ManageOrdersDependencies): Promise<Wanted> {
  const { change, id } = parseChange(bodyText(request.event));
  const order = await openOrder(request, orders);
  refuseChange(order, change);
  const resolve = async () => ({ ...commandFor(order, request), action: 'amend' as const, change });
  return { identity: identityOf(order.orderId, id), resolve };
}

async function readCancelOne(request: Request, { orders }: ManageOrdersDependencies): Promise<Wanted> {
  const { id } = parseCancelOne(request.event.queryStringParameters);
  const order = await openOrder(request, orders);
  const resolve = async () => ({ ...commandFor(order, request), action: 'cancel' as const });
  return { identity: identityOf(order.orderId, id), resolve };
}

async function readCancelAll({ event, config, receivedAtMs }: Request, { markets }: Resolving): Promise<Wanted> {
  const { account, symbol, id } = parseCancelAll(event.queryStringParameters);
  const signal = parseNative({ action: 'cancel', account, ...(symbol !== undefined && { symbol }) });
  const request = { signal, fieldNames: new Map<string, string>() };
  const resolve = () => resolveSignal(request, { source: deskSource(config), config, markets, receivedAtMs });
  return { identity: identityOf(`${account} ${symbol ?? ''}`, id), resolve };
}

/** Repeating a change or a cancel changes nothing, so without an id each is a signal of its own. */
const identityOf = (what: string, id: string | undefined): IncomingSignal['identity'] =>
  id === undefined ? { rule: 'none' } : { rule: 'id', parts: ['id', what, id] };

/** The signal by which the desk itself does something about one order. */
function commandFor(order: Order, { config, receivedAtMs }: Request): Omit<ResolvedSignal, 'action'> {
  const { orderId, account, venue, symbol } = order;
  const { id: source, maxLagSeconds } = deskSource(config);
  const expiresAtMs = receivedAtMs + maxLagSeconds * 1_000;
  return { source, accounts: [account], venue, symbol, type: 'market', orderId, expiresAtMs, receivedAtMs };
}

/** @throws RequestError `not_found`, or `conflict` for an order of which nothing is left */
async function openOrder({ event, config }: Request, orders: Pick<OrdersStore, 'get'>): Promise<Order> {
  const id = pathId<IntentId>(event, 'id');
  const order = id === undefined ? undefined : await orders.get(id);
  if (order === undefined) throw new RequestError('not_found', 'there is no order with this id');
  if (finalStates.has(order.state)) {
    throw new RequestError('conflict', `the order is ${order.state} already, and nothing of it is left`);
  }
  if (accountOf(config, order.account) === undefined) {
    throw new RequestError('conflict', `the account ${order.account} of the order is not configured any more`);
  }
  return order;
}

/** What can be told without the market: the rest is found out when it is executed. */
function refuseChange(order: Order, change: ChangeRequest['change']): void {
  if (order.parentId !== undefined) {
    throw new RequestError('conflict', `the order is an exit of ${order.parentId}, which keeps it as that was planned`);
  }
  const issues: Issue[] = [];
  const without = `has no meaning for an order of type ${order.type}`;
  if (change.amount !== undefined && compare(change.amount, order.filled) <= 0) {
    const message = `is ${change.amount}, and ${order.filled} of it is filled already; cancel the rest`;
    issues.push({ path: 'amount', message });
  }
  if (change.price !== undefined && order.price === undefined) issues.push({ path: 'price', message: without });
  if (change.triggerPrice !== undefined && order.triggerPrice === undefined) {
    issues.push({ path: 'triggerPrice', message: without });
  }
  if (issues.length > 0) throw new RequestError('invalid_request', 'the order cannot be changed like that', issues);
}
