/** The simulated Kraken as the control calls see it. */
import type { ControlledVenue, OutsiderRequest } from '../shared/control-routes.ts';
import type { VenueAnswer } from '../shared/venue-answer.ts';
import { orderReport } from '../shared/visible-order.ts';
import type { KrakenVenue } from './context.ts';
import { dispatch } from './dispatch.ts';
import { reportedOrder } from './order-view.ts';
import { sign } from './signature.ts';

export function controlledVenue(venue: KrakenVenue, reset: () => void): ControlledVenue {
  return {
    market: venue.market,
    faults: venue.faults,
    books: venue.books,
    limiter: venue.limiter,
    nowMs: venue.nowMs,
    accounts: venue.accounts,
    symbolOf: (instrumentId) => venue.catalog.byInstrument(instrumentId).altname,
    instrumentsOf: (symbol) => [venue.catalog.find(symbol) ?? []].flat(),
    markets: () => venue.catalog.list().map((spec) => ({ symbol: spec.altname, kind: 'spot', instrument: spec })),
    reportOrder: (order) => orderReport(order, reportedOrder(order, venue.catalog.byInstrument(order.instrumentId))),
    actAsOutsider: (request) => actAsOutsider(venue, request),
    reset,
  };
}

/** `params` as for `AddOrder` or `CancelOrder`; nonce and signature are added here, with the account's own key. */
function actAsOutsider(venue: KrakenVenue, { action, account, params }: OutsiderRequest): VenueAnswer {
  const holder = venue.accounts.byId(account);
  if (holder === undefined) throw new Error(`no account "${account}"`);
  const path = `/0/private/${action === 'order' ? 'AddOrder' : 'CancelOrder'}`;
  // One above the highest, which leaves the customer's own next nonce valid: that is the time by now.
  const nonce = String(venue.accounts.noncesOf(holder).highest + 1n);
  const body = new URLSearchParams({ nonce, ...params }).toString();
  return dispatch(venue, {
    method: 'POST',
    path,
    query: '',
    body,
    apiKey: holder.apiKey,
    signature: sign({ path, nonce, body }, holder.secret),
    address: holder.allowedAddresses?.[0] ?? 'outsider',
  });
}
