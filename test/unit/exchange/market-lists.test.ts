import { MarketLists } from '@nightdesk/exchange';
import { describe, expect, it } from 'vitest';
import type { LoadedList } from '../../../layers/exchange/src/market-lists.ts';
import type { VenueClient } from '../../../layers/exchange/src/venue-client.ts';

const clientAt = (address: string, id = 'fake') => ({ id, urls: { api: address } }) as unknown as VenueClient;
const hourMs = 60 * 60_000;

function loader(client: VenueClient, atMs: number) {
  const loads: number[] = [];
  const load = async (): Promise<LoadedList> => {
    loads.push(atMs);
    await Promise.resolve();
    return { list: { client, loadedAtMs: atMs } };
  };
  return { loads, load };
}

describe('market lists', () => {
  it('are fetched once for all that ask at one address, also at once', async () => {
    const lists = new MarketLists();
    const first = clientAt('one');
    const { loads, load } = loader(first, 0);
    const answers = await Promise.all([lists.get(first, 0, load), lists.get(clientAt('one'), 0, load)]);
    expect(answers).toEqual([{ list: { client: first, loadedAtMs: 0 } }, { list: { client: first, loadedAtMs: 0 } }]);
    await lists.get(clientAt('one'), hourMs - 1, load);
    expect(loads).toHaveLength(1);
  });

  it.each([
    ['at another address', clientAt('two'), 0],
    ['of another venue', clientAt('one', 'other'), 0],
    ['an hour later', clientAt('one'), hourMs],
  ])('are fetched again %s', async (_what, client, nowMs) => {
    const lists = new MarketLists();
    const { loads, load } = loader(clientAt('one'), 0);
    await lists.get(clientAt('one'), 0, load);
    await lists.get(client, nowMs, load);
    expect(loads).toHaveLength(2);
  });

  it('are asked for again by the next after a failure, and are no list until then', async () => {
    const lists = new MarketLists();
    const failure = { className: 'NetworkError' } as unknown as Extract<LoadedList, { failure: unknown }>['failure'];
    expect(await lists.get(clientAt('one'), 0, async () => ({ failure }))).toEqual({ failure });
    await expect(lists.get(clientAt('one'), 0, () => Promise.reject(new Error('no list')))).rejects.toThrow('no list');
    const { loads, load } = loader(clientAt('one'), 0);
    await lists.get(clientAt('one'), 0, load);
    expect(loads).toHaveLength(1);
  });
});
