/** One connection of the trading socket: orders placed, amended and canceled by messages. */
import type { WebSocket } from 'ws';
import type { BybitAccount } from './accounts.ts';
import type { AccountCall, BybitVenue } from './context.ts';
import { BybitError, invalidParameter, permissionDenied } from './errors.ts';
import { amendOrder, cancelOrder, createOrder } from './order-routes.ts';
import { Params } from './params.ts';
import { login, loginAnswer, readSocketRequest, type SocketRequest } from './socket-request.ts';

const operations: Readonly<Record<string, (call: AccountCall) => unknown>> = {
  'order.create': createOrder,
  'order.amend': amendOrder,
  'order.cancel': cancelOrder,
};
const ordersPerSecond = { spot: 20, linear: 10 };

export class TradeConnection {
  readonly #venue: BybitVenue;
  readonly #socket: WebSocket;
  readonly #address: string;
  readonly #connectionId: string;
  #account: BybitAccount | undefined;

  constructor(options: { venue: BybitVenue; socket: WebSocket; address: string; connectionId: string }) {
    this.#venue = options.venue;
    this.#socket = options.socket;
    this.#address = options.address;
    this.#connectionId = options.connectionId;
    this.#socket.on('message', (data) => this.#receive(readSocketRequest(data.toString())));
  }

  #receive(request: SocketRequest | undefined): void {
    const op = request?.op ?? '';
    const headers: Record<string, string> = {};
    try {
      if (request === undefined) throw invalidParameter('the message is not a request');
      if (op === 'ping') this.#send({ retCode: 0, retMsg: 'OK', op: 'pong', connId: this.#connectionId });
      else if (op === 'auth') {
        this.#account = login(this.#venue, request, this.#address);
        this.#send(loginAnswer(this.#connectionId));
      } else {
        const data = this.#carryOut(request, headers);
        this.#answer(request, { retCode: 0, retMsg: 'OK', data }, headers);
      }
    } catch (error) {
      if (!(error instanceof BybitError)) throw error;
      if (op === 'auth') this.#send(loginAnswer(this.#connectionId, error));
      else this.#answer(request, { retCode: error.code, retMsg: error.message, data: {} }, headers);
    }
  }

  #carryOut(request: SocketRequest, headers: Record<string, string>): unknown {
    const operation = operations[request.op];
    if (operation === undefined) throw new BybitError(10404, `op ${request.op} is not found`);
    const account = this.#account;
    if (account?.permissions.has('trade') !== true) throw permissionDenied();
    const [order] = request.args;
    if (typeof order !== 'object' || order === null) throw invalidParameter('args must hold one order');
    const params = Params.of(order);
    const nowMs = Math.floor(this.#venue.nowMs());
    const perSecond = ordersPerSecond[params.text('category') === 'spot' ? 'spot' : 'linear'];
    const user = { accountId: account.id, endpoint: request.op, perSecond, count: 1 };
    this.#venue.limiter.chargeUser(user, nowMs, headers);
    return operation({ venue: this.#venue, path: '/v5/trade', params, nowMs, account });
  }

  #answer(request: SocketRequest | undefined, parts: Readonly<Record<string, unknown>>, headers: object): void {
    const header = { ...headers, Timenow: String(Math.floor(this.#venue.nowMs())) };
    const ids = { reqId: String(request?.reqId ?? ''), op: request?.op ?? '', connId: this.#connectionId };
    this.#send({ ...ids, ...parts, retExtInfo: {}, header });
  }

  #send(message: unknown): void {
    this.#socket.send(JSON.stringify(message));
  }
}
