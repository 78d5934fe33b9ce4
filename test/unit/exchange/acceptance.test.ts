import { clockOffMsMax, type VenueId } from '@nightdesk/core';
import { expect, it } from 'vitest';
import { signatureLifeSeconds } from '../../../layers/exchange/custom/bitmex/description.ts';
import { traitsOf } from '../../../layers/exchange/src/traits/index.ts';

it('waits for BitMEX as long as a clock that is ahead, and passes the account’s check, lets a signature live', () => {
  // The venue knows only when a signature ends, so a clock that is ahead makes it live longer.
  const { acceptanceMs } = traitsOf('bitmex' as VenueId);
  expect(acceptanceMs).toBeGreaterThanOrEqual(signatureLifeSeconds * 1_000 + clockOffMsMax);
});
