/** Recorded books as their venues would send them to whoever subscribes now, frame by frame as a test says. */
import { changesOf } from '../../bench/recorded-books.ts';
import {
  applyBybit,
  applyKraken,
  type BinanceDepthEvent,
  type BybitBookFrame,
  type KrakenBookEntry,
  ReplayBook,
} from './replay-book.ts';
import type { BinanceRecording } from './replay-recordings.ts';
import type { ReplayVenue, SendFrame } from './replay-server.ts';

export interface Replay extends ReplayVenue {
  /** The venue's own book, up to the frame that was sent last. */
  readonly book: ReplayBook;
  /** The venue's number of it; of Kraken how many frames were sent. */
  readonly sequence: number;
  readonly isOver: boolean;
  readonly subscribersCount: number;
  /** How often a whole book was asked for. */
  readonly snapshotsCount: number;
  /** Sends the next frame; with `lose` to nobody, although the venue's book has changed. */
  step(options?: { lose?: boolean }): void;
}

/** What the three have in common: frames, and who gets them. */
abstract class RecordedBook<Frame> {
  readonly book = new ReplayBook();
  protected readonly frames: readonly Frame[];
  protected readonly subscribers = new Map<SendFrame, (frame: Frame) => void>();
  protected sent = 0;
  snapshotsCount = 0;

  constructor(frames: readonly Frame[]) {
    this.frames = frames;
  }

  protected abstract apply(frame: Frame): void;

  get isOver(): boolean {
    return this.sent === this.frames.length;
  }

  get subscribersCount(): number {
    return this.subscribers.size;
  }

  step({ lose = false }: { lose?: boolean } = {}): void {
    const frame = this.frames[this.sent];
    if (frame === undefined) throw new Error('the recording is over');
    this.sent += 1;
    this.apply(frame);
    if (!lose) for (const send of this.subscribers.values()) send(frame);
  }

  leave(send: SendFrame): void {
    this.subscribers.delete(send);
  }
}

/** The deepest that is recorded: topics of so many levels and more get frames as they were sent. */
const recordedDepth = 500;

export class BybitReplay extends RecordedBook<BybitBookFrame> implements Replay {
  readonly #first: BybitBookFrame;
  #last: BybitBookFrame;

  /** @param recording a snapshot, and what followed it */
  constructor([first, ...frames]: readonly BybitBookFrame[]) {
    super(frames);
    if (first?.type !== 'snapshot') throw new Error('a recording begins with a snapshot');
    this.#first = first;
    this.#last = first;
    this.apply(first);
  }

  get sequence(): number {
    return this.#last.data.u;
  }

  answer(): undefined {
    return undefined;
  }

  receive({ op, args = [], req_id }: { op?: unknown; args?: unknown; req_id?: unknown }, send: SendFrame): void {
    const reply = { success: true, ret_msg: op === 'ping' ? 'pong' : '', conn_id: 'replay', req_id, op };
    send(JSON.stringify(reply));
    const topics = (args as unknown[]).filter((topic): topic is string => typeof topic === 'string');
    if (op === 'unsubscribe') this.leave(send);
    if (op === 'subscribe') for (const topic of topics) this.#subscribe(topic, send);
  }

  protected apply(frame: BybitBookFrame): void {
    applyBybit(this.book, frame);
    this.#last = frame;
  }

  #subscribe(topic: string, send: SendFrame): void {
    const [, depthText, symbol] = topic.split('.');
    if (symbol !== this.#first.data.s) return;
    const depth = Number(depthText);
    let before = this.book.top(depth);
    const snapshot = { ...this.#last.data, b: before.bids, a: before.asks };
    this.snapshotsCount += 1;
    send(JSON.stringify({ ...this.#last, topic, type: 'snapshot', data: snapshot }));
    this.subscribers.set(send, (frame) => {
      if (depth >= recordedDepth) {
        send(JSON.stringify({ ...frame, topic }));
        return;
      }
      // What the venue sends of fewer levels follows from the same book, with the same numbers.
      const after = this.book.top(depth);
      const changed = { b: changesOf(before.bids, after.bids), a: changesOf(before.asks, after.asks) };
      before = after;
      send(JSON.stringify({ ...frame, topic, data: { ...frame.data, ...changed } }));
    });
  }
}

export class BinanceReplay extends RecordedBook<BinanceDepthEvent> implements Replay {
  readonly #snapshot: BinanceRecording['snapshot'];
  #last: number;

  constructor({ snapshot, events }: BinanceRecording) {
    super(events);
    this.#snapshot = snapshot;
    this.#last = snapshot.lastUpdateId;
    this.book.apply(snapshot);
  }

  get sequence(): number {
    return this.#last;
  }

  answer(path: string): unknown {
    if (!path.endsWith('/depth')) return undefined;
    this.snapshotsCount += 1;
    const { E, T } = this.#snapshot;
    return { lastUpdateId: this.#last, E, T, bids: this.book.texts('bids'), asks: this.book.texts('asks') };
  }

  receive(message: { method?: unknown; params?: unknown; id?: unknown }, send: SendFrame): void {
    send(JSON.stringify({ result: null, id: message.id }));
    const names = Array.isArray(message.params) ? message.params : [];
    const isOurs = names.some((name) => typeof name === 'string' && name.startsWith('btcusdt@depth'));
    if (isOurs && message.method === 'UNSUBSCRIBE') this.leave(send);
    if (isOurs && message.method === 'SUBSCRIBE') this.subscribers.set(send, (frame) => send(JSON.stringify(frame)));
  }

  protected apply({ b, a, u }: BinanceDepthEvent): void {
    this.book.apply({ bids: b, asks: a });
    this.#last = u;
  }
}

/** An update whose checksum is that of the venue's book after it, and so worked out when it is sent. */
export type KrakenChange = Pick<KrakenBookEntry, 'bids' | 'asks'>;

export class KrakenReplay extends RecordedBook<KrakenChange> implements Replay {
  readonly #symbol: string;
  #depth = 10;

  constructor(symbol: string, first: KrakenChange, changes: readonly KrakenChange[]) {
    super(changes);
    this.#symbol = symbol;
    this.apply(first);
  }

  get sequence(): number {
    return this.sent;
  }

  answer(): undefined {
    return undefined;
  }

  receive({ method, params, req_id }: Readonly<Record<string, unknown>>, send: SendFrame): void {
    const { channel, symbol: symbols = [], depth = 10 } = (params ?? {}) as Record<string, unknown>;
    const times = { time_in: atText, time_out: atText, ...(req_id !== undefined && { req_id }) };
    if (method === 'ping') send(JSON.stringify({ method: 'pong', ...times }));
    if (channel !== 'book' || !(symbols as string[]).includes(this.#symbol)) return;
    const result = { channel, symbol: this.#symbol, snapshot: true, depth };
    send(JSON.stringify({ method, result, success: true, ...times }));
    if (method === 'unsubscribe') this.leave(send);
    if (method !== 'subscribe') return;
    this.#depth = Number(depth);
    const rows = (side: 'bids' | 'asks') => this.book.texts(side).map(([price, qty]) => ({ price, qty }));
    this.snapshotsCount += 1;
    send(this.#text('snapshot', { bids: rows('bids'), asks: rows('asks') }));
    this.subscribers.set(send, (change) => send(this.#text('update', change)));
  }

  protected apply(change: KrakenChange): void {
    applyKraken(this.book, { ...change, symbol: this.#symbol, checksum: '', timestamp: atText }, this.#depth);
  }

  /** Numbers are written with the very digits that checksums are made of, which no number of JavaScript keeps. */
  #text(type: 'snapshot' | 'update', { bids, asks }: KrakenChange): string {
    const side = (rows: KrakenChange['bids']) =>
      rows.map(({ price, qty }) => `{"price":${price},"qty":${qty}}`).join(',');
    const levels = `"bids":[${side(bids)}],"asks":[${side(asks)}]`;
    const data = `{"symbol":"${this.#symbol}",${levels},"checksum":${this.book.checksum()},"timestamp":"${atText}"}`;
    return `{"channel":"book","type":"${type}","data":[${data}]}`;
  }
}

const atText = '2023-10-06T17:35:55.440295Z';
