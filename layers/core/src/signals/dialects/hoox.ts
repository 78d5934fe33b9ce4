/**
 * HOOX. LONG and SHORT place an order each, whatever the position; CLOSE leaves it. Prices of takeProfit and stopLoss are absolute.
 * Told from its published list of fields; what it does with them is not verified.
 */
import type { RawObject } from '../body.ts';
import { type FieldDialect, hasAll, type Translation } from './dialect.ts';
import { FieldReader } from './field-reader.ts';
import { NativeDraft } from './native-draft.ts';

export const hoox: FieldDialect = {
  name: 'hoox',
  reads: 'fields',
  claims: (fields) => hasAll(fields, ['apiKey', 'symbol']) || Object.hasOwn(fields, 'idempotencyKey'),
  translate,
};

function translate(fields: RawObject): Translation {
  const reader = new FieldReader(fields);
  const draft = new NativeDraft();
  reader.ignore('apiKey', 'notify');
  draft.name({ action: 'action', size: 'quantity' });
  draft.market(reader.text('symbol'), 'symbol');
  draft.venue(reader.text('exchange'), 'exchange');
  draft.set('id', reader.text('idempotencyKey'), 'idempotencyKey');
  draft.set('sentAt', reader.text('timestamp'), 'timestamp');
  const action = reader.word('action');
  const closes = action === 'close' || action === 'close_long' || action === 'close_short';
  if (closes) draft.action('close', 'action');
  else if (action === 'long' || action === 'short') draft.action(action === 'long' ? 'buy' : 'sell', 'action');
  else draft.set('action', action, 'action');
  draft.size('base', reader.quantity('quantity'), 'quantity');
  draft.set('leverage', reader.quantity('leverage'), 'leverage');
  const price = reader.quantity('price');
  const type = reader.word('orderType') ?? (price === undefined ? undefined : 'limit');
  draft.orderType(type, reader.has('orderType') ? 'orderType' : 'price');
  if (type !== 'market') draft.set('price', price, 'price');
  const target = reader.quantity('takeProfit');
  if (target !== undefined) draft.takeProfit({ price: target }, 'takeProfit');
  draft.set('stopLoss.price', reader.quantity('stopLoss'), 'stopLoss');
  return draft.finish(reader);
}
