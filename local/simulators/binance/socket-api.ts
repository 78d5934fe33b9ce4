/** Binance's WebSocket API: requests and signed user data subscriptions over one connection. */
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { parseJson } from '../shared/parse-json.ts';
import { verifySigned } from './accounts.ts';
import type { BinanceVenue } from './context.ts';
import { dispatch } from './dispatch.ts';
import { BinanceError } from './errors.ts';
import { Params } from './params.ts';
import { socketPayload } from './signature.ts';

/** The methods that are REST endpoints under another name. */
const restEquivalents: Readonly<Record<string, readonly [method: string, path: string]>> = {
  ping: ['GET', '/api/v3/ping'],
  time: ['GET', '/api/v3/time'],
  exchangeInfo: ['GET', '/api/v3/exchangeInfo'],
  depth: ['GET', '/api/v3/depth'],
  'trades.recent': ['GET', '/api/v3/trades'],
  'trades.historical': ['GET', '/api/v3/historicalTrades'],
  'trades.aggregate': ['GET', '/api/v3/aggTrades'],
  klines: ['GET', '/api/v3/klines'],
  avgPrice: ['GET', '/api/v3/avgPrice'],
  'ticker.24hr': ['GET', '/api/v3/ticker/24hr'],
  'ticker.price': ['GET', '/api/v3/ticker/price'],
  'ticker.book': ['GET', '/api/v3/ticker/bookTicker'],
  'order.place': ['POST', '/api/v3/order'],
  'order.test': ['POST', '/api/v3/order/test'],
  'order.status': ['GET', '/api/v3/order'],
  'order.cancel': ['DELETE', '/api/v3/order'],
  'order.cancelReplace': ['POST', '/api/v3/order/cancelReplace'],
  'order.amend.keepPriority': ['PUT', '/api/v3/order/amend/keepPriority'],
  'orderList.place.oco': ['POST', '/api/v3/orderList/oco'],
  'orderList.status': ['GET', '/api/v3/orderList'],
  'orderList.cancel': ['DELETE', '/api/v3/orderList'],
  'openOrderLists.status': ['GET', '/api/v3/openOrderList'],
  'openOrders.status': ['GET', '/api/v3/openOrders'],
  'openOrders.cancelAll': ['DELETE', '/api/v3/openOrders'],
  allOrders: ['GET', '/api/v3/allOrders'],
  myTrades: ['GET', '/api/v3/myTrades'],
  'account.status': ['GET', '/api/v3/account'],
  'account.rateLimits.orders': ['GET', '/api/v3/rateLimit/order'],
  'userDataStream.start': ['POST', '/api/v3/userDataStream'],
  'userDataStream.ping': ['PUT', '/api/v3/userDataStream'],
  'userDataStream.stop': ['DELETE', '/api/v3/userDataStream'],
};

const requestSchema = z.object({
  id: z.union([z.string(), z.number(), z.null()]),
  method: z.string(),
  params: z.record(z.string(), z.unknown()).default({}),
});

type SocketRequest = z.output<typeof requestSchema>;

export interface SocketApiOptions {
  venue: BinanceVenue;
  socket: WebSocket;
  address: string;
}

const subscribeWeight = 2;

export class SocketApiConnection {
  readonly #options: SocketApiOptions;
  readonly #subscriptions = new Map<number, () => void>();
  #nextSubscriptionId = 0;

  constructor(options: SocketApiOptions) {
    this.#options = options;
    options.socket.on('message', (data) => this.#receive(data.toString()));
    options.socket.on('close', () => this.#endSubscriptions());
  }

  #receive(text: string): void {
    const request = requestSchema.safeParse(parseJson(text));
    if (request.success) this.#send(this.#answer(request.data));
    else this.#send({ id: null, status: 400, error: { code: -1135, msg: 'Invalid JSON Request' } });
  }

  #answer(request: SocketRequest): Record<string, unknown> {
    const { id, method } = request;
    try {
      if (method === 'userDataStream.subscribe.signature') return { id, status: 200, result: this.#subscribe(request) };
      if (method === 'userDataStream.unsubscribe') return { id, status: 200, result: this.#unsubscribe(request) };
      return { id, ...this.#asRest(request) };
    } catch (error) {
      if (!(error instanceof BinanceError)) throw error;
      return { id, status: error.status, error: { code: error.code, msg: error.message } };
    }
  }

  #asRest(request: SocketRequest): Record<string, unknown> {
    const [method, path] = restEquivalents[request.method] ?? [];
    if (method === undefined || path === undefined) throw new BinanceError(-1020, 'This operation is not supported.');
    const values = textValues(request.params);
    const { apiKey, ...others } = values;
    const params = Params.of(new Map(Object.entries(others)));
    const { venue, address } = this.#options;
    const answer = dispatch(venue, { method, path, params, payload: socketPayload(values), apiKey, address });
    const body: unknown = JSON.parse(answer.body);
    return answer.status === 200 ? { status: 200, result: body } : { status: answer.status, error: body };
  }

  #subscribe(request: SocketRequest): { subscriptionId: number } {
    const { venue, address } = this.#options;
    const values = textValues(request.params);
    const nowMs = Math.floor(venue.nowMs());
    venue.limiter.charge({ address, path: '/ws-api/v3' }, subscribeWeight, nowMs);
    const account = venue.accounts.requireKey(values.apiKey, { address, permission: 'read' });
    verifySigned(account, Params.of(new Map(Object.entries(values))), { payload: socketPayload(values), nowMs });
    const subscriptionId = this.#nextSubscriptionId++;
    const end = venue.userStreams.listen(account.id, (event) => this.#send({ subscriptionId, event }));
    this.#subscriptions.set(subscriptionId, end);
    return { subscriptionId };
  }

  #unsubscribe(request: SocketRequest): Record<string, never> {
    const { subscriptionId } = request.params;
    if (typeof subscriptionId !== 'number') {
      this.#endSubscriptions();
      return {};
    }
    this.#subscriptions.get(subscriptionId)?.();
    this.#subscriptions.delete(subscriptionId);
    return {};
  }

  #endSubscriptions(): void {
    for (const end of this.#subscriptions.values()) end();
    this.#subscriptions.clear();
  }

  #send(message: unknown): void {
    this.#options.socket.send(JSON.stringify(message));
  }
}

/** The parameters as the texts that a signature covers. */
function textValues(params: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(params).map(([name, value]) => {
    return [name, typeof value === 'object' ? JSON.stringify(value) : String(value)] as const;
  });
  return Object.fromEntries(texts);
}
