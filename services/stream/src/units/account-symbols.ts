import type { ConfiguredAccount, DeskConfig } from '@nightdesk/core';

/**
 * Markets in which an account may have orders, as far as the configuration names them: those of sources that may use it, and those that are
 * streamed at its venue. Only venues that stream orders market by market need them; what else there is of these, polling finds.
 */
export function accountSymbols({ id, venue }: ConfiguredAccount, { sources, collection }: DeskConfig): string[] {
  const ofSources = Object.values(sources).flatMap(({ accounts, symbols = [] }) =>
    accounts.includes(id) ? symbols : [],
  );
  const ofStreams = collection.streams.flatMap(({ venues, symbols = [] }) => (venues.includes(venue) ? symbols : []));
  return [...new Set([...ofSources, ...ofStreams])].sort();
}
