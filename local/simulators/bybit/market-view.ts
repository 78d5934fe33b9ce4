/** Market data in Bybit's words: books, trades, tickers. */
import { type Level, visibleQuantity } from '../engine/book.ts';
import { approximate, type Decimal, decimal, zero } from '../engine/decimal.ts';
import { nextFundingMs } from '../engine/funding.ts';
import type { MarketState } from '../engine/market-state.ts';
import type { Side, Trade } from '../engine/types.ts';
import { onTick, recentDay, type TopOfBook, topOfBook } from '../shared/market-figures.ts';
import type { SymbolSpec } from './catalog.ts';
import type { BybitVenue } from './context.ts';
import { executionIdText } from './order-ids.ts';

const hourMs = 3_600_000;
/** Open interest is a statistic that nobody trades by: this many levels of the market maker. */
const openInterestLevels = 400;

export const sideText = (side: Side): 'Buy' | 'Sell' => (side === 'buy' ? 'Buy' : 'Sell');

export function levelsView(levels: readonly Level[], depth: number): [price: string, quantity: string][] {
  return levels.slice(0, depth).map((level) => [level.price.toFixed(), visibleQuantity(level).toFixed()]);
}

/** A level after a change; an amount of zero says that it is gone. */
export function levelUpdate(market: MarketState, side: Side, price: Decimal): [price: string, quantity: string] {
  return [price.toFixed(), market.book.quantityAt(side, price).toFixed()];
}

export function bookView(market: MarketState, spec: SymbolSpec, depth: number) {
  return {
    s: spec.symbol,
    b: levelsView(market.book.levels('buy'), depth),
    a: levelsView(market.book.levels('sell'), depth),
    u: market.book.updateId,
    seq: market.book.updateId,
  };
}

export function tradeView(trade: Trade, spec: SymbolSpec) {
  return {
    execId: executionIdText(spec.category, trade.id),
    symbol: spec.symbol,
    price: trade.price.toFixed(),
    size: trade.quantity.toFixed(),
    side: sideText(trade.takerSide),
    time: String(Math.floor(trade.atMs)),
    isBlockTrade: false,
    isRPITrade: false,
    seq: String(trade.id),
  };
}

export function streamedTrade(trade: Trade, spec: SymbolSpec) {
  return {
    T: Math.floor(trade.atMs),
    s: spec.symbol,
    S: sideText(trade.takerSide),
    v: trade.quantity.toFixed(),
    p: trade.price.toFixed(),
    ...(spec.category === 'linear' && { L: 'ZeroPlusTick' }),
    i: executionIdText(spec.category, trade.id),
    BT: false,
    RPI: false,
    seq: trade.id,
  };
}

/** A ticker as REST shows it. */
export function tickerView(venue: BybitVenue, spec: SymbolSpec) {
  const { top, shared } = figuresOf(venue, spec);
  const quotes = {
    bid1Price: top.bid.toFixed(),
    bid1Size: top.bidQuantity.toFixed(),
    ask1Price: top.ask.toFixed(),
    ask1Size: top.askQuantity.toFixed(),
  };
  return spec.category === 'spot'
    ? { ...shared, ...quotes, usdIndexPrice: shared.lastPrice }
    : { ...shared, ...quotes, ...perpetualFigures(venue, spec) };
}

/** A ticker as the stream sends it: for spot without quotes. */
export function streamedTicker(venue: BybitVenue, spec: SymbolSpec) {
  if (spec.category === 'linear') return { ...tickerView(venue, spec), tickDirection: 'ZeroPlusTick' };
  const { shared } = figuresOf(venue, spec);
  return { ...shared, usdIndexPrice: shared.lastPrice };
}

function figuresOf(venue: BybitVenue, spec: SymbolSpec): { top: TopOfBook; shared: ReturnType<typeof dayFigures> } {
  const nowMs = venue.nowMs();
  const top = topOfBook(venue.market, spec, { nowMs, quantity: spec.minQuantity });
  return { top, shared: dayFigures(venue, spec, top) };
}

function dayFigures(venue: BybitVenue, spec: SymbolSpec, top: TopOfBook) {
  const day = recentDay(venue.market, spec.id, venue.nowMs());
  const open = onTick(spec, day.open);
  const change = open.eq(zero) ? zero : top.last.minus(open).div(open);
  const last = approximate(top.last);
  return {
    symbol: spec.symbol,
    lastPrice: top.last.toFixed(),
    prevPrice24h: open.toFixed(),
    price24hPcnt: change.toFixed(6),
    highPrice24h: onTick(spec, Math.max(day.high, last)).toFixed(),
    lowPrice24h: onTick(spec, Math.min(day.low, last)).toFixed(),
    turnover24h: day.quoteVolume.toFixed(4),
    volume24h: day.baseVolume.toFixed(4),
  };
}

function perpetualFigures(venue: BybitVenue, spec: SymbolSpec) {
  const nowMs = venue.nowMs();
  const mark = venue.market.markPrice(spec.id);
  const openInterestValue = decimal(String(Math.round(spec.levelNotional * openInterestLevels)));
  const upcomingMs = nextFundingMs(nowMs);
  return {
    indexPrice: mark.toFixed(),
    markPrice: mark.toFixed(),
    prevPrice1h: onTick(spec, venue.market.candleSource(spec.id).path(nowMs - hourMs)).toFixed(),
    openInterest: openInterestValue.div(mark).toFixed(3),
    openInterestValue: openInterestValue.toFixed(2),
    fundingRate: venue.market.fundingRate(spec.id, upcomingMs).toFixed(),
    nextFundingTime: String(upcomingMs),
    fundingIntervalHour: '8',
    predictedDeliveryPrice: '',
    basisRate: '',
    basis: '',
    deliveryFeeRate: '',
    deliveryTime: '0',
  };
}
