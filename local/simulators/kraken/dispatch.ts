/** From a request to its route and back: keys, signatures, permissions, limits, then the route itself. */
import type { RequestEffects } from '../shared/request-faults.ts';
import { RawJson, type VenueAnswer } from '../shared/venue-answer.ts';
import { accountRoutes } from './account-routes.ts';
import { requirePermission } from './accounts.ts';
import { changeRoutes } from './change-routes.ts';
import type { KrakenVenue, PrivateRoute, PublicRoute } from './context.ts';
import { KrakenError, unknownMethod } from './errors.ts';
import { marketRoutes } from './market-routes.ts';
import { orderRoutes } from './order-routes.ts';
import { Params } from './params.ts';
import { transferRoutes } from './transfer-routes.ts';

const publicRoutes: ReadonlyMap<string, PublicRoute> = new Map(
  marketRoutes.map((route) => [`/0/public/${route.name}`, route]),
);
const privateRoutes: ReadonlyMap<string, PrivateRoute> = new Map(
  [...orderRoutes, ...changeRoutes, ...accountRoutes, ...transferRoutes].map((route) => [
    `/0/private/${route.name}`,
    route,
  ]),
);

export interface VenueRequest extends RequestEffects {
  method: string;
  path: string;
  query: string;
  body: string;
  apiKey: string | undefined;
  signature: string | undefined;
  address: string;
}

/** Answers one request; errors come with status 200 too, as Kraken sends them. */
export function dispatch(venue: KrakenVenue, request: VenueRequest): VenueAnswer {
  try {
    const result = answer(venue, request);
    const text = result instanceof RawJson ? result.text : JSON.stringify(result);
    return { status: 200, headers: {}, body: `{"error":[],"result":${text}}` };
  } catch (error) {
    if (!(error instanceof KrakenError)) throw error;
    return errorAnswer(error.message);
  }
}

export function errorAnswer(text: string): VenueAnswer {
  return { status: 200, headers: {}, body: JSON.stringify({ error: [text] }), outcome: text };
}

function answer(venue: KrakenVenue, request: VenueRequest): unknown {
  const { method, path, query, body, address } = request;
  const nowMs = venue.nowMs();
  const publicRoute = publicRoutes.get(path);
  if (publicRoute !== undefined) {
    venue.limiter.chargeAddress(address, nowMs);
    return publicRoute.handle({ venue, path, params: Params.parse(query, body), nowMs });
  }
  const route = method === 'POST' ? privateRoutes.get(path) : undefined;
  if (route === undefined) throw unknownMethod();
  const params = Params.parse(query, body);
  const { apiKey, signature, slicing, fillFirst } = request;
  const nonce = params.text('nonce') ?? '';
  const account = venue.accounts.authenticate({ apiKey, signature, address, nowMs, path, nonce, body });
  if (route.points > 0) venue.limiter.chargeKey(account.apiKey, route.points, nowMs);
  requirePermission(account, route.permissions);
  return route.handle({ venue, path, params, nowMs, account, slicing, fillFirst });
}
