/**
 * Bodies of freqtrade's REST calls `forceenter` and `forceexit`. A stake is what is put up, so leverage multiplies it; an exit
 * must name its pair, because the ids of freqtrade's trades are not known here.
 *
 * Source: freqtrade documentation, "REST API" and "Trading with Leverage".
 */
import type { RawObject } from '../body.ts';
import { type FieldDialect, hasAny, type Translation } from './dialect.ts';
import { FieldReader, invalid } from './field-reader.ts';
import { multiplied, NativeDraft } from './native-draft.ts';

export const freqtrade: FieldDialect = {
  name: 'freqtrade',
  reads: 'fields',
  claims: (fields) =>
    Object.hasOwn(fields, 'tradeid') ||
    (Object.hasOwn(fields, 'pair') && hasAny(fields, ['side', 'ordertype', 'stakeamount', 'entry_tag'])),
  translate,
};

function translate(fields: RawObject): Translation {
  const reader = new FieldReader(fields);
  const draft = new NativeDraft();
  reader.ignore('token');
  const pair = reader.text('pair');
  draft.market(pair, 'pair');
  const price = reader.quantity('price');
  draft.orderType(reader.word('ordertype') ?? (price === undefined ? undefined : 'limit'), 'ordertype');
  draft.set('price', price, 'price');
  if (reader.has('tradeid')) {
    reader.ignore('tradeid');
    if (pair === undefined) {
      throw invalid('pair', "is missing; the ids of freqtrade's trades are not known here, so name the pair as well");
    }
    draft.action('close', 'tradeid');
    draft.size('base', reader.quantity('amount'), 'amount');
    return draft.finish(reader);
  }
  setEntry(reader, draft);
  return draft.finish(reader);
}

function setEntry(reader: FieldReader, draft: NativeDraft): void {
  const side = reader.word('side') ?? 'long';
  const leverage = reader.quantity('leverage');
  const stake = reader.quantity('stakeamount');
  if (side !== 'long' && side !== 'short') throw invalid('side', 'must be long or short');
  if (stake === undefined)
    throw invalid('stakeamount', "is missing; the stake in freqtrade's settings is not known here");
  draft.target(side, 'side');
  draft.size('quote', leverage === undefined ? stake : multiplied(stake, leverage, 'stakeamount'), 'stakeamount');
  draft.set('leverage', leverage, 'leverage');
  draft.set('comment', reader.text('entry_tag'), 'entry_tag');
}
