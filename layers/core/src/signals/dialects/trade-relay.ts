/**
 * Trade Relay. Keys are read whatever their case. Told from its published list of fields; the aliases of keys and of actions, and
 * that a bare takeProfit or stopLoss is a price, are not verified.
 */
import type { RawObject } from '../body.ts';
import { type FieldDialect, hasAny, lookUp, type Translation } from './dialect.ts';
import { FieldReader, invalid } from './field-reader.ts';
import { hasNativeMarks } from './native.ts';
import { NativeDraft, type SizeUnit } from './native-draft.ts';

/** Keys in lower case, by the one that each stands for. */
const aliases: Readonly<Record<string, string>> = {
  qty: 'quantity',
  side: 'action',
  tif: 'timeinforce',
  tp: 'takeprofit',
  sl: 'stoploss',
};

/** Its own keys, and those that an alert for HOOX might have as well. */
const marks = ['notional', 'percentequity', 'riskpercent', 'signalid', 'stoplosslimit'];
const commonMarks = ['quantity', 'ordertype', 'limitprice', 'stopprice'];

export const tradeRelay: FieldDialect = {
  name: 'trade-relay',
  reads: 'fields',
  claims: (fields) => {
    const { known } = inOneCase(fields);
    if (!Object.hasOwn(known, 'symbol') || !Object.hasOwn(known, 'action') || hasNativeMarks(fields)) return false;
    const theirs = hasAny(fields, ['apiKey', 'idempotencyKey']);
    return hasAny(known, marks) || (hasAny(known, commonMarks) && !theirs);
  },
  translate,
};

const actions: Readonly<Record<string, 'buy' | 'sell' | 'close' | 'cancel'>> = {
  buy: 'buy',
  long: 'buy',
  sell: 'sell',
  short: 'sell',
  close: 'close',
  exit: 'close',
  flatten: 'close',
  cancel: 'cancel',
};

const sizes: readonly { key: string; unit: SizeUnit }[] = [
  { key: 'quantity', unit: 'base' },
  { key: 'notional', unit: 'quote' },
  { key: 'percentequity', unit: 'percentEquity' },
  { key: 'riskpercent', unit: 'riskPercent' },
];

/** How its documents spell keys that a sender may have left out. */
const documentedSpelling: ReadonlyMap<string, string> = new Map([
  ['limitprice', 'limitPrice'],
  ['stopprice', 'stopPrice'],
  ['stoploss', 'stopLoss'],
  ['trailpercent', 'trailPercent'],
]);

function nameOf(key: string): string {
  const lower = key.toLowerCase();
  return lookUp(aliases, lower) ?? lower;
}

/** The first of several keys that stand for one is taken; the others stay behind as unknown, or as a size too many. */
function inOneCase(fields: RawObject): { known: RawObject; spelling: Map<string, string> } {
  const known: RawObject = Object.create(null);
  const spelling = new Map<string, string>();
  for (const [key, value] of Object.entries(fields)) {
    const name = nameOf(key);
    const free = Object.hasOwn(known, name) ? key : name;
    known[free] = value;
    spelling.set(free, key);
  }
  return { known, spelling };
}

function translate(fields: RawObject): Translation {
  const { known, spelling } = inOneCase(fields);
  for (const [free, key] of spelling) {
    const name = nameOf(key);
    if (free !== name) throw invalid(key, `and ${spelling.get(name)} mean the same; keep one`);
  }
  const reader = new FieldReader(known, { spelling: new Map([...documentedSpelling, ...spelling]) });
  const draft = new NativeDraft();
  const path = (key: string) => reader.pathOf(key);
  const set = (native: string, key: string) => draft.set(native, reader.quantity(key), path(key));
  reader.ignore('token', 'secret', 'passphrase', 'strategy');
  reader.refuse('is not supported: the stop-loss sells at market once it is reached', 'stoplosslimit');
  reader.refuse('has no equal here', 'delay', 'extendedhours');
  draft.name({ symbol: path('symbol'), action: path('action'), price: path('limitprice') });
  draft.name({ triggerPrice: path('stopprice'), stopLoss: path('stoploss'), trailPercent: path('trailpercent') });
  draft.market(reader.text('symbol'), path('symbol'));
  draft.venue(reader.text('exchange'), path('exchange'));
  set('account', 'account');
  draft.set('id', reader.text('signalid'), path('signalid'));
  draft.set('sentAt', reader.text('timestamp'), path('timestamp'));
  draft.set('comment', reader.text('comment'), path('comment'));
  const word = reader.word('action');
  const action = lookUp(actions, word);
  if (action === undefined) draft.set('action', word, path('action'));
  else draft.action(action, path('action'));
  setSize(reader, draft);
  const type = reader.word('ordertype');
  draft.orderType(type, path('ordertype'));
  const limit = reader.quantity('limitprice');
  const seen = reader.quantity('price');
  // `price` is what the chart saw, unless a limit order has no price of its own.
  if (limit !== undefined) draft.set('price', limit, path('limitprice'));
  else if (type === 'limit') draft.set('price', seen, path('price'));
  set('triggerPrice', 'stopprice');
  set('trailAmount', 'trailamount');
  set('trailPercent', 'trailpercent');
  set('leverage', 'leverage');
  draft.set('reduceOnly', reader.flag('reduceonly'), path('reduceonly'));
  draft.timeInForce(reader.text('timeinforce'), path('timeinforce'));
  setExits(reader, draft);
  return draft.finish(reader);
}

function setSize(reader: FieldReader, draft: NativeDraft): void {
  const given = sizes
    .map(({ key, unit }) => ({ path: reader.pathOf(key), unit, value: reader.quantity(key) }))
    .filter(({ value }) => value !== undefined);
  const [size, other] = given;
  draft.name({ size: reader.pathOf('quantity') });
  if (other !== undefined) throw invalid(other.path, `and ${size?.path} are both given; keep one`);
  if (size !== undefined) draft.size(size.unit, size.value, size.path);
}

function setExits(reader: FieldReader, draft: NativeDraft): void {
  const exits: ReadonlyArray<'takeprofit' | 'stoploss'> = ['takeprofit', 'stoploss'];
  for (const key of exits) {
    const group = reader.isGroup(key) ? reader.group(key) : undefined;
    const percent = group?.quantity('percent');
    const price = group === undefined ? reader.quantity(key) : group.quantity('price');
    const from = reader.pathOf(key);
    if (group !== undefined && percent === undefined && price === undefined) {
      throw invalid(from, 'must be a price, or hold percent or price');
    }
    if (key === 'stoploss') {
      draft.set('stopLoss.percent', percent, from);
      draft.set('stopLoss.price', price, from);
    } else if (percent !== undefined && price !== undefined)
      throw invalid(from, 'must hold percent or price, not both');
    else if (percent !== undefined) draft.takeProfit({ percent }, from);
    else if (price !== undefined) draft.takeProfit({ price }, from);
  }
}
