/** From a request to its route and back: limits, keys, signatures, then the route itself. */
import type { RequestEffects } from '../shared/request-faults.ts';
import type { VenueAnswer } from '../shared/venue-answer.ts';
import { accountRoutes } from './account-routes.ts';
import { authenticate, type Credentials } from './accounts.ts';
import { assetRoutes } from './asset-routes.ts';
import { candleRoutes } from './candle-routes.ts';
import { type BybitVenue, ExtendedResult, type Route } from './context.ts';
import { AccessTooFrequentError, BybitError, invalidParameter, unknownRoute } from './errors.ts';
import { historyRoutes } from './history-routes.ts';
import { marketRoutes } from './market-routes.ts';
import { orderRoutes } from './order-routes.ts';
import type { Params } from './params.ts';
import { positionRoutes } from './position-routes.ts';
import { transferRoutes } from './transfer-routes.ts';

const routes: ReadonlyMap<string, Route> = new Map(
  [
    ...marketRoutes,
    ...candleRoutes,
    ...orderRoutes,
    ...historyRoutes,
    ...positionRoutes,
    ...accountRoutes,
    ...assetRoutes,
    ...transferRoutes,
  ].map((route) => [`${route.method} ${route.path}`, route]),
);

export interface VenueRequest extends Credentials, RequestEffects {
  method: string;
  path: string;
  /** Absent when the body is not JSON. */
  params: Params | undefined;
  /** The text that the signature covers, beside time and key. */
  payload: string;
  address: string;
}

/** Answers one request. Everything happens before it returns, so an answer is only ever late, never early. */
export function dispatch(venue: BybitVenue, request: VenueRequest): VenueAnswer {
  const headers: Record<string, string> = {};
  const nowMs = Math.floor(venue.nowMs());
  try {
    const answer = carryOut(venue, request, { nowMs, headers });
    const { result, extension } = answer instanceof ExtendedResult ? answer : { result: answer, extension: {} };
    return { status: 200, headers, body: envelope({ retCode: 0, retMsg: 'OK', result, retExtInfo: extension }, nowMs) };
  } catch (error) {
    if (error instanceof AccessTooFrequentError) return { status: 403, headers, body: error.message };
    if (!(error instanceof BybitError)) throw error;
    const body = envelope({ retCode: error.code, retMsg: error.message, result: {}, retExtInfo: {} }, nowMs);
    return { status: 200, headers, body, outcome: `200 retCode ${error.code}` };
  }
}

export function envelope(parts: Readonly<Record<string, unknown>>, nowMs: number): string {
  return JSON.stringify({ ...parts, time: nowMs });
}

function carryOut(
  venue: BybitVenue,
  request: VenueRequest,
  { nowMs, headers }: { nowMs: number; headers: Record<string, string> },
): unknown {
  venue.limiter.chargeAddress(request.address, nowMs);
  const { path, params, slicing, fillFirst } = request;
  const route = routes.get(`${request.method} ${path}`);
  if (route === undefined) throw unknownRoute();
  // A signature can be wrong also where the body is, and comes first.
  if (route.access === 'public') {
    if (params === undefined) throw invalidParameter('the body is not JSON');
    return route.handle({ venue, path, params, nowMs });
  }
  const account = authenticate(venue.accounts, { ...request, nowMs }, route.permission);
  if (params === undefined) throw invalidParameter('the body is not JSON');
  const user = {
    accountId: account.id,
    endpoint: path,
    perSecond: rateOf(route, params),
    count: countOf(path, params),
  };
  venue.limiter.chargeUser(user, nowMs, headers);
  return route.handle({ venue, path, params, nowMs, account, slicing, fillFirst });
}

function rateOf({ perSecond }: Extract<Route, { access: 'private' }>, params: Params): number {
  if (typeof perSecond === 'number') return perSecond;
  return perSecond[params.text('category') === 'spot' ? 0 : 1];
}

/** Each order of a batch counts as one request. */
function countOf(path: string, params: Params): number {
  return path.endsWith('-batch') ? params.objects('request').length : 1;
}
