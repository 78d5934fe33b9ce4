import {
  accountOf,
  type Books,
  type BooksChange,
  type BooksEvent,
  type BreakerTrip,
  booksFor,
  type Cause,
  ConfigurationError,
  type Delivery,
  type DeskRecords,
  easeBreakers,
  endCancels,
  figuresOfBooks,
  judgeBreakers,
  leaveUnanswered,
  type Market,
  metricNames,
  type PositionRow,
  type Rates,
  reconcile,
  SecretUnavailableError,
  standingTrips,
  VenueError,
  VersionConflictError,
  watchedSymbols,
} from '@nightdesk/core';
import { collectStoredFigures } from '../shared/breaker-figures.ts';
import { cancelOrders, carryOut, revalue, unfinishedCancels } from './act.ts';
import { askExplanations, askHoldings, type Holdings } from './ask-venue.ts';
import { clearDoubts, contextFor } from './clear-doubts.ts';
import { createConversionFinder, type FindConversions } from './conversion-markets.ts';
import { type ReconcileDependencies, type ReconcileRound, readDesk } from './round.ts';
import { parseMessage } from './schema.ts';
import type { ShownSources } from './shown-by-venue.ts';
import { askRates, valueLook } from './value-account.ts';

export type { ReconcileDependencies } from './round.ts';

/**
 * Reconciles the account named in `body`. Safe to run any number of times, and at the same time: of two looks that began with
 * the same books one is written, and nothing is told twice.
 *
 * @throws when the message must be delivered again
 */
export function createHandler(dependencies: ReconcileDependencies) {
  const { ports, telemetry } = dependencies;
  const findConversions = createConversionFinder(ports.markets, ports.clock);
  return async (body: string, { deadlineMs }: Pick<Delivery, 'deadlineMs'>): Promise<void> => {
    const startedMs = ports.clock.nowMs();
    const { account: id, plannedAtMs } = parseMessage(body);
    const config = await dependencies.loadConfig();
    const account = accountOf(config, id);
    // One that was removed since, or whose exchange was, is nobody's to ask about any more.
    if (account === undefined || !account.exchangeConfig.enabled) return;
    const [stored, row] = await Promise.all([ports.books.get(account.id), ports.risk.get(account.id)]);
    // It was looked at since this was planned: what waited in the queue meanwhile has nothing to add.
    if (stored !== undefined && stored.checkedAtMs >= plannedAtMs && stored.status !== 'unanswered') return;
    const books = booksFor(stored, account);
    const round: ReconcileRound = { ...dependencies, account, config, books, row, deadlineMs };
    const look = await lookAtAccount(round, findConversions);
    if (await finish(look, round)) {
      telemetry.duration(metricNames.reconciliationMs, ports.clock.nowMs() - startedMs, account.venue);
    }
  };
}

/** What a look has found, before breakers judge it. */
interface Look {
  change: Omit<BooksChange, 'events'> & { events: BooksEvent[] };
  desk: DeskRecords;
  /** Absent where the venue did not answer. */
  valued?: { rows: readonly PositionRow[]; rates: Rates; markets: readonly Market[]; shown: ShownSources };
}

async function lookAtAccount(round: ReconcileRound, findConversions: FindConversions): Promise<Look> {
  const { account, ports, books, telemetry } = round;
  const before = await readDesk(round);
  try {
    const look = await askAndCompare(before, round, findConversions);
    telemetry.count(metricNames.accountsReconciled, 1, account.venue);
    return look;
  } catch (error) {
    const cause = causeOf(error);
    if (cause === undefined) throw error;
    telemetry.count(metricNames.accountsUnanswered, 1, account.venue);
    telemetry.failure(`${account.id} could not be reconciled`, error);
    const about = { account: account.id, venue: account.venue, nowMs: ports.clock.nowMs() };
    return { change: leaveUnanswered(books, cause, about), desk: before };
  }
}

/** Why the venue did not tell; `undefined` for what is the desk's own trouble, after which the message is delivered again. */
function causeOf(error: unknown): Cause | undefined {
  if (error instanceof VenueError) return { code: error.code ?? 'bad_answer', message: error.message };
  if (error instanceof SecretUnavailableError) return { code: 'secret_unavailable', message: error.message };
  if (error instanceof ConfigurationError) return { code: 'configuration', message: error.message };
  return undefined;
}

async function askAndCompare(
  before: DeskRecords,
  round: ReconcileRound,
  findConversions: FindConversions,
): Promise<Look> {
  const { account, config, ports, books, row } = round;
  const venue = await ports.openVenue(account);
  const holdings = await askHoldings(venue, before, round);
  const differing = differingKeys(before, holdings, round);
  const [told, rates] = await Promise.all([
    askExplanations(venue, { desk: before, holdings, differing }, round),
    askRates(venue, { holdings, desk: before }, { round, findConversions }),
  ]);
  const cleared = await clearDoubts(before, told, round);
  const after = await readDesk(round);
  const { actions, ...result } = reconcile(
    books,
    { desk: { before, after, ...cleared, row }, venue: told },
    {
      ...{ account: account.id, venue: account.venue, nowMs: ports.clock.nowMs(), rates },
      ...{ dustBelow: config.risk.dustBelow, ...contextFor(round) },
    },
  );
  const { differences } = result.books;
  const markets = await marketsOf([...after.positions, ...holdings.positions], round);
  const { figures, day, ...valuation } = valueLook(holdings, { rates, markets, actions, differences }, round);
  const rows = await countFunding(after.positions, told.funding, round);
  return {
    change: {
      books: { ...result.books, ...valuation },
      events: result.events,
      ...(figures && { figures }),
      ...(day && { day }),
    },
    desk: after,
    valued: { rows, rates, markets, shown: { holdings, books, desk: after } },
  };
}

/** For so long after it was told is looked at every look for what explains a difference: venues show some fills minutes late. */
const explainedLateMs = 15 * 60_000;

/** What differs before anything explains it: by that is decided what else is asked. */
function differingKeys(desk: DeskRecords, holdings: Holdings, round: ReconcileRound): string[] {
  const { account, books, row, ports } = round;
  if (books === undefined) return [];
  const nothing = { openOrders: [], trades: [], funding: [], fundingUntold: [], asked: [] };
  const view = { before: desk, after: desk, ended: [], looks: [], row };
  const preview = reconcile(
    books,
    { desk: view, venue: { ...holdings, ...nothing } },
    {
      ...{ account: account.id, venue: account.venue, nowMs: ports.clock.nowMs(), rates: books.rates },
      ...{ dustBelow: round.config.risk.dustBelow, ...contextFor(round) },
    },
  );
  const sinceMs = ports.clock.nowMs() - explainedLateMs;
  const old = books.differences.filter(
    ({ state, confirmedAtMs = 0 }) => state === 'confirmed' && confirmedAtMs < sinceMs,
  );
  const known = new Set(old.map(({ id }) => id));
  const differing = preview.books.differences.flatMap(({ id }) => (known.has(id) ? [] : (keyOfDifference(id) ?? [])));
  // Where nothing can be compared for the time being, all that is told has to be known when it can be again.
  const provisional = [books, preview.books].flatMap(({ baselines }) =>
    Object.keys(baselines).filter((key) => baselines[key]?.provisional === true),
  );
  return [...new Set([...differing, ...provisional])];
}

/** The baseline that a difference is in; `undefined` where it is in none. */
function keyOfDifference(id: string): string | undefined {
  const [kind, ...rest] = id.split(':');
  const key = rest.join(':').replace(/:more$/, '');
  if (kind === 'drift' || kind === 'dust') return key;
  return kind === 'outsider_position' ? `position:${key}` : undefined;
}

/** Contracts alone: what spot is worth is told by rates. */
async function marketsOf(
  positions: readonly { symbol: string }[],
  { account, ports }: ReconcileRound,
): Promise<Market[]> {
  const symbols = [...new Set(positions.map(({ symbol }) => symbol))].filter((symbol) => symbol.includes(':'));
  const found = await Promise.all(symbols.map((symbol) => ports.markets.get(account.venue, symbol)));
  return found.filter((market) => market !== undefined);
}

/** The desk's own positions count what they were paid. A payment is counted once, however often it is told. */
async function countFunding(
  rows: readonly PositionRow[],
  payments: Parameters<ReconcileDependencies['ports']['positions']['fund']>[1],
  { account, ports, telemetry }: ReconcileRound,
): Promise<PositionRow[]> {
  const bySymbol = Map.groupBy(payments, ({ symbol }) => symbol);
  return Promise.all(
    rows.map(async (row) => {
      const own = bySymbol.get(row.symbol);
      if (own === undefined) return row;
      try {
        return (
          (await ports.positions.fund({ account: account.id, symbol: row.symbol }, own, ports.clock.nowMs())) ?? row
        );
      } catch (error) {
        telemetry.failure('funding could not be counted', error);
        return row;
      }
    }),
  );
}

/** Has breakers judge the look, writes everything down, and acts. False where another look was written first. */
async function finish({ change, desk, valued }: Look, round: ReconcileRound): Promise<boolean> {
  const { account, config, books, row, ports, telemetry } = round;
  const { breakers } = config.risk;
  const symbols = watchedSymbols(breakers, inUse(desk));
  const stored = await collectStoredFigures(
    account,
    { breakers, open: [...desk.orders] },
    {
      ...ports,
      onFailure: (message, error) => telemetry.failure(message, error),
    },
  );
  const eased = easeBreakers(change.books.breakers, row);
  const standing = standingTrips(breakers, eased.states, row);
  const unfinished = await unfinishedCancels(eased.states, desk.orders, round);
  const known = unfinished === undefined ? endCancels(eased.states) : eased.states;
  const figures = { nowMs: ports.clock.nowMs(), ...figuresOfBooks(books, change.books, symbols), ...stored };
  const { states, trips, blind, events } = judgeBreakers(breakers, known, figures);
  try {
    const told = [...change.events, ...eased.events, ...events];
    await ports.books.save({
      ...change,
      books: { ...change.books, mode: account.mode, breakers: states },
      events: told,
    });
  } catch (error) {
    if (!(error instanceof VersionConflictError)) throw error;
    telemetry.info('another look was written first', { account: account.id });
    return false;
  }
  count(change.events, round);
  if (blind.length > 0) telemetry.count(metricNames.breakersBlind, blind.length, account.venue);
  const wanted = mergeTrips(standing, trips);
  await carryOut(wanted, round);
  const isCovered = wanted.some((trip) => trip.cancelOrders);
  if (unfinished !== undefined && !isCovered) await cancelOrders(unfinished, round);
  if (valued !== undefined) await revalue(valued.rows, valued, round);
  return true;
}

const mergeTrips = (standing: readonly BreakerTrip[], trips: readonly BreakerTrip[]): BreakerTrip[] => [
  ...standing.filter(({ name }) => trips.every((trip) => trip.name !== name)),
  ...trips,
];

const inUse = ({ positions, orders }: DeskRecords): string[] => {
  const open = positions.filter(({ quantity }) => quantity !== '0');
  return [...new Set([...open, ...orders].map(({ symbol }) => symbol))];
};

function count(events: readonly BooksEvent[], { account, telemetry }: ReconcileRound): void {
  const kinds = events.flatMap(({ type, data }) =>
    type === 'books.difference' ? [data.kind as Books['differences'][number]['kind']] : [],
  );
  const quiet = new Set(['dust', 'deposit', 'withdrawal']);
  for (const kind of kinds) {
    telemetry.info('difference confirmed', { account: account.id, kind });
    if (!quiet.has(kind)) telemetry.count(metricNames.differencesConfirmed);
    if (kind === 'drift') telemetry.count(metricNames.driftsConfirmed);
    if (kind.startsWith('outsider')) telemetry.count(metricNames.outsidersConfirmed);
  }
}
