/**
 * PineConnector: `60123456789,buy,BTCUSDT.P,risk=1,sl_pct=2`. It is made for MetaTrader, whose units have no meaning here: pips and lots
 * are refused by name, and so are `sl`, `tp` and `price`, whose unit is a setting at the terminal. The first part is a licence: it is
 * never repeated.
 *
 * Source: PineConnector docs, "Syntax" and "Cheatsheet". That `risk` is per cent of the equity lost at the stop-loss is one of its
 * settings there, and the only one here; of the explicit names only `vol_lots`, `vol_dollar`, `sl_pips` and `tp_pct` are verified.
 */
import type { RawObject } from '../body.ts';
import { lookUp, type TextDialect, type Translation } from './dialect.ts';
import { FieldReader, invalid, unsupported } from './field-reader.ts';
import { NativeDraft } from './native-draft.ts';

const headPattern = /^\s*\d{6,20}\s*,\s*[A-Za-z]+\s*(?:,|$)/;

export const pineConnector: TextDialect = {
  name: 'pine-connector',
  reads: 'text',
  claims: (text) => headPattern.test(text),
  translate,
};

const buys: ReadonlySet<string> = new Set(['buy', 'long', 'bull', 'bullish']);
const sells: ReadonlySet<string> = new Set(['sell', 'short', 'bear', 'bearish']);
const closes: ReadonlySet<string> = new Set(['closelong', 'closeshort', 'closelongshort', 'exit', 'flat']);
const reversals: Readonly<Record<string, 'long' | 'short'>> = { closeshortbuy: 'long', closelongsell: 'short' };

function translate(text: string): Translation {
  const [license, command, symbol, ...rest] = text.split(',').map((part) => part.trim());
  if (license === undefined || command === undefined || !headPattern.test(text)) {
    throw invalid('body', 'must be licence,command,symbol,key=value,…');
  }
  if (symbol === undefined || symbol === '' || symbol.includes('=')) throw invalid('symbol', 'is missing');
  const reader = new FieldReader(parametersOf(rest));
  const draft = new NativeDraft();
  draft.market(symbol, 'symbol');
  draft.name({ action: 'command', size: 'risk' });
  reader.ignore('secret');
  draft.set('comment', reader.text('comment'), 'comment');
  setCommand(command.toLowerCase(), reader, draft);
  reader.refuseUnknown();
  return draft.finishWith([]);
}

function parametersOf(parts: readonly string[]): RawObject {
  const fields: RawObject = Object.create(null);
  for (const part of parts.filter((text) => text !== '')) {
    const [, key, value] = /^([A-Za-z_]{1,32})\s*=\s*"?(.*?)"?$/.exec(part) ?? [];
    if (key === undefined || value === undefined) throw invalid('body', 'must end in key=value, separated by commas');
    const name = key.toLowerCase();
    if (Object.hasOwn(fields, name)) throw invalid(name, 'is given twice');
    fields[name] = value;
  }
  return fields;
}

function setCommand(command: string, reader: FieldReader, draft: NativeDraft): void {
  if (closes.has(command)) {
    draft.action('close', 'command');
    return;
  }
  const reversal = lookUp(reversals, command);
  if (reversal !== undefined) draft.target(reversal, 'command');
  else if (buys.has(command)) draft.action('buy', 'command');
  else if (sells.has(command)) draft.action('sell', 'command');
  else throw unsupported('command', 'must be buy, sell, closelong, closeshort, closeshortbuy or closelongsell');
  reader.refuse(
    'is in pips, which have no meaning here; write sl_pct, sl_price, tp_pct or tp_price',
    'sl_pips',
    'tp_pips',
  );
  reader.refuse('is in pips, a price or per cent by a setting at the terminal; write sl_pct or sl_price', 'sl');
  reader.refuse('is in pips, a price or per cent by a setting at the terminal; write tp_pct or tp_price', 'tp');
  reader.refuse('is in pips, a price or per cent by a setting at the terminal', 'price');
  reader.refuse('is in lots, which every broker counts in its own way; write risk', 'vol_lots', 'lots');
  reader.refuse('is what is lost at the stop-loss in dollars; write risk, in per cent of the equity', 'vol_dollar');
  draft.size('riskPercent', reader.quantity('risk'), 'risk');
  draft.name({ stopLoss: 'sl_pct' });
  draft.set('stopLoss.percent', reader.quantity('sl_pct'), 'sl_pct');
  draft.set('stopLoss.price', reader.quantity('sl_price'), 'sl_price');
  const percent = reader.quantity('tp_pct');
  const price = reader.quantity('tp_price');
  if (percent !== undefined && price !== undefined) throw invalid('tp_price', 'and tp_pct are both given; keep one');
  if (percent !== undefined) draft.takeProfit({ percent }, 'tp_pct');
  if (price !== undefined) draft.takeProfit({ price }, 'tp_price');
}
