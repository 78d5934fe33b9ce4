import type { ConfiguredAccount } from '@nightdesk/core';
import { traitsOf } from '@nightdesk/exchange/traits/index.ts';

/** The FIFO lane of an account's orders in a symbol: those of one lane reach the venue in the order of their signals. */
export function laneOf(account: ConfiguredAccount, symbol: string): string {
  const { risingNonces = traitsOf(account.venue).risingNonces } = account.exchangeConfig;
  // SQS takes ASCII only in the name of a group, and some coins are listed under Chinese names.
  return risingNonces ? account.id : `${account.id}:${encodeURI(symbol)}`;
}
