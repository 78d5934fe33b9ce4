/** Market data over REST. */
import { visibleQuantity } from '../engine/book.ts';
import { candleOf } from '../engine/candles.ts';
import type { Side } from '../engine/types.ts';
import { onTick, recentDay, topOfBook } from '../shared/market-figures.ts';
import { RawJson } from '../shared/venue-answer.ts';
import { feeRates, lotDecimals, namesOf, type PairSpec } from './catalog.ts';
import { type Call, findPair, type KrakenVenue, type PublicRoute, readCount, requiredPair } from './context.ts';
import { unknownAsset } from './errors.ts';
import { historyRoutes } from './history-routes.ts';
import { amountText, priceText, vwapOf } from './market-text.ts';

const dayMs = 24 * 3_600_000;
const depthCountStandard = 100;
const depthCountMax = 500;
/** Amounts in the answer to `Depth` have this many decimals. */
const depthDecimals = 3;
const spreadsCount = 200;

export const marketRoutes: readonly PublicRoute[] = [
  ...historyRoutes,
  { name: 'Time', handle: time },
  { name: 'SystemStatus', handle: ({ nowMs }) => ({ status: 'online', timestamp: secondsText(nowMs) }) },
  { name: 'Assets', handle: assets },
  { name: 'AssetPairs', handle: assetPairs },
  { name: 'Ticker', handle: tickers },
  { name: 'Depth', handle: depth },
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
