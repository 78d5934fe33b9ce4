/** What keeps quotes must do, whatever it is. */
import type { LiveQuote, QuoteStore } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { binance, kraken, levelsFrom, quoteOf, startMs, statusOf } from '../../support/live-quotes.ts';
import { keptMs } from '../../support/memory-streams.ts';
import fc from '../../support/property.ts';

export interface QuotesHarness {
  quotes: QuoteStore;
  /** Lets time pass. */
  pass(byMs: number): Promise<void>;
  close(): Promise<void>;
}

const minuteMs = 60_000;
const manySymbols = Array.from({ length: 260 }, (_, number) => `C${number}/USDT`);

export function quotesContract(name: string, open: () => Promise<QuotesHarness>): void {
  describe(`the store of quotes, ${name}`, () => {
    let harness: QuotesHarness;
    let quotes: QuoteStore;
    beforeEach(async () => {
      harness = await open();
      quotes = harness.quotes;
    });
    afterEach(() => harness.close());

    const stored = (quote: LiveQuote, writtenMs = startMs) => ({ ...quote, writtenMs });

    it('has a market at every venue that it was written for, or at one', async () => {
      const there = quoteOf({ venue: kraken, bid: 90_001, connection: 'task-1/kraken#markets#0' });
      expect(await quotes.read('BTC/USDT')).toEqual([]);
      expect(await quotes.write([there, quoteOf(), quoteOf({ symbol: 'ETH/USDT' })], startMs)).toEqual([]);
      expect(await quotes.read('BTC/USDT')).toEqual([stored(quoteOf()), stored(there)]);
      expect(await quotes.read('BTC/USDT', kraken)).toEqual([stored(there)]);
      expect(await quotes.read('ETH/USDT', kraken)).toEqual([]);
    });

    it('keeps what is absent absent, and sides that nobody offers on empty', async () => {
      const { bid: _bid, bidSize: _size, exchangeTimeMs: _time, ...rest } = quoteOf({ bids: [], last: 90_000.15 });
      await quotes.write([rest], startMs);
      expect(await quotes.read('BTC/USDT')).toStrictEqual([stored(rest)]);
      await quotes.write([quoteOf({ asks: [], bids: [] })], startMs + 1);
      expect(await quotes.read('BTC/USDT')).toStrictEqual([stored(quoteOf({ asks: [], bids: [] }), startMs + 1)]);
    });

    it('replaces a quote as a whole', async () => {
      await quotes.write([quoteOf({ last: 5 })], startMs);
      const next = quoteOf({
        bids: levelsFrom(2, 1, -1),
        asks: [],
        sequence: 3,
        connection: 'task-2/binance#markets#0',
      });
      await quotes.write([next], startMs + 200);
      expect(await quotes.read('BTC/USDT')).toStrictEqual([stored(next, startMs + 200)]);
    });

    it('writes the last of those that are of one market', async () => {
      await quotes.write([quoteOf({ sequence: 1 }), quoteOf({ sequence: 2 })], startMs);
      expect(await quotes.read('BTC/USDT')).toEqual([stored(quoteOf({ sequence: 2 }))]);
    });

    it('takes none, and more than many batches', async () => {
      expect(await quotes.write([], startMs)).toEqual([]);
      const many = manySymbols.map((symbol, sequence) => quoteOf({ symbol, sequence }));
      expect(await quotes.write(many, startMs)).toEqual([]);
      for (const at of [0, 24, 25, 199, 200, 259]) {
        expect(await quotes.read(`C${at}/USDT`)).toEqual([stored(quoteOf({ symbol: `C${at}/USDT`, sequence: at }))]);
      }
    });

    it('gives back every float as it was, bit by bit', async () => {
      const float = fc.double({ noNaN: true });
      const levels = fc.array(fc.tuple(float, float), { maxLength: 50 });
      const property = fc.asyncProperty(levels, levels, float, float, async (bids, asks, bid, last) => {
        const quote = quoteOf({ bids, asks, bid, last });
        await quotes.write([quote], startMs);
        expect(await quotes.read('BTC/USDT')).toStrictEqual([stored(quote)]);
      });
      await fc.assert(property, {
        numRuns: 20,
        examples: [[[[5e-324, -0]], [[Number.MAX_VALUE, 0.1 + 0.2]], -0, 1e308]],
      });
    });

    it('does not change what it has with what was handed in or out', async () => {
      const bids: [number, number][] = [[1, 2]];
      await quotes.write([quoteOf({ bids })], startMs);
      bids[0] = [3, 4];
      const [read] = await quotes.read('BTC/USDT');
      Object.assign(read ?? {}, { bid: 7, bids: [] });
      expect(await quotes.read('BTC/USDT')).toEqual([stored(quoteOf({ bids: [[1, 2]] }))]);
    });

    it('removes those of a connection, and none that another has written since', async () => {
      const others = quoteOf({ symbol: 'ETH/USDT', connection: 'task-2/binance#markets#0' });
      await quotes.write([quoteOf(), others, quoteOf({ venue: kraken })], startMs);
      const lost = { venue: binance, connection: quoteOf().connection };
      await quotes.remove(['BTC/USDT', 'ETH/USDT', 'SOL/USDT'].map((symbol) => ({ ...lost, symbol })));
      expect((await quotes.read('BTC/USDT')).map(({ venue }) => venue)).toEqual([kraken]);
      expect(await quotes.read('ETH/USDT')).toEqual([stored(others)]);
    });

    it('forgets a quote that has not been written again for minutes', async () => {
      await quotes.write([quoteOf()], startMs);
      await harness.pass(keptMs - minuteMs);
      expect(await quotes.read('BTC/USDT')).toHaveLength(1);
      await harness.pass(minuteMs);
      expect(await quotes.read('BTC/USDT')).toEqual([]);
    });

    it('says when connections were last heard, and leaves out those it does not know', async () => {
      const many = Array.from({ length: 130 }, (_, number) => `task-1/binance#markets#${number}`);
      await Promise.all(many.map((connection, index) => quotes.beat(connection, startMs + index)));
      await quotes.beat('task-1/binance#markets#3', startMs + 2_000);
      const heard = await quotes.heard([...many, 'task-9/binance#markets#0', 'task-1/binance#markets#0']);
      expect(heard.size).toBe(many.length);
      expect(heard.get('task-1/binance#markets#3')).toBe(startMs + 2_000);
      expect(heard.get('task-1/binance#markets#129')).toBe(startMs + 129);
      expect(await quotes.heard([])).toEqual(new Map());
      await harness.pass(keptMs);
      expect(await quotes.heard(many)).toEqual(new Map());
    });

    it('has what tasks have told of themselves within the last minute', async () => {
      const other = statusOf({ task: 'task-2', atMs: startMs - 30_000, units: [], streams: [], latest: [] });
      await quotes.writeStatus(statusOf({ unplaced: 3 }));
      await quotes.writeStatus(other);
      await quotes.writeStatus(statusOf());
      expect(await quotes.readStatus()).toEqual([statusOf(), other]);
      await harness.pass(minuteMs - 15_000);
      expect(await quotes.readStatus()).toEqual([statusOf()]);
      await harness.pass(minuteMs);
      expect(await quotes.readStatus()).toEqual([]);
    });

    it('takes nothing else for a quote', async () => {
      await quotes.beat('task-1/binance#markets#0', startMs);
      await quotes.writeStatus(statusOf());
      expect(await quotes.read('connection#task-1/binance#markets#0')).toEqual([]);
      expect(await quotes.read('tasks')).toEqual([]);
    });
  });
}
