/**
 * OctoBot's TradingView alerts.
 *
 * Source: OctoBot guides, "TradingView alerts format", "Orders amount syntax" and "Orders price syntax".
 */
import {
  type Amount,
  add,
  amount,
  amountFor,
  isQuantity,
  type Notional,
  notional,
  type Price,
  price,
} from '../../money.ts';
import type { MarketKind } from '../../ports/market-data.ts';
import type { RawObject } from '../body.ts';
import { type FieldDialect, hasAll, lookUp, type Translation } from './dialect.ts';
import { FieldReader, invalid, unsupported } from './field-reader.ts';
import { NativeDraft, type SizeUnit } from './native-draft.ts';

export const octobot: FieldDialect = {
  name: 'octobot',
  reads: 'fields',
  claims: (fields) => hasAll(fields, ['SIGNAL', 'SYMBOL']) || hasAll(fields, ['SIGNAL', 'EXCHANGE']),
  translate,
};

const tradingTypes: Readonly<Record<string, MarketKind>> = { spot: 'spot', future: 'perpetual', futures: 'perpetual' };
/** What may follow the number of a VOLUME. `a%`, `s%` and `t%` count what is free or held of some coins, which is not the equity. */
const volumeUnits: Readonly<Record<string, SizeUnit>> = {
  '': 'base',
  q: 'quote',
  '%': 'percentEquity',
  'p%': 'percentPosition',
  '%p': 'percentPosition',
};
const targetsMax = 8;

function translate(fields: RawObject): Translation {
  const reader = new FieldReader(fields);
  const draft = new NativeDraft();
  reader.ignore('TOKEN');
  reader.refuse(
    'has no equal here',
    'TRAILING_PROFILE',
    'CANCEL_POLICY',
    'ALLOW_HOLDINGS_ADAPTATION',
    'EXCHANGE_ORDER_IDS',
  );
  for (const key of Object.keys(fields).filter((name) => name.startsWith('PARAM_'))) {
    reader.refuse('is a parameter for the exchange itself, which is not passed on', key);
  }
  draft.name({ action: 'SIGNAL', size: 'VOLUME', price: 'PRICE', triggerPrice: 'STOP_PRICE' });
  const tradingType = reader.word('TRADING_TYPE');
  if (tradingType !== undefined && !Object.hasOwn(tradingTypes, tradingType)) {
    throw unsupported('TRADING_TYPE', 'must be spot or future');
  }
  draft.market(reader.text('SYMBOL'), 'SYMBOL', lookUp(tradingTypes, tradingType));
  draft.venue(reader.text('EXCHANGE'), 'EXCHANGE');
  const signal = reader.word('SIGNAL');
  draft.set('action', signal, 'SIGNAL');
  if (signal === 'cancel') {
    reader.refuse('chooses among orders by their tag, which the desk does not keep', 'TAG');
    return draft.finish(reader);
  }
  draft.set('comment', reader.text('TAG'), 'TAG');
  setVolume(reader, draft);
  setTerms(reader, draft);
  setTargets(reader, draft, Object.keys(fields));
  return draft.finish(reader);
}

function setVolume(reader: FieldReader, draft: NativeDraft): void {
  const volume = reader.text('VOLUME');
  if (volume === undefined) return;
  const [, number = '', suffix = ''] = /^(\d[\d.]*(?:[eE]-?\d+)?)\s*([a-z%]*)$/.exec(volume) ?? [];
  const unit = lookUp(volumeUnits, suffix);
  if (number === '' || unit === undefined) {
    throw unsupported(
      'VOLUME',
      'must be an amount (0.1), one in quote currency (100q), or per cent of the equity (2%) or the position (50p%)',
    );
  }
  draft.size(unit, number, 'VOLUME');
}

/** A price that is one; relative ones count from a price that is not known yet. */
function absolute(reader: FieldReader, key: string): string | undefined {
  const text = reader.quantity(key);
  if (text !== undefined && !isQuantity(text))
    throw unsupported(key, 'must be a price; relative ones are not known here');
  return text;
}

function setTerms(reader: FieldReader, draft: NativeDraft): void {
  const type = reader.word('ORDER_TYPE');
  const limit = absolute(reader, 'PRICE');
  const stop = absolute(reader, 'STOP_PRICE');
  if (type === undefined && limit !== undefined)
    throw invalid('ORDER_TYPE', 'is missing; with a PRICE it must be LIMIT');
  draft.orderType(type, 'ORDER_TYPE');
  if (type !== 'market') draft.set('price', limit, 'PRICE');
  if (type === 'stop') draft.set('triggerPrice', stop, 'STOP_PRICE');
  else draft.set('stopLoss.price', stop, 'STOP_PRICE');
  draft.set('reduceOnly', reader.flag('REDUCE_ONLY'), 'REDUCE_ONLY');
  draft.set('leverage', reader.quantity('LEVERAGE'), 'LEVERAGE');
}

/** Targets count from 1 on, or there is one without a number; ratios are parts of their sum. */
function setTargets(reader: FieldReader, draft: NativeDraft, keys: readonly string[]): void {
  const numbers = keys.flatMap((key) => /^TAKE_PROFIT_PRICE(?:_(\d{1,3}))?$/.exec(key)?.[0].slice(17) ?? []);
  const targets = numbers.flatMap((number) => {
    const key = `TAKE_PROFIT_PRICE${number}`;
    const ratioKey = `TAKE_PROFIT_VOLUME_RATIO${number}`;
    const at = absolute(reader, key);
    const ratio = reader.quantity(ratioKey);
    return at === undefined ? [] : [{ key, ratioKey, at, ratio }];
  });
  if (targets.length > targetsMax) throw unsupported('TAKE_PROFIT_PRICE', `may be given ${targetsMax} times at most`);
  const ratios = targets.flatMap(({ ratio }) => ratio ?? []);
  for (const { ratio, ratioKey } of targets) {
    if (ratios.length > 0 && ratio === undefined)
      throw invalid(ratioKey, 'is missing; give every target a ratio, or none');
    if (ratio !== undefined && (!isQuantity(ratio) || ratio.startsWith('-')))
      throw invalid(ratioKey, 'must be a number');
  }
  const sum = ratios.reduce<Amount>((total, ratio) => add(total, amount(ratio)), amount('0'));
  for (const { key, ratio, at } of targets) {
    draft.takeProfit({ price: at }, key, ratio === undefined ? undefined : portionOf(ratio, sum));
  }
}

/** Cut, so that all portions together are never more than the whole. */
const portionOf = (ratio: string, sum: Amount): string => amountFor(notional(ratio) as Notional, price(sum) as Price);
