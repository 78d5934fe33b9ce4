/** Market data over REST. */
import { visibleQuantity } from '../engine/book.ts';
import { type Candle, candleOf } from '../engine/candles.ts';
import type { Side } from '../engine/types.ts';
import { onTick, recentDay, topOfBook } from '../shared/market-figures.ts';
import { RawJson } from '../shared/venue-answer.ts';
import { feeRates, lotDecimals, namesOf, type PairSpec } from './catalog.ts';
import { type Call, findPair, type KrakenVenue, type PublicRoute, requiredPair } from './context.ts';
import { invalidArguments, unknownAsset } from './errors.ts';
import { amountText, priceText, vwapOf } from './market-text.ts';

const dayMs = 24 * 3_600_000;
const depthCountStandard = 100;
const depthCountMax = 500;
/** Amounts in the answer to `Depth` have this many decimals. */
const depthDecimals = 3;
const tradesCountMax = 1000;
const candlesMax = 720;
const spreadsCount = 200;

/** Minutes of the candles that Kraken has. */
export const candleMinutes: readonly number[] = [1, 5, 15, 30, 60, 240, 1440, 10_080, 21_600];

export const marketRoutes: readonly PublicRoute[] = [
  { name: 'Time', handle: time },
  { name: 'SystemStatus', handle: ({ nowMs }) => ({ status: 'online', timestamp: secondsText(nowMs) }) },
  { name: 'Assets', handle: assets },
  { name: 'AssetPairs', handle: assetPairs },
  { name: 'Ticker', handle: tickers },
  { name: 'Depth', handle: depth },
  { name: 'Trades', handle: trades },
  { name: 'OHLC', handle: candles },
  { name: 'Spread', handle: spreads },
];

function secondsText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

function time({ nowMs }: Call): unknown {
  const [weekday, day, month, year, clock] = new Date(nowMs).toUTCString().split(' ');
  const rfc1123 = `${weekday} ${day} ${month} ${year?.slice(2)} ${clock} +0000`;
  return { unixtime: Math.floor(nowMs / 1000), rfc1123 };
}

function assets({ venue, params }: Call): unknown {
  const codes = params.list('asset').map((name) => {
    const code = venue.catalog.assetCode(name);
    if (code === undefined) throw unknownAsset();
    return code;
  });
  const chosen = codes.length > 0 ? codes : venue.catalog.assets();
  return Object.fromEntries(
    chosen.map((code) => {
      const { id, altname, decimals } = namesOf(code);
      return [
        id,
        { aclass: 'currency', altname, decimals, display_decimals: Math.min(decimals, 5), status: 'enabled' },
      ];
    }),
  );
}

/** Hundreds of pairs make hundreds of kilobytes of JSON, which never change: written once per venue. */
const wholeListCache = new WeakMap<KrakenVenue, string>();

function assetPairs({ venue, params }: Call): unknown {
  const names = params.list('pair');
  if (names.length > 0) return pairList(names.map((name) => findPair(venue, name)));
  let whole = wholeListCache.get(venue);
  if (whole === undefined) {
    whole = JSON.stringify(pairList(venue.catalog.list()));
    wholeListCache.set(venue, whole);
  }
  return new RawJson(whole);
}

function pairList(specs: readonly PairSpec[]): Record<string, unknown> {
  return Object.fromEntries(specs.map((spec) => [spec.id, pairView(spec)]));
}

function pairView(spec: PairSpec) {
  const percent = (rate: { toFixed(): string }) => Number(rate.toFixed()) * 100;
  return {
    altname: spec.altname,
    wsname: spec.wsname,
    aclass_base: 'currency',
    base: namesOf(spec.base).id,
    aclass_quote: 'currency',
    quote: namesOf(spec.quote).id,
    lot: 'unit',
    cost_decimals: spec.costDecimals,
    pair_decimals: spec.priceDecimals,
    lot_decimals: lotDecimals,
    lot_multiplier: 1,
    leverage_buy: [],
    leverage_sell: [],
    fees: [[0, percent(feeRates.taker)]],
    fees_maker: [[0, percent(feeRates.maker)]],
    fee_volume_currency: 'ZUSD',
    margin_call: 80,
    margin_stop: 40,
    ordermin: spec.orderMin.toFixed(),
    costmin: spec.costMin.toFixed(),
    tick_size: spec.tickSize.toFixed(),
    status: spec.status,
  };
}

function tickers({ venue, params, nowMs }: Call): unknown {
  const names = params.list('pair');
  const specs = names.map((name) => findPair(venue, name));
  // Only a pair that somebody asks for by name is woken.
  for (const spec of specs) venue.market.use(spec.id);
  const chosen = names.length > 0 ? specs : venue.catalog.list();
  return Object.fromEntries(chosen.map((spec) => [spec.id, tickerView(venue, spec, nowMs)]));
}

function tickerView({ market }: KrakenVenue, spec: PairSpec, nowMs: number) {
  const top = topOfBook(market, spec, { nowMs, quantity: spec.orderMin });
  const source = market.candleSource(spec.id);
  const midnightMs = Math.floor(nowMs / dayMs) * dayMs;
  const today = candleOf(source, { openMs: midnightMs, endMs: midnightMs + dayMs }, nowMs);
  const day = recentDay(market, spec.id, nowMs);
  const price = (value: number) => priceText(spec, onTick(spec, value));
  const last = Number(top.last.toFixed());
  const side = (level: typeof top.bid, quantity: typeof top.bid) => {
    const whole = quantity.toFixed(0, 0);
    return [priceText(spec, level), whole, `${whole}.000`];
  };
  return {
    a: side(top.ask, top.askQuantity),
    b: side(top.bid, top.bidQuantity),
    c: [priceText(spec, top.last), amountText(top.lastQuantity)],
    v: [today.baseVolume.toFixed(lotDecimals), day.baseVolume.toFixed(lotDecimals)],
    p: [price(vwapOf(today)), price(vwapOf(day))],
    t: [today.tradeCount, day.tradeCount],
    l: [price(Math.min(today.low, last)), price(Math.min(day.low, last))],
    h: [price(Math.max(today.high, last)), price(Math.max(day.high, last))],
    o: price(today.open),
  };
}

function readCount(call: Call, options: { standard: number; max: number }): number {
  const count = call.params.integer('count') ?? options.standard;
  if (count < 1) throw invalidArguments('count');
  return Math.min(count, options.max);
}

function depth(call: Call): unknown {
  const spec = requiredPair(call);
  const count = readCount(call, { standard: depthCountStandard, max: depthCountMax });
  const { book } = call.venue.market.use(spec.id);
  const seconds = Math.floor(call.nowMs / 1000);
  const side = (name: Side) =>
    book
      .levels(name)
      .slice(0, count)
      .map((level) => [priceText(spec, level.price), visibleQuantity(level).toFixed(depthDecimals, 0), seconds]);
  return { [spec.id]: { asks: side('sell'), bids: side('buy') } };
}

/** `since` is in nanoseconds; one in seconds is understood as well. */
function readSinceMs(call: Call): number | undefined {
  const text = call.params.text('since');
  if (text === undefined) return undefined;
  if (!/^\d{1,20}(\.\d{1,9})?$/.test(text)) throw invalidArguments('since');
  const isNanoseconds = text.length > 14;
  return isNanoseconds ? Number(text.slice(0, -6)) : Number(text) * 1000;
}

function trades(call: Call): unknown {
  const spec = requiredPair(call);
  const sinceMs = readSinceMs(call);
  const count = readCount(call, { standard: tradesCountMax, max: tradesCountMax });
  const all = call.venue.market.use(spec.id).tape.recent(tradesCountMax);
  const found = sinceMs === undefined ? all.slice(-count) : all.filter(({ atMs }) => atMs > sinceMs).slice(0, count);
  const lastMs = found.at(-1)?.atMs ?? sinceMs ?? call.nowMs;
  return {
    [spec.id]: found.map((trade) => [
      priceText(spec, trade.price),
      amountText(trade.quantity),
      trade.atMs / 1000,
      trade.takerSide === 'buy' ? 'b' : 's',
      'l',
      '',
      trade.id,
    ]),
    last: `${Math.floor(lastMs)}000000`,
  };
}

function candles(call: Call): unknown {
  const spec = requiredPair(call);
  const minutes = call.params.integer('interval') ?? 1;
  const sinceSeconds = call.params.integer('since') ?? 0;
  if (!candleMinutes.includes(minutes)) throw invalidArguments('interval');
  const lengthMs = minutes * 60_000;
  const source = call.venue.market.candleSource(spec.id);
  const currentMs = Math.floor(call.nowMs / lengthMs) * lengthMs;
  const firstMs = Math.max(currentMs - (candlesMax - 1) * lengthMs, 0);
  const rows: unknown[][] = [];
  for (let openMs = firstMs; openMs <= currentMs; openMs += lengthMs) {
    if (openMs / 1000 <= sinceSeconds) continue;
    rows.push(candleRow(spec, candleOf(source, { openMs, endMs: openMs + lengthMs }, call.nowMs)));
  }
  return { [spec.id]: rows, last: (currentMs - lengthMs) / 1000 };
}

function candleRow(spec: PairSpec, candle: Candle): unknown[] {
  const price = (value: number) => priceText(spec, onTick(spec, value));
  const { open, high, low, close } = candle;
  const prices = [open, high, low, close, vwapOf(candle)].map(price);
  return [candle.openMs / 1000, ...prices, candle.baseVolume.toFixed(lotDecimals), candle.tradeCount];
}

/** One per second, from the price path. */
function spreads(call: Call): unknown {
  const spec = requiredPair(call);
  const sinceSeconds = call.params.integer('since') ?? 0;
  const { path } = call.venue.market.candleSource(spec.id);
  const tick = Number(spec.tickSize.toFixed());
  const lastSecond = Math.floor(call.nowMs / 1000);
  const rows: unknown[][] = [];
  for (let second = Math.max(lastSecond - spreadsCount + 1, sinceSeconds); second <= lastSecond; second++) {
    const mid = path(second * 1000);
    const [bid, ask] = [onTick(spec, Math.max(mid - tick, tick)), onTick(spec, mid + tick)];
    rows.push([second, priceText(spec, bid), priceText(spec, ask)]);
  }
  return { [spec.id]: rows, last: lastSecond };
}
