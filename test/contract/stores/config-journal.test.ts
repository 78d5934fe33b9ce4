import { type ConfigJournal, createConfigJournal, createDynamoDbClient } from '@nightdesk/aws';
import { type DeskConfig, type JournalEvent, nextConfigEvent, streams } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { createMemoryConfigJournal } from '../../support/memory-config-journal.ts';
import { createMemoryJournal, MemoryTables } from '../../support/memory-stores.ts';
import { openCloudStores, tables } from './desk-cloud.ts';
import { type DeskStores, endOf } from './desk-stores.ts';

interface Opened {
  config: ConfigJournal;
  journal: Pick<DeskStores['journal'], 'read'>;
  close(): Promise<void>;
}

const openMemory = async (): Promise<Opened> => {
  const held = new MemoryTables();
  return { config: createMemoryConfigJournal(held), journal: createMemoryJournal(held), close: async () => {} };
};

const openCloud = async (): Promise<Opened> => {
  const stores = await openCloudStores();
  const client = createDynamoDbClient();
  const close = async () => {
    client.destroy();
    await stores.close();
  };
  return { config: createConfigJournal(client, tables.journal), journal: stores.journal, close };
};

const withLimit = (orderNotionalMax: string) =>
  deskConfig({ risk: { default: { orderNotionalMax, openNotionalMax: '5000' } } });

function following(last: JournalEvent | undefined, config: DeskConfig): JournalEvent {
  const event = nextConfigEvent(last, config, { atMs: 1_000, by: 'deployment' });
  if (event === undefined) throw new Error('nothing has changed');
  return event;
}

describe.each([
  ['in memory', openMemory],
  ['in DynamoDB', openCloud],
])('the stream of configurations, %s', (_name, open) => {
  let opened: Opened;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  it('has no event before the first', async () => {
    expect(await opened.config.last()).toBeUndefined();
  });

  it('gives its newest event as it was written, and is a chain', async () => {
    let last: JournalEvent | undefined;
    for (const limit of ['1', '2', '3']) {
      last = following(last, withLimit(limit));
      expect(await opened.config.append(last)).toBe(true);
      expect(await opened.config.last()).toEqual(last);
    }
    expect(endOf(await opened.journal.read(streams.config)).sequence).toBe(3);
  });

  it('gives a place to one of many', async () => {
    const events = ['1', '2', '3', '4'].map((limit) => following(undefined, withLimit(limit)));
    const taken = await Promise.all(events.map((event) => opened.config.append(event)));
    expect(taken.filter((each) => each)).toHaveLength(1);
    expect(await opened.config.last()).toEqual(events[taken.indexOf(true)]);
  });
});
