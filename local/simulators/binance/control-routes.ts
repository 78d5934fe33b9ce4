/** `/__sim`: what no real venue has. Tests ask here for faults and for the truth. */
import { z } from 'zod';
import { decimal, fixed } from '../engine/decimal.ts';
import { FaultInputError, parseFaults } from '../faults.ts';
import type { BinanceVenue } from './context.ts';
import { dispatch } from './dispatch.ts';
import type { RequestCounts } from './http-api.ts';
import { orderReport } from './order-view.ts';
import { Params } from './params.ts';
import { restPayload, sign } from './signature.ts';

export interface ControlActions {
  /** Closes all streams. */
  disconnectStreams(): void;
  /** Stops accepting connections and closes those there are. */
  refuseConnections(forMs: number): void;
  /** Forgets everything but the accounts' starting balances. */
  reset(): void;
  connectionCount(): number;
}

export interface ControlOptions {
  venue: BinanceVenue;
  counts: RequestCounts;
  actions: ControlActions;
}

export interface ControlAnswer {
  status: number;
  body: unknown;
}

type Handler = (options: ControlOptions, input: { query: URLSearchParams; body: unknown }) => ControlAnswer;

const routes: Readonly<Record<string, Handler>> = {
  'GET /__sim/orders': listOrders,
  'GET /__sim/balances': listBalances,
  'GET /__sim/requests': countRequests,
  'GET /__sim/faults': ({ venue }) => ok({ faults: venue.faults.list() }),
  'POST /__sim/faults': addFaults,
  'DELETE /__sim/faults': clearFaults,
  'POST /__sim/reset': reset,
  'POST /__sim/outsider': outsider,
};

export function handleControl(
  options: ControlOptions,
  request: { method: string; url: string; body: string },
): ControlAnswer {
  const url = new URL(request.url, 'http://simulator');
  const handler = routes[`${request.method} ${url.pathname}`];
  if (handler === undefined)
    return problem(404, [{ field: '(path)', message: `one of ${Object.keys(routes).join(', ')}` }]);
  let body: unknown;
  try {
    body = request.body === '' ? undefined : JSON.parse(request.body);
  } catch {
    return problem(400, [{ field: '(body)', message: 'is not JSON' }]);
  }
  return handler(options, { query: url.searchParams, body });
}

function ok(body: unknown): ControlAnswer {
  return { status: 200, body };
}

function problem(status: number, issues: readonly { field: string; message: string }[]): ControlAnswer {
  const message = issues.map((issue) => `${issue.field}: ${issue.message}`).join('; ');
  return { status, body: { error: { code: status === 404 ? 'not_found' : 'invalid', message, issues } } };
}

function listOrders({ venue }: ControlOptions, { query }: { query: URLSearchParams }): ControlAnswer {
  const [account, symbol, clientOrderId] = [query.get('account'), query.get('symbol'), query.get('clientOrderId')];
  const orders = [];
  for (const order of venue.market.engine.orders.all()) {
    const name = venue.catalog.byInstrument(order.instrumentId).symbol;
    if (account !== null && order.accountId !== account) continue;
    if (symbol !== null && name !== symbol) continue;
    if (clientOrderId !== null && order.clientOrderId !== clientOrderId) continue;
    orders.push(orderReport(order, name));
  }
  return ok({ orders });
}

function listBalances({ venue }: ControlOptions): ControlAnswer {
  const { ledger } = venue.market.engine;
  const accounts: Record<string, Record<string, { free: string; locked: string }>> = {};
  for (const accountId of ledger.accountIds()) {
    const balances = ledger.balancesOf(accountId);
    accounts[accountId] = Object.fromEntries(
      balances.map(({ asset, free, locked }) => [asset, { free: fixed(free), locked: fixed(locked) }]),
    );
  }
  return ok({ accounts });
}

function countRequests({ venue, counts, actions }: ControlOptions): ControlAnswer {
  const streamConnections = actions.connectionCount();
  return ok({ endpoints: counts.report(), ...venue.limiter.counts, streamConnections, serverTimeMs: venue.nowMs() });
}

function addFaults({ venue, actions }: ControlOptions, { body }: { body: unknown }): ControlAnswer {
  try {
    const faults = parseFaults(body);
    const added = faults.map((fault) => {
      if (fault.kind === 'disconnect-streams') actions.disconnectStreams();
      if (fault.kind === 'refuse-connections') actions.refuseConnections(fault.forMs);
      return venue.faults.add(fault);
    });
    return ok({ faults: added });
  } catch (error) {
    if (error instanceof FaultInputError) return problem(400, error.issues);
    throw error;
  }
}

function clearFaults({ venue }: ControlOptions): ControlAnswer {
  venue.faults.clear();
  return ok({ faults: [] });
}

function reset({ venue, actions, counts }: ControlOptions): ControlAnswer {
  venue.faults.clear();
  venue.limiter.reset();
  counts.reset();
  actions.reset();
  return ok({ reset: true });
}

const decimalText = z.string().regex(/^\d{1,20}(\.\d{1,8})?$/, 'must be a decimal string such as "0.5"');

const outsiderSchema = z.discriminatedUnion('action', [
  /** `params` as for `POST /api/v3/order`; signed here with the account's own key. */
  z.strictObject({ action: z.literal('order'), account: z.string(), params: z.record(z.string(), z.string()) }),
  z.strictObject({ action: z.literal('cancel'), account: z.string(), params: z.record(z.string(), z.string()) }),
  z.strictObject({ action: z.literal('deposit'), account: z.string(), asset: z.string().min(1), amount: decimalText }),
  z.strictObject({ action: z.literal('withdraw'), account: z.string(), asset: z.string().min(1), amount: decimalText }),
]);

/** Acts as somebody else who holds an account's key: places or cancels orders, deposits and withdraws. */
function outsider({ venue }: ControlOptions, { body }: { body: unknown }): ControlAnswer {
  const input = outsiderSchema.safeParse(body);
  if (!input.success) {
    return problem(
      400,
      input.error.issues.map(({ path, message }) => ({ field: path.join('.') || '(body)', message })),
    );
  }
  const account = venue.accounts.byId(input.data.account);
  if (account === undefined) return problem(400, [{ field: 'account', message: `no account "${input.data.account}"` }]);
  const request = input.data;
  if (request.action === 'deposit' || request.action === 'withdraw') {
    const amount = decimal(request.amount);
    const { engine } = venue.market;
    if (request.action === 'withdraw' && engine.ledger.free(account.id, request.asset).lt(amount)) {
      return problem(409, [{ field: 'amount', message: `is more than account ${account.id} has free` }]);
    }
    engine.transfer(account.id, request.asset, request.action === 'deposit' ? amount : amount.neg());
    return ok({
      account: account.id,
      asset: request.asset,
      free: fixed(engine.ledger.free(account.id, request.asset)),
    });
  }
  const unsigned = new URLSearchParams({ ...request.params, timestamp: String(Math.floor(venue.nowMs())) }).toString();
  const query = `${unsigned}&signature=${sign(unsigned, account.secret)}`;
  const answer = dispatch(venue, {
    method: request.action === 'order' ? 'POST' : 'DELETE',
    path: '/api/v3/order',
    params: Params.parse(query, ''),
    payload: restPayload(query, ''),
    apiKey: account.apiKey,
    address: account.allowedAddresses?.[0] ?? 'outsider',
  });
  return { status: answer.status, body: JSON.parse(answer.body) as unknown };
}
