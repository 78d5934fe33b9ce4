/**
 * What not every venue can be asked. A comparison without it is still one: what cannot be told is left out, and is no difference and
 * no silence of the venue.
 */

import type { VenuePort } from '@nightdesk/core';
import { kindOfSymbol, type Market, type MarketKind, type OpenOrder, type Position, VenueError } from '@nightdesk/core';
import type { ReconcileRound } from './round.ts';

/** Answers of the library itself: the venue has no such question, or wants to be asked about one market at a time. */
const unableCodes: ReadonlySet<string | undefined> = new Set(['not_supported', 'bad_request']);

export async function unlessUnable<Answer>(
  ask: () => Promise<Answer>,
  instead: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof VenueError && unableCodes.has(error.code)) return instead();
    throw error;
  }
}

const minuteMs = 60_000;
/** Nothing is read further back: pages of what is older may be more than can be read at one look, and then at none. */
export const pastMsMax = 30 * 24 * 60 * minuteMs;
/** How far back the first look reads, for fills that the desk may have missed. */
export const recentMs = 15 * minuteMs;

/**
 * Reads what happened since a time. Where that is more than a venue tells at one look, what is recent: the same question would
 * never be answered, and what stays unexplained shows as a difference.
 */
export async function readBack<Answer>(
  sinceMs: number,
  nowMs: number,
  ask: (sinceMs: number) => Promise<Answer>,
): Promise<Answer> {
  const fromMs = Math.max(sinceMs, nowMs - pastMsMax);
  try {
    return await ask(fromMs);
  } catch (error) {
    const isTooMuch = error instanceof VenueError && error.code === 'incomplete_answer';
    if (!isTooMuch || fromMs >= nowMs - recentMs) throw error;
    return ask(nowMs - recentMs);
  }
}

const marketsOf = async (
  symbols: readonly string[],
  { ports, account }: Pick<ReconcileRound, 'ports' | 'account'>,
): Promise<Market[]> => {
  const found = await Promise.all([...new Set(symbols)].map((symbol) => ports.markets.get(account.venue, symbol)));
  return found.filter((market) => market !== undefined);
};

/**
 * Some list positions of one kind of contract alone, such as those settled in USDT. What is known to be held beside it is asked for
 * by name.
 *
 * @param held contracts that the desk, or the books, have a position in
 * @throws VenueError also where something is held, and the venue tells no positions at all
 */
export async function askPositions(
  venue: VenuePort,
  held: readonly string[],
  round: ReconcileRound,
): Promise<Position[]> {
  const told = await unlessUnable(
    () => venue.fetchPositions(),
    async () => [],
  );
  const markets = await marketsOf(
    held.filter((symbol) => told.every((position) => position.symbol !== symbol)),
    round,
  );
  if (markets.length === 0) return told;
  const names = new Set(markets.map(({ symbol }) => symbol));
  const named = await venue.fetchPositions(markets);
  return [...told, ...named.filter(({ symbol }) => names.has(symbol))];
}

/** @param used symbols of the desk's open orders: where a venue lists no kind as a whole, these alone are compared */
export async function askOrdersOf(
  venue: VenuePort,
  kind: MarketKind,
  { used, round }: { used: readonly string[]; round: ReconcileRound },
): Promise<OpenOrder[]> {
  const one = (market: Market) =>
    unlessUnable(
      () => venue.fetchOpenOrders(market),
      async () => [],
    );
  return unlessUnable(
    () => venue.fetchOpenOrders(kind),
    async () => {
      const markets = await marketsOf(
        used.filter((symbol) => kindOfSymbol(symbol) === kind),
        round,
      );
      return (await Promise.all(markets.map(one))).flat();
    },
  );
}
