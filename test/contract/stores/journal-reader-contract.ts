import { streams } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertWithin } from '../../support/gates.ts';
import { fill, intent, observed } from '../../support/orders.ts';
import {
  activate,
  type DeskStores,
  endOf,
  intends,
  main,
  type OpenStores,
  orderId,
  scanAll,
  switched,
} from './desk-stores.ts';

/** One answer of DynamoDB holds 1 MB at most, so this many reasons of this length take several. */
const longReason = 'x'.repeat(150_000);
const longReasonCount = 15;

export function journalReaderContract(name: string, open: OpenStores): void {
  describe(`the contract of the journal's reader, on ${name}`, () => {
    let desk: DeskStores;
    beforeEach(async () => {
      desk = await open();
    });
    afterEach(() => desk.close());

    /** Orders of three events each, beside each other. */
    const trade = async (count: number) => {
      await activate(desk.risk);
      const ids = Array.from({ length: count }, (_, index) => orderId(index + 1));
      await Promise.all(
        ids.map(async (id) => {
          const result = await insertWithin(desk.orders, intends({ orderId: id }));
          if (result.kind !== 'created') throw new Error(`the intent was ${result.kind}`);
          const partial = await desk.orders.apply(result.order, observed('open', '1', [fill('a')]));
          await desk.orders.apply(partial, observed('filled', '2', [fill('b')]));
        }),
      );
      return ids;
    };

    it('reads nothing where nothing happened', async () => {
      expect(await desk.journal.read(streams.order('nd9999'))).toEqual([]);
      expect(await scanAll(desk.journal)).toEqual([]);
    });

    it('reads one stream in sequence, with all that happened', async () => {
      await trade(2);
      const events = await desk.journal.read(streams.order(intent.orderId));
      expect(events.map(({ sequence, type, atMs }) => [sequence, type, atMs])).toEqual([
        [1, 'order.intended', 1_500],
        [2, 'order.observed', 3_000],
        [3, 'order.observed', 3_000],
      ]);
      expect(events[0]?.data).toEqual({ intent: { ...intent, orderId: intent.orderId } });
      const {
        type: _type,
        atMs: _atMs,
        ...seen
      } = observed('open', '1', [fill('a')]) as { type: string; atMs: number };
      expect(events[1]?.data).toEqual(seen);
    });

    it('reads a stream in the order of numbers, not of their spelling', async () => {
      for (let change = 1; change <= 12; change += 1) await desk.risk.setSwitch(main, switched('halted', `${change}`));
      const sequences = (await desk.journal.read(streams.risk(main))).map(({ sequence }) => sequence);
      expect(sequences).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    });

    it('scans every event once, streams together and each in sequence', async () => {
      const ids = await trade(15);
      const events = await scanAll(desk.journal);
      const names = events.map(({ stream }) => stream);
      const runs = names.filter((stream, index) => stream !== names[index - 1]);
      const others = [streams.position(main, intent.symbol), streams.risk('*'), streams.risk(main)];
      expect(runs.toSorted()).toEqual([...ids.map(streams.order), ...others].toSorted());
      const chains = Map.groupBy(events, ({ stream }) => stream);
      for (const [stream, chain] of chains) expect(await desk.journal.read(stream)).toEqual(chain);
      for (const chain of chains.values()) expect(endOf(chain).sequence).toBe(chain.length);
    });

    it('reads and scans more than fits into one answer', async () => {
      for (let change = 0; change < longReasonCount; change += 1) {
        await desk.risk.setSwitch(main, switched('halted', longReason));
      }
      const events = await desk.journal.read(streams.risk(main));
      expect(endOf(events).sequence).toBe(longReasonCount);
      expect(await scanAll(desk.journal)).toEqual(events);
    });
  });
}
