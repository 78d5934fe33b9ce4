/** Which purses an account has at a venue, as far as the desk can trade from them. */
import type { MarketKind, Wallet } from '@nightdesk/core';
import type { VenueContext } from './ask-venue.ts';

const kindsByName = [
  ['spot', 'spot'],
  ['perpetual', 'swap'],
  ['future', 'future'],
  ['option', 'option'],
] as const satisfies readonly (readonly [MarketKind, string])[];

/**
 * As the venue's traits have them. Of a venue that nobody has looked at, one wallet of all its kinds of markets: what ccxt shows
 * when no kind is named. That leaves something out where there are more, and counts nothing twice.
 */
export function walletsOf({ session, traits }: VenueContext): readonly Wallet[] {
  const { client } = session;
  if (traits.wallets !== undefined) return traits.wallets.filter((wallet) => isOffered(wallet, client.options));
  const kinds = kindsByName.filter(([, name]) => client.has[name] === true).map(([kind]) => kind);
  const usual = kindsByName.find(([, name]) => name === client.options.defaultType)?.[0];
  const [first = usual ?? 'spot', ...others] = [...kinds].sort((left, right) => rank(left, usual) - rank(right, usual));
  return [{ name: 'main', kinds: [first, ...others], countsOpenProfit: false }];
}

const rank = (kind: MarketKind, usual: MarketKind | undefined): number => (kind === usual ? 0 : 1);

/** A sandbox may have no contracts: then no markets of theirs are asked for, and there is no wallet for them. */
function isOffered({ kinds }: Wallet, { fetchMarkets }: Readonly<Record<string, unknown>>): boolean {
  const types =
    typeof fetchMarkets === 'object' && fetchMarkets !== null ? Reflect.get(fetchMarkets, 'types') : undefined;
  return !Array.isArray(types) || kinds.includes('spot') || types.some((type) => type !== 'spot');
}

/**
 * How ccxt is asked for the balances of a kind. A venue's only wallet is the one that it shows when it is asked for none, and some
 * know no kinds at all.
 */
export function balanceParametersOf(
  wallets: readonly Wallet[],
  kind: MarketKind | undefined,
): Readonly<Record<string, string>> {
  const [only, ...others] = wallets;
  const isUsual = others.length === 0 && kind !== undefined && only?.kinds.includes(kind);
  return kind === undefined || isUsual ? {} : { type: typeOf(kind) };
}

/** ccxt's word for a kind of market. */
export const typeOf = (kind: MarketKind): string => kindsByName.find(([known]) => known === kind)?.[1] ?? kind;
