import {
  type AccountId,
  amount,
  type SignalMessage,
  type SignalQueue,
  type SourceId,
  type VenueId,
} from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signalId } from './desk-stores.ts';

export interface SignalQueueHarness {
  queue: SignalQueue;
  /** Receives and removes everything, as a consumer that is done with each message at once. */
  receiveAll(): Promise<SignalMessage[]>;
  pass(byMs: number): void;
  close(): Promise<void>;
}

const receivedAtMs = Date.UTC(2026, 0, 1);
const minuteMs = 60_000;

/** One leg of signal `number`. */
function leg(number: number, index = 0, lane = 'main#BTC/USDT'): SignalMessage {
  const account = `account${index}` as AccountId;
  return {
    signal: {
      signalId: signalId(number),
      source: 'demo' as SourceId,
      accounts: [account],
      venue: 'fake' as VenueId,
      symbol: 'BTC/USDT',
      action: 'buy',
      size: { base: amount('0.01') },
      type: 'market',
      comment: 'Überkauft 🚀',
      expiresAtMs: receivedAtMs + minuteMs,
      receivedAtMs,
    },
    account,
    leg: index,
    lane,
  };
}

/** The same signal for several accounts, each in its own lane. */
const legs = (number: number, count: number): SignalMessage[] =>
  Array.from({ length: count }, (_, index) => leg(number, index, `account${index}`));

export function signalQueueContract(name: string, open: () => Promise<SignalQueueHarness>): void {
  describe(`the contract of the queue of signals, on ${name}`, () => {
    let harness: SignalQueueHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const receivedByLane = async () => Map.groupBy(await harness.receiveAll(), ({ lane }) => lane);

    it('delivers a message as it was sent', async () => {
      await harness.queue.send([leg(1)]);
      expect(await harness.receiveAll()).toEqual([leg(1)]);
    });

    it('takes no legs at all', async () => {
      await harness.queue.send([]);
      expect(await harness.receiveAll()).toEqual([]);
    });

    it.each([2, 10, 11, 25])('delivers one message per leg of a signal for %i accounts', async (count) => {
      await harness.queue.send(legs(1, count));
      const received = await harness.receiveAll();
      expect(received.toSorted((left, right) => left.leg - right.leg)).toEqual(legs(1, count));
    });

    it('delivers each lane in the order it was sent, whatever other lanes do', async () => {
      const lanes = ['main#BTC/USDT', 'main#ETH/USDT', 'second'];
      const messages = Array.from({ length: 30 }, (_, index) => leg(index, 0, lanes[index % lanes.length]));
      for (const message of messages) await harness.queue.send([message]);
      const received = await receivedByLane();
      expect(received).toEqual(Map.groupBy(messages, ({ lane }) => lane));
    });

    it('delivers signals of one lane that were sent together in their order', async () => {
      const messages = Array.from({ length: 15 }, (_, index) => leg(1, index, 'one-lane'));
      await harness.queue.send(messages);
      expect(await harness.receiveAll()).toEqual(messages);
    });

    it('delivers once what is sent again, before it was received and after', async () => {
      await harness.queue.send(legs(1, 3));
      await harness.queue.send(legs(1, 3));
      expect(await harness.receiveAll()).toHaveLength(3);
      harness.pass(4 * minuteMs);
      await harness.queue.send(legs(1, 3));
      expect(await harness.receiveAll()).toEqual([]);
    });

    it('delivers once what many send at the same moment', async () => {
      await Promise.all(Array.from({ length: 20 }, () => harness.queue.send(legs(1, 2))));
      expect(await harness.receiveAll()).toHaveLength(2);
    });

    it('forgets after five minutes what it delivered', async () => {
      await harness.queue.send([leg(1)]);
      await harness.receiveAll();
      harness.pass(5 * minuteMs);
      await harness.queue.send([leg(1)]);
      expect(await harness.receiveAll()).toEqual([leg(1)]);
    });

    it('tells apart legs of one signal, and signals with one leg', async () => {
      await harness.queue.send([leg(1, 0), leg(1, 1)]);
      await harness.queue.send([leg(2, 0)]);
      await harness.queue.send([leg(11, 0)]);
      expect(await harness.receiveAll()).toEqual([leg(1, 0), leg(1, 1), leg(2, 0), leg(11, 0)]);
    });

    it('tells apart legs of one signal that were handed over to one account, by who had them first', async () => {
      const handedOver = (...tried: string[]) => ({ ...leg(1), tried: tried as AccountId[] });
      for (const tried of [[], ['one'], ['two'], ['one', 'two']]) await harness.queue.send([handedOver(...tried)]);
      expect(await harness.receiveAll()).toEqual([[], ['one'], ['two']].map((tried) => handedOver(...tried)));
    });

    it('throws when a leg is refused, and then takes the signal when it is sent as it should be', async () => {
      const [first, ...others] = legs(1, 3);
      if (first === undefined) throw new Error('too few legs');
      await expect(harness.queue.send([...others, { ...first, lane: 'no blanks in a lane' }])).rejects.toThrow();
      await harness.queue.send([first, ...others]);
      const received = await harness.receiveAll();
      expect(received.toSorted((left, right) => left.leg - right.leg)).toEqual([first, ...others]);
    });

    it('delivers every character a sender may have written', async () => {
      const message = leg(1);
      message.signal.comment = ['tab\t', 'null\u0000', 'no character\ufffe\uffff', 'half\ud800', '<b>"&'].join(' ');
      await harness.queue.send([message]);
      expect(await harness.receiveAll()).toEqual([message]);
    });
  });
}
