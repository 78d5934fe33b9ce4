import { type AccountId, firstUse, genesisHash, streams } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertWithin } from '../../support/gates.ts';
import { type DeskStores, endOf, intends, main, type OpenStores, orderId, switched } from './desk-stores.ts';

export function riskStoreContract(name: string, open: OpenStores): void {
  describe(`the contract of switches, on ${name}`, () => {
    let desk: DeskStores;
    beforeEach(async () => {
      desk = await open();
    });
    afterEach(() => desk.close());

    const eventsOf = (account: AccountId | '*') => desk.journal.read(streams.risk(account));

    it('knows nothing of a switch that nobody set', async () => {
      expect(await desk.risk.get(main)).toBeUndefined();
      expect(await eventsOf(main)).toEqual([]);
    });

    it.each([main, '*'] as const)(
      'makes the switch of %s active on first use, with its journal event',
      async (account) => {
        await desk.risk.ensure(account, 1_000);
        const [event] = await eventsOf(account);
        expect(event).toMatchObject({
          sequence: 1,
          type: 'risk.switched',
          atMs: 1_000,
          data: firstUse,
          prevHash: genesisHash,
        });
        expect(await desk.risk.get(account)).toEqual({
          ...firstUse,
          account,
          reserved: '0',
          version: 1,
          journalHash: event?.hash,
          updatedAtMs: 1_000,
          counters: {},
          figuresVersion: 0,
        });
      },
    );

    it('makes it once, however often it is asked to', async () => {
      await desk.risk.ensure(main, 1_000);
      await desk.risk.ensure(main, 2_000);
      expect(await desk.risk.get(main)).toMatchObject({ version: 1, updatedAtMs: 1_000 });
    });

    it('makes it once, however many ask at the same time', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, index) => desk.risk.ensure(main, 1_000 + index)));
      expect(await desk.risk.get(main)).toMatchObject({ state: 'active', version: 1 });
      expect(await eventsOf(main)).toHaveLength(1);
    });

    it('leaves a switch alone that was set', async () => {
      const halted = await desk.risk.setSwitch(main, switched('halted'));
      await desk.risk.ensure(main, 2_000);
      expect(await desk.risk.get(main)).toEqual(halted);
    });

    it('ends up halted when a first use meets the one who halts', async () => {
      await Promise.all([desk.risk.ensure(main, 1_000), desk.risk.setSwitch(main, switched('halted'))]);
      expect(await desk.risk.get(main)).toMatchObject({ state: 'halted' });
    });

    it('sets a switch that was never set', async () => {
      const row = await desk.risk.setSwitch('*', switched('halted', 'the night'));
      expect(row).toMatchObject({
        account: '*',
        state: 'halted',
        reason: 'the night',
        by: 'risk',
        reserved: '0',
        version: 1,
      });
      expect(await desk.risk.get('*')).toEqual(row);
    });

    it('counts every change and chains it to the one before, the same state included', async () => {
      await desk.risk.ensure(main, 1_000);
      const changes = [switched('halted', 'one'), switched('halted', 'two'), switched('reducing'), switched('active')];
      for (const [index, change] of changes.entries()) {
        const row = await desk.risk.setSwitch(main, change);
        expect(row).toMatchObject({
          state: change.state,
          reason: change.reason,
          version: index + 2,
          updatedAtMs: change.atMs,
        });
      }
      const row = await desk.risk.get(main);
      const events = await eventsOf(main);
      expect(endOf(events)).toEqual({ sequence: row?.version, hash: row?.journalHash });
      const before = ['active', ...changes.map(({ state }) => state)];
      expect(events.slice(1).map(({ atMs, data }) => ({ ...(data as object), atMs }))).toEqual(
        changes.map((change, index) => ({ ...change, before: before[index] })),
      );
    });

    it('keeps what is reserved', async () => {
      await Promise.all([desk.risk.ensure('*', 1_000), desk.risk.ensure(main, 1_000)]);
      await insertWithin(desk.orders, intends());
      expect(await desk.risk.setSwitch(main, switched('halted'))).toMatchObject({ reserved: '200' });
      expect(await desk.risk.get(main)).toMatchObject({ state: 'halted', reserved: '200' });
    });

    it('sets one switch and no other', async () => {
      await Promise.all([desk.risk.ensure('*', 1_000), desk.risk.ensure(main, 1_000)]);
      const all = await desk.risk.get('*');
      await desk.risk.setSwitch(main, switched('halted'));
      expect(await desk.risk.get('*')).toEqual(all);
    });

    it('records every one of 20 changes at once, in a chain without gaps', async () => {
      await desk.risk.ensure(main, 1_000);
      const reasons = Array.from({ length: 20 }, (_, index) => `reason ${index}`);
      await Promise.all(reasons.map((reason) => desk.risk.setSwitch(main, switched('halted', reason))));
      const [first, ...events] = await eventsOf(main);
      const recorded = events.map(({ data }) => (data as { reason: string }).reason);
      expect(recorded.toSorted()).toEqual(reasons.toSorted());
      const row = await desk.risk.get(main);
      expect(first && endOf([first, ...events])).toEqual({ sequence: 21, hash: row?.journalHash });
      expect(row).toMatchObject({ version: 21, reason: recorded.at(-1) });
    });

    it('loses no reservation while the switch is set again and again', async () => {
      await Promise.all([desk.risk.ensure('*', 1_000), desk.risk.ensure(main, 1_000)]);
      const inserts = Array.from({ length: 10 }, (_, index) =>
        insertWithin(desk.orders, intends({ orderId: orderId(index + 1) })),
      );
      const changes = Array.from({ length: 5 }, () => desk.risk.setSwitch(main, switched('active')));
      const results = await Promise.all(inserts);
      await Promise.all(changes);
      expect(results.map(({ kind }) => kind)).toEqual(Array.from({ length: 10 }, () => 'created'));
      expect(await desk.risk.get(main)).toMatchObject({ reserved: '2000', version: 6 });
    });
  });
}
