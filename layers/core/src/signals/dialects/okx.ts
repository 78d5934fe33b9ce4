/**
 * OKX signal bots, in both sections of their specification: a strategy's placeholders, or ENTER_LONG and its like.
 *
 * Source: OKX help, "Trading Signal Bot Alert Message 2.0 Specifications".
 */
import type { RawObject } from '../body.ts';
import { type FieldDialect, hasAny, lookUp, type Translation } from './dialect.ts';
import { FieldReader, unsupported } from './field-reader.ts';
import { NativeDraft, type SizeUnit } from './native-draft.ts';
import { readStrategy } from './strategy.ts';

export const okx: FieldDialect = {
  name: 'okx',
  reads: 'fields',
  claims: (fields) => hasAny(fields, ['instrument', 'signalToken']),
  translate,
};

const units: Readonly<Record<string, SizeUnit>> = {
  base: 'base',
  contract: 'contracts',
  percentage_position: 'percentPosition',
};

const ownUnits = 'counts in the balance of the bot at OKX; write base, contract or percentage_position';

function translate(fields: RawObject): Translation {
  const reader = new FieldReader(fields);
  const draft = new NativeDraft();
  reader.ignore('signalToken', 'marketPositionSize', 'prevMarketPositionSize');
  draft.name({ action: 'action', size: 'amount' });
  draft.market(reader.text('instrument'), 'instrument');
  draft.set('sentAt', reader.text('timestamp'), 'timestamp');
  draft.set('maxLagSeconds', reader.text('maxLag'), 'maxLag');
  const type = reader.word('orderType');
  if (type !== undefined && type !== 'market') {
    throw unsupported('orderType', 'must be market: this format has no price, only an offset from one at OKX');
  }
  reader.refuse('only goes with limit orders, which have no price in this format', 'orderPriceOffset');
  setIntent(reader, draft);
  // `{{strategy.order.id}}` is the same for every order of one kind, so it is no id of a signal.
  const orderId = reader.text('id');
  return draft.finish(reader, orderId === undefined ? {} : { orderId });
}

function setIntent(reader: FieldReader, draft: NativeDraft): void {
  const action = reader.word('action');
  const position = reader.word('marketPosition');
  const previous = reader.word('prevMarketPosition');
  const type = reader.word('investmentType');
  const amount = reader.quantity('amount');
  const unit = lookUp(units, type);
  const setSize = () => {
    if (amount === undefined) return;
    if (unit === undefined) throw unsupported('investmentType', type === undefined ? 'is missing' : ownUnits);
    draft.size(unit, amount, 'amount');
  };
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
  const step = readStrategy({ action, position, previous }, 'marketPosition');
  if (step === 'flat') {
    draft.target('flat', 'action');
    return;
  }
  // Base currency and contracts are the chart's own count of the order, over both halves of a reversal.
  draft.action(step === 'reduce' ? 'close' : action, 'action');
  setSize();
}
