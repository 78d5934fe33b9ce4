/**
 * A configuration says by which rules it was checked, and what it was then. Whoever goes by the very same rules and finds it as
 * it was need not check it again: checking, and loading what checks, takes longer than placing an order does. The mark tells
 * of accidents, not of attacks: whoever may publish a configuration may publish any that is valid.
 */
import type { DeskConfig } from './desk-config.ts';

export interface CheckMark {
  /** Tells one state of the rules from every other (lib/bundling/config-rules.ts). */
  rules: string;
  /** SHA-256 of the configuration as JSON, in hexadecimal. */
  digest: string;
}

/** Where the mark is, beside the documents. */
export const checkMarkKey = 'checked';

/** SHA-256 of a text in UTF-8, in hexadecimal. */
export type Digest = (text: string) => string;

/** What is published: the configuration, with the mark if it is known which rules it was checked by. */
export function markChecked(config: DeskConfig, rules: string | undefined, digest: Digest): object {
  if (rules === undefined) return config;
  const mark: CheckMark = { rules, digest: digest(JSON.stringify(config)) };
  return { ...config, [checkMarkKey]: mark };
}

/** The rules that a published document was checked by; `undefined` where it does not say. */
export function rulesOf(document: unknown): string | undefined {
  return markOf(document)?.rules;
}

/**
 * The configuration in a document that was checked by these rules and has not changed since.
 *
 * @param rules those that the caller would check by; `undefined` where they are not known
 * @returns `undefined` where it is to be checked
 */
export function checkedConfigIn(document: unknown, rules: string | undefined, digest: Digest): DeskConfig | undefined {
  const mark = markOf(document);
  if (mark === undefined || rules === undefined || mark.rules !== rules) return undefined;
  const { [checkMarkKey]: _mark, ...config } = document as Record<string, unknown>;
  // Names of settings keep their order through publishing and reading, so what is unchanged has the same text again.
  return digest(JSON.stringify(config)) === mark.digest ? (config as unknown as DeskConfig) : undefined;
}

function markOf(document: unknown): CheckMark | undefined {
  if (typeof document !== 'object' || document === null || !Object.hasOwn(document, checkMarkKey)) return undefined;
  const { [checkMarkKey]: mark } = document as { [checkMarkKey]: unknown };
  if (typeof mark !== 'object' || mark === null || !('rules' in mark) || !('digest' in mark)) return undefined;
  const { rules, digest } = mark;
  return typeof rules === 'string' && typeof digest === 'string' ? { rules, digest } : undefined;
}
