import { defaultTraits, type VenueTraits } from './venue-traits.ts';

export const kraken: VenueTraits = {
  ...defaultTraits,
  // Its counter takes a burst of 15 and counts down by one a second at best.
  limitWindowMs: 15_000,
  risingNonces: true,
};
