/** How Kraken reads a REST request, and its words for trouble. */
import type { HttpDialect } from '../shared/http-api.ts';
import { parseJson } from '../shared/parse-json.ts';
import type { TroubleWords } from '../shared/request-faults.ts';
import type { KrakenVenue } from './context.ts';
import { dispatch, errorAnswer } from './dispatch.ts';

const troubleWords: TroubleWords = {
  busy: JSON.stringify({ error: ['EService:Unavailable'] }),
  timedOut: JSON.stringify({ error: ['EService:Unavailable'] }),
  // Kraken answers both with status 200: a limit that was passed, and the ban that follows.
  rateLimited: ({ status }) => errorAnswer(status === 418 ? 'EGeneral:Temporary lockout' : 'EAPI:Rate limit exceeded'),
};

export function createHttpDialect(venue: KrakenVenue): HttpDialect {
  return {
    troubleWords,
    read({ method, path, query, body, headers, address }) {
      const apiKey = headers['api-key']?.toString();
      const signature = headers['api-sign']?.toString();
      const pair = pairName(query, body);
      return {
        account: venue.accounts.byKey(apiKey)?.id,
        symbol: pair === undefined ? undefined : venue.catalog.find(pair)?.altname,
        answer: (effects) => dispatch(venue, { method, path, query, body, apiKey, signature, address, ...effects }),
      };
    },
  };
}

/** Read leniently: whether the request is well-formed is for its route to say. */
function pairName(query: string, body: string): string | undefined {
  if (body.startsWith('{')) {
    const parsed = parseJson(body) as { pair?: unknown } | undefined;
    return parsed?.pair === undefined ? undefined : String(parsed.pair);
  }
  return new URLSearchParams(body).get('pair') ?? new URLSearchParams(query).get('pair') ?? undefined;
}
