/**
 * Bodies of Hummingbot API's `POST /trading/orders`. Its order type is a limit where none is given.
 *
 * Source: the request model of Hummingbot API.
 */
import type { RawObject } from '../body.ts';
import { type FieldDialect, hasAny, lookUp, type Translation } from './dialect.ts';
import { FieldReader, invalid, unsupported } from './field-reader.ts';
import { NativeDraft } from './native-draft.ts';

export const hummingbot: FieldDialect = {
  name: 'hummingbot',
  reads: 'fields',
  claims: (fields) => hasAny(fields, ['connector_name', 'trading_pair']),
  translate,
};

/** The account that Hummingbot makes by itself: no choice of the sender's. */
const ownAccount = 'master_account';
const connectors: Readonly<Record<string, string>> = { coinbase_advanced_trade: 'coinbase', ascend_ex: 'ascendex' };
const orderTypes: Readonly<Record<string, string>> = { limit_maker: 'limit', limit: 'limit', market: 'market' };

function translate(fields: RawObject): Translation {
  const reader = new FieldReader(fields);
  const draft = new NativeDraft();
  draft.name({ action: 'trade_type', size: 'amount' });
  const account = reader.text('account_name');
  if (account !== ownAccount) draft.set('account', account, 'account_name');
  const connector = reader.word('connector_name');
  if (connector !== undefined && /testnet|paper_trade/.test(connector)) {
    throw unsupported(
      'connector_name',
      'is no real market; send to a source whose account is in sandbox or paper mode',
    );
  }
  const perpetual = connector?.endsWith('_perpetual') === true;
  const venue = connector?.replace(/_perpetual$/, '');
  draft.market(reader.text('trading_pair'), 'trading_pair', perpetual ? 'perpetual' : 'spot');
  if (venue !== undefined) draft.venue(lookUp(connectors, venue) ?? venue, 'connector_name');
  draft.set('action', reader.word('trade_type'), 'trade_type');
  draft.size('base', reader.quantity('amount'), 'amount');
  const type = reader.word('order_type') ?? 'limit';
  draft.orderType(lookUp(orderTypes, type) ?? type, 'order_type');
  const price = reader.quantity('price');
  if (type !== 'market') draft.set('price', price, 'price');
  if (type === 'limit_maker') draft.set('timeInForce', 'PO', 'order_type');
  const position = reader.word('position_action') ?? 'open';
  if (!['open', 'close', 'nil'].includes(position)) throw invalid('position_action', 'must be OPEN, CLOSE or NIL');
  if (position === 'close') draft.set('reduceOnly', true, 'position_action');
  return draft.finish(reader);
}
