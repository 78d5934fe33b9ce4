/** What an account is worth at a look, in the owner's currency. */
import {
  absolute,
  add,
  type Books,
  type BooksAction,
  type BooksChange,
  carryTransfers,
  contractOf,
  type DeskRecords,
  divideBy,
  exposureStep,
  holdsMarks,
  type IntentExposure,
  isNegative,
  isPositive,
  isTorn,
  limitsOf,
  type Market,
  markEquity,
  type Notional,
  ownersWorth,
  type Position,
  type PositionRow,
  type Price,
  partsOf,
  positionWorth,
  type Rates,
  ratesFrom,
  roundToStep,
  subtract,
  unexplainedOf,
  type VenuePort,
  valueAccount,
  watchedSymbols,
  zeroNotional,
} from '@nightdesk/core';
import type { Holdings } from './ask-venue.ts';
import type { FindConversions } from './conversion-markets.ts';
import type { ReconcileRound } from './round.ts';

/** @throws VenueError when the venue tells no prices at all */
export async function askRates(
  venue: VenuePort,
  { holdings, desk }: { holdings: Holdings; desk: DeskRecords },
  { round, findConversions }: { round: ReconcileRound; findConversions: FindConversions },
): Promise<Record<string, Price>> {
  const { account, config, books, ports } = round;
  const { currency, breakers } = config.risk;
  const alike = limitsOf(config, account.id).quotes;
  const held = holdings.wallets.flatMap(({ balances }) => balances.map(({ asset }) => asset));
  const open = desk.positions.filter(({ quantity }) => quantity !== '0').map(({ symbol }) => symbol);
  const inUse = [
    ...new Set([
      ...open,
      ...holdings.positions.map(({ symbol }) => symbol),
      ...desk.orders.map(({ symbol }) => symbol),
    ]),
  ];
  const traded = [...inUse, ...watchedSymbols(breakers, inUse)].flatMap((symbol) => {
    const { base, quote, settle = quote } = partsOf(symbol);
    return [base, quote, settle];
  });
  // What differed once is to be valued again, also where nothing of it is left.
  const told = Object.keys(books?.baselines ?? {}).flatMap((key) =>
    key.startsWith('position:') ? [] : [key.slice(key.indexOf(':') + 1)],
  );
  // Most is asked for what matters most: of very many assets the last ones may have no rate.
  const assets = [...new Set([...traded, ...(books?.marks?.valued ?? []), ...held, ...told])];
  const markets = await findConversions(account.venue, assets, { currency, alike });
  const kinds = [...Map.groupBy(markets, ({ kind }) => kind).values()];
  const answers = await Promise.all(
    kinds.map(async ([first, ...others]) => (first ? venue.fetchTickers([first, ...others]) : [])),
  );
  const tickers = new Map(answers.flat().map((ticker) => [ticker.symbol, ticker]));
  const quotes = markets.flatMap((market) => {
    const ticker = tickers.get(market.symbol);
    return ticker === undefined ? [] : [{ market, ticker }];
  });
  return ratesFrom(quotes, { currency, alike, nowMs: ports.clock.nowMs() });
}

export type Valuation = Pick<BooksChange, 'figures' | 'day'> &
  Pick<BooksChange['books'], 'balances' | 'positions' | 'margins' | 'rates' | 'unvalued' | 'marks'>;

/**
 * Figures for the risk row, and marks, are left away where the equity cannot be told: those there are grow old, and what needs
 * them is denied once they are too old.
 */
export function valueLook(
  holdings: Holdings,
  {
    rates,
    markets,
    actions,
    differences,
  }: {
    rates: Record<string, Price>;
    markets: readonly Market[];
    actions: readonly BooksAction[];
    /** As this look has found them. */
    differences: Books['differences'];
  },
  { config, books }: ReconcileRound,
): Valuation {
  const { currency, timeZone, dustBelow } = config.risk;
  const { askedAtMs: atMs, wallets, positions } = holdings;
  const {
    balances,
    positions: valued,
    margins,
    equity,
    unrealized,
    unvalued,
    valued: restsOn,
  } = valueAccount({ wallets, positions }, { rates, dustBelow, markets });
  const view = { balances, positions: valued, margins, rates, unvalued };
  const before = books?.marks;
  const transfers = transfersOf(actions, [rates, books?.rates ?? {}]);
  if (equity === undefined || holdsMarks(before, { unvalued, atMs }) || isTorn(differences, atMs)) {
    return { ...view, ...(before !== undefined && { marks: carryTransfers(before, { currency, transfers }) }) };
  }
  const { marks, closedDay } = markEquity(before, {
    equity,
    unrealized,
    valued: restsOn,
    currency,
    atMs,
    timeZone,
    transfers,
    unexplained: unexplainedOf(differences, rates, atMs),
  });
  const { dailyLoss, drawdown } = marks;
  return { ...view, marks, figures: { atMs, equity, dailyLoss, drawdown }, ...(closedDay && { day: closedDay }) };
}

/** What had no rate at the look before either is in no equity. */
function transfersOf(actions: readonly BooksAction[], [now, before]: [Rates, Rates]): Notional {
  return actions.reduce((sum, action) => {
    if (action.kind !== 'record_transfer') return sum;
    const worth = ownersWorth(now, action.asset, action.amount) ?? ownersWorth(before, action.asset, action.amount);
    return add(sum, worth ?? zeroNotional);
  }, zeroNotional);
}

/** Changes of less than this share are not worth a write. */
const revaluedShareMin = '0.005';

/** What a position of the desk puts at stake by now; `undefined` where nothing tells, or it is about what it counts for. */
export function changedExposure(
  row: PositionRow,
  { rates, markets, mode }: { rates: Rates; markets: readonly Market[]; mode: IntentExposure['mode'] },
): IntentExposure | undefined {
  const notional = exposureOf(row, rates, markets);
  if (notional === undefined) return undefined;
  const { exposure } = row;
  const counted = exposure?.notional ?? zeroNotional;
  // What was counted among accounts of another mode moves, however much it is.
  if (isPositive(counted) && exposure?.mode === mode) {
    const apart = subtract(notional, counted);
    if (!isPositive(subtract(divideBy(absolute(apart), counted), revaluedShareMin as Notional))) return undefined;
  } else if (!isPositive(notional) && !isPositive(counted)) return undefined;
  return { mode, asset: exposure?.asset ?? partsOf(row.symbol).base, notional };
}

function exposureOf({ symbol, quantity }: PositionRow, rates: Rates, markets: readonly Market[]): Notional | undefined {
  const isShort = isNegative(quantity);
  const contract = contractOf(symbol, markets);
  // On spot what was sold beyond what the desk had bought is at nobody's stake here.
  if (contract.kind === 'spot') {
    return isShort ? zeroNotional : roundedUp(ownersWorth(rates, contract.base, quantity));
  }
  const amount = absolute(quantity);
  const { contractSize, base, quote } = contract;
  const [baseRate, quoteRate] = [ownersWorth(rates, base, '1'), ownersWorth(rates, quote, '1')];
  const isKnown = baseRate !== undefined && quoteRate !== undefined && isPositive(quoteRate);
  const mark = isKnown ? (divideBy(baseRate, quoteRate) as string as Price) : undefined;
  const contracts = contract.type === 'linear' && contractSize !== undefined ? divideBy(amount, contractSize) : amount;
  const position: Position = { symbol, side: isShort ? 'short' : 'long', amount, contracts };
  return roundedUp(positionWorth(position, contract, { mark, rates }));
}

const roundedUp = (worth: Notional | undefined): Notional | undefined =>
  worth === undefined ? undefined : roundToStep(worth, exposureStep, 'up');
