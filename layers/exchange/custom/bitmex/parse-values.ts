/** Prices, candles, positions and balances in ccxt's words. */
import type { Dict, Exchange, MarketInterface } from 'ccxt';
import { BadResponse, Precise } from 'ccxt';
import { amountOf } from './parse-orders.ts';
import { absolute, fromMinorUnits } from './units.ts';

export function tickerFields(exchange: Exchange, instrument: Dict, market: MarketInterface): Dict {
  const text = (name: string): string | undefined => exchange.safeString(instrument, name);
  const timestampMs = exchange.parse8601(text('timestamp'));
  return {
    info: instrument,
    symbol: market.symbol,
    timestamp: timestampMs,
    datetime: exchange.iso8601(timestampMs),
    bid: text('bidPrice'),
    ask: text('askPrice'),
    last: text('lastPrice'),
    open: text('prevPrice24h'),
    high: text('highPrice'),
    low: text('lowPrice'),
    vwap: text('vwap'),
    baseVolume: text('homeNotional24h'),
    quoteVolume: text('foreignNotional24h'),
    markPrice: text('markPrice'),
    indexPrice: text('indicativeSettlePrice'),
  };
}

/** A perpetual's coming funding, as its instrument tells it. */
export function fundingFields(exchange: Exchange, instrument: Dict, market: MarketInterface): Dict {
  const timestampMs = exchange.parse8601(exchange.safeString(instrument, 'timestamp'));
  const fundingMs = exchange.parse8601(exchange.safeString(instrument, 'fundingTimestamp'));
  return {
    info: instrument,
    symbol: market.symbol,
    markPrice: exchange.safeNumber(instrument, 'markPrice'),
    indexPrice: exchange.safeNumber(instrument, 'indicativeSettlePrice'),
    timestamp: timestampMs,
    datetime: exchange.iso8601(timestampMs),
    fundingRate: exchange.safeNumber(instrument, 'fundingRate'),
    fundingTimestamp: fundingMs,
    fundingDatetime: exchange.iso8601(fundingMs),
    nextFundingRate: exchange.safeNumber(instrument, 'indicativeFundingRate'),
    interval: intervalOf(exchange.parse8601(exchange.safeString(instrument, 'fundingInterval'))),
  };
}

/** BitMEX writes a span as the time that it ends at when it begins with the year 2000. */
function intervalOf(endMs: number | undefined): string | undefined {
  return endMs === undefined ? undefined : `${(endMs - Date.UTC(2000, 0, 1)) / 3_600_000}h`;
}

/**
 * `[start, open, high, low, close, volume]`; BitMEX dates a candle by its end, ccxt by its start.
 *
 * BitMEX opens a candle at the close of the one before, a price that may not have been traded in it. Where that is beyond
 * its high or low, these, which were, stand for it.
 */
export function candleFields(exchange: Exchange, bin: Dict, durationMs: number): unknown[] {
  const text = (name: string): string | undefined => exchange.safeString(bin, name);
  const endMs = exchange.parse8601(text('timestamp'));
  const [high, low] = [text('high'), text('low')];
  const open = within(text('open'), low, high);
  const values = [open, high, low, text('close'), text('homeNotional')].map((value) => exchange.parseNumber(value));
  return [endMs === undefined ? undefined : endMs - durationMs, ...values];
}

function within(price: string | undefined, low: string | undefined, high: string | undefined): string | undefined {
  if (price === undefined || low === undefined || high === undefined) return price;
  if (Precise.stringGt(price, high)) return high;
  return Precise.stringLt(price, low) ? low : price;
}

/** Levels of `GET /orderBook/L2`, best first. */
export function bookSide(
  exchange: Exchange,
  levels: readonly Dict[],
  { market, side }: { market: MarketInterface; side: 'Buy' | 'Sell' },
): unknown[][] {
  const direction = side === 'Buy' ? -1 : 1;
  return levels
    .filter((level) => level.side === side)
    .map((level) => [exchange.safeString(level, 'price'), amountOf(exchange.safeString(level, 'size'), market)])
    .sort(([left], [right]) => direction * (Precise.stringGt(left, right) ? 1 : -1))
    .map(([price, amount]) => [exchange.parseNumber(price), exchange.parseNumber(amount)]);
}

const marginModes: Readonly<Record<string, string>> = { true: 'cross', false: 'isolated' };

export function positionFields(exchange: Exchange, position: Dict, market: MarketInterface): Dict {
  const text = (name: string): string | undefined => exchange.safeString(position, name);
  const scale = exchange.options.scales[text('currency') ?? ''];
  const money = (name: string) => {
    const units = text(name);
    return units === undefined || scale === undefined ? undefined : exchange.parseNumber(fromMinorUnits(units, scale));
  };
  const contracts = text('currentQty');
  const timestampMs = exchange.parse8601(text('timestamp'));
  const notional = absolute(text(market.inverse === true ? 'homeNotional' : 'foreignNotional'));
  return {
    info: position,
    id: text('account'),
    symbol: market.symbol,
    timestamp: timestampMs,
    datetime: exchange.iso8601(timestampMs),
    side: contracts === undefined ? undefined : Precise.stringLt(contracts, '0') ? 'short' : 'long',
    contracts: exchange.parseNumber(absolute(contracts)),
    contractSize: market.contractSize,
    entryPrice: exchange.safeNumber(position, 'avgEntryPrice'),
    markPrice: exchange.safeNumber(position, 'markPrice'),
    liquidationPrice: exchange.safeNumber(position, 'liquidationPrice'),
    notional: exchange.parseNumber(notional),
    leverage: exchange.safeNumber(position, 'leverage'),
    marginMode: marginModes[String(position.crossMargin)],
    collateral: money('posMargin'),
    initialMargin: money('posInit'),
    maintenanceMargin: money('maintMargin'),
    unrealizedPnl: money('unrealisedPnl'),
    realizedPnl: money('realisedPnl'),
    hedged: false,
  };
}

/** `GET /user/margin?currency=all` per currency. What a position has won or lost so far counts into `total`. */
export function balanceFields(exchange: Exchange, margins: readonly Dict[]): Dict {
  const balances: Dict = { info: margins };
  for (const margin of margins) {
    const currencyId = exchange.safeString(margin, 'currency') ?? '';
    const scale = exchange.options.scales[currencyId];
    if (scale === undefined) throw new BadResponse(`GET /wallet/assets does not tell the scale of "${currencyId}"`);
    const money = (name: string) => {
      const units = exchange.safeString(margin, name);
      return units === undefined ? undefined : fromMinorUnits(units, scale);
    };
    const code = exchange.safeCurrencyCode(currencyId) ?? currencyId;
    balances[code] = { free: money('availableMargin'), total: money('marginBalance') };
  }
  return exchange.safeBalance(balances);
}
