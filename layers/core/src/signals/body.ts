/**
 * From the bytes of a webhook to one flat way of reading it. Content decides, not the content type: charts send JSON
 * as text, and text as JSON. Numbers keep the digits they were written with, so no float is ever made of an amount.
 */
import { RequestError } from '../errors.ts';
import type { DialectSetting } from './dialects/dialect.ts';
import { isTextSetting, readsAsText } from './dialects/registry.ts';

/** JSON whose numbers are the strings they were written as. */
export type RawValue = string | boolean | null | RawValue[] | RawObject;
export type RawObject = { [key: string]: RawValue };

/** Nesting and size beyond which a body is not a signal. */
const textPairsMax = 64;
const nestingMax = 16;

/** A body as it came, and its fields where it has some. */
export interface SignalBody {
  text: string;
  fields?: RawObject;
}

/**
 * Reads a body for the dialect that its source names, or for all of them: text with a grammar of its own need not be made of pairs.
 *
 * @throws RequestError as `parseBody` does
 */
export function readBody(text: string, setting: DialectSetting): SignalBody {
  const trimmed = text.trim();
  const isJson = trimmed.startsWith('{') || trimmed.startsWith('[');
  const asText = isTextSetting(setting) || (setting === 'auto' && !isJson && readsAsText(trimmed));
  if (!asText) return { text: trimmed, fields: parseBody(text) };
  const placeholder = placeholderPattern.exec(trimmed)?.[0];
  if (placeholder !== undefined) throw unreplaced('', placeholder);
  if (isTextSetting(setting)) return { text: trimmed };
  // Free text may happen to be pairs as well, which several dialects may then claim.
  const fields = readPairs(trimmed);
  return fields instanceof RequestError ? { text: trimmed } : { text: trimmed, fields };
}

/**
 * Parses a body: a JSON object, or text of `key=value` (or `key: value`) pairs on lines or separated by `;` or `,`.
 * In text, `size.base=0.01` is `{"size":{"base":"0.01"}}`.
 *
 * @throws RequestError `unreplaced_placeholder` when the chart left a `{{…}}` in it; `invalid_json` when it is neither.
 */
export function parseBody(text: string): RawObject {
  const trimmed = text.trim();
  if (trimmed === '') throw new RequestError('invalid_json', 'the body is empty; send a JSON object');
  const parsed = trimmed.startsWith('{') || trimmed.startsWith('[') ? parseJson(trimmed) : parsePairs(trimmed);
  const placeholder = findPlaceholder(parsed, []);
  if (placeholder !== undefined) throw unreplaced(placeholder.path, placeholder.text);
  return parsed;
}

const placeholderPattern = /\{\{[^{}]*\}\}/;

function parseJson(text: string): RawObject {
  let value: unknown;
  try {
    value = JSON.parse(text, keepDigits);
  } catch (error) {
    // A placeholder without quotes is no JSON: tell the cause rather than the symptom.
    const placeholder = placeholderPattern.exec(text)?.[0];
    if (placeholder !== undefined) throw unreplaced(fieldBefore(text, placeholder), placeholder);
    // The engine's own message quotes the body, which may hold a secret: only the place is told.
    const place = /position \d+/.exec((error as SyntaxError).message)?.[0] ?? 'its end';
    throw new RequestError('invalid_json', `the body is not JSON: it breaks off at ${place}`);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new RequestError('invalid_json', 'the body must be a JSON object');
  }
  return value as RawObject;
}

/** The source text of a number; never its float, even where an engine does not give the text (ECMAScript 2026). */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? context?.source : value;
}

function parsePairs(text: string): RawObject {
  const fields = readPairs(text);
  if (fields instanceof RequestError) throw fields;
  return fields;
}

/** @returns the pairs, or why the text is none */
function readPairs(text: string): RawObject | RequestError {
  const pairs = text
    .split(/[\n;,]/)
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '');
  if (pairs.length > textPairsMax) return new RequestError('invalid_json', `more than ${textPairsMax} key=value pairs`);
  const root: RawObject = Object.create(null);
  for (const pair of pairs) {
    // Any character may follow, and spaces are taken off afterwards: a pattern for both would try every way to share them.
    const match = /^([A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)?)\s*[=:]([\s\S]*)$/.exec(pair);
    const [, key, value] = match ?? [];
    if (key === undefined || value === undefined) {
      return new RequestError('invalid_json', 'the body is neither a JSON object nor key=value pairs');
    }
    if (!assign(root, key, value.trim())) {
      const message = 'is given twice';
      return new RequestError('invalid_signal', `"${key}" ${message}`, [{ path: key, message }]);
    }
  }
  return root;
}

/** @returns false when the key, or its group, has a value already */
function assign(root: RawObject, key: string, value: string): boolean {
  const [head = key, tail] = key.split('.');
  const existing = root[head];
  if (tail === undefined) {
    root[head] = value;
    return existing === undefined;
  }
  const group = existing === undefined ? Object.create(null) : existing;
  if (group === null || typeof group !== 'object' || Array.isArray(group) || group[tail] !== undefined) return false;
  group[tail] = value;
  root[head] = group;
  return true;
}

function findPlaceholder(value: RawValue, path: string[]): { path: string; text: string } | undefined {
  if (typeof value === 'string') {
    const text = placeholderPattern.exec(value)?.[0];
    return text === undefined ? undefined : { path: path.join('.'), text };
  }
  if (value === null || typeof value !== 'object') return undefined;
  if (path.length > nestingMax)
    throw new RequestError('invalid_json', `the body is nested deeper than ${nestingMax} levels`);
  for (const [key, member] of Object.entries(value)) {
    const found = findPlaceholder(member, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fieldBefore(text: string, placeholder: string): string {
  const keys = [...text.slice(0, text.indexOf(placeholder)).matchAll(/"([^"]{1,64})"\s*:/g)];
  return keys.at(-1)?.[1] ?? '';
}

function unreplaced(path: string, text: string): RequestError {
  const message = `the alert still holds the placeholder ${text.slice(0, 64)}; it is misspelt or not available for this alert`;
  return new RequestError('unreplaced_placeholder', message, [{ path, message: 'is an unreplaced placeholder' }]);
}
