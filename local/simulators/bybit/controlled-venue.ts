/** The simulated Bybit as the control calls see it. */
import type { ControlledVenue, OutsiderRequest } from '../shared/control-routes.ts';
import type { VenueAnswer } from '../shared/venue-answer.ts';
import { orderReport } from '../shared/visible-order.ts';
import type { BybitVenue } from './context.ts';
import { dispatch } from './dispatch.ts';
import { orderView } from './order-view.ts';
import { Params } from './params.ts';
import { sign } from './signature.ts';

export function controlledVenue(venue: BybitVenue, reset: () => void): ControlledVenue {
  const specOf = (instrumentId: string) => venue.catalog.byInstrument(instrumentId);
  return {
    market: venue.market,
    faults: venue.faults,
    books: venue.books,
    limiter: venue.limiter,
    nowMs: venue.nowMs,
    accounts: venue.accounts,
    symbolOf: (instrumentId) => specOf(instrumentId).symbol,
    instrumentsOf: (symbol) => [...venue.catalog.instruments.values()].filter((spec) => spec.symbol === symbol),
    markets: () =>
      [...venue.catalog.instruments.values()].map((spec) => ({
        symbol: spec.symbol,
        kind: spec.perpetual === undefined ? 'spot' : 'perpetual',
        instrument: spec,
      })),
    reportOrder(order) {
      const spec = specOf(order.instrumentId);
      const { clientOrderId } = order;
      return orderReport(order, { category: spec.category, clientOrderId, ...orderView(order, spec) });
    },
    actAsOutsider: (request) => actAsOutsider(venue, request),
    reset,
  };
}

/** `params` as for `POST /v5/order/create` or `cancel`; signed here with the account's own key. */
function actAsOutsider(venue: BybitVenue, { action, account, params }: OutsiderRequest): VenueAnswer {
  const holder = venue.accounts.byId(account);
  if (holder === undefined) throw new Error(`no account "${account}"`);
  const body = JSON.stringify(params);
  const timestamp = String(Math.floor(venue.nowMs()));
  return dispatch(venue, {
    method: 'POST',
    path: action === 'order' ? '/v5/order/create' : '/v5/order/cancel',
    params: Params.ofBody(body),
    payload: body,
    apiKey: holder.apiKey,
    timestamp,
    recvWindow: undefined,
    signature: sign(timestamp + holder.apiKey + body, holder.secret),
    address: holder.allowedAddresses?.[0] ?? 'outsider',
  });
}
