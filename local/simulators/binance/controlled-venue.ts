/** The simulated Binance as the control calls see it. */
import type { ControlledVenue, OutsiderRequest } from '../shared/control-routes.ts';
import type { VenueAnswer } from '../shared/venue-answer.ts';
import { orderReport } from '../shared/visible-order.ts';
import type { BinanceVenue } from './context.ts';
import { dispatch } from './dispatch.ts';
import { queriedOrderView } from './order-view.ts';
import { Params } from './params.ts';
import { restPayload, sign } from './signature.ts';

export function controlledVenue(venue: BinanceVenue, reset: () => void): ControlledVenue {
  const symbolOf = (instrumentId: string) => venue.catalog.byInstrument(instrumentId).symbol;
  return {
    market: venue.market,
    faults: venue.faults,
    books: venue.books,
    limiter: venue.limiter,
    nowMs: venue.nowMs,
    accounts: venue.accounts,
    symbolOf,
    instrumentsOf: (symbol) => venue.catalog.list('spot').filter((spec) => spec.symbol === symbol),
    markets: () =>
      [...venue.catalog.instruments.values()].map((spec) => ({
        symbol: spec.symbol,
        kind: spec.family === 'spot' ? 'spot' : 'perpetual',
        instrument: spec,
      })),
    reportOrder: (order) => orderReport(order, queriedOrderView(order, symbolOf(order.instrumentId))),
    actAsOutsider: (request) => actAsOutsider(venue, request),
    reset,
  };
}

/** `params` as for `POST` or `DELETE /api/v3/order`; signed here with the account's own key. */
function actAsOutsider(venue: BinanceVenue, { action, account, params }: OutsiderRequest): VenueAnswer {
  const holder = venue.accounts.byId(account);
  if (holder === undefined) throw new Error(`no account "${account}"`);
  const unsigned = new URLSearchParams({ ...params, timestamp: String(Math.floor(venue.nowMs())) }).toString();
  const query = `${unsigned}&signature=${sign(unsigned, holder.secret)}`;
  return dispatch(venue, {
    method: action === 'order' ? 'POST' : 'DELETE',
    path: '/api/v3/order',
    params: Params.parse(query, ''),
    payload: restPayload(query, ''),
    apiKey: holder.apiKey,
    address: holder.allowedAddresses?.[0] ?? 'outsider',
  });
}
