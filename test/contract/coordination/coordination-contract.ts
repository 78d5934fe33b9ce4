/** What every store of shared rows has to keep, whichever it is. */
import type { CoordinationStore, RowChange } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export interface CoordinationHarness {
  /** As another process sees the same rows. */
  connect(): CoordinationStore;
  close(): Promise<void>;
}

const expiresAtMs = Date.UTC(2100, 0, 1);

/** Adds to the number in a row. */
const adding = (amount: number) => (row?: Readonly<Record<string, string | number>>) => {
  const total = Number(row?.total ?? 0) + amount;
  return { row: { total }, expiresAtMs, result: total };
};
const looking = (row?: Readonly<Record<string, string | number>>): RowChange<typeof row> => ({ result: row });

export function coordinationContract(name: string, open: () => Promise<CoordinationHarness>): void {
  describe(`the contract of shared rows, on ${name}`, () => {
    let harness: CoordinationHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    it('shows no row where none was written', async () => {
      expect(await harness.connect().change('a', looking)).toBeUndefined();
    });

    it('keeps texts and numbers, fractions included', async () => {
      const row = { text: 'word', empty: '', number: 0.1 + 0.2, time: 1_795_000_000_123 };
      await harness.connect().change('a', () => ({ row, expiresAtMs, result: undefined }));
      expect(await harness.connect().change('a', looking)).toEqual(row);
    });

    it('decides on what others have written, also where it saw the row before', async () => {
      const [first, second] = [harness.connect(), harness.connect()];
      expect(await first.change('a', adding(1))).toBe(1);
      expect(await second.change('a', adding(10))).toBe(11);
      expect(await first.change('a', looking)).toEqual({ total: 11 });
      expect(await first.change('a', adding(100))).toBe(111);
    });

    it('keeps rows of different keys apart', async () => {
      const store = harness.connect();
      await store.change('a', adding(1));
      expect(await store.change('b', adding(2))).toBe(2);
    });

    it('leaves a row as it is where the decision says so', async () => {
      const store = harness.connect();
      await store.change('a', adding(5));
      await store.change('a', looking);
      expect(await harness.connect().change('a', looking)).toEqual({ total: 5 });
    });

    it('loses no change of many made at once', async () => {
      const stores = Array.from({ length: 8 }, () => harness.connect());
      const changes = stores.flatMap((store) => Array.from({ length: 5 }, () => store.change('a', adding(1))));
      const totals = await Promise.all(changes);
      expect(totals.toSorted((left, right) => left - right)).toEqual(
        Array.from({ length: 40 }, (_, index) => index + 1),
      );
    });
  });
}
