/** The channels `ticker`, `trade` and `ohlc` of one pair. */
import { every } from '../clock.ts';
import { type Candle, candleOf } from '../engine/candles.ts';
import { approximate, decimalOfStatistic } from '../engine/decimal.ts';
import type { Trade } from '../engine/types.ts';
import { onTick, recentDay, topOfBook } from '../shared/market-figures.ts';
import { lotDecimals, type PairSpec } from './catalog.ts';
import type { PairChannel } from './channel.ts';
import type { KrakenVenue } from './context.ts';
import { KrakenError } from './errors.ts';
import { candleMinutes } from './history-routes.ts';
import { vwapOf } from './market-text.ts';
import { amountNumber, exactNumber, priceNumber, timeText } from './socket-text.ts';

const tickerPeriodMs = 250;
const candlePeriodMs = 1000;
const tradesInSnapshot = 50;
const candlesInSnapshot = 100;

export const tickerChannel: PairChannel = ({ venue, clock }, spec, params) => {
  const withSnapshot = params.snapshot ?? true;
  return {
    acknowledged: { event_trigger: params.event_trigger ?? 'trades', snapshot: withSnapshot },
    start(publish) {
      const stopWatching = venue.market.watch(spec.id);
      let last = '';
      const view = () => tickerView(venue, spec, venue.nowMs());
      if (withSnapshot) publish('snapshot', [view()]);
      const stopTicking = every(clock, tickerPeriodMs, () => {
        const current = view();
        const { timestamp: _, ...figures } = current;
        const text = JSON.stringify(figures);
        if (text !== last) publish('update', [current]);
        last = text;
      });
      return () => {
        stopTicking();
        stopWatching();
      };
    },
  };
};

function tickerView({ market }: KrakenVenue, spec: PairSpec, nowMs: number) {
  const day = recentDay(market, spec.id, nowMs);
  const top = topOfBook(market, spec, { nowMs, quantity: spec.orderMin });
  const last = approximate(top.last);
  const price = (value: number) => priceNumber(spec, onTick(spec, value));
  return {
    symbol: spec.socketSymbol,
    bid: priceNumber(spec, top.bid),
    bid_qty: amountNumber(top.bidQuantity),
    ask: priceNumber(spec, top.ask),
    ask_qty: amountNumber(top.askQuantity),
    last: priceNumber(spec, top.last),
    volume: exactNumber(decimalOfStatistic(day.baseVolume, lotDecimals)),
    vwap: price(vwapOf(day)),
    low: price(Math.min(day.low, last)),
    high: price(Math.max(day.high, last)),
    change: exactNumber(decimalOfStatistic(last - day.open, spec.priceDecimals)),
    change_pct: exactNumber(decimalOfStatistic((last / day.open - 1) * 100, 2)),
    timestamp: timeText(nowMs),
  };
}

export const tradeChannel: PairChannel = ({ venue, listen }, spec, params) => {
  const withSnapshot = params.snapshot ?? false;
  const view = (trade: Trade) => ({
    symbol: spec.socketSymbol,
    side: trade.takerSide,
    price: priceNumber(spec, trade.price),
    qty: amountNumber(trade.quantity),
    ord_type: 'limit',
    trade_id: trade.id,
    timestamp: timeText(trade.atMs),
  });
  return {
    acknowledged: { snapshot: withSnapshot },
    start(publish) {
      const stopWatching = venue.market.watch(spec.id);
      const { tape } = venue.market.use(spec.id);
      if (withSnapshot) publish('snapshot', tape.recent(tradesInSnapshot).map(view));
      const stopListening = listen((event) => {
        if (event.type === 'trade' && event.trade.instrumentId === spec.id) publish('update', [view(event.trade)]);
      });
      return () => {
        stopListening();
        stopWatching();
      };
    },
  };
};

export const candleChannel: PairChannel = ({ venue, clock }, spec, params) => {
  const minutes = params.interval ?? 1;
  if (!candleMinutes.includes(minutes)) throw new KrakenError('Subscription ohlc interval not supported');
  const lengthMs = minutes * 60_000;
  const withSnapshot = params.snapshot ?? true;
  const source = venue.market.candleSource(spec.id);
  const candleAt = (openMs: number) => {
    return candleView(spec, candleOf(source, { openMs, endMs: openMs + lengthMs }, venue.nowMs()), minutes);
  };
  const currentOpenMs = () => Math.floor(venue.nowMs() / lengthMs) * lengthMs;
  return {
    acknowledged: { interval: minutes, snapshot: withSnapshot },
    start(publish) {
      const stopWatching = venue.market.watch(spec.id);
      let openMs = currentOpenMs();
      if (withSnapshot) {
        const past = Array.from({ length: candlesInSnapshot }, (_, index) => openMs - index * lengthMs);
        publish('snapshot', past.reverse().map(candleAt));
      }
      const stopTicking = every(clock, candlePeriodMs, () => {
        // A candle that has closed is told once more, whole.
        const nowOpenMs = currentOpenMs();
        if (nowOpenMs !== openMs) publish('update', [candleAt(openMs)]);
        openMs = nowOpenMs;
        publish('update', [candleAt(openMs)]);
      });
      return () => {
        stopTicking();
        stopWatching();
      };
    },
  };
};

function candleView(spec: PairSpec, candle: Candle, interval: number) {
  const price = (value: number) => priceNumber(spec, onTick(spec, value));
  return {
    symbol: spec.socketSymbol,
    open: price(candle.open),
    high: price(candle.high),
    low: price(candle.low),
    close: price(candle.close),
    trades: candle.tradeCount,
    volume: exactNumber(decimalOfStatistic(candle.baseVolume, lotDecimals)),
    vwap: price(vwapOf(candle)),
    interval_begin: `${new Date(candle.openMs).toISOString().slice(0, -1)}000000Z`,
    interval,
    timestamp: timeText(candle.closeMs + 1),
  };
}
