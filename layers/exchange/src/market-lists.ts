/**
 * The market lists of venues, fetched and kept once for all accounts of a process. A list is megabytes, at Binance 40 of the
 * request limit's weight and eight megabytes of memory; a hundred accounts with one each would fill a sandbox.
 */
import type { VenueFailure } from './outcome.ts';
import type { VenueClient } from './venue-client.ts';

/** Who holds the list: its maps are handed on to others as they are. */
export interface MarketList {
  client: VenueClient;
  loadedAtMs: number;
}

export type LoadedList = { list: MarketList } | { failure: VenueFailure };

/** How long a list is good for; what a venue lists anew is known to answers after that. */
const ageMsMax = 60 * 60_000;

export class MarketLists {
  readonly #lists = new Map<string, MarketList>();
  readonly #loading = new Map<string, Promise<LoadedList>>();

  /**
   * @param client of the class and at the address that the list is for
   * @param load fetches it where nobody has it, or it is too old; once for all that ask meanwhile
   */
  async get(client: VenueClient, nowMs: number, load: () => Promise<LoadedList>): Promise<LoadedList> {
    const key = JSON.stringify([client.id, client.urls.api]);
    const known = this.#lists.get(key);
    if (known !== undefined && nowMs - known.loadedAtMs < ageMsMax) return { list: known };
    const underWay = this.#loading.get(key);
    if (underWay !== undefined) return underWay;
    const loading = load().finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    const loaded = await loading;
    if ('list' in loaded) this.#lists.set(key, loaded.list);
    return loaded;
  }
}
