/** How Binance reads a REST request, and its words for trouble. */
import type { HttpDialect } from '../shared/http-api.ts';
import type { TroubleWords } from '../shared/request-faults.ts';
import type { VenueAnswer } from '../shared/venue-answer.ts';
import type { BinanceVenue } from './context.ts';
import { dispatch } from './dispatch.ts';
import { BinanceError } from './errors.ts';
import { Params } from './params.ts';
import { restPayload } from './signature.ts';

const troubleWords: TroubleWords = {
  busy: JSON.stringify({
    code: -1008,
    msg: 'Server is currently overloaded with other requests. Please try again in a few minutes.',
  }),
  timedOut: JSON.stringify({
    code: -1007,
    msg: 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
  }),
  rateLimited: ({ status, retryAfterSeconds }) => ({
    status,
    headers: { 'Retry-After': String(retryAfterSeconds) },
    body: JSON.stringify({ code: -1003, msg: 'Too many requests queued.' }),
  }),
};

export function createHttpDialect(venue: BinanceVenue): HttpDialect {
  return {
    troubleWords,
    read({ method, path, query, body, headers, address }) {
      const params = parseParams(query, body);
      const apiKey = headers['x-mbx-apikey']?.toString();
      const payload = restPayload(query, body);
      const account = venue.accounts.byKey(apiKey)?.id;
      if (params instanceof BinanceError) return { account, symbol: undefined, answer: () => errorAnswer(params) };
      return {
        account,
        symbol: params.peek('symbol'),
        answer: (effects) => dispatch(venue, { method, path, params, payload, apiKey, address, ...effects }),
      };
    },
  };
}

function parseParams(query: string, body: string): Params | BinanceError {
  try {
    return Params.parse(query, body);
  } catch (error) {
    if (error instanceof BinanceError) return error;
    throw error;
  }
}

function errorAnswer(error: BinanceError): VenueAnswer {
  return { status: error.status, headers: {}, body: JSON.stringify({ code: error.code, msg: error.message }) };
}
