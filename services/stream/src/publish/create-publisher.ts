/** Puts everything that streams of this task bring where others can read it. */
import type {
  AccountUnit,
  Clock,
  LiveOrder,
  MarketUnit,
  OrderNewsQueue,
  QuoteStore,
  TickArchive,
} from '@nightdesk/core';
import { type Pulse, startPulse } from '../pulse.ts';
import { Beats, beatEveryMs } from './beats.ts';
import { FileQueue } from './file-queue.ts';
import { MarketFeed } from './market-feed.ts';
import { NewsSender } from './news-sender.ts';
import type {
  AccountPublisher,
  MarketPublisher,
  PublishedConnection,
  Publisher,
  PublishObserver,
} from './publisher.ts';
import { QuoteWriter } from './quote-writer.ts';
import { TickBuffer } from './tick-buffer.ts';

/** How often it is looked whether what is gathered is due for a file. */
const filesEveryMs = 10_000;
/** How long whoever flushes or closes waits for it at most; of files whoever ends the task may say otherwise. */
export const flushMsMax = 2_500;

export interface PublisherOptions {
  quotes: QuoteStore;
  news: OrderNewsQueue;
  archive: TickArchive;
  clock: Clock;
  /** A clock that never goes back; milliseconds. */
  monotonicMs(): number;
  observer: PublishObserver;
}

export function createPublisher(options: PublisherOptions): Publisher {
  return new TaskPublisher(options);
}

class TaskPublisher implements Publisher {
  readonly #options: PublisherOptions;
  readonly #writer: QuoteWriter;
  readonly #files: FileQueue;
  readonly #news: NewsSender;
  readonly #beats: Beats;
  readonly #feeds = new Set<MarketFeed>();
  readonly #pulses: readonly Pulse[];
  #isClosed = false;

  constructor(options: PublisherOptions) {
    const { quotes, clock, monotonicMs, observer } = options;
    this.#options = options;
    this.#writer = new QuoteWriter(options);
    this.#files = new FileQueue(options);
    this.#news = new NewsSender(options);
    this.#beats = new Beats(quotes, observer);
    const onFailure = (error: unknown) => observer.failed('publishing goes on', error);
    const look = () => {
      for (const feed of this.#feeds) feed.closeDueFiles(clock.nowMs());
    };
    this.#pulses = [
      startPulse({ everyMs: beatEveryMs, clock, turn: () => this.#beats.beat(monotonicMs()), onFailure }),
      startPulse({ everyMs: filesEveryMs, clock, turn: look, onFailure }),
    ];
  }

  openMarkets(unit: MarketUnit, published: PublishedConnection): MarketPublisher {
    const { clock, monotonicMs } = this.#options;
    const ticks = new TickBuffer({ venue: unit.venue, connection: published.connection, files: this.#files });
    const feed: MarketFeed = new MarketFeed({
      ...{ unit, published, writer: this.#writer, ticks, clock, monotonicMs },
      whenClosed: () => this.#whenClosed(feed),
    });
    if (!this.#isClosed) {
      this.#feeds.add(feed);
      this.#beats.add(feed);
    }
    return feed;
  }

  openAccount({ account, venue }: AccountUnit): AccountPublisher {
    let isClosed = false;
    return {
      order: (order: LiveOrder) => {
        if (!isClosed && !this.#isClosed) this.#news.add({ ...order, account, venue });
      },
      // Reconciliation asks for both, by its own time.
      balance() {},
      position() {},
      close: async () => {
        isClosed = true;
        await this.#within(this.#news.idle());
      },
    };
  }

  async flush(): Promise<void> {
    for (const feed of this.#feeds) feed.hurry();
    await this.#within(Promise.all([this.#writer.idle(), this.#files.idle(), this.#news.idle()]));
  }

  async close(filesMsMax: number = flushMsMax): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#files.end();
    this.#news.end();
    for (const feed of this.#feeds) feed.hurry();
    await Promise.all([
      this.#within(Promise.all([this.#writer.idle(), this.#news.idle()])),
      this.#within(this.#files.idle(), filesMsMax),
    ]);
    this.#writer.end();
    await this.#within(Promise.all(this.#pulses.map((pulse) => pulse.end())));
  }

  /** What is left of it once its connection is closed is written here. */
  async #whenClosed(feed: MarketFeed): Promise<void> {
    this.#beats.remove(feed);
    await this.#within(Promise.all([this.#writer.idle(), this.#files.idle()]));
    feed.end();
    this.#feeds.delete(feed);
  }

  async #within(work: Promise<unknown>, waitMsMax: number = flushMsMax): Promise<void> {
    await Promise.race([work, this.#options.clock.sleep(waitMsMax)]);
  }
}
