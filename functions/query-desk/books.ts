/** `GET /balances`, `GET /pnl` and `GET /reconciliation`: by the last look at each account. Asks no venue. */
import type { HttpAnswer } from '@nightdesk/aws';
import {
  type AccountId,
  accountOf,
  type BooksStore,
  type Clock,
  type DeskConfig,
  type PositionsStore,
  pnlView,
  RequestError,
} from '@nightdesk/core';
import { type AccountBooks, balancesView, reconciliationView } from './books-views.ts';
import { parseAccountQuery, parseBalancesQuery, parsePnlQuery } from './schema.ts';

export interface BooksDependencies {
  loadConfig(): Promise<DeskConfig>;
  books: Pick<BooksStore, 'get' | 'listDays'>;
  positions: Pick<PositionsStore, 'listByAccount'>;
  clock: Pick<Clock, 'nowMs'>;
}

type Parameters = Record<string, string | undefined>;

export async function listBalances(parameters: Parameters, dependencies: BooksDependencies): Promise<HttpAnswer> {
  const { account, ...filter } = parseBalancesQuery(parameters);
  const config = await dependencies.loadConfig();
  const { currency, dustBelow } = config.risk;
  const accounts = await readBooks(config, dependencies, account);
  const views = accounts.map((each) => balancesView(each, { ...filter, dustBelow }));
  return { status: 200, body: { currency, dustBelow, accounts: views } };
}

export async function readReconciliation(parameters: Parameters, dependencies: BooksDependencies): Promise<HttpAnswer> {
  const { account } = parseAccountQuery(parameters);
  const config = await dependencies.loadConfig();
  const accounts = await readBooks(config, dependencies, account);
  const context = { config: config.risk.breakers, nowMs: dependencies.clock.nowMs() };
  return { status: 200, body: { accounts: accounts.map((each) => reconciliationView(each, context)) } };
}

export async function readPnl(parameters: Parameters, dependencies: BooksDependencies): Promise<HttpAnswer> {
  const { account, days: daysMax } = parsePnlQuery(parameters);
  const { books, positions } = dependencies;
  const config = await dependencies.loadConfig();
  const accounts = await readBooks(config, dependencies, account);
  const figures = await Promise.all(
    accounts.map(async (each) => {
      const [rows, days] = await Promise.all([
        positions.listByAccount(each.account),
        books.listDays(each.account, daysMax),
      ]);
      return { ...each, positions: rows, days };
    }),
  );
  return { status: 200, body: pnlView(figures) };
}

/** @throws RequestError `invalid_request` where the account that is named is not configured */
async function readBooks(
  config: DeskConfig,
  { books }: BooksDependencies,
  wanted: AccountId | undefined,
): Promise<AccountBooks[]> {
  const configured = Object.keys(config.accounts).map((id) => accountOf(config, id));
  const known = configured.filter((account) => account !== undefined);
  const accounts = known.filter(({ id }) => wanted === undefined || id === wanted);
  if (wanted !== undefined && accounts.length === 0) {
    const message = `must be one of ${known.map(({ id }) => id).join(', ')}`;
    throw new RequestError('invalid_request', 'the query parameters are not valid', [{ path: 'account', message }]);
  }
  return Promise.all(
    accounts.map(async ({ id, venue, mode }) => ({ account: id, venue, mode, books: await books.get(id) })),
  );
}
