/**
 * What the venue is asked at one look. First what is compared, balances and positions, then what explains it: so whatever is in
 * the first is in the second, or in the desk's records after it.
 */
import {
  assetsOf,
  type Balance,
  type Books,
  type DeskRecords,
  type FundingPayment,
  fundingCursorOf,
  isDecimal,
  kindOfSymbol,
  type Market,
  type MarketKind,
  type OpenOrder,
  type OwnTrade,
  type Position,
  type ToldWallet,
  type Transfer,
  tradesCursorOf,
  transfersCursor,
  VenueError,
  type VenuePort,
  type VenueView,
} from '@nightdesk/core';
import { askOrdersOf, askPositions, readBack, recentMs, unlessUnable } from './ask-partly.ts';
import type { ReconcileRound } from './round.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** How far back lists are read again: venues add to them late. */
const overlapMs = { trades: 5 * minuteMs, funding: 10 * minuteMs, transfers: 24 * hourMs } as const;
/** How often is asked for what is rare, where nothing differs. */
const transfersEveryMs = 5 * minuteMs;
const fundingEveryMs = hourMs;
/** Markets asked for their trades one by one in one look; the others have their turn in the next ones. */
const tradeMarketsMax = 20;

/** What is compared. */
export interface Holdings {
  askedAtMs: number;
  wallets: ToldWallet[];
  positions: Position[];
}

/** @throws VenueError when the venue does not answer, or not in figures */
export async function askHoldings(venue: VenuePort, desk: DeskRecords, round: ReconcileRound): Promise<Holdings> {
  const askedAtMs = round.ports.clock.nowMs();
  const hasContracts = venue.wallets.some(({ kinds }) => kinds.some((kind) => kind !== 'spot'));
  const [wallets, positions] = await Promise.all([
    Promise.all(
      venue.wallets.map(async (wallet) => ({ wallet, balances: await venue.fetchBalances(wallet.kinds[0]) })),
    ),
    hasContracts ? askPositions(venue, heldContracts(desk, round), round) : [],
  ]);
  for (const { balances } of wallets) requireFigures(balances, round);
  return { askedAtMs, wallets, positions };
}

function heldContracts({ positions }: DeskRecords, { books }: ReconcileRound): string[] {
  const own = positions.filter(({ symbol, quantity }) => kindOfSymbol(symbol) !== 'spot' && quantity !== '0');
  return [...new Set([...own, ...(books?.positions ?? [])].map(({ symbol }) => symbol))];
}

/** Null, NaN and an asset that is there twice are no answer. */
function requireFigures(balances: readonly Balance[], { account: { venue } }: ReconcileRound): void {
  const seen = new Set<string>();
  for (const { asset, total } of balances) {
    if (typeof total !== 'string' || !isDecimal(total)) {
      throw new VenueError(venue, `tells no balance of ${asset} that makes sense`, { code: 'bad_answer' });
    }
    if (seen.has(asset)) throw new VenueError(venue, `tells two balances of ${asset}`, { code: 'bad_answer' });
    seen.add(asset);
  }
}

export interface Explaining {
  /** The desk's records before. */
  desk: DeskRecords;
  holdings: Holdings;
  /** Baselines that differ so far: `<wallet>:<asset>` and `position:<symbol>`. */
  differing: readonly string[];
}

export async function askExplanations(
  venue: VenuePort,
  explaining: Explaining,
  round: ReconcileRound,
): Promise<VenueView> {
  const { holdings } = explaining;
  const kinds = [...new Set(venue.wallets.flatMap((wallet) => wallet.kinds))].filter((kind) => kind !== 'option');
  const [openOrders, transfers, funding] = await Promise.all([
    askOpenOrders(venue, kinds, { used: explaining.desk.orders.map(({ symbol }) => symbol), round }),
    askTransfers(venue, explaining, round),
    askFunding(venue, explaining, round),
  ]);
  const symbols = await tradedSymbols({ ...explaining, openOrders }, round);
  const { trades, asked } = venue.tradesOfAllMarkets
    ? await askTradesOfKinds(venue, kinds, { symbols, round })
    : await askTradesOfMarkets(venue, symbols, round);
  return {
    ...{ ...holdings, openOrders, trades, funding: funding.payments, fundingUntold: funding.untold },
    ...(transfers !== undefined && { transfers }),
    asked: [...asked, ...funding.asked, ...(transfers === undefined ? [] : [transfersCursor])],
  };
}

/** Some venues list kinds together, and then tell an order twice. */
async function askOpenOrders(
  venue: VenuePort,
  kinds: readonly MarketKind[],
  terms: { used: readonly string[]; round: ReconcileRound },
): Promise<OpenOrder[]> {
  const answers = await Promise.all(kinds.map((kind) => askOrdersOf(venue, kind, terms)));
  const byId = new Map(answers.flat().map((order) => [`${order.symbol} ${order.venueOrderId}`, order]));
  return [...byId.values()];
}

const cursorOf = (books: Books | undefined, name: string): number | undefined => books?.cursors[name];

async function askTransfers(
  venue: VenuePort,
  { differing, holdings }: Explaining,
  { books, ports }: ReconcileRound,
): Promise<Transfer[] | undefined> {
  const nowMs = ports.clock.nowMs();
  const lastMs = cursorOf(books, transfersCursor);
  const differs = differing.some((key) => !key.startsWith('position:'));
  // Where totals move with open profits nothing shows that money came or went, and equity moves at once.
  const hidesMoves = holdings.positions.length > 0 && venue.wallets.some(({ countsOpenProfit }) => countsOpenProfit);
  const isDue = differs || hidesMoves || lastMs === undefined || nowMs - lastMs >= transfersEveryMs;
  if (!isDue) return undefined;
  return readBack((lastMs ?? nowMs) - overlapMs.transfers, nowMs, (fromMs) => venue.fetchTransfers(fromMs));
}

interface AskedFunding {
  payments: FundingPayment[];
  untold: string[];
  asked: string[];
}

/** Perpetuals that are held, or were, until what they paid last is known. */
async function askFunding(
  venue: VenuePort,
  { desk, holdings, differing }: Explaining,
  { books, ports, account }: ReconcileRound,
): Promise<AskedFunding> {
  const nowMs = ports.clock.nowMs();
  const rows = desk.positions.filter(({ quantity, updatedAtMs }) => quantity !== '0' || nowMs - updatedAtMs < hourMs);
  const symbols = [...new Set([...rows, ...holdings.positions].map(({ symbol }) => symbol))];
  const differs = differing.some((key) => !key.startsWith('position:'));
  const due = symbols.filter((symbol) => {
    const lastMs = cursorOf(books, fundingCursorOf(symbol));
    return (
      kindOfSymbol(symbol) === 'perpetual' && (differs || lastMs === undefined || nowMs - lastMs >= fundingEveryMs)
    );
  });
  const result: AskedFunding = { payments: [], untold: [], asked: [] };
  await Promise.all(
    due.map(async (symbol) => {
      const market = await ports.markets.get(account.venue, symbol);
      const sinceMs = (cursorOf(books, fundingCursorOf(symbol)) ?? openedMsOf(books, nowMs)) - overlapMs.funding;
      const payments =
        market && (await readBack(sinceMs, nowMs, (fromMs) => venue.fetchFundingPayments(market, fromMs)));
      if (payments === undefined) result.untold.push(symbol);
      else result.payments.push(...payments);
      if (payments !== undefined) result.asked.push(fundingCursorOf(symbol));
    }),
  );
  return result;
}

const openedMsOf = (books: Books | undefined, nowMs: number): number => cursorOf(books, 'opened') ?? nowMs;

/** Markets in which the desk or somebody else has traded lately, and those that may be behind a difference. */
async function tradedSymbols(
  { desk, holdings, differing, openOrders }: Explaining & { openOrders: readonly OpenOrder[] },
  { books, ports, account }: ReconcileRound,
): Promise<string[]> {
  const recent = desk.positions.filter(
    ({ symbol, updatedAtMs }) => updatedAtMs >= (sinceOf(books, symbol) ?? holdings.askedAtMs) - overlapMs.trades,
  );
  const named = [...desk.orders, ...openOrders, ...recent].map(({ symbol }) => symbol);
  const told = (books?.differences ?? []).flatMap(({ kind, subject }) => (kind === 'outsider_fill' ? [subject] : []));
  const positions = differing.filter((key) => key.startsWith('position:')).map((key) => key.slice('position:'.length));
  const pairs = pairsOf(differing.filter((key) => !key.startsWith('position:')));
  const markets = await Promise.all(pairs.map((symbol) => ports.markets.get(account.venue, symbol)));
  const listed = markets.flatMap((market) => (market === undefined ? [] : [market.symbol]));
  // Of two trades that even out only a fee is left, in one asset.
  const assets = new Set(
    differing.filter((key) => !key.startsWith('position:')).map((key) => key.slice(key.indexOf(':') + 1)),
  );
  const touching = desk.positions.filter(({ symbol }) => assetsOf(symbol).some((asset) => assets.has(asset)));
  return [...new Set([...positions, ...told, ...listed, ...named, ...touching.map(({ symbol }) => symbol)])];
}

/** Assets of which markets are looked for; of more at once no pair is likely. */
const pairedMax = 5;

/** Spot markets between two assets of a wallet that both differ. */
function pairsOf(keys: readonly string[]): string[] {
  const wallets = Map.groupBy(keys, (key) => key.slice(0, key.indexOf(':')));
  return [...wallets.values()].flatMap((own) => {
    const assets = own.map((key) => key.slice(key.indexOf(':') + 1)).slice(0, pairedMax);
    return assets.flatMap((base) => assets.flatMap((quote) => (base === quote ? [] : [`${base}/${quote}`])));
  });
}

/** Up to when the trades of a market are known. */
const sinceOf = (books: Books | undefined, symbol: string): number | undefined =>
  cursorOf(books, tradesCursorOf(symbol)) ?? cursorOf(books, 'explained') ?? cursorOf(books, 'opened');

interface AskedTrades {
  trades: OwnTrade[];
  /** Names of cursors. */
  asked: string[];
}

async function askTradesOfMarkets(
  venue: VenuePort,
  symbols: readonly string[],
  { books, ports, account }: ReconcileRound,
): Promise<AskedTrades> {
  const nowMs = ports.clock.nowMs();
  const lastMs = (symbol: string) => sinceOf(books, symbol) ?? 0;
  const turn =
    symbols.length <= tradeMarketsMax ? symbols : symbols.toSorted((one, other) => lastMs(one) - lastMs(other));
  const found = await Promise.all(
    turn.slice(0, tradeMarketsMax).map((symbol) => ports.markets.get(account.venue, symbol)),
  );
  const markets = found.filter((market): market is Market => market !== undefined);
  const answers = await Promise.all(
    markets.map((market) => {
      const since = sinceOf(books, market.symbol);
      const sinceMs = since === undefined ? nowMs - recentMs : since - overlapMs.trades;
      return unlessUnable<OwnTrade[] | undefined>(
        () => readBack(sinceMs, nowMs, (fromMs) => venue.fetchOwnTrades(market, fromMs)),
        async () => undefined,
      );
    }),
  );
  const told = markets.filter((_market, index) => answers[index] !== undefined);
  return {
    trades: answers.flatMap((answer) => answer ?? []),
    asked: told.map(({ symbol }) => tradesCursorOf(symbol)),
  };
}

/** One question for each kind: since the earliest time from which on a market of it is not known. */
async function askTradesOfKinds(
  venue: VenuePort,
  kinds: readonly MarketKind[],
  { symbols, round: { books, ports } }: { symbols: readonly string[]; round: ReconcileRound },
): Promise<AskedTrades> {
  const nowMs = ports.clock.nowMs();
  const prefix = tradesCursorOf('');
  const known = Object.keys(books?.cursors ?? {}).flatMap((name) =>
    name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
  );
  const answers = await Promise.all(
    kinds.map(async (kind) => {
      const ofKind = [...new Set([...known, ...symbols])].filter((symbol) => kindOfSymbol(symbol) === kind);
      const timesMs = [...ofKind.map((symbol) => sinceOf(books, symbol)), cursorOf(books, kindCursorOf(kind))];
      const sinceMs = Math.min(
        ...timesMs.map((timeMs) => (timeMs === undefined ? nowMs - recentMs : timeMs - overlapMs.trades)),
      );
      const trades = await readBack(sinceMs, nowMs, (fromMs) => venue.fetchOwnTrades(kind, fromMs));
      const told = [...new Set([...ofKind, ...trades.map(({ symbol }) => symbol)])];
      return { trades, asked: [kindCursorOf(kind), ...told.map(tradesCursorOf)] };
    }),
  );
  return { trades: answers.flatMap(({ trades }) => trades), asked: answers.flatMap(({ asked }) => asked) };
}

const kindCursorOf = (kind: MarketKind): string => `all-trades:${kind}`;
