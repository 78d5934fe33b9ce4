/** `/__sim`: what no real venue has. Tests ask here for faults and for the truth. */
import { z } from 'zod';
import type { VenueClock } from '../clock.ts';
import { decimal, fixed, zero } from '../engine/decimal.ts';
import { entryPriceOf, netOf } from '../engine/positions.ts';
import type { Instrument, Order } from '../engine/types.ts';
import { FaultInputError, parseFaults } from '../faults.ts';
import type { AccountDirectory } from './accounts.ts';
import { askBook, askBooks, type RememberedBooks } from './book-controls.ts';
import { setClock } from './clock-controls.ts';
import { type ControlAnswer, type ControlInput, decimalText, issuesOf, ok, problem } from './control-answer.ts';
import { listCandles, listMarkets, type RememberingVenue } from './history-controls.ts';
import type { RequestCounts } from './request-counts.ts';
import { openAccounts } from './simulated-market.ts';
import { addTransfer, endTransfer, listTransfers, transfer } from './transfer-controls.ts';
import type { VenueAnswer } from './venue-answer.ts';

/** What the control calls need to know of a venue. */
export interface ControlledVenue extends RememberingVenue, RememberedBooks {
  readonly limiter: { readonly counts: Readonly<Record<string, unknown>>; reset(): void };
  readonly accounts: AccountDirectory<string>;
  /** An instrument's name in the venue's words. */
  symbolOf(instrumentId: string): string;
  /** The instruments that go by a name: a spot market and a perpetual may share one. */
  instrumentsOf(symbol: string): readonly Instrument[];
  /** An order with everything the simulator knows about it, hidden fills included. */
  reportOrder(order: Readonly<Order>): Readonly<Record<string, unknown>>;
  /** Sends an order or a cancellation as somebody else who holds the account's key. */
  actAsOutsider(request: OutsiderRequest): VenueAnswer;
  /** Forgets everything but the accounts' starting balances. */
  reset(): void;
}

export interface OutsiderRequest {
  readonly action: 'order' | 'cancel';
  readonly account: string;
  /** As for the venue's own call; what authenticates the request is added here. */
  readonly params: Readonly<Record<string, string>>;
}

export interface ConnectionActions {
  /** Closes all streams. */
  disconnectStreams(): void;
  /** Stops accepting connections and closes those there are. */
  refuseConnections(forMs: number): void;
  connectionCount(): number;
}

export interface ControlOptions {
  venue: ControlledVenue;
  clock: VenueClock;
  counts: RequestCounts;
  actions: ConnectionActions;
}

type Handler = (options: ControlOptions, input: ControlInput) => ControlAnswer;

const routes: Readonly<Record<string, Handler>> = {
  'GET /__sim/orders': listOrders,
  'GET /__sim/balances': listBalances,
  'GET /__sim/requests': countRequests,
  'GET /__sim/faults': ({ venue }) => ok({ faults: venue.faults.list() }),
  'POST /__sim/faults': addFaults,
  'DELETE /__sim/faults': clearFaults,
  'POST /__sim/accounts': addAccounts,
  'POST /__sim/reset': reset,
  'POST /__sim/outsider': outsider,
  'GET /__sim/transfers': ({ venue }, input) => listTransfers(venue, input),
  'POST /__sim/transfers': ({ venue }, input) => addTransfer(venue, input),
  'PUT /__sim/transfers': ({ venue }, input) => endTransfer(venue, input),
  'POST /__sim/price': movePrice,
  'POST /__sim/funding': fund,
  'GET /__sim/positions': listPositions,
  'GET /__sim/book': ({ venue }, input) => askBook(venue, input),
  'POST /__sim/books': ({ venue }, input) => askBooks(venue, input),
  'GET /__sim/candles': ({ venue }, input) => listCandles(venue, input),
  'GET /__sim/clock': ({ clock }) => ok({ nowMs: clock.nowMs() }),
  'PUT /__sim/clock': ({ clock }, input) => setClock(clock, input),
  'GET /__sim/markets': ({ venue }) => listMarkets(venue),
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

function listOrders({ venue }: ControlOptions, { query }: { query: URLSearchParams }): ControlAnswer {
  const [account, symbol, clientOrderId] = [query.get('account'), query.get('symbol'), query.get('clientOrderId')];
  const orders = [];
  for (const order of venue.market.engine.orders.all()) {
    if (account !== null && order.accountId !== account) continue;
    if (symbol !== null && venue.symbolOf(order.instrumentId) !== symbol) continue;
    if (clientOrderId !== null && order.clientOrderId !== clientOrderId) continue;
    orders.push(venue.reportOrder(order));
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

function reset({ venue, counts, actions }: ControlOptions): ControlAnswer {
  venue.faults.clear();
  venue.limiter.reset();
  counts.reset();
  actions.disconnectStreams();
  venue.books.clear();
  venue.reset();
  return ok({ reset: true });
}

const newAccountsSchema = z.array(
  z.strictObject({
    name: z.string().min(1),
    apiKey: z.string().min(8),
    secret: z.string().min(8),
    balances: z.record(z.string(), decimalText),
    /** What the key may do, in the venue's words; absent is what reads and trades. */
    permissions: z.array(z.string().min(1)).optional(),
  }),
);

/** Opens accounts for customers who were not there at the start. Those that are there by name stay as they are. */
function addAccounts({ venue }: ControlOptions, { body }: { body: unknown }): ControlAnswer {
  const input = newAccountsSchema.safeParse(body);
  if (!input.success) return problem(400, issuesOf(input.error));
  const added = input.data.filter(({ name }) => venue.accounts.byId(name) === undefined);
  for (const account of added) venue.accounts.add(account);
  openAccounts(venue.market, venue.accounts.all());
  return ok({ added: added.map(({ name }) => name) });
}

const outsiderSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('order'), account: z.string(), params: z.record(z.string(), z.string()) }),
  z.strictObject({ action: z.literal('cancel'), account: z.string(), params: z.record(z.string(), z.string()) }),
  z.strictObject({ action: z.literal('deposit'), account: z.string(), asset: z.string().min(1), amount: decimalText }),
  z.strictObject({ action: z.literal('withdraw'), account: z.string(), asset: z.string().min(1), amount: decimalText }),
]);

/** Acts as somebody else who holds an account's key: places or cancels orders, deposits and withdraws. */
function outsider({ venue }: ControlOptions, { body }: { body: unknown }): ControlAnswer {
  const input = outsiderSchema.safeParse(body);
  if (!input.success) return problem(400, issuesOf(input.error));
  const request = input.data;
  if (venue.accounts.byId(request.account) === undefined) {
    return problem(400, [{ field: 'account', message: `no account "${request.account}"` }]);
  }
  if (request.action === 'order' || request.action === 'cancel') {
    const answer = venue.actAsOutsider(request);
    return { status: answer.status, body: JSON.parse(answer.body) as unknown };
  }
  const { account, asset, action } = request;
  const terms = { accountId: account, asset, amount: decimal(request.amount), fee: zero, status: 'done' } as const;
  const begun = transfer(venue, { ...terms, direction: action === 'deposit' ? 'in' : 'out' });
  if ('problem' in begun) return begun.problem;
  return ok({ account, asset, free: fixed(venue.market.engine.ledger.free(account, asset)) });
}

const priceSchema = z.strictObject({ symbol: z.string().min(1), factor: z.number().min(0.01).max(100) });

/** Moves a price from now on, for take-profits, stop-losses and losses to strike. */
function movePrice({ venue }: ControlOptions, { body }: { body: unknown }): ControlAnswer {
  const input = priceSchema.safeParse(body);
  if (!input.success) return problem(400, issuesOf(input.error));
  const { symbol, factor } = input.data;
  const [instrument] = venue.instrumentsOf(symbol);
  if (instrument === undefined) return problem(400, [{ field: 'symbol', message: `no symbol "${symbol}"` }]);
  for (const { id } of venue.instrumentsOf(symbol)) venue.market.use(id);
  venue.market.shiftPrice(instrument.id, factor);
  return ok({ symbol, price: venue.market.markPrice(instrument.id).toFixed() });
}

const fundingSchema = z.strictObject({
  symbol: z.string().min(1).optional(),
  rate: z
    .string()
    .regex(/^-?0(\.\d{1,8})?$/, 'must be a decimal string such as "0.0001" or "-0.0002"')
    .optional(),
});

/** Books a funding now. Without a symbol for all perpetuals with positions, without a rate at the interval's own. */
function fund({ venue }: ControlOptions, { body }: { body: unknown }): ControlAnswer {
  const input = fundingSchema.safeParse(body ?? {});
  if (!input.success) return problem(400, issuesOf(input.error));
  const { symbol, rate } = input.data;
  const perpetual = symbol === undefined ? undefined : venue.instrumentsOf(symbol).find((one) => one.perpetual);
  if (symbol !== undefined && perpetual === undefined) {
    return problem(400, [{ field: 'symbol', message: `no perpetual "${symbol}"` }]);
  }
  const booked = venue.market.fund({ instrumentId: perpetual?.id, rate });
  const payments = booked.map(({ accountId, asset, amount, position }) => ({
    account: accountId,
    asset,
    amount: fixed(amount),
    ...(position !== undefined && {
      symbol: venue.symbolOf(position.instrumentId),
      size: position.size.toFixed(),
      price: position.price.toFixed(),
      rate: position.rate.toFixed(),
    }),
  }));
  return ok({ payments });
}

function listPositions({ venue }: ControlOptions): ControlAnswer {
  const positions = venue.market.engine.positions.all().map((position) => ({
    account: position.accountId,
    symbol: venue.symbolOf(position.instrumentId),
    slot: position.slot,
    size: position.size.toFixed(),
    entryPrice: fixed(entryPriceOf(position)),
    margin: fixed(position.margin),
    realized: fixed(position.realized),
    fees: fixed(position.fees),
    funding: fixed(position.funding),
    net: fixed(netOf(position)),
  }));
  return ok({ positions });
}
