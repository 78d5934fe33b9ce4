/** The venues whose account streams are read as they come: what each tells was compared with what it answers when it is asked. */
import type { VenueId } from '@nightdesk/core';
import { binanceAccount } from './account-binance.ts';
import { bybitAccount } from './account-bybit.ts';
import { krakenAccount } from './account-kraken.ts';
import type { AccountStreamTraits } from './account-reading.ts';

const traits: Readonly<Record<string, AccountStreamTraits>> = {
  binance: binanceAccount,
  binanceus: binanceAccount,
  bybit: bybitAccount,
  bybiteu: bybitAccount,
  bybitid: bybitAccount,
  kraken: krakenAccount,
};

export const accountStreamTraitsOf = (venue: VenueId): AccountStreamTraits | undefined =>
  Object.hasOwn(traits, venue) ? traits[venue] : undefined;
