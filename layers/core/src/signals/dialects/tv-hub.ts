/**
 * TV-Hub (TradingView Hub). Its own schema takes no unknown keys, so none is passed over here: what is not understood and not
 * empty is refused.
 *
 * Source: TV-Hub docs, "Core Parameters" and "Sizing"; names of stop-loss fields are not verified.
 */
import type { MarketKind } from '../../ports/market-data.ts';
import type { RawObject } from '../body.ts';
import { type FieldDialect, hasAll, hasAny, lookUp, type Translation } from './dialect.ts';
import { FieldReader, invalid, unsupported } from './field-reader.ts';
import { NativeDraft, type SizeUnit } from './native-draft.ts';

export const tvHub: FieldDialect = {
  name: 'tv-hub',
  reads: 'fields',
  claims: (fields) =>
    hasAny(fields, ['isBuy', 'isSell', 'isClose', 'isMarket', 'isLimit', 'unitsType', 'fixedQuoteSize']) ||
    hasAll(fields, ['pair', 'apiKey']),
  translate,
};

/** TV-Hub's names of exchanges say which of their markets is meant; the others are left to the pair's name. */
const exchanges: Readonly<Record<string, { venue: string; kind?: MarketKind }>> = {
  binance: { venue: 'binance', kind: 'spot' },
  'binance-futures': { venue: 'binance', kind: 'perpetual' },
  'binance-futures-coin': { venue: 'binance', kind: 'perpetual' },
  bybit: { venue: 'bybit', kind: 'perpetual' },
  'bybit-spot': { venue: 'bybit', kind: 'spot' },
  okx: { venue: 'okx' },
  kucoin: { venue: 'kucoin', kind: 'perpetual' },
  'kucoin-spot': { venue: 'kucoin', kind: 'spot' },
  coinbase: { venue: 'coinbase', kind: 'perpetual' },
  'coinbase-spot': { venue: 'coinbase', kind: 'spot' },
  bitmex: { venue: 'bitmex', kind: 'perpetual' },
};

const units: Readonly<Record<string, SizeUnit>> = {
  absolute: 'base',
  percentbalance: 'percentEquity',
  percentwallet: 'percentEquity',
  percentposition: 'percentPosition',
  risk: 'riskPercent',
};

function translate(fields: RawObject): Translation {
  const reader = new FieldReader(fields);
  const draft = new NativeDraft();
  reader.ignore('token', 'apiKey', 'comment', 'name');
  reader.refuse('has no equal here: the desk acts at once, and never places an order twice', 'delay', 'retries');
  reader.refuse('asks for several entries, of which the desk places one', 'useDca', 'dcaPercent', 'dcaOrderCount');
  reader.refuse('has no equal here: a market has one position', 'hedgeMode', 'closeLong', 'closeShort');
  draft.name({ action: 'isBuy', size: 'units', price: 'price' });
  const exchange = exchangeOf(reader.text('exchange'));
  draft.market(reader.text('pair'), 'pair', exchange?.kind);
  draft.set('venue', exchange?.venue, 'exchange');
  const orderId = setTime(reader, draft);
  const intent = setIntent(reader, draft);
  if (intent !== 'cancel') setSize(reader, draft);
  if (intent === 'enter') setTerms(reader, draft);
  else reader.ignore('isMarket', 'postOnly', 'leverage', 'marginType');
  if (intent === 'cancel') reader.ignore('units', 'unitsType', 'unitsPercent', 'useFixedSize', 'fixedQuoteSize');
  draft.set('confidence', reader.text('confidence'), 'confidence');
  reader.refuseUnknown();
  return draft.finishWith([], orderId === undefined ? {} : { orderId });
}

function exchangeOf(name: string | undefined): { venue: string; kind?: MarketKind } | undefined {
  if (name === undefined) return undefined;
  const known = name.toLowerCase();
  if (known.includes('testnet')) {
    throw unsupported('exchange', 'names a test network; send to a source whose account is in sandbox mode');
  }
  return Object.hasOwn(exchanges, known) ? exchanges[known] : { venue: known };
}

/** @returns what makes the signal known again beside its time */
function setTime(reader: FieldReader, draft: NativeDraft): string | undefined {
  const stamp = reader.text('alertTimestamp');
  if (stamp === undefined) return undefined;
  const [time] = /(?:\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})|\b\d{10}(?:\d{3})?)$/.exec(stamp) ?? [];
  if (time === undefined) throw invalid('alertTimestamp', 'must end in a time, such as {{ticker}}-{{timenow}}');
  draft.set('sentAt', time, 'alertTimestamp');
  return stamp;
}

function setIntent(reader: FieldReader, draft: NativeDraft): 'enter' | 'close' | 'cancel' {
  const flags = ['isBuy', 'isSell', 'isClose', 'cancelAllOrders'].filter((key) => reader.flag(key) === true);
  const ordered = reader.word('orderType');
  const turns = reader.flag('closeCurrentPosition') === true;
  const [flag = ordered, other] = flags;
  if (other !== undefined) throw unsupported(other, `and ${flag} are both set; send one signal for each`);
  if (flag === undefined) throw invalid('isBuy', 'is missing; set one of isBuy, isSell and isClose');
  if (flag === 'cancelAllOrders') {
    draft.action('cancel', flag);
    return 'cancel';
  }
  if (flag === 'isClose') {
    draft.action('close', flag);
    return 'close';
  }
  const from = flags.length > 0 ? flag : 'orderType';
  const buys = flag === 'isBuy' || flag === 'buy';
  if (!buys && flag !== 'isSell' && flag !== 'sell') throw invalid(from, 'must be buy or sell');
  if (turns) draft.target(buys ? 'long' : 'short', from);
  else draft.action(buys ? 'buy' : 'sell', from);
  return 'enter';
}

function setSize(reader: FieldReader, draft: NativeDraft): void {
  reader.refuse('has no equal here; write units', 'useEntireAccountBalance');
  const fixed = reader.quantity('fixedQuoteSize');
  const useFixed = reader.flag('useFixedSize') === true;
  const amount = reader.quantity('units');
  const percent = reader.quantity('unitsPercent');
  const type = reader.text('unitsType')?.toLowerCase() ?? (percent === undefined ? 'absolute' : 'percent');
  if (useFixed) {
    draft.size('quote', fixed, 'fixedQuoteSize');
    return;
  }
  const from = amount === undefined && percent !== undefined ? 'unitsPercent' : 'units';
  const value = amount ?? percent;
  if (value === undefined) return;
  const unit = lookUp(units, type);
  if (unit === undefined) {
    throw unsupported(
      'unitsType',
      'counts in what is free on the account; write absolute, percentBalance or percentWallet',
    );
  }
  draft.size(unit, value, from);
}

function setTerms(reader: FieldReader, draft: NativeDraft): void {
  const market = reader.flag('isMarket') === true;
  const limit = reader.flag('isLimit') === true;
  const price = reader.quantity('price');
  const postOnly = reader.flag('postOnly');
  if (market === limit) throw invalid('isMarket', 'or isLimit must be true, and not both');
  if (limit) {
    draft.orderType('limit', 'isLimit');
    draft.set('price', price, 'price');
    // TV-Hub documents post-only as its default.
    if (postOnly !== false) draft.set('timeInForce', 'PO', 'postOnly');
  }
  draft.set('leverage', reader.quantity('leverage'), 'leverage');
  draft.set('reduceOnly', reader.flag('reduceOnly'), 'reduceOnly');
  const marginType = reader.word('marginType');
  draft.set('marginMode', marginType === 'crossed' ? 'cross' : marginType, 'marginType');
  const stop = reader.quantity('stopLoss');
  const stopType = reader.word('stopLossType');
  if (stop === undefined) return;
  if (stopType !== 'percent' && stopType !== 'absolute') {
    throw invalid('stopLossType', 'must be percent or absolute, so that stopLoss can be read');
  }
  draft.set(stopType === 'percent' ? 'stopLoss.percent' : 'stopLoss.price', stop, 'stopLoss');
}
