/** How a paper account changes: it catches up with its markets, something is done to it, and both are stored as one. */
import {
  type AccountId,
  type Amount,
  accountToStore,
  canonicalJson,
  catchUp,
  changedOrders,
  type Market,
  type MarketNews,
  openingAccount,
  openOrdersOf,
  type PaperAccount,
  type PaperContext,
  type PaperFees,
  type PaperOrder,
  type PaperStore,
  VenueError,
  VersionConflictError,
} from '@nightdesk/core';
import { type NewsReader, readNews } from './paper-news.ts';

/** How often a turn is taken anew because another sandbox was first. */
const conflictsMax = 8;
const conflictPauseMs = 20;
/** A turn that takes longer is given up: whoever looks for its order after `settlingMs` must be able to count on it. */
const turnMsMax = 10_000;
/** Beside the turn itself, what its last write may take. */
export const settlingMs = 2 * turnMsMax;

export interface TurnOptions extends NewsReader {
  id: AccountId;
  venue: string;
  balances: Readonly<Record<string, Amount>>;
  store: PaperStore;
  /** @throws VenueError where nobody has said what the venue takes */
  feesOf(market: Market): PaperFees;
  findMarket(symbol: string): Promise<Market | undefined>;
}

/** What a turn finds when it has caught up. */
export interface Caught {
  account: PaperAccount;
  news: ReadonlyMap<string, MarketNews>;
  /** By symbol. */
  markets: ReadonlyMap<string, Market>;
  contextOf(market: Market): PaperContext;
  /** The order that the turn is about, open or ended, as it was before the turn. */
  known?: PaperOrder | undefined;
}

export interface Turn<Result> {
  /** Those to catch up with; absent is all in which there are orders or positions. */
  markets?: readonly Market[];
  /** Of the order that the turn is about. */
  clientOrderId?: string;
  /** Whether an order is about to meet the book. */
  places?: boolean;
  work(caught: Caught): { account: PaperAccount; result: Result };
}

/** Nothing of the turn was stored. */
export class TurnTooLongError extends VenueError {
  constructor(venue: string) {
    super(venue, `the paper account could not be worked on within ${turnMsMax} ms`, { code: 'not_sent' });
  }
}

export type TakeTurn = <Result>(turn: Turn<Result>) => Promise<Result>;

/** Turns of one account, one after the other in this process; among processes the stored version decides. */
export function createTurns(options: TurnOptions): TakeTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (turn) => {
    const startedAtMs = options.clock.nowMs();
    const next = last.then(() => take(turn, startedAtMs, options));
    last = next.catch(() => undefined);
    return next;
  };
}

/**
 * @throws VenueError when the venue does not answer, and then nothing was stored
 * @throws Error of the store, and then it is not known whether it was
 */
async function take<Result>(turn: Turn<Result>, startedAtMs: number, options: TurnOptions): Promise<Result> {
  const { id, venue, store, clock } = options;
  for (let conflict = 0; conflict <= conflictsMax; conflict += 1) {
    const before = (await store.load(id)) ?? openingAccount(options.balances);
    // Read after the version that the change is stored over, so that nobody can have placed it unseen in between.
    const known = turn.clientOrderId === undefined ? undefined : await store.find(id, turn.clientOrderId);
    // What is there already needs no market, which may not answer.
    const caught = await bringUpToDate(before, known === undefined ? turn : { markets: [] }, options);
    const { account, result } = turn.work({ ...caught, known });
    if (canonicalJson(accountToStore(before)) === canonicalJson(accountToStore(account))) return result;
    if (clock.nowMs() - startedAtMs > turnMsMax) throw new TurnTooLongError(venue);
    try {
      await store.save(id, { account, orders: changedOrders(before, account) });
      return result;
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error;
      await clock.sleep(Math.random() * conflictPauseMs * (conflict + 1));
    }
  }
  throw new TurnTooLongError(venue);
}

async function bringUpToDate(
  before: PaperAccount,
  { markets, places = false }: Pick<Turn<unknown>, 'markets' | 'places'>,
  options: TurnOptions,
): Promise<Caught> {
  const known = await findMarkets(before, markets ?? [], options);
  const asked = markets ?? [...known.values()];
  const all = await Promise.all(
    asked.map(async (market) => [market, await readNews(before, { market, places }, options)] as const),
  );
  const nowMs = options.clock.nowMs();
  const contextOf = (market: Market): PaperContext => ({ market, fees: options.feesOf(market), nowMs, markets: known });
  const account = all.reduce((current, [market, news]) => catchUp(current, news, contextOf(market)), before);
  return { account, contextOf, markets: known, news: new Map(all.map(([market, news]) => [market.symbol, news])) };
}

/** Those in which the account has orders or positions, and those given. One that is gone holds nothing any more. */
async function findMarkets(
  account: PaperAccount,
  given: readonly Market[],
  { findMarket }: TurnOptions,
): Promise<Map<string, Market>> {
  const held = Object.entries(account.positions).filter(([, { quantity }]) => quantity !== '0');
  const ordered = openOrdersOf(account).map(({ request }) => request.symbol);
  const known = new Map(given.map((market) => [market.symbol, market]));
  const missing = new Set([...ordered, ...held.map(([symbol]) => symbol)].filter((symbol) => !known.has(symbol)));
  const found = await Promise.all([...missing].map(findMarket));
  for (const market of found) if (market !== undefined) known.set(market.symbol, market);
  return known;
}
