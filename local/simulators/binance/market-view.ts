/** Market data as Binance's answers show it: books, trades, candles, tickers. */
import { visibleQuantity } from '../engine/book.ts';
import type { Candle } from '../engine/candles.ts';
import { fixed } from '../engine/decimal.ts';
import type { MarketState } from '../engine/market-state.ts';
import type { Side, Trade } from '../engine/types.ts';
import { topOfBook as marketTop, onTick, recentDay } from '../shared/market-figures.ts';
import type { SymbolSpec } from './catalog.ts';
import type { BinanceVenue } from './context.ts';

const dayMs = 24 * 3_600_000;

export function bookSide(market: MarketState, side: Side, limit: number): [string, string][] {
  const levels = market.book.levels(side).slice(0, limit);
  return levels.map((level) => [fixed(level.price), fixed(visibleQuantity(level))]);
}

export function tradeView(trade: Trade) {
  return {
    id: trade.id,
    price: fixed(trade.price),
    qty: fixed(trade.quantity),
    quoteQty: fixed(trade.quote),
    time: Math.floor(trade.atMs),
    isBuyerMaker: trade.takerSide === 'sell',
    isBestMatch: true,
  };
}

/** Every trade is its own aggregate here. */
export function aggregateTradeView(trade: Trade) {
  return {
    a: trade.id,
    p: fixed(trade.price),
    q: fixed(trade.quantity),
    f: trade.id,
    l: trade.id,
    T: Math.floor(trade.atMs),
    m: trade.takerSide === 'sell',
    M: true,
  };
}

function price(spec: SymbolSpec, value: number): string {
  return fixed(onTick(spec, value));
}

/** Decimals of every figure in a candle. */
const candleDecimals = 8;

export function candleView(candle: Candle): (string | number)[] {
  return [
    candle.openMs,
    candle.open.toFixed(candleDecimals),
    candle.high.toFixed(candleDecimals),
    candle.low.toFixed(candleDecimals),
    candle.close.toFixed(candleDecimals),
    candle.baseVolume.toFixed(candleDecimals),
    candle.closeMs,
    candle.quoteVolume.toFixed(candleDecimals),
    candle.tradeCount,
    candle.takerBuyBaseVolume.toFixed(candleDecimals),
    candle.takerBuyQuoteVolume.toFixed(candleDecimals),
    '0',
  ];
}

/** The 24-hour figures that REST and the ticker stream share. A symbol nobody uses is not woken for it. */
export function tickerFigures(venue: BinanceVenue, spec: SymbolSpec, nowMs: number) {
  const day = recentDay(venue.market, spec.id, nowMs);
  const top = topOfBook(venue, spec, nowMs);
  const last = Number(top.last);
  const change = last - day.open;
  return {
    top,
    change: change.toFixed(8),
    changePercent: ((change / day.open) * 100).toFixed(3),
    weightedAverage: price(spec, day.baseVolume > 0 ? day.quoteVolume / day.baseVolume : day.open),
    open: price(spec, day.open),
    high: price(spec, Math.max(day.high, last)),
    low: price(spec, Math.min(day.low, last)),
    baseVolume: day.baseVolume.toFixed(8),
    quoteVolume: day.quoteVolume.toFixed(8),
    openTime: nowMs - dayMs,
    closeTime: nowMs,
    tradeCount: day.tradeCount,
  };
}

export interface TopOfBook {
  bid: string;
  bidQuantity: string;
  ask: string;
  askQuantity: string;
  last: string;
  lastQuantity: string;
}

export function topOfBook(venue: BinanceVenue, spec: SymbolSpec, nowMs: number): TopOfBook {
  const top = marketTop(venue.market, spec, { nowMs, quantity: spec.minQuantity });
  return {
    bid: fixed(top.bid),
    bidQuantity: fixed(top.bidQuantity),
    ask: fixed(top.ask),
    askQuantity: fixed(top.askQuantity),
    last: fixed(top.last),
    lastQuantity: fixed(top.lastQuantity),
  };
}

export function tickerView(venue: BinanceVenue, spec: SymbolSpec, nowMs: number) {
  const { top, ...figures } = tickerFigures(venue, spec, nowMs);
  return {
    symbol: spec.symbol,
    priceChange: figures.change,
    priceChangePercent: figures.changePercent,
    weightedAvgPrice: figures.weightedAverage,
    prevClosePrice: figures.open,
    lastPrice: top.last,
    lastQty: top.lastQuantity,
    bidPrice: top.bid,
    bidQty: top.bidQuantity,
    askPrice: top.ask,
    askQty: top.askQuantity,
    openPrice: figures.open,
    highPrice: figures.high,
    lowPrice: figures.low,
    volume: figures.baseVolume,
    quoteVolume: figures.quoteVolume,
    openTime: figures.openTime,
    closeTime: figures.closeTime,
    firstId: 0,
    lastId: figures.tradeCount,
    count: figures.tradeCount,
  };
}

export function bookTickerView(spec: SymbolSpec, top: TopOfBook) {
  return {
    symbol: spec.symbol,
    bidPrice: top.bid,
    bidQty: top.bidQuantity,
    askPrice: top.ask,
    askQty: top.askQuantity,
  };
}

/** How much a level holds now; zero tells that it is gone. */
export function levelUpdate(market: MarketState, side: Side, levelPrice: Trade['price']): [string, string] {
  return [fixed(levelPrice), fixed(market.book.quantityAt(side, levelPrice))];
}
