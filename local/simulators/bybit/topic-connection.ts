/** One connection for topics: public ones of a category, or private ones after a login. */
import type { WebSocket } from 'ws';
import type { BybitVenue } from './context.ts';
import { BybitError, type Category } from './errors.ts';
import type { PrivateStreams } from './private-streams.ts';
import type { PublicStreams } from './public-streams.ts';
import { login, loginAnswer, readSocketRequest, type SocketRequest, textArguments } from './socket-request.ts';

/** How a connection's topics come and go. */
export interface TopicSource {
  /** Starts a topic; `undefined` when there is none of that name. */
  subscribe(name: string, publish: (message: unknown) => void): (() => void) | undefined;
  /** Whether topics can be had now; private ones need a login. */
  isOpen(): boolean;
  login?(request: SocketRequest): void;
  pong(request: SocketRequest): unknown;
}

export interface TopicConnectionOptions {
  socket: WebSocket;
  connectionId: string;
  source: TopicSource;
}

export class TopicConnection {
  readonly #options: TopicConnectionOptions;
  readonly #ends = new Map<string, () => void>();

  constructor(options: TopicConnectionOptions) {
    this.#options = options;
    options.socket.on('message', (data) => this.#receive(data.toString()));
    options.socket.on('close', () => this.#unsubscribe([...this.#ends.keys()]));
  }

  readonly #send = (message: unknown): void => this.#options.socket.send(JSON.stringify(message));

  #receive(text: string): void {
    const request = readSocketRequest(text);
    if (request === undefined) this.#reply({ op: '', args: [] }, 'Params Error');
    else if (request.op === 'ping') this.#send(this.#options.source.pong(request));
    else if (request.op === 'auth') this.#login(request);
    else if (request.op === 'subscribe') this.#subscribe(request);
    else if (request.op === 'unsubscribe') {
      this.#unsubscribe(textArguments(request));
      this.#reply(request);
    } else this.#reply(request, `Request not authorized or unknown op ${request.op}`);
  }

  #login(request: SocketRequest): void {
    const { source, connectionId } = this.#options;
    try {
      source.login?.(request);
      this.#send(loginAnswer(connectionId));
    } catch (error) {
      if (!(error instanceof BybitError)) throw error;
      this.#send(loginAnswer(connectionId, error));
    }
  }

  /** All topics of a request, or none: one that is wrong refuses the request. */
  #subscribe(request: SocketRequest): void {
    const { source } = this.#options;
    if (!source.isOpen()) {
      this.#reply(request, 'Request not authorized');
      return;
    }
    // The answer comes before the first message, so that a client can prepare for it.
    const waiting: unknown[] = [];
    let publish = (message: unknown): void => void waiting.push(message);
    const started = new Map<string, () => void>();
    for (const name of textArguments(request)) {
      if (this.#ends.has(name)) continue;
      const end = source.subscribe(name, (message) => publish(message));
      if (end === undefined) {
        for (const stop of started.values()) stop();
        this.#reply(request, `Invalid topic: ${name}`);
        return;
      }
      started.set(name, end);
    }
    this.#reply(request);
    for (const [name, end] of started) this.#ends.set(name, end);
    publish = this.#send;
    for (const message of waiting) this.#send(message);
  }

  #unsubscribe(names: readonly string[]): void {
    for (const name of names) {
      this.#ends.get(name)?.();
      this.#ends.delete(name);
    }
  }

  #reply({ op, req_id }: SocketRequest, problem?: string): void {
    const { connectionId } = this.#options;
    const ids = { ...(req_id !== undefined && { req_id: String(req_id) }), conn_id: connectionId };
    this.#send({ success: problem === undefined, ret_msg: problem ?? '', ...ids, op });
  }
}

export function publicSource(
  streams: PublicStreams,
  category: Category | undefined,
  connectionId: string,
): TopicSource {
  return {
    isOpen: () => true,
    subscribe: (name, publish) =>
      category === undefined ? undefined : streams.producer(category, name)?.((message) => publish(message)),
    pong: ({ req_id }) => ({ success: true, ret_msg: 'pong', conn_id: connectionId, req_id: req_id ?? '', op: 'ping' }),
  };
}

export function privateSource(
  { venue, streams, address }: { venue: BybitVenue; streams: PrivateStreams; address: string },
  connectionId: string,
): TopicSource {
  let accountId: string | undefined;
  return {
    isOpen: () => accountId !== undefined,
    login(request) {
      accountId = login(venue, request, address).id;
    },
    subscribe(name, publish) {
      if (accountId === undefined || streams.topicOf(name) === undefined) return undefined;
      return streams.listen(accountId, new Set([name]), publish);
    },
    pong: ({ req_id }) => ({
      ...(req_id !== undefined && { req_id }),
      op: 'pong',
      args: [String(Math.floor(venue.nowMs()))],
      conn_id: connectionId,
    }),
  };
}
