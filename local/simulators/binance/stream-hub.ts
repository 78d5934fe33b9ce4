/** Who is subscribed to which market stream. A stream runs while anybody is. */
import type { MarketStreams } from './market-streams.ts';

export type StreamListener = (name: string, event: unknown) => void;

interface RunningStream {
  readonly listeners: Set<StreamListener>;
  readonly stop: () => void;
}

export class StreamHub {
  readonly #streams: MarketStreams;
  readonly #running = new Map<string, RunningStream>();

  constructor(streams: MarketStreams) {
    this.#streams = streams;
  }

  /** False when there is no such stream. */
  subscribe(name: string, listener: StreamListener): boolean {
    const running = this.#running.get(name) ?? this.#start(name);
    running?.listeners.add(listener);
    return running !== undefined;
  }

  unsubscribe(name: string, listener: StreamListener): void {
    const running = this.#running.get(name);
    if (running === undefined) return;
    running.listeners.delete(listener);
    if (running.listeners.size > 0) return;
    running.stop();
    this.#running.delete(name);
  }

  /** The names of the streams that run. */
  names(): string[] {
    return [...this.#running.keys()];
  }

  #start(name: string): RunningStream | undefined {
    const producer = this.#streams.producer(name);
    if (producer === undefined) return undefined;
    const listeners = new Set<StreamListener>();
    const stop = producer((event) => {
      for (const listener of listeners) listener(name, event);
    });
    const running = { listeners, stop };
    this.#running.set(name, running);
    return running;
  }
}
