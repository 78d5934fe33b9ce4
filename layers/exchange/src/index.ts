export { cleanMessage } from './clean-message.ts';
export { type CreateVenueOptions, createVenue } from './create-venue.ts';
export { type Credentials, parseCredentials } from './credentials.ts';
export { type LoadVenueOptions, loadVenueClass } from './load-venue-class.ts';
export type { SkippedMarket } from './map-market.ts';
