import { type AccountId, amount, type Signal, type SignalId, type SourceId, type VenueId } from '@nightdesk/core';
import { createHandOver } from '@nightdesk/functions/shared/hand-over.ts';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { createMemorySignalQueue } from '../../support/memory-signal-queue.ts';

const config = deskConfig({ exchanges: { other: {} }, accounts: { backup: { exchange: 'other', mode: 'sandbox' } } });
const signal: Signal = {
  ...{ signalId: 'sg1' as SignalId, source: 'demo' as SourceId, accounts: ['main' as AccountId] },
  ...{ venue: 'fake' as VenueId, symbol: 'BTC/USDT', action: 'buy', size: { base: amount('1') }, type: 'market' },
  ...{ expiresAtMs: 1, receivedAtMs: 0 },
};
const message = { signal, account: 'main' as AccountId, leg: 0, lane: 'main:BTC/USDT' };

describe('a leg that is handed over', () => {
  it('waits in the lane of its new account, for the venue of that, and says who had it before', async () => {
    const queue = createMemorySignalQueue(createManualClock());
    const handOver = createHandOver({ queue, loadConfig: async () => config });
    await handOver({ ...message, tried: ['first' as AccountId] }, 'backup' as AccountId);
    await handOver({ ...message, tried: ['first' as AccountId] }, 'backup' as AccountId);
    expect(queue.waiting).toEqual([
      {
        ...{ signal: { ...signal, venue: 'other' }, account: 'backup', leg: 0, lane: 'backup:BTC/USDT' },
        tried: ['first', 'main'],
      },
    ]);
  });

  it('is known to be for an account that came into the configuration just now', async () => {
    const queue = createMemorySignalQueue(createManualClock());
    const before = deskConfig();
    const handOver = createHandOver({ queue, loadConfig: async (wanted) => (wanted?.newest ? config : before) });
    await handOver(message, 'backup' as AccountId);
    expect(queue.waiting).toMatchObject([{ account: 'backup', lane: 'backup:BTC/USDT', signal: { venue: 'other' } }]);
  });

  it('leaves its lane also when the account that it goes to was removed meanwhile, and waits for the denial there', async () => {
    const queue = createMemorySignalQueue(createManualClock());
    const handOver = createHandOver({ queue, loadConfig: async () => config });
    await handOver(message, 'gone' as AccountId);
    expect(queue.waiting).toMatchObject([{ account: 'gone', lane: 'gone', leg: 0, tried: ['main'] }]);
  });
});
