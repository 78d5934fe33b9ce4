/** ccxt's own classes in front of a server that answers what venues have really answered. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { amount, type Market, price, type VenueId, type VenuePort } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { realClock } from './clocks.ts';
import { type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import type { BuiltVenueLayer } from './venue-layer.ts';

const folder = join(import.meta.dirname, '../../../shared/data');

/** Where it is absent, the tests that need it are skipped. */
export const hasRecordings = existsSync(join(folder, 'payloads'));
export const skippedWithout = hasRecordings ? '' : ' (skipped: the folder of recorded payloads is not there)';

/** @param path below the folder of recordings, e.g. `payloads/kraken/http_ticker.json` */
export const recording = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8'));

export interface RecordedVenue {
  venue: VenuePort;
  server: ScriptedServer;
}

/** @param answers by the last part of the path; anything else is a 404 */
export async function answerWith(
  { directory }: BuiltVenueLayer,
  name: string,
  answers: Readonly<Record<string, unknown>>,
): Promise<RecordedVenue> {
  const server = await startScriptedServer(({ path }) => {
    const body = answers[path.split('/').at(-1) ?? ''];
    return body === undefined ? { status: 404, body: 'no such route in this test' } : { body };
  });
  const venue = await createVenue({
    venue: name as VenueId,
    directory,
    credentials: { apiKey: 'the-key', secret: Buffer.from('the-secret').toString('base64'), password: 'the-pass' },
    mode: 'sandbox',
    exchangeConfig: { baseUrl: server.url, timeoutMs: 1_000 },
    clock: realClock,
  });
  return { venue, server };
}

interface MarketOptions {
  venue: string;
  venueSymbol: string;
  base: string;
  quote: string;
  kind?: 'spot' | 'perpetual';
}

/** A market of a recording, as a refresh would have stored it; perpetuals are linear. */
export function marketOf({ venue, venueSymbol, base, quote, kind = 'spot' }: MarketOptions): Market {
  const isSpot = kind === 'spot';
  const symbol = isSpot ? `${base}/${quote}` : `${base}/${quote}:${quote}`;
  const definition = {
    ...{ id: venueSymbol, altname: venueSymbol, symbol, base, quote, baseId: base, quoteId: quote },
    info: { orderTypes: ['LIMIT', 'MARKET'] },
    ...{ type: isSpot ? 'spot' : 'swap', spot: isSpot, swap: !isSpot, contract: !isSpot },
    ...(!isSpot && { settle: quote, settleId: quote, linear: true, inverse: false, contractSize: '1' }),
    precision: { amount: '0.00000001', price: '0.00000001' },
  };
  return {
    venue: venue as VenueId,
    ...{ symbol, venueSymbol, kind, base, quote, active: true },
    ...(!isSpot && { settle: quote, contractType: 'linear', contractSize: amount('1') }),
    ...{ amountStep: amount('0.00000001'), priceStep: price('0.00000001') },
    definition: JSON.stringify(definition),
  };
}
