/** How Bybit reads a REST request, and its words for trouble. */
import type { HttpDialect } from '../shared/http-api.ts';
import type { TroubleWords } from '../shared/request-faults.ts';
import type { BybitVenue } from './context.ts';
import { dispatch } from './dispatch.ts';
import { serverError, tooManyVisits } from './errors.ts';
import { Params } from './params.ts';

const wordsFor = (retCode: number, retMsg: string) =>
  JSON.stringify({ retCode, retMsg, result: {}, retExtInfo: {}, time: 0 });

const troubleWords: TroubleWords = {
  busy: wordsFor(serverError().code, serverError().message),
  timedOut: wordsFor(10000, 'Server Timeout'),
  /** 418 stands for being shut out; else it is the user's limit, which Bybit reports with status 200. */
  rateLimited: ({ status, retryAfterSeconds }) => {
    if (status === 418) return { status: 403, headers: {}, body: 'access too frequent' };
    const { code, message } = tooManyVisits();
    const resetMs = String(Date.now() + retryAfterSeconds * 1000);
    const headers = { 'X-Bapi-Limit-Status': '0', 'X-Bapi-Limit-Reset-Timestamp': resetMs };
    return { status: 200, headers, body: wordsFor(code, message), outcome: `200 retCode ${code}` };
  },
};

export function createHttpDialect(venue: BybitVenue): HttpDialect {
  return {
    troubleWords,
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
        answer: (slicing) => dispatch(venue, { method, path, params, payload, address, slicing, ...credentials }),
      };
    },
  };
}
