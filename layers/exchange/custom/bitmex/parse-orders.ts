/** Orders, executions and trades in ccxt's words. */
import type { Dict, Exchange, MarketInterface } from 'ccxt';
import { Precise } from 'ccxt';
import { absolute, fromMinorUnits, unitsPerAmount } from './units.ts';

/** https://www.bitmex.com/api/explorer/: ordStatus. */
const statuses: Readonly<Record<string, string>> = {
  New: 'open',
  PartiallyFilled: 'open',
  DoneForDay: 'open',
  Stopped: 'open',
  Untriggered: 'open',
  Triggered: 'open',
  PendingNew: 'open',
  PendingReplace: 'open',
  PendingCancel: 'canceling',
  Filled: 'closed',
  Canceled: 'canceled',
  Rejected: 'rejected',
  Expired: 'expired',
};

const timesInForce: Readonly<Record<string, string>> = {
  GoodTillCancel: 'GTC',
  ImmediateOrCancel: 'IOC',
  FillOrKill: 'FOK',
};

const types: Readonly<Record<string, string>> = {
  Limit: 'limit',
  StopLimit: 'limit',
  LimitIfTouched: 'limit',
  Market: 'market',
  Stop: 'market',
  MarketIfTouched: 'market',
};

/** A quantity of BitMEX's units as ccxt counts amounts. */
export function amountOf(units: string | undefined, market: MarketInterface): string | undefined {
  return units === undefined ? undefined : Precise.stringDiv(units, unitsPerAmount(market));
}

/** An order but for what ccxt's `safeOrder` works out: cost from average and filled, remaining, fee. */
export function orderFields(exchange: Exchange, order: Dict, market: MarketInterface): Dict {
  const text = (name: string): string | undefined => exchange.safeString(order, name);
  const instructions = text('execInst')?.split(',') ?? [];
  const placedAtMs = exchange.parse8601(text('transactTime'));
  const [status, type, timeInForce] = [text('ordStatus') ?? '', text('ordType') ?? '', text('timeInForce') ?? ''];
  const isPostOnly = instructions.includes('ParticipateDoNotInitiate');
  return {
    info: order,
    id: text('orderID'),
    clientOrderId: text('clOrdID'),
    timestamp: placedAtMs,
    datetime: exchange.iso8601(placedAtMs),
    lastUpdateTimestamp: exchange.parse8601(text('timestamp')),
    symbol: market.symbol,
    type: types[type] ?? type,
    timeInForce: isPostOnly ? 'PO' : timesInForce[timeInForce],
    postOnly: isPostOnly,
    reduceOnly: instructions.some((instruction) => instruction === 'ReduceOnly' || instruction === 'Close'),
    side: text('side')?.toLowerCase(),
    price: text('price'),
    triggerPrice: text('stopPx'),
    amount: amountOf(text('orderQty'), market),
    filled: amountOf(text('cumQty'), market),
    average: text('avgPx'),
    status: statuses[status] ?? status,
  };
}

/**
 * A trade of the public list or an execution of our own; the latter has an id of its own, because several orders of ours
 * may be in one match.
 */
export function tradeFields(exchange: Exchange, trade: Dict, market: MarketInterface): Dict {
  const text = (name: string): string | undefined => exchange.safeString(trade, name);
  const timestampMs = exchange.parse8601(text('timestamp'));
  const type = text('ordType');
  return {
    info: trade,
    id: text('execID') ?? text('trdMatchID'),
    order: text('orderID'),
    timestamp: timestampMs,
    datetime: exchange.iso8601(timestampMs),
    symbol: market.symbol,
    type: type === undefined ? undefined : types[type],
    side: text('side')?.toLowerCase(),
    takerOrMaker: roleOf(text('lastLiquidityInd')),
    price: text('lastPx') ?? text('price'),
    amount: amountOf(text('lastQty') ?? text('size'), market),
    cost: costOf(text, market),
    fee: feeOf(text, exchange),
  };
}

function roleOf(liquidity: string | undefined): 'maker' | 'taker' | undefined {
  if (liquidity?.startsWith('Added')) return 'maker';
  return liquidity?.startsWith('Removed') ? 'taker' : undefined;
}

/** In the currency of settlement, quanto contracts aside, whose own value ccxt works out from contract size and price. */
function costOf(text: (name: string) => string | undefined, market: MarketInterface): string | undefined {
  if (market.inverse === true) return absolute(text('homeNotional'));
  return market.linear === true || market.spot === true ? absolute(text('foreignNotional')) : undefined;
}

function feeOf(text: (name: string) => string | undefined, exchange: Exchange): Dict | undefined {
  const [paid, currencyId] = [text('execComm'), text('settlCurrency')];
  const scale = currencyId === undefined ? undefined : exchange.options.scales[currencyId];
  if (paid === undefined || scale === undefined) return undefined;
  return {
    cost: fromMinorUnits(paid, scale),
    currency: exchange.safeCurrencyCode(currencyId),
    rate: text('commission'),
  };
}
