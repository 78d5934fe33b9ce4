/** The venues whose account streams are read as they come: what each tells was compared with what it answers when it is asked. */
import type { VenueId } from '@nightdesk/core';
import { binanceAccount } from './account-binance.ts';
import { bybitAccount } from './account-bybit.ts';
import { krakenAccount } from './account-kraken.ts';
import type { AccountStreamTraits } from './account-reading.ts';

const traits: Readonly<Record<string, AccountStreamTraits>> = {
  binance: binanceAccount,
  bybit: bybitAccount,
  bybiteu: bybitAccount,
  bybitid: bybitAccount,
  kraken: krakenAccount,
};

export const accountStreamTraitsOf = (venue: VenueId): AccountStreamTraits | undefined =>
  Object.hasOwn(traits, venue) ? traits[venue] : undefined;

/**
 * ccxt would tell the key to another company: of Binance US it has streams under its own address, and the account's under that of
 * Binance.
 */
const misled: ReadonlySet<string> = new Set(['binanceus']);

export const streamsAccounts = (venue: VenueId): boolean => !misled.has(venue);
