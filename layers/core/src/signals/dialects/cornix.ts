/**
 * Signals written for people, in the form that Cornix reads: a pair, one entry, targets, a stop. What is not one of its lines is prose,
 * and is passed over; what would be several orders, or trail, is refused.
 *
 * Source: Cornix help, "Signal Posting" and "Free Text Trade". That an amount per trade is the size of the position, not what
 * is put up for it, is not verified.
 */
import { compare, isQuantity } from '../../money.ts';
import type { TextDialect, Translation } from './dialect.ts';
import { invalid, unsupported } from './field-reader.ts';
import { NativeDraft } from './native-draft.ts';

const linesMax = 64;
/** Nobody reads a longer line, and a pattern may take long over it. */
const lineCharactersMax = 1_000;
const pairPattern = /(?<![\w/])[#$]?([A-Z0-9]{2,15})\s?\/\s?([A-Z]{3,6})(?![\w/])/;
/** Bullets and pictures before a line's first word. */
const lead = '^[^A-Za-z0-9#]*(?:\\d+[.)]\\s*)?';
const linePatterns = {
  entry: new RegExp(`${lead}(?:entry|enter|buy)\\b(?![^:]*\\b(?:profit)\\b)`, 'i'),
  target: new RegExp(`${lead}(?:take[- ]?profits?|targets?|sell|tps?\\s*\\d*)\\b`, 'i'),
  stop: new RegExp(`${lead}stop\\b`, 'i'),
  leverage: new RegExp(`${lead}lev(?:erage)?\\b`, 'i'),
  amount: new RegExp(`${lead}(?:amount|invest|capital|risk|rm)\\b`, 'i'),
  trailing: new RegExp(`${lead}trailing\\b`, 'i'),
} as const;

export const cornix: TextDialect = {
  name: 'cornix',
  reads: 'text',
  claims: (text) => {
    const lines = linesOf(text);
    if (!pairPattern.test(text) || text.includes('=')) return false;
    const has = (pattern: RegExp): boolean => lines.some((line) => pattern.test(line));
    return has(linePatterns.entry) && (has(linePatterns.target) || has(linePatterns.stop));
  },
  translate,
};

const linesOf = (text: string): string[] => text.split('\n').slice(0, linesMax);

function translate(text: string): Translation {
  const lines = linesOf(text);
  if (lines.some(({ length }) => length > lineCharactersMax)) {
    throw invalid('body', `must not have lines of more than ${lineCharactersMax} characters`);
  }
  const [, base, quote] = pairPattern.exec(text) ?? [];
  const draft = new NativeDraft();
  const leverage = numbersAfter(lines, 'leverage')[0];
  // Signals with a leverage are for futures; a pair by itself is spot.
  const symbol = base === undefined || quote === undefined ? undefined : `${base}/${quote}`;
  if (symbol === undefined) throw invalid('pair', 'is missing; write it with a slash: BTC/USDT');
  draft.market(symbol, 'pair', leverage === undefined ? 'spot' : 'perpetual');
  draft.set('leverage', leverage, 'leverage');
  if (lines.some((line) => linePatterns.trailing.test(line))) throw unsupported('trailing', 'has no equal here');
  const entry = readEntry(lines);
  const targets = numbersAfter(lines, 'target');
  const [stop, otherStop] = numbersAfter(lines, 'stop');
  if (otherStop !== undefined) throw unsupported('stop', 'must be one price');
  if (quote === 'BTC' || quote === 'ETH') requireFractions([...targets, stop, entry.price]);
  const side = sideOf(text, { entry: entry.price, target: targets[0], stop });
  draft.action(side, 'direction');
  setEntry(draft, entry, side);
  for (const target of targets) draft.takeProfit({ price: target }, 'target');
  draft.set('stopLoss.price', stop, 'stop');
  setAmount(draft, lines);
  return draft.finishWith([]);
}

interface Entry {
  price?: string;
  breakout: boolean;
}

function readEntry(lines: readonly string[]): Entry {
  const line = lines.find((candidate) => linePatterns.entry.test(candidate)) ?? '';
  const prices = numbersAfter(lines, 'entry');
  const [price, other] = prices;
  if (other !== undefined || /\bzone\b/i.test(line)) {
    throw unsupported(
      'entry',
      'must be one price; several are several orders, of which the desk places one for each signal',
    );
  }
  if (price === undefined && !/\bmarket\b|\bnow\b|\bcurrent\b/i.test(line)) {
    throw invalid('entry', 'must be a price, or the word market');
  }
  return { ...(price !== undefined && { price }), breakout: /\b(?:above|below)\b/i.test(line) };
}

function setEntry(draft: NativeDraft, { price, breakout }: Entry, side: 'buy' | 'sell'): void {
  if (price === undefined) return;
  draft.orderType(breakout ? 'stop' : 'limit', 'entry');
  draft.set(breakout ? 'triggerPrice' : 'price', price, 'entry');
  draft.name({ action: side === 'buy' ? 'long' : 'short' });
}

const headings: ReadonlySet<keyof typeof linePatterns> = new Set(['entry', 'target', 'stop']);

/** The numbers of a line and of the list below its heading: `Targets: 1 2`, `Targets:⏎1) 100⏎2) 200`, `TP1: 100`. */
function numbersAfter(lines: readonly string[], kind: keyof typeof linePatterns): string[] {
  const numbers: string[] = [];
  let listing = false;
  for (const line of lines) {
    const other = Object.entries(linePatterns).find(([, pattern]) => pattern.test(line))?.[0];
    if (other === kind) {
      const own = numbersOf(line.replace(linePatterns[kind], ''));
      numbers.push(...own);
      listing = own.length === 0 && headings.has(kind);
    } else if (listing && other === undefined && isPriceLine(line)) {
      numbers.push(...numbersOf(line.replace(/^[^A-Za-z0-9]*\d{1,2}[.):]\s+/, '')));
    } else if (line.trim() !== '') {
      // What begins like a line of the list and is none that can be read must not be left out: it may be the price to get out at.
      if (listing && other === undefined && /^[^\p{L}\p{N}#]*\p{N}/u.test(line)) {
        throw invalid(kind, 'has a line that is no price; write each in full, and nothing else beside it');
      }
      if (listing && numbers.length === 0) refuseEmptyList(kind, lines);
      listing = false;
    }
  }
  if (listing && numbers.length === 0) refuseEmptyList(kind, lines);
  return numbers;
}

/** Targets and stops that are announced have to be there; an entry may be a word. */
function refuseEmptyList(kind: keyof typeof linePatterns, lines: readonly string[]): void {
  const isAnnounced = lines.some((line) => linePatterns[kind].test(line) && /:\s*$/.test(line));
  if (kind !== 'entry' && isAnnounced) throw invalid(kind, 'is announced, and no price follows');
}

/** A line of nothing but numbers, perhaps counted: `2) 1.15`. Step by step, as one pattern would try every way to share its spaces. */
function isPriceLine(line: string): boolean {
  const text = line.replace(/^[^A-Za-z0-9]+/, '');
  const isNumbers = (part: string): boolean => /^[\d., $-]+$/.test(part.trim());
  return /\d/.test(text) && (isNumbers(text) || isNumbers(text.replace(/^\d{1,2}[.):]/, '')));
}

/** @throws RequestError for a number in an abbreviation that could mean two things */
function numbersOf(text: string): string[] {
  // Other ways to write a number would be read as two.
  if (/\d(?:e[+-]?\d|_\d|x[\da-f])/i.test(text)) throw invalid('price', 'must be a decimal number');
  const found = text.match(/[.,]?\d+(?:[.,]\d+)*\s?(?:k\b|%)?/gi) ?? [];
  return found
    .map((number) => number.trim())
    .filter((number) => !number.endsWith('%'))
    .map((number) => {
      if (/k$/i.test(number) || number.includes(',')) {
        throw unsupported('price', 'must be written out in full, with a point and without separators');
      }
      if (!isQuantity(number)) throw invalid('price', 'must be a decimal number');
      return number;
    });
}

/** Prices in satoshis may be written as whole numbers there, which cannot be told from prices. */
function requireFractions(prices: readonly (string | undefined)[]): void {
  if (prices.some((price) => price !== undefined && !price.includes('.'))) {
    throw unsupported('price', 'may be in satoshis when it is a whole number; write it out in full');
  }
}

interface Levels {
  entry: string | undefined;
  target: string | undefined;
  stop: string | undefined;
}

/** As the words say, else as the prices do. */
function sideOf(text: string, { entry, target, stop }: Levels): 'buy' | 'sell' {
  const long = /\blong\b/i.test(text);
  const short = /\bshort\b/i.test(text);
  if (long !== short) return long ? 'buy' : 'sell';
  const low = stop ?? entry;
  const high = target ?? entry;
  if (low === undefined || high === undefined || compare(low, high) === 0) {
    throw invalid('direction', 'is missing; write LONG or SHORT');
  }
  return compare(low, high) < 0 ? 'buy' : 'sell';
}

function setAmount(draft: NativeDraft, lines: readonly string[]): void {
  draft.name({ size: 'amount', stopLoss: 'stop' });
  const line = lines.find((candidate) => linePatterns.amount.test(candidate) && /\d\s*%/.test(candidate));
  const [, percent] = /(\d+(?:\.\d+)?)\s*%/.exec(line ?? '') ?? [];
  if (line === undefined || percent === undefined) {
    throw invalid('amount', 'is missing; write Amount: 5% or Risk: 1%');
  }
  draft.size(/\b(?:risk|rm)\b/i.test(line) ? 'riskPercent' : 'percentEquity', percent, 'amount');
}
