import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leanSource } from '../../layers/exchange/lean-base-class.ts';
import { loadVenueClass } from '../../layers/exchange/src/index.ts';
import { type BuiltVenueLayer, buildTemporaryVenueLayer } from '../support/venue-layer.ts';

let layer: BuiltVenueLayer;
beforeAll(async () => {
  layer = await buildTemporaryVenueLayer();
});
afterAll(() => layer.remove());

/** What ccxt has that the types of Nightdesk leave out. */
type Venue = Record<string, (...given: unknown[]) => unknown>;
type Constructor = { new (config?: object): Venue; prototype: Venue };

const construct = async (name: string): Promise<Venue> =>
  new ((await loadVenueClass(name, { directory: layer.directory, kind: 'rest' })) as unknown as Constructor)({});

/** A venue of ccxt's own package, and the names of all functions that it made of addresses. */
function constructTheirs(Venue: Constructor): { venue: Venue; names: Set<string> } {
  const names = new Set<string>();
  class Observed extends Venue {
    defineRestApiEndpoint(...given: unknown[]): void {
      const defined: object = Object.create(this);
      Reflect.apply(Venue.prototype.defineRestApiEndpoint as () => unknown, defined, given);
      for (const name of Object.keys(defined)) names.add(name);
      Object.assign(this, defined);
    }
  }
  return { venue: new Observed(), names };
}

/** What each function asks of the venue, by its name. */
async function requestsOf(venue: Venue, names: Iterable<string>): Promise<Map<string, unknown>> {
  venue.request = async (...request) => request;
  const requests = new Map<string, unknown>();
  for (const name of names) requests.set(name, await venue[name]?.({ parameter: 1 }, { context: 2 }));
  return requests;
}

describe("ccxt's class as the layer has it", () => {
  it('asks the same of every address of every venue as the one of the package does, whichever is asked first', async () => {
    const { default: ccxt } = await import('ccxt');
    expect(ccxt.exchanges.length).toBeGreaterThan(90);
    let addresses = 0;
    for (const name of ccxt.exchanges) {
      const theirs = constructTheirs((ccxt as unknown as Record<string, Constructor>)[name] as Constructor);
      const expected = await requestsOf(theirs.venue, theirs.names);
      const inOrder = [...theirs.names];
      for (const names of [inOrder, inOrder.toReversed()]) {
        expect(await requestsOf(await construct(name), names), name).toEqual(
          new Map(names.map((each) => [each, expected.get(each)])),
        );
      }
      addresses += expected.size;
    }
    expect(addresses).toBeGreaterThan(20_000);
  });

  it('makes functions of no address that was not asked for', async () => {
    const venue = await construct('binance');
    expect(Object.keys(venue).filter((name) => /^(private|sapi)(Get|Post)/.test(name))).toEqual([]);
    expect(venue.privatePostOrder).toBeTypeOf('function');
    expect(venue.privatePostOrder).toBe(venue.privatePostOrder);
    expect(venue.private_post_order).toBe(venue.privatePostOrder);
    expect(Object.keys(venue).filter((name) => /^sapi(Get|Post)/.test(name))).toEqual([]);
  });

  it('lacks what the venue does not have', async () => {
    const venue = await construct('binance');
    expect(venue.privatePostNothing).toBeUndefined();
    expect(venue.nothing).toBeUndefined();
    expect(venue.then).toBeUndefined();
    expect('privatePostNothing' in venue).toBe(false);
    expect(String(venue)).toBe('[object Object]');
  });

  it('has no second names', async () => {
    const venue = await construct('binance');
    expect(venue.fetchTicker).toBeTypeOf('function');
    expect(venue.fetch_ticker).toBeUndefined();
    expect(Object.hasOwn(venue, 'fetchTicker')).toBe(false);
  });

  it('is not built of a version of ccxt that constructs in another way', () => {
    expect(() => leanSource('unCamelCaseProperties();')).toThrow(
      /does not have "this.defineRestApi\(this.api, 'request'\);" once/,
    );
    expect(() =>
      leanSource("unCamelCaseProperties(); unCamelCaseProperties(); this.defineRestApi(this.api, 'request');"),
    ).toThrow(/"unCamelCaseProperties\(\);" once/);
  });
});
