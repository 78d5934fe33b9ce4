/** What happened to an account since a time: its trades, what came in and went out, and funding. */
import {
  type FundingPayment,
  type Market,
  type MarketKind,
  type OwnTrade,
  type Transfer,
  VenueError,
} from '@nightdesk/core';
import { loadAllMarkets, marketOf } from './account-markets.ts';
import type { VenueContext } from './ask-venue.ts';
import type { Fields } from './fields.ts';
import { type History, readHistory } from './history-pages.ts';
import { mapFundingPayment, mapLedgerEntry, mapMove, mapOwnTrade, mapTransaction } from './map-history.ts';
import type { TransferList } from './traits/account-traits.ts';
import type { CallParameters } from './venue-client.ts';

/** Codes with which a venue says that it cannot tell, or not to this key. */
const untold: ReadonlySet<string | undefined> = new Set(['not_supported', 'permission_denied']);

export async function fetchOwnTrades(
  context: VenueContext,
  which: Market | MarketKind,
  sinceMs: number,
): Promise<OwnTrade[]> {
  if (typeof which === 'object') return tradesOfMarket(context, which, sinceMs);
  const { venue, traits, session } = context;
  const questions = traits.tradesOf?.(which) ?? [];
  if (questions.length === 0) {
    throw new VenueError(venue, `tells trades of one market at a time, not of all (${which})`, {
      code: 'not_supported',
    });
  }
  await loadAllMarkets(context);
  const found: OwnTrade[] = [];
  for (const question of questions) {
    const entries = await readTrades(context, sinceMs, (client, { sinceMs: from, limit, until }) => {
      session.useAny();
      return client.fetchMyTrades(undefined, from, limit, { ...question, ...until });
    });
    const misnamed = new Map<string, Market>();
    for (const entry of entries) {
      const symbol = entry.text('symbol');
      const market = marketOf(context, symbol, which);
      if (market.kind !== which) continue;
      if (market.symbol === symbol) found.push(mapOwnTrade(entry, market));
      else misnamed.set(market.symbol, market);
    }
    // What ccxt took for a trade of another market with the same name has the fee of that; asked by name, it does not guess.
    for (const market of misnamed.values()) found.push(...(await tradesOfMarket(context, market, sinceMs)));
  }
  return oldestFirst(found);
}

async function tradesOfMarket(context: VenueContext, market: Market, sinceMs: number): Promise<OwnTrade[]> {
  const { session, traits } = context;
  const asked = traits.listsTradesTogether ? undefined : market.symbol;
  const entries = await readTrades(context, sinceMs, (client, { sinceMs: from, limit, until }) => {
    session.use(market);
    return client.fetchMyTrades(asked, from, limit, until);
  });
  return entries.filter((entry) => entry.text('symbol') === market.symbol).map((entry) => mapOwnTrade(entry, market));
}

function readTrades(context: VenueContext, sinceMs: number, ask: History['ask']): Promise<Fields[]> {
  const { pageSize, pageOrder, tradesOffsetParameter: offsetParameter } = context.traits;
  return readHistory(context, { method: 'fetchMyTrades', sinceMs, pageSize, pageOrder, offsetParameter, ask });
}

/** `undefined` where the venue has no such list, or does not show it to this key. */
export async function fetchTransfers(context: VenueContext, sinceMs: number): Promise<Transfer[] | undefined> {
  try {
    return oldestFirst(await transfersOf(context, context.traits.transfers, sinceMs));
  } catch (error) {
    if (error instanceof VenueError && untold.has(error.code)) return undefined;
    throw error;
  }
}

async function transfersOf(context: VenueContext, list: TransferList, sinceMs: number): Promise<Transfer[]> {
  const { session, traits } = context;
  const { recordsPageSize: pageSize, recordsPageOrder: pageOrder, recordsTimeStepMs: timeStepMs } = traits;
  const read = (
    method: 'fetchDeposits' | 'fetchWithdrawals' | 'fetchTransfers' | 'fetchLedger',
    question: CallParameters = {},
    untilParameter?: string,
  ) =>
    readHistory(context, {
      ...{ method, sinceMs, pageSize, pageOrder, timeStepMs, ...(untilParameter !== undefined && { untilParameter }) },
      ask: (_client, { sinceMs: from, limit, until }) =>
        session.useAny()[method](undefined, from, limit, { ...question, ...until }),
    });
  if (list.list === 'moves') {
    return (await read('fetchTransfers')).flatMap((move) => mapMove(move, list.account) ?? []);
  }
  if (list.list === 'ledger') {
    const found: Transfer[] = [];
    for (const question of list.questions) {
      const entries = await read('fetchLedger', question, list.untilParameter);
      found.push(...entries.map((entry) => mapLedgerEntry(entry, list.change)));
    }
    return found;
  }
  const deposits = await read('fetchDeposits');
  const withdrawals = await read('fetchWithdrawals');
  return [
    ...deposits.map((deposit) => mapTransaction(deposit, 'in')),
    ...withdrawals.map((withdrawal) => mapTransaction(withdrawal, 'out')),
  ];
}

/** `undefined` where the venue has no such list. */
export async function fetchFundingPayments(
  context: VenueContext,
  market: Market,
  sinceMs: number,
): Promise<FundingPayment[] | undefined> {
  const { session, traits } = context;
  if (market.kind !== 'perpetual' || session.client.has.fetchFundingHistory !== true) return undefined;
  const { recordsPageSize: pageSize, recordsPageOrder: pageOrder, fundingPaidIsPositive } = traits;
  const entries = await readHistory(context, {
    ...{ method: 'fetchFundingHistory', sinceMs, pageSize, pageOrder },
    ask: (_client, { sinceMs: from, limit, until }) =>
      session.use(market).fetchFundingHistory(market.symbol, from, limit, until),
  });
  return entries
    .filter((entry) => entry.text('symbol') === market.symbol)
    .map((entry) => mapFundingPayment(entry, market, fundingPaidIsPositive));
}

const oldestFirst = <Entry extends { atMs: number }>(entries: Entry[]): Entry[] =>
  entries.sort((left, right) => left.atMs - right.atMs);
