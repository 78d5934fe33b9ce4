/** One WebSocket connection for market streams, or for the user data stream of a listen key. */
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { parseJson } from '../shared/parse-json.ts';
import type { BinanceVenue } from './context.ts';
import type { StreamHub } from './stream-hub.ts';

const streamsMax = 1024;

const requestSchema = z.object({
  method: z.enum(['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY']),
  params: z.array(z.union([z.string(), z.boolean()])).optional(),
  id: z.union([z.number(), z.string(), z.null()]).optional(),
});

export interface StreamConnectionOptions {
  venue: BinanceVenue;
  hub: StreamHub;
  socket: WebSocket;
  /** Stream names and listen keys from the URL; unknown ones are ignored, as Binance does. */
  names: readonly string[];
  /** Combined connections wrap each event in `{stream, data}`. */
  combined: boolean;
}

export class StreamConnection {
  readonly #options: StreamConnectionOptions;
  readonly #names = new Set<string>();
  readonly #endUserStreams = new Map<string, () => void>();
  #combined: boolean;

  constructor(options: StreamConnectionOptions) {
    this.#options = options;
    this.#combined = options.combined;
    for (const name of options.names) this.#subscribe(name);
    options.socket.on('message', (data) => this.#receive(data.toString()));
    options.socket.on('close', () => this.#close());
  }

  readonly #listener = (name: string, event: unknown): void => this.#send(name, event);

  #send(name: string, event: unknown): void {
    this.#options.socket.send(JSON.stringify(this.#combined ? { stream: name, data: event } : event));
  }

  #subscribe(name: string): void {
    if (this.#names.has(name)) return;
    const accountId = this.#options.venue.userStreams.accountOf(name);
    if (accountId !== undefined) {
      const end = this.#options.venue.userStreams.listen(accountId, (event) => this.#send(name, event));
      this.#endUserStreams.set(name, end);
      this.#names.add(name);
    } else if (this.#options.hub.subscribe(name, this.#listener)) {
      this.#names.add(name);
    }
  }

  #unsubscribe(name: string): void {
    this.#names.delete(name);
    this.#endUserStreams.get(name)?.();
    this.#endUserStreams.delete(name);
    this.#options.hub.unsubscribe(name, this.#listener);
  }

  #receive(text: string): void {
    const request = requestSchema.safeParse(parseJson(text));
    if (!request.success) {
      const issue = request.error.issues[0];
      const msg = `Invalid request: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim();
      this.#options.socket.send(JSON.stringify({ error: { code: 2, msg } }));
      return;
    }
    const { method, params = [], id = null } = request.data;
    const names = params.filter((param) => typeof param === 'string');
    if (method === 'SUBSCRIBE' && this.#names.size + names.length > streamsMax) {
      const msg = `Invalid request: a connection takes at most ${streamsMax} streams`;
      this.#options.socket.send(JSON.stringify({ error: { code: 2, msg }, id }));
      return;
    }
    // The answer comes before the first event, so that a client can prepare for it.
    const result =
      method === 'LIST_SUBSCRIPTIONS' ? [...this.#names] : method === 'GET_PROPERTY' ? this.#combined : null;
    this.#options.socket.send(JSON.stringify({ result, id }));
    if (method === 'SUBSCRIBE') for (const name of names) this.#subscribe(name);
    if (method === 'UNSUBSCRIBE') for (const name of names) this.#unsubscribe(name);
    if (method === 'SET_PROPERTY' && params[0] === 'combined') this.#combined = params[1] === true;
  }

  #close(): void {
    for (const name of [...this.#names]) this.#unsubscribe(name);
  }
}
