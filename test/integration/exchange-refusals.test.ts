/** What a venue object does once the venue has said that it was asked too much, and with what others know of its clock. */
import { LocalBudget, type VenueId, type VenuePort } from '@nightdesk/core';
import { createVenue, type VenueFleet } from '@nightdesk/exchange';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../support/clocks.ts';
import { credentials, request, type ScriptedBinance, startScriptedBinance } from '../support/scripted-binance.ts';
import { type BuiltVenueLayer, openVenueLayer } from '../support/venue-layer.ts';

let layer: BuiltVenueLayer;
let binance: ScriptedBinance;
beforeAll(async () => {
  layer = await openVenueLayer();
  binance = await startScriptedBinance(layer.directory);
});
afterAll(async () => {
  await binance?.server.close();
  layer?.remove();
});

const banned = { status: 418, body: { code: -1003, msg: 'Way too much request weight used; IP banned until 1.' } };

describe('a venue that has banned this address', () => {
  it('is sent nothing more: orders are rejected as not sent, and no question is asked', async () => {
    const market = await binance.market();
    const venue = await binance.connect();
    binance.answerWith({ 'POST /api/v3/order': banned });
    expect(await venue.placeOrder(request, market)).toMatchObject({ kind: 'unknown', cause: { code: 'rate_limited' } });
    expect(await venue.placeOrder(request, market)).toMatchObject({
      kind: 'rejected',
      evidence: { code: 'venue_blocked', message: expect.stringContaining('(418)') },
    });
    const reference = { ...request, sinceMs: Date.now() };
    expect(await venue.findOrder(reference, market)).toMatchObject({
      kind: 'unknown',
      cause: { code: 'venue_blocked' },
    });
    expect(binance.server.requests).toHaveLength(1);
  });
});

describe("how far clocks are ahead of a venue's", () => {
  const connect = (aheadMs: number | undefined): Promise<VenuePort> => {
    const fleet: VenueFleet = {
      openBudget: (limits) => new LocalBudget({ limits, clock: realClock }),
      readAheadMs: async () => aheadMs,
    };
    const exchangeConfig = { baseUrl: binance.server.url, timeoutMs: 1_000 };
    const { directory } = layer;
    const venue = 'binance' as VenueId;
    return createVenue({ venue, directory, credentials, mode: 'sandbox', exchangeConfig, clock: realClock, fleet });
  };
  /** How far the timestamp of an order is behind this machine's clock, in whole seconds. */
  async function secondsBehind(venue: VenuePort): Promise<number> {
    const market = await binance.market();
    binance.answerWith({});
    await venue.placeOrder(request, market);
    return Math.round((Date.now() - Number(binance.server.requests[0]?.parameters.get('timestamp'))) / 1_000);
  }

  it('is taken from the last probe, where that is more than a round trip', async () => {
    expect(await secondsBehind(await connect(30_000))).toBe(30);
  });

  it.each([100, undefined])('is left at nothing for %s', async (aheadMs) => {
    expect(await secondsBehind(await connect(aheadMs))).toBe(0);
  });
});
