export { cleanMessage } from './clean-message.ts';
export { type CreateVenueOptions, createVenue } from './create-venue.ts';
export { type Credentials, isFilledIn, parseCredentials } from './credentials.ts';
export type { VenueFleet } from './fleet.ts';
export { type InspectAccountOptions, inspectAccount } from './key-permissions/inspect-account.ts';
export {
  createKeyInspector,
  type InspectedKey,
  type InspectKey,
  type KeyToInspect,
} from './key-permissions/inspect-key.ts';
export { type LoadVenueOptions, loadVenueClass } from './load-venue-class.ts';
export type { SkippedMarket } from './map-market.ts';
export { MarketLists } from './market-lists.ts';
export { type AccountStreamsOptions, createAccountStreams } from './streams/account-streams.ts';
export { createMarketStreams, type MarketStreamsOptions } from './streams/market-streams.ts';
