/** One WebSocket v2 connection: requests, acknowledgments, subscriptions and heartbeats. */
import type { WebSocket } from 'ws';
import { every } from '../clock.ts';
import { parseJson } from '../shared/parse-json.ts';
import type { SocketOpener } from '../shared/socket-gate.ts';
import { balancesChannel } from './balances-channel.ts';
import { bookChannel } from './book-channel.ts';
import type { AccountChannel, ChannelContext, PairChannel, Publish, Subscription } from './channel.ts';
import { invalidSession, KrakenError, permissionDenied } from './errors.ts';
import { executionsChannel } from './executions-channel.ts';
import { instrumentChannel } from './instrument-channel.ts';
import { candleChannel, tickerChannel, tradeChannel } from './market-channels.ts';
import { requestSchema, type SubscribeParams, type SubscribeRequest } from './socket-request.ts';
import { timeText } from './socket-text.ts';

const pairChannels: Readonly<Record<string, PairChannel>> = {
  book: bookChannel,
  ticker: tickerChannel,
  trade: tradeChannel,
  ohlc: candleChannel,
};
const accountChannels: Readonly<Record<string, AccountChannel>> = {
  executions: executionsChannel,
  balances: balancesChannel,
};

const heartbeatMs = 1000;

/** Serves public and private channels alike: with one base address for a venue they share a connection. */
export function openSocketSession(context: ChannelContext): SocketOpener {
  return (socket) => void new SocketSession(context, socket);
}

class SocketSession {
  readonly #context: ChannelContext;
  readonly #socket: WebSocket;
  readonly #subscriptions = new Map<string, () => void>();
  readonly #sequences = new Map<string, number>();
  #sentSinceBeat = false;

  constructor(context: ChannelContext, socket: WebSocket) {
    this.#context = context;
    this.#socket = socket;
    const stopBeating = every(context.clock, heartbeatMs, () => this.#beat());
    socket.on('message', (data) => this.#receive(data.toString()));
    socket.on('close', () => {
      stopBeating();
      for (const stop of this.#subscriptions.values()) stop();
      this.#subscriptions.clear();
    });
    const connectionId = Math.floor(context.venue.nowMs() * 1000);
    this.#send({
      channel: 'status',
      type: 'update',
      data: [{ api_version: 'v2', connection_id: connectionId, system: 'online', version: '2.0.10' }],
    });
  }

  #nowText(): string {
    return timeText(this.#context.venue.nowMs());
  }

  /** Shows that the connection lives when nothing else does. */
  #beat(): void {
    if (this.#subscriptions.size > 0 && !this.#sentSinceBeat) this.#send({ channel: 'heartbeat' });
    this.#sentSinceBeat = false;
  }

  #receive(text: string): void {
    const timeIn = this.#nowText();
    const request = requestSchema.safeParse(parseJson(text));
    if (!request.success) {
      const error = 'Malformed request';
      this.#send({ error, success: false, time_in: timeIn, time_out: this.#nowText() });
      return;
    }
    if (request.data.method === 'ping') {
      const { req_id } = request.data;
      this.#send({
        method: 'pong',
        ...(req_id !== undefined && { req_id }),
        time_in: timeIn,
        time_out: this.#nowText(),
      });
      return;
    }
    const { params } = request.data;
    const symbols = params.channel in pairChannels ? params.symbol : [undefined];
    for (const symbol of symbols) this.#carryOut(request.data, symbol, timeIn);
  }

  /** One pair's part of a request, with an answer of its own. */
  #carryOut({ method, params, req_id }: SubscribeRequest, symbol: string | undefined, timeIn: string): void {
    const answer = (outcome: Record<string, unknown>) => {
      const id = req_id === undefined ? {} : { req_id };
      this.#send({ method, ...outcome, ...id, time_in: timeIn, time_out: this.#nowText() });
    };
    const named = { channel: params.channel, ...(symbol !== undefined && { symbol }) };
    const key = `${params.channel} ${symbol ?? ''}`;
    try {
      if (method === 'unsubscribe') {
        if (!this.#end(key)) throw new KrakenError('Subscription Not Found');
        answer({ result: named, success: true });
        return;
      }
      if (this.#subscriptions.has(key)) throw new KrakenError('Already subscribed');
      const subscription = this.#open(params, symbol);
      // The answer comes before the first message, so that a client can prepare for it.
      answer({ result: { ...named, ...subscription.acknowledged }, success: true });
      this.#subscriptions.set(key, subscription.start(this.#publisher(params.channel)));
    } catch (error) {
      if (!(error instanceof KrakenError)) throw error;
      answer({ error: error.message, ...(symbol !== undefined && { symbol }), success: false });
    }
  }

  #end(key: string): boolean {
    this.#subscriptions.get(key)?.();
    return this.#subscriptions.delete(key);
  }

  #open(params: SubscribeParams, symbol: string | undefined): Subscription {
    const { venue } = this.#context;
    const pairChannel = pairChannels[params.channel];
    if (pairChannel !== undefined) {
      const spec = symbol === undefined ? undefined : venue.catalog.bySocketSymbol(symbol);
      if (spec === undefined) throw new KrakenError(`Currency pair not supported ${symbol}`);
      return pairChannel(this.#context, spec, params);
    }
    const accountChannel = accountChannels[params.channel];
    if (accountChannel !== undefined) return accountChannel(this.#context, this.#accountOf(params), params);
    if (params.channel === 'instrument') return instrumentChannel(venue, params.snapshot ?? true);
    throw new KrakenError('Subscription name invalid');
  }

  #accountOf({ token, channel }: SubscribeParams): string {
    const { venue } = this.#context;
    const accountId = token === undefined ? undefined : venue.tokens.accountOf(token, venue.nowMs());
    const account = accountId === undefined ? undefined : venue.accounts.byId(accountId);
    if (account === undefined) throw invalidSession();
    const needed = channel === 'balances' ? 'query-funds' : 'query-open-trades';
    if (!account.permissions.has(needed)) throw permissionDenied();
    return account.id;
  }

  /** Private messages are numbered, so that a lost one shows. */
  #publisher(channel: string): Publish {
    return (type, data) => {
      if (!(channel in accountChannels)) {
        this.#send({ channel, type, data });
        return;
      }
      const sequence = (this.#sequences.get(channel) ?? 0) + 1;
      this.#sequences.set(channel, sequence);
      this.#send({ channel, type, data, sequence });
    };
  }

  #send(message: Record<string, unknown>): void {
    this.#sentSinceBeat = true;
    this.#socket.send(JSON.stringify(message));
  }
}
