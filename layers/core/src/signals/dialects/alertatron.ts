/**
 * Alertatron's commands for bots: `MyKeys(XBTUSD) { market(side=buy, amount=100); } #bot`. One command is one signal: several would be
 * several orders, some of which wait for others.
 *
 * Source: Alertatron docs, "Automated Trading": market order, stop market order. An amount is in the exchange's own unit there, which
 * are contracts; prices are offsets from the market, of which only `@price` is one by itself.
 */
import { isQuantity } from '../../money.ts';
import type { RawObject } from '../body.ts';
import { lookUp, type TextDialect, type Translation } from './dialect.ts';
import { FieldReader, invalid, unsupported } from './field-reader.ts';
import { NativeDraft, type SizeUnit } from './native-draft.ts';

const blockPattern = /^\s*([\w .-]{1,64})\(\s*([\w:./-]{2,64})\s*\)\s*\{([^{}]*)\}\s*((?:#\w+\s*)*)$/;
const commandPattern = /^(\w{1,32})\s*\(([^()]*)\)$/;

export const alertatron: TextDialect = {
  name: 'alertatron',
  reads: 'text',
  claims: (text) => blockPattern.test(text),
  translate,
};

/** The name of the keys, which comes first, is Alertatron's affair. */
function translate(text: string): Translation {
  const [, , symbol, block] = blockPattern.exec(text) ?? [];
  if (symbol === undefined || block === undefined) {
    throw invalid('body', 'must be Keys(SYMBOL) { command(…); }');
  }
  const commands = block
    .split(/[;\n]/)
    .map((line) => line.replace(/^\s*(?:#|\/\/).*$/, '').trim())
    .filter((line) => line !== '');
  const [command = '', other] = commands;
  if (other !== undefined) throw unsupported('commands', 'must be one; send a signal for each');
  const [, name, list] = commandPattern.exec(command) ?? [];
  if (name === undefined || list === undefined)
    throw invalid('commands', 'must be one, such as market(side=buy, amount=10)');
  const reader = new FieldReader(argumentsOf(list), { prefix: name });
  const draft = new NativeDraft();
  draft.market(symbol, 'symbol');
  setCommand(name.toLowerCase(), reader, draft);
  reader.refuseUnknown();
  return draft.finishWith([]);
}

function argumentsOf(list: string): RawObject {
  const fields: RawObject = Object.create(null);
  for (const part of list.split(',').filter((text) => text.trim() !== '')) {
    const [, key, value] = /^\s*(\w{1,32})\s*=\s*(.*?)\s*$/.exec(part) ?? [];
    if (key === undefined || value === undefined) throw invalid('commands', 'must have arguments such as side=buy');
    if (Object.hasOwn(fields, key)) throw invalid(key, 'is given twice');
    fields[key] = value;
  }
  return fields;
}

function setCommand(name: string, reader: FieldReader, draft: NativeDraft): void {
  if (name === 'cancel') {
    const which = reader.word('which') ?? 'all';
    if (which !== 'all') throw unsupported(reader.pathOf('which'), 'must be all; the desk does not keep tags');
    draft.action('cancel', reader.pathOf('which'));
    return;
  }
  if (name !== 'market' && name !== 'limit' && name !== 'stopmarket') {
    throw unsupported('commands', 'must be market, limit, stopMarket or cancel');
  }
  reader.ignore('tag');
  reader.refuse('has no equal here: triggers follow the price that the exchange uses by itself', 'trigger');
  setSize(reader, draft);
  const reduces = reader.flag('reduceOnly') ?? (name === 'stopmarket' ? true : undefined);
  draft.set('reduceOnly', reduces, reader.pathOf('reduceOnly'));
  if (name === 'market') return;
  const from = reader.pathOf('offset');
  const offset = reader.text('offset');
  if (offset?.startsWith('@') !== true) {
    throw unsupported(from, 'must be a price such as @50000; relative ones count from one that is not known here');
  }
  const price = offset.slice(1);
  if (name === 'limit') {
    draft.orderType('limit', 'commands');
    draft.set('price', price, from);
    if (reader.flag('postOnly') === true) draft.set('timeInForce', 'PO', reader.pathOf('postOnly'));
  } else {
    draft.orderType('stop', 'commands');
    draft.set('triggerPrice', price, from);
  }
}

/** What may follow a number. `%%` and `%a` count what is free, which is not the equity. */
const units: Readonly<Record<string, SizeUnit>> = {
  '': 'contracts',
  '%': 'percentEquity',
  '%b': 'percentEquity',
  '%p': 'percentPosition',
};

function setSize(reader: FieldReader, draft: NativeDraft): void {
  const key = reader.has('position') ? 'position' : 'amount';
  const from = reader.pathOf(key);
  const text = reader.text(key);
  const [, sign = '', number = '', suffix = ''] = /^([+-]?)(\d[\d.]*)(%?[%abp]?)$/.exec(text ?? '') ?? [];
  const unit = lookUp(units, suffix);
  if (text === undefined) throw invalid(from, 'is missing');
  if (!isQuantity(number) || unit === undefined) throw unsupported(from, 'must be a number, or per cent (50%, 50%p)');
  const side = reader.word('side') ?? 'buy';
  if (key === 'amount') {
    if (sign === '-') throw invalid(from, 'must be above zero');
    draft.set('action', side, reader.pathOf('side'));
    draft.size(unit, number, from);
    return;
  }
  const flat = /^[0.]+$/.test(number);
  draft.target(flat ? 'flat' : sign === '-' ? 'short' : 'long', from);
  if (!flat) draft.size(unit, number, from);
}
