/** What it takes to understand one sender's way of writing a signal. */
import type { MarketKind } from '../../ports/market-data.ts';
import type { RawObject } from '../body.ts';

/** Every way of writing that is understood, by the name that a source's setting `dialect` uses. */
export const dialectNames = [
  'native',
  'tradingview',
  'threecommas',
  'wundertrading',
  'okx',
  'traderspost',
  'tv-hub',
  'hoox',
  'trade-relay',
  'junta',
  'freqtrade',
  'hummingbot',
  'octobot',
  'alertatron',
  'pine-connector',
  'cornix',
] as const;
export type DialectName = (typeof dialectNames)[number];

/** A source's setting: one dialect, or whichever a body shows itself to be. */
export const dialectSettings = ['auto', ...dialectNames] as const;
export type DialectSetting = (typeof dialectSettings)[number];

/** A signal in native words. It is checked as strictly as a native one afterwards. */
export interface Translation {
  body: RawObject;
  /** The sender's own names, by the native field that each stands for: what a refusal has to name. */
  fieldNames: ReadonlyMap<string, string>;
  /** What the sender's way of writing says about the market; absent when it leaves that open. */
  kind?: MarketKind;
  /** The sender's id of the order, where it is equal for every signal of one kind: it only helps together with a time. */
  orderId?: string;
  /** Time of the bar: tells signals apart, says nothing about delay. */
  barTime?: string;
  /** Names, never values, of keys that this dialect does not have and that were left alone. */
  unknownKeys: readonly string[];
}

interface DialectBase {
  readonly name: DialectName;
}

/** A dialect of keys and values: JSON, or `key=value` text. */
export interface FieldDialect extends DialectBase {
  readonly reads: 'fields';
  /** True when the body has keys that no other dialect has. */
  claims(fields: RawObject): boolean;
  /** @throws RequestError naming what has no meaning here */
  translate(fields: RawObject): Translation;
}

/** A dialect with a grammar of its own. */
export interface TextDialect extends DialectBase {
  readonly reads: 'text';
  claims(text: string): boolean;
  /** @throws RequestError naming what has no meaning here */
  translate(text: string): Translation;
}

export type Dialect = FieldDialect | TextDialect;

/** True when the body has one of the keys, whatever it holds. */
export const hasAny = (fields: RawObject, keys: readonly string[]): boolean =>
  keys.some((key) => Object.hasOwn(fields, key));

/** True when the body has all of the keys, whatever they hold. */
export const hasAll = (fields: RawObject, keys: readonly string[]): boolean =>
  keys.every((key) => Object.hasOwn(fields, key));

/** What a table has under a sender's word; never what every object has, such as `constructor`. */
export const lookUp = <Value>(table: Readonly<Record<string, Value>>, word: string | undefined): Value | undefined =>
  word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
