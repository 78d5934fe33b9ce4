/**
 * 3Commas signal bots: the strategy type, whose fields its help article lists, and the custom type, whose verbs
 * (`enter_long` …) and units other than `base` and `quote` were only seen in client code.
 *
 * Source: 3Commas help, "Signal bot: JSON file for Strategy type".
 */
import type { RawObject } from '../body.ts';
import { type FieldDialect, hasAny, lookUp, type Translation } from './dialect.ts';
import { FieldReader, invalid, unsupported } from './field-reader.ts';
import { NativeDraft, type SizeUnit } from './native-draft.ts';
import { readStrategy } from './strategy.ts';

export const threecommas: FieldDialect = {
  name: 'threecommas',
  reads: 'fields',
  claims: (fields) => hasAny(fields, ['tv_instrument', 'tv_exchange', 'bot_uuid', 'strategy_info']),
  translate,
};

const units: Readonly<Record<string, SizeUnit>> = {
  base: 'base',
  quote: 'quote',
  position_percent: 'percentPosition',
};

interface Order {
  unit: SizeUnit | undefined;
  amount: string | undefined;
}

function translate(fields: RawObject): Translation {
  const reader = new FieldReader(fields);
  const draft = new NativeDraft();
  reader.ignore('secret', 'bot_uuid', 'trigger_price');
  reader.refuse('is set in the bot at 3Commas and has no equal here', 'take_profit', 'stop_loss', 'averaging');
  draft.name({ action: 'action', size: 'order.amount', price: 'order.price' });
  draft.market(reader.text('tv_instrument'), 'tv_instrument');
  draft.venue(reader.text('tv_exchange'), 'tv_exchange');
  draft.set('sentAt', reader.text('timestamp'), 'timestamp');
  draft.set('maxLagSeconds', reader.text('max_lag'), 'max_lag');
  const orderReader = reader.group('order');
  const order = readOrder(orderReader);
  const type = orderReader?.word('order_type');
  draft.orderType(type, 'order.order_type');
  const price = orderReader?.text('price');
  if (type !== undefined && type !== 'market') draft.set('price', price, 'order.price');
  setIntent(reader, draft, order);
  return draft.finish(reader);
}

function readOrder(order: FieldReader | undefined): Order {
  const amount = order?.quantity('amount');
  const currency = order?.word('currency_type');
  if (amount === undefined) return { unit: undefined, amount };
  if (currency === undefined) throw invalid('order.currency_type', 'is missing; write base or quote');
  const unit = lookUp(units, currency);
  if (unit === undefined) {
    throw unsupported('order.currency_type', 'depends on the balance of the bot at 3Commas; write base or quote');
  }
  return { unit, amount };
}

function setIntent(reader: FieldReader, draft: NativeDraft, { unit, amount }: Order): void {
  const info = reader.group('strategy_info');
  const position = info?.word('market_position');
  const previous = info?.word('prev_market_position');
  const positionSize = info?.quantity('market_position_size');
  info?.ignore('prev_market_position_size');
  const setSize = () => {
    if (unit !== undefined) draft.size(unit, amount, 'order.amount');
  };
  const action = reader.word('action');
  if (action === 'enter_long' || action === 'enter_short') {
    draft.target(action === 'enter_long' ? 'long' : 'short', 'action');
    setSize();
    return;
  }
  if (action === 'exit_long' || action === 'exit_short') {
    draft.action('close', 'action');
    setSize();
    return;
  }
  if (action !== 'buy' && action !== 'sell') {
    draft.set('action', action, 'action');
    setSize();
    return;
  }
  const step = readStrategy({ action, position, previous }, 'strategy_info.market_position');
  if (step === 'flat') {
    draft.target('flat', 'action');
    return;
  }
  // In base currency the chart counts the order over both halves of a reversal; what it wants to hold is said beside it.
  if (step === 'reverse' && !(unit === 'base' && positionSize === undefined)) {
    draft.target(position === 'long' ? 'long' : 'short', 'action');
    if (unit === 'base') draft.size('base', positionSize, 'strategy_info.market_position_size');
    else setSize();
    return;
  }
  draft.action(step === 'reduce' ? 'close' : action, 'action');
  setSize();
}
