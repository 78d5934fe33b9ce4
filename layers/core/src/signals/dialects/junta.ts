/**
 * The webhook servers that share the keys `exchange`, `strategy`, `market`, `order`: they trade perpetuals, at market. `reverse`
 * doubles an order there so that it turns the position, which is the position wanted.
 *
 * Source: the published examples and types of those servers.
 */
import type { RawObject } from '../body.ts';
import { type FieldDialect, hasAny, type Translation } from './dialect.ts';
import { FieldReader, invalid } from './field-reader.ts';
import { NativeDraft, percentOfShare, requireDollars } from './native-draft.ts';

export const junta: FieldDialect = {
  name: 'junta',
  reads: 'fields',
  claims: (fields) =>
    Object.hasOwn(fields, 'market') && hasAny(fields, ['order', 'strategy', 'sizeUsd', 'sizeByLeverage', 'passphrase']),
  translate,
};

function translate(fields: RawObject): Translation {
  const reader = new FieldReader(fields);
  const draft = new NativeDraft();
  // `price` is what the chart saw: orders are sent at market.
  reader.ignore('passphrase', 'strategy', 'price', 'newPositionSize');
  reader.refuse('has no equal here', 'collateral', 'slippagePercentage', 'orderMode', 'direction', 'minProfit');
  draft.name({ action: 'order', size: 'size' });
  const market = draft.market(reader.text('market'), 'market', 'perpetual');
  draft.venue(reader.text('exchange'), 'exchange');
  draft.set('sentAt', reader.text('time'), 'time');
  const order = reader.word('order');
  const position = reader.word('position');
  const reverse = reader.flag('reverse') === true;
  if (position === 'flat') {
    draft.target('flat', 'position');
    reader.ignore('size', 'sizeUsd', 'sizeByLeverage');
    return draft.finish(reader);
  }
  if (reverse && (order === 'buy' || order === 'sell')) draft.target(order === 'buy' ? 'long' : 'short', 'order');
  else draft.set('action', order, 'order');
  setSize(reader, draft, market?.symbol);
  return draft.finish(reader);
}

function setSize(reader: FieldReader, draft: NativeDraft, symbol: string | undefined): void {
  const given = ['size', 'sizeUsd', 'sizeByLeverage'].flatMap((key) => {
    const value = reader.quantity(key);
    return value === undefined ? [] : [{ key, value }];
  });
  const [first, other] = given;
  if (first === undefined) throw invalid('size', 'is missing; give one of size, sizeUsd and sizeByLeverage');
  const { key, value } = first;
  if (other !== undefined) throw invalid(other.key, `and ${key} are both given; keep one`);
  if (key === 'size') draft.size('base', value, key);
  else if (key === 'sizeByLeverage') draft.size('percentEquity', percentOfShare(value, key), key);
  else {
    requireDollars(symbol, key);
    draft.size('quote', value, key);
  }
}
