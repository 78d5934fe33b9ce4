/** Whose books are kept: accounts at the three simulated venues, spot and perpetuals, with coins to sell and dollars to buy with. */
import type { SimulatedCustomer, SimulatedVenueName } from '../../support/simulated-venues.ts';
import { type SoakMarket, soakVenues } from '../markets.ts';

export interface BooksAccount extends SimulatedCustomer {
  markets: readonly SoakMarket[];
}

const balances = { USDT: '1000000', BTC: '10', ETH: '100', SOL: '2000', XRP: '100000' };

/** One of Bybit's accounts trades perpetuals alone, and the other both. */
export const booksAccounts: readonly BooksAccount[] = soakVenues.flatMap(({ venue, accounts, markets }) =>
  accounts.slice(0, 2).map((name, index) => ({
    ...{ name, venue: venue satisfies SimulatedVenueName, balances },
    markets: venue === 'bybit' && index === 1 ? markets.filter(({ kind }) => kind === 'perpetual') : markets,
  })),
);
