/**
 * A venue of a paper account: its orders fill inside Nightdesk, by what the real venue shows everybody. It is asked like any
 * other venue and can say of every order for certain what became of it, as nobody but Nightdesk has it.
 */
import {
  type Clock,
  type ConfiguredAccount,
  type Market,
  type MarketSettings,
  type OrderAbilities,
  orderTypes,
  type PaperAccount,
  type PaperFees,
  type PaperStore,
  type PrepareOutcome,
  preparePaperMarket,
  type TradingPort,
  timesInForce,
  VenueError,
  type VenuePort,
} from '@nightdesk/core';
import { createPaperHoldings } from './paper-holdings.ts';
import { amendOnPaper, cancelOnPaper, causeOf, findOnPaper, type PaperTrading, placeOnPaper } from './paper-trading.ts';
import { createTurns, settlingMs } from './paper-turns.ts';

export interface PaperVenueOptions {
  account: Pick<ConfiguredAccount, 'id' | 'venue'> & { paper: PaperSettings };
  /** Of the real venue, without keys. */
  data: VenuePort;
  store: PaperStore;
  findMarket(symbol: string): Promise<Market | undefined>;
  clock: Clock;
}

type PaperSettings = NonNullable<ConfiguredAccount['paper']>;

/** An object of its own properties, so that it can be spread as other venues are. */
export function createPaperVenue({ account, data, store, findMarket, clock }: PaperVenueOptions): VenuePort {
  const { paper, id, venue } = account;
  const takeTurn = createTurns({
    ...{ id, venue, data, store, findMarket, clock },
    balances: paper.balances,
    feesOf: (market) => feesIn(market, paper),
    tellsFunding: data.capabilities.methods.fetchFundingRate !== undefined,
  });
  const find = (clientOrderId: string) => store.find(id, clientOrderId);
  return {
    ...createPaperTrading({ takeTurn, clock, find, latencyMs: paper.latencyMs }),
    ...createPaperHoldings({ takeTurn, data, find }),
    capabilities: data.capabilities,
    probe: (market) => data.probe(market),
    fetchMarkets: () => data.fetchMarkets(),
    fetchPrice: (market, side) => data.fetchPrice(market, side),
    fetchTicker: (market) => data.fetchTicker(market),
    fetchTickers: (markets) => data.fetchTickers(markets),
    fetchOrderBook: (market, depthMax) => data.fetchOrderBook(market, depthMax),
    fetchCandles: (market, query) => data.fetchCandles(market, query),
    fetchTrades: (market, query) => data.fetchTrades(market, query),
    historyOf: (market) => data.historyOf(market),
    fetchFundingHistory: (market, query) => data.fetchFundingHistory(market, query),
    fetchFundingRate: (market) => data.fetchFundingRate(market),
  };
}

/** @throws VenueError where neither the venue nor the owner has said what it takes */
function feesIn({ venue, symbol, fees }: Market, { makerFee, takerFee }: PaperSettings): PaperFees {
  const [maker, taker] = [makerFee ?? fees?.maker, takerFee ?? fees?.taker];
  if (maker !== undefined && taker !== undefined) return { maker, taker };
  const message = `does not tell the fees of ${symbol}; set paper.makerFee and paper.takerFee in accounts.yaml`;
  throw new VenueError(venue, message, { code: 'fees_unknown' });
}

const createPaperTrading = (trading: PaperTrading): TradingPort => ({
  settlingMs,
  abilitiesOf,
  placeOrder: (request, market) => placeOnPaper(request, market, trading),
  findOrder: (reference, market) => findOnPaper(reference, market, trading),
  cancelOrder: (reference, market) => cancelOnPaper(reference, market, trading),
  amendOrder: (reference, change, market) => amendOnPaper(reference, { change, market }, trading),
  prepareMarket: (settings, market) => prepareOnPaper(settings, market, trading),
});

/** Everything but icebergs, and what spot has not. */
const abilitiesOf = ({ kind }: Market): OrderAbilities => ({
  types: new Set(orderTypes),
  timesInForce: new Set(timesInForce),
  ...{ reduceOnly: kind !== 'spot', leverage: kind !== 'spot', marginMode: kind !== 'spot' },
  ...{ iceberg: false, amends: true },
});

async function prepareOnPaper(
  settings: MarketSettings,
  market: Market,
  { takeTurn }: PaperTrading,
): Promise<PrepareOutcome> {
  try {
    const isTaken = await takeTurn({ markets: [], work: ({ account }) => prepare(account, settings, market) });
    if (isTaken) return { kind: 'ready' };
    const { symbol, kind } = market;
    const message =
      kind === 'spot'
        ? `${symbol} is spot, which has no leverage and no margin mode`
        : 'the leverage is not above zero';
    return { kind: 'refused', cause: { code: 'not_supported', message } };
  } catch (error) {
    return { kind: 'unknown', cause: causeOf(error) };
  }
}

function prepare(before: PaperAccount, settings: MarketSettings, market: Market) {
  const account = preparePaperMarket(before, settings, { market });
  return { account: account ?? before, result: account !== undefined };
}
