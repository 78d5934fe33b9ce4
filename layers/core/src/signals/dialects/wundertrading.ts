/**
 * WunderTrading signal bots. The code says what to do, where, and in which market: `ENTER-LONG_BYBIT_BTCUSDT_…`; its last part is
 * a secret, so nothing of the code is ever repeated. Told from client code and from WunderTrading's description of its own tools.
 */
import { compare } from '../../money.ts';
import type { RawObject } from '../body.ts';
import { type FieldDialect, hasAny, type Translation } from './dialect.ts';
import { FieldReader, invalid, unsupported } from './field-reader.ts';
import { NativeDraft, percentOfShare, requireDollars } from './native-draft.ts';

export const wundertrading: FieldDialect = {
  name: 'wundertrading',
  reads: 'fields',
  claims: (fields) => hasAny(fields, ['code', 'amountPerTrade', 'amountPerTradeType']),
  translate,
};

const verbs = { ENTER: ['LONG', 'SHORT'], EXIT: ['LONG', 'SHORT', 'ALL'] } as const;
const kindSuffixes = { SWAP: 'perpetual', FUTURES: 'perpetual', PERP: 'perpetual', SPOT: 'spot' } as const;

interface Code {
  entry: boolean;
  side: string;
  exchange?: string;
  pair?: string;
  kind?: 'spot' | 'perpetual';
}

/** @throws RequestError that says nothing of what the code holds */
function readCode(code: string | undefined): Code {
  if (code === undefined) throw invalid('code', 'is missing');
  const [verb = '', exchange, ...rest] = code.split('_');
  const [, word = '', side = ''] = /^(ENTER|EXIT)-(LONG|SHORT|ALL)$/.exec(verb.trim().toUpperCase()) ?? [];
  const sides: readonly string[] = word === 'ENTER' ? verbs.ENTER : verbs.EXIT;
  if (word === '' || !sides.includes(side)) {
    throw invalid('code', 'must start with ENTER-LONG, ENTER-SHORT, EXIT-LONG, EXIT-SHORT or EXIT-ALL');
  }
  const suffix = rest[0]?.trim().toUpperCase() ?? '';
  const kind = suffix in kindSuffixes ? kindSuffixes[suffix as keyof typeof kindSuffixes] : undefined;
  const pair = rest[kind === undefined ? 0 : 1]?.trim();
  // A code for several pairs has NONE here. What is left is the bot's name and the secret.
  const named = pair !== undefined && /^[A-Z0-9/.-]{4,32}$/.test(pair) && pair !== 'NONE' && rest.length > 1;
  return {
    entry: word === 'ENTER',
    side,
    ...(exchange && rest.length > 0 && { exchange }),
    ...(named && { pair }),
    ...(kind && { kind }),
  };
}

function translate(fields: RawObject): Translation {
  const reader = new FieldReader(fields);
  const draft = new NativeDraft();
  const code = readCode(reader.text('code'));
  reader.ignore('bot_uuid', 'token');
  const why = 'has no equal here';
  reader.refuse(why, 'timeToLive', 'moveToBreakeven', 'trailingStop', 'pumpProtection', 'swingTrade');
  reader.refuse(
    'asks for several entries, of which the desk places one',
    'extraOrderCount',
    'extraOrders',
    'dca',
    'grid',
  );
  draft.name({ action: 'code', size: 'amountPerTrade' });
  const pairKey = ['pair', 'symbol', 'ticker'].find((key) => reader.has(key));
  const market = draft.market(pairKey ? reader.text(pairKey) : code.pair, pairKey ?? 'code', code.kind);
  draft.venue(code.exchange, 'code');
  draft.orderType(reader.word('orderType'), 'orderType');
  draft.set('price', reader.quantity('price'), 'price');
  draft.set('leverage', reader.quantity('leverage'), 'leverage');
  setSize(reader, draft, market?.symbol);
  if (code.entry) {
    draft.target(code.side === 'LONG' ? 'long' : 'short', 'code');
    draft.set('reduceOnly', reader.flag('reduceOnly'), 'reduceOnly');
    setExits(reader, draft);
  } else {
    draft.action('close', 'code');
    // A close only ever reduces.
    reader.ignore('reduceOnly');
    reader.refuse('goes with codes that enter', 'takeProfits', 'stopLoss');
  }
  return draft.finish(reader);
}

function setSize(reader: FieldReader, draft: NativeDraft, symbol: string | undefined): void {
  const amount = reader.quantity('amountPerTrade');
  const unit = reader.word('amountPerTradeType');
  const from = 'amountPerTrade';
  if (amount === undefined) return;
  if (unit === 'base' || unit === 'quote' || unit === 'contracts') {
    draft.size(unit, amount, from);
    return;
  }
  if (unit === '$') {
    requireDollars(symbol, 'amountPerTradeType');
    draft.size('quote', amount, from);
    return;
  }
  if (unit === 'percents') {
    const percent = percentOfShare(amount, from);
    if (compare(percent, '100') > 0) throw invalid(from, 'is a share from 0 to 1 when it is in percents');
    draft.size('percentEquity', percent, from);
    return;
  }
  throw invalid('amountPerTradeType', 'must be base, quote, contracts, $ or percents');
}

function setExits(reader: FieldReader, draft: NativeDraft): void {
  for (const target of reader.list('takeProfits')) {
    const deviation = target.text('priceDeviation');
    const price = target.text('price');
    const from = target.pathOf(deviation === undefined ? 'price' : 'priceDeviation');
    if (deviation !== undefined && price !== undefined) throw invalid(from, 'and price are both given; keep one');
    const portion = target.text('portfolio');
    if (deviation !== undefined) draft.takeProfit({ percent: percentOfShare(deviation, from) }, from, portion);
    else if (price !== undefined) draft.takeProfit({ price }, from, portion);
    else throw invalid(from, 'or priceDeviation is missing');
  }
  const stop = reader.group('stopLoss');
  if (stop === undefined) return;
  const deviation = stop.quantity('priceDeviation');
  const from = 'stopLoss.priceDeviation';
  if (deviation !== undefined) draft.set('stopLoss.percent', percentOfShare(deviation, from), from);
  draft.set('stopLoss.price', stop.quantity('price'), 'stopLoss.price');
  if (deviation === undefined && !stop.has('price')) throw unsupported('stopLoss', 'must hold priceDeviation or price');
}
