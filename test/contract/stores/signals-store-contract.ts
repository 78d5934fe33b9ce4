import {
  type AccountId,
  amount,
  genesisHash,
  notional,
  price,
  type SignalRecord,
  type SourceId,
  seal,
  streams,
  type VenueId,
} from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../../support/waiting.ts';
import { type DeskStores, type OpenStores, scanAll, signalId } from './desk-stores.ts';

const receivedAtMs = Date.UTC(2026, 0, 1);
const windowMs = 60_000;

const record: SignalRecord = {
  signal: {
    signalId: signalId(1),
    source: 'demo' as SourceId,
    accounts: ['main' as AccountId, 'second' as AccountId],
    venue: 'fake' as VenueId,
    symbol: 'BTC/USDT',
    action: 'buy',
    size: { base: amount('0.01') },
    type: 'market',
    expiresAtMs: receivedAtMs + 60_000,
    receivedAtMs,
  },
  duplicateRule: 'id',
};

const detailed: SignalRecord = {
  signal: {
    ...record.signal,
    signalId: signalId(2),
    size: { quote: notional('25.5') },
    type: 'limit',
    price: price('64000.01'),
    timeInForce: 'PO',
    comment: 'Überkauft 🚀 "so far"',
    sentAtMs: receivedAtMs - 1_000,
  },
  duplicateRule: 'time',
};

export function signalsStoreContract(name: string, open: OpenStores): void {
  describe(`the contract of signals, on ${name}`, () => {
    let desk: DeskStores;
    beforeEach(async () => {
      desk = await open();
    });
    afterEach(() => desk.close());

    it('knows nothing of a signal that was not inserted', async () => {
      expect(await desk.signals.get(signalId(9))).toBeUndefined();
    });

    it.each([
      ['the least there is', record],
      ['everything there can be', detailed],
    ])('gives back a signal with %s as it was inserted', async (_, given) => {
      expect(await desk.signals.insert(given)).toBe(true);
      expect(await desk.signals.get(given.signal.signalId)).toEqual(given);
    });

    it('writes the journal event with the signal', async () => {
      await desk.signals.insert(record);
      const stream = streams.signal(record.signal.signalId);
      const entry = { stream, sequence: 1, type: 'signal.accepted', atMs: receivedAtMs, data: record };
      expect(await desk.journal.read(stream)).toEqual([seal(entry, genesisHash)]);
    });

    it('keeps the first of two signals with one id, and says that the second was late', async () => {
      await desk.signals.insert(record);
      expect(
        await desk.signals.insert({ signal: { ...record.signal, symbol: 'ETH/USDT' }, duplicateRule: 'time' }),
      ).toBe(false);
      expect(await desk.signals.get(record.signal.signalId)).toEqual(record);
      expect(await scanAll(desk.journal)).toHaveLength(1);
    });

    it('lets exactly one of many be first', async () => {
      const inserted = await Promise.all(Array.from({ length: 20 }, () => desk.signals.insert(record)));
      expect(inserted.filter(Boolean)).toHaveLength(1);
      expect(await scanAll(desk.journal)).toHaveLength(1);
    });

    it('knows a signal by its journal when the signal itself is no longer kept', async () => {
      await desk.signals.insert(record);
      await waitFor(async () => {
        desk.expireSignals();
        expect(await desk.signals.get(record.signal.signalId)).toBeUndefined();
      });
      expect(await desk.signals.insert(record)).toBe(false);
      expect(await desk.signals.get(record.signal.signalId)).toBeUndefined();
      expect(await scanAll(desk.journal)).toHaveLength(1);
    });

    describe('the window of identical bodies', () => {
      const start = (atMs: number, key = 'demo#body') => desk.signals.openWindow(key, atMs, windowMs);

      it('starts with the first', async () => {
        expect(await start(receivedAtMs)).toBe(receivedAtMs);
      });

      it.each([
        ['at the same moment', 0],
        ['within it', windowMs / 2],
        ['in its last millisecond', windowMs - 1],
      ])('takes in who comes %s', async (_, laterMs) => {
        await start(receivedAtMs);
        expect(await start(receivedAtMs + laterMs)).toBe(receivedAtMs);
      });

      it.each([
        ['at its very end', windowMs],
        ['long after', windowMs * 10],
      ])('is another one for who comes %s', async (_, laterMs) => {
        await start(receivedAtMs);
        expect(await start(receivedAtMs + laterMs)).toBe(receivedAtMs + laterMs);
        expect(await start(receivedAtMs + laterMs + 1)).toBe(receivedAtMs + laterMs);
      });

      it('is not made longer by those it takes in', async () => {
        await start(receivedAtMs);
        await start(receivedAtMs + windowMs - 1);
        expect(await start(receivedAtMs + windowMs)).toBe(receivedAtMs + windowMs);
      });

      it('takes in who comes late by a clock that is behind', async () => {
        await start(receivedAtMs);
        expect(await start(receivedAtMs - 5)).toBe(receivedAtMs);
      });

      it('is one of its own for every body', async () => {
        await start(receivedAtMs);
        expect(await start(receivedAtMs + 1, 'demo#another body')).toBe(receivedAtMs + 1);
      });

      it('is the same for all who open it at once', async () => {
        const starts = await Promise.all(Array.from({ length: 20 }, (_, index) => start(receivedAtMs + index)));
        expect(new Set(starts).size).toBe(1);
      });

      it('is nothing that a signal could be mistaken for', async () => {
        await start(receivedAtMs, record.signal.signalId);
        expect(await desk.signals.get(record.signal.signalId)).toBeUndefined();
        expect(await desk.signals.insert(record)).toBe(true);
      });
    });
  });
}
