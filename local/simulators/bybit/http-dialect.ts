/** How Bybit reads a REST request, and its words for trouble. */
import type { HttpDialect } from '../shared/http-api.ts';
import type { TroubleWords } from '../shared/request-faults.ts';
import type { BybitVenue } from './context.ts';
import { dispatch, envelope } from './dispatch.ts';
import { AccessTooFrequentError, serverError, tooManyVisits } from './errors.ts';
import { Params } from './params.ts';

/** Words for trouble with the time of the answer in them. */
function createTroubleWords(nowMs: () => number): TroubleWords {
  const words = (retCode: number, retMsg: string) =>
    envelope({ retCode, retMsg, result: {}, retExtInfo: {} }, Math.floor(nowMs()));
  return {
    get busy() {
      return words(serverError().code, serverError().message);
    },
    get timedOut() {
      return words(10000, 'Server Timeout');
    },
    /** 418 stands for being shut out; else it is the user's limit, which Bybit reports with status 200. */
    rateLimited({ status, retryAfterSeconds }) {
      if (status === 418) return { status: 403, headers: {}, body: new AccessTooFrequentError().message };
      const { code, message } = tooManyVisits();
      const resetMs = String(Math.floor(nowMs()) + retryAfterSeconds * 1000);
      const headers = { 'X-Bapi-Limit-Status': '0', 'X-Bapi-Limit-Reset-Timestamp': resetMs };
      return { status: 200, headers, body: words(code, message), outcome: `200 retCode ${code}` };
    },
  };
}

export function createHttpDialect(venue: BybitVenue): HttpDialect {
  return {
    troubleWords: createTroubleWords(venue.nowMs),
    read({ method, path, query, body, headers, address }) {
      const params = method === 'GET' ? Params.ofQuery(query) : Params.ofBody(body);
      const payload = method === 'GET' ? query : body;
      const header = (name: string) => headers[name]?.toString();
      const credentials = {
        apiKey: header('x-bapi-api-key'),
        timestamp: header('x-bapi-timestamp'),
        recvWindow: header('x-bapi-recv-window'),
        signature: header('x-bapi-sign'),
      };
      return {
        account: venue.accounts.byKey(credentials.apiKey)?.id,
        symbol: params?.peek('symbol'),
        answer: (effects) => dispatch(venue, { method, path, params, payload, address, ...credentials, ...effects }),
      };
    },
  };
}
