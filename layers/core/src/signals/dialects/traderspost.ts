/**
 * TradersPost. A buy there is an entry: it leaves a short position first, and does nothing where a long one is open. So signals name
 * the position that is wanted, and only `add` and partial exits are orders.
 *
 * Source: TradersPost docs, "JSON Message Reference", "Order Behavior" and the reference of strategy fields.
 */
import type { RawObject } from '../body.ts';
import { type FieldDialect, hasAny, lookUp, type Translation } from './dialect.ts';
import { FieldReader, invalid, unsupported } from './field-reader.ts';
import { NativeDraft, requireDollars, type SizeUnit } from './native-draft.ts';

/** Keys that an alert with a `ticker` has only when it is written for TradersPost. */
export const tradersPostKeys = [
  'sentiment',
  'signalPrice',
  'quantity',
  'quantityType',
  'orderType',
  'limitPrice',
  'stopPrice',
  'extras',
] as const;

export const traderspost: FieldDialect = {
  name: 'traderspost',
  reads: 'fields',
  claims: (fields) => Object.hasOwn(fields, 'ticker') && hasAny(fields, tradersPostKeys),
  translate,
};

const units: Readonly<Record<string, SizeUnit>> = {
  fixed_quantity: 'base',
  dollar_amount: 'quote',
  percent_of_equity: 'percentEquity',
  percent_of_position: 'percentPosition',
};

const positions: Readonly<Record<string, 'long' | 'short' | 'flat'>> = {
  long: 'long',
  bullish: 'long',
  short: 'short',
  bearish: 'short',
  flat: 'flat',
};

function translate(fields: RawObject): Translation {
  const reader = new FieldReader(fields);
  const draft = new NativeDraft();
  // `price` is what the chart saw; a limit order has its own `limitPrice`.
  reader.ignore('signalPrice', 'price', 'interval', 'extras', 'message', 'assetClass');
  reader.refuse('has no equal here', 'delay', 'test', 'cancelAfter', 'marketPriceType', 'breakevenOffset', 'cancel');
  reader.refuse(
    'belongs to markets that are not traded here',
    'optionType',
    'expiration',
    'strikePrice',
    'intrinsicValue',
  );
  reader.refuse('belongs to markets that are not traded here', 'extendedHours', 'strikeCount');
  draft.name({ action: 'action', size: 'quantity', price: 'limitPrice', triggerPrice: 'stopPrice' });
  const market = draft.market(reader.text('ticker'), 'ticker');
  draft.set('sentAt', reader.text('time'), 'time');
  const leaves = setIntent(reader, draft, market?.kind === 'perpetual');
  const quantity = reader.quantity('quantity');
  const quantityType = reader.word('quantityType') ?? 'fixed_quantity';
  if (leaves === 'all') return draft.finish(reader);
  const unit = lookUp(units, quantityType);
  if (quantity !== undefined && unit === undefined) throw unsupported('quantityType', 'has no equal here');
  if (quantity !== undefined && unit === 'quote') requireDollars(market?.symbol, 'quantityType');
  if (unit !== undefined) draft.size(unit, quantity, 'quantity');
  if (leaves === 'none' && quantity === undefined) {
    throw invalid('quantity', 'is missing; the size in the subscription at TradersPost is not known here');
  }
  setTerms(reader, draft);
  setExits(reader, draft);
  return draft.finish(reader);
}

/** @returns how much of a position the signal leaves: none when it enters, all when no size can go with it */
function setIntent(reader: FieldReader, draft: NativeDraft, perpetual: boolean): 'none' | 'some' | 'all' {
  const action = reader.word('action');
  const sentiment = reader.word('sentiment');
  const position = lookUp(positions, sentiment);
  if (sentiment !== undefined && position === undefined) throw invalid('sentiment', 'must be long, short or flat');
  if (action === 'cancel') {
    draft.action('cancel', 'action');
    return 'all';
  }
  if (action === 'exit') {
    draft.action('close', 'action');
    return 'some';
  }
  if (position === 'flat') {
    draft.target('flat', 'sentiment');
    return 'all';
  }
  if (action === 'add') {
    if (position === undefined) throw invalid('sentiment', 'is missing; it says which position to add to');
    draft.action(position === 'long' ? 'buy' : 'sell', 'action');
    return 'none';
  }
  if (action !== 'buy' && action !== 'sell') {
    draft.set('action', action, 'action');
    return 'none';
  }
  const wanted = action === 'buy' ? 'long' : 'short';
  if (position !== undefined && position !== wanted) {
    draft.action('close', 'action');
    return 'some';
  }
  if (action === 'sell' && position === undefined && !perpetual) {
    const message = 'is missing; write flat to leave a long position, or short to turn to a short one';
    throw invalid('sentiment', message);
  }
  draft.target(wanted, 'action');
  return 'none';
}

function setTerms(reader: FieldReader, draft: NativeDraft): void {
  draft.orderType(reader.word('orderType'), 'orderType');
  draft.set('price', reader.quantity('limitPrice'), 'limitPrice');
  draft.set('triggerPrice', reader.quantity('stopPrice'), 'stopPrice');
  draft.set('trailPercent', reader.quantity('trailPercent'), 'trailPercent');
  draft.set('trailAmount', reader.quantity('trailAmount'), 'trailAmount');
  draft.timeInForce(reader.text('timeInForce'), 'timeInForce');
}

const relative = 'is measured from a price that is not known yet; write percent or a price';

function setExits(reader: FieldReader, draft: NativeDraft): void {
  const target = reader.group('takeProfit');
  if (target !== undefined) {
    target.refuse(relative, 'amount');
    const percent = target.quantity('percent');
    const price = target.quantity('limitPrice');
    if (percent !== undefined && price !== undefined)
      throw invalid('takeProfit.percent', 'and limitPrice are both given');
    if (percent !== undefined) draft.takeProfit({ percent }, 'takeProfit.percent');
    else if (price !== undefined) draft.takeProfit({ price }, 'takeProfit.limitPrice');
    else throw invalid('takeProfit', 'must hold percent or limitPrice');
  }
  const stop = reader.group('stopLoss');
  if (stop === undefined) return;
  stop.refuse(relative, 'amount');
  stop.refuse('is not supported: the stop-loss sells at market once it is reached', 'limitPrice');
  const type = stop.word('type') ?? 'stop';
  if (type !== 'stop' && type !== 'trailing_stop') throw unsupported('stopLoss.type', 'must be stop or trailing_stop');
  draft.set('stopLoss.percent', stop.quantity('percent'), 'stopLoss.percent');
  draft.set('stopLoss.price', stop.quantity('stopPrice'), 'stopLoss.stopPrice');
  draft.set('stopLoss.trailPercent', stop.quantity('trailPercent'), 'stopLoss.trailPercent');
  draft.set('stopLoss.trailAmount', stop.quantity('trailAmount'), 'stopLoss.trailAmount');
}
