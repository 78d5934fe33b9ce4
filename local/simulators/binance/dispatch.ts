/** From a request to its route and back: limits, keys, signatures, then the route itself. */

import type { RequestEffects } from '../shared/request-faults.ts';
import { RawJson, type VenueAnswer } from '../shared/venue-answer.ts';
import { accountRoutes } from './account-routes.ts';
import { verifySigned } from './accounts.ts';
import type { BinanceVenue, Call, Route } from './context.ts';
import { BinanceError, notFound } from './errors.ts';
import { futuresAccountRoutes } from './futures-account-routes.ts';
import { marketRoutes } from './market-routes.ts';
import { orderListRoutes } from './order-list-routes.ts';
import { orderRoutes } from './order-routes.ts';
import type { Params } from './params.ts';
import { CancelReplaceError, replaceRoutes } from './replace-routes.ts';
import { transferRoutes } from './transfer-routes.ts';

const routes: ReadonlyMap<string, Route> = new Map(
  [
    ...marketRoutes,
    ...orderRoutes,
    ...replaceRoutes,
    ...orderListRoutes,
    ...accountRoutes,
    ...transferRoutes,
    ...futuresAccountRoutes,
  ].map((route) => [`${route.method} ${route.path}`, route]),
);

export interface VenueRequest extends RequestEffects {
  method: string;
  path: string;
  params: Params;
  /** The text that the signature covers. */
  payload: string;
  apiKey: string | undefined;
  address: string;
}

/** Answers one request. Everything happens before it returns, so an answer is only ever late, never early. */
export function dispatch(venue: BinanceVenue, request: VenueRequest): VenueAnswer {
  const headers: Record<string, string> = {};
  try {
    const body = answer(venue, request, headers);
    return { status: 200, headers, body: body instanceof RawJson ? body.text : JSON.stringify(body) };
  } catch (error) {
    if (!(error instanceof BinanceError)) throw error;
    const data = error instanceof CancelReplaceError ? { data: error.data } : {};
    const body = JSON.stringify({ code: error.code, msg: error.message, ...data });
    return { status: error.status, headers: { ...headers, ...error.headers }, body };
  }
}

function answer(venue: BinanceVenue, request: VenueRequest, headers: Record<string, string>): unknown {
  const route = routes.get(`${request.method} ${request.path}`);
  const { path, params, address, slicing, fillFirst } = request;
  const nowMs = Math.floor(venue.nowMs());
  const weight = route === undefined ? 1 : typeof route.weight === 'number' ? route.weight : route.weight(params);
  Object.assign(headers, venue.limiter.charge({ address, path }, weight, nowMs));
  if (route === undefined) throw notFound();
  const call: Call = { venue, path, params, address, nowMs, headers, slicing, fillFirst };
  if (route.security === 'none') return route.handle(call);
  const account = venue.accounts.requireKey(request.apiKey, { address, permission: route.permission });
  if (route.security === 'signed') verifySigned(account, params, { payload: request.payload, nowMs });
  const { uidWeight } = route;
  if (uidWeight !== undefined) {
    Object.assign(headers, venue.limiter.chargeUid({ accountId: account.id, path, weight: uidWeight }, nowMs));
  }
  return route.handle({ ...call, account });
}
