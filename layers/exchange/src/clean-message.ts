/**
 * Turns what a venue or ccxt said into something that may be stored and logged. ccxt puts whole URLs with signed query
 * strings and whole answer bodies into its messages.
 */

/** Longest message kept; the rest of an answer is rarely read and may be a whole web page. */
export const messageLengthMax = 300;
const hidden = '[hidden]';
/** Shorter values cannot be keys, and hiding them would blot out ordinary words. */
const secretLengthMin = 4;

const patterns: readonly [pattern: RegExp, replacement: string][] = [
  // Query, fragment and user info of a URL: the path says enough.
  [/\b((?:https?|wss?):\/\/)(?:[^\s/@]*@)?([^\s?#"']*)[?#][^\s"']*/gi, '$1$2'],
  [/\b((?:https?|wss?):\/\/)[^\s/@]*@/gi, '$1'],
  // name=value and "name":"value" where the name says that the value is secret.
  [
    /\b([\w-]*(?:signature|sign|secret|token|passphrase|password|api[-_]?key|access[-_]?key|private[-_]?key|authorization)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s&,;"'}]+)/gi,
    `$1${hidden}`,
  ],
  // Long runs of hex or base 64: keys, signatures, tokens.
  [/\b[0-9a-f]{32,}\b/gi, hidden],
  [/[A-Za-z0-9+/_-]{40,}={0,2}/g, hidden],
];

/**
 * A message without keys, signatures, query strings and control characters, at most `messageLengthMax` long.
 *
 * @param secrets values that must not appear whatever they look like.
 */
export function cleanMessage(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length < secretLengthMin) continue;
    clean = clean.replaceAll(secret, hidden).replaceAll(encodeURIComponent(secret), hidden);
  }
  for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement);
  clean = clean.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return clean.length <= messageLengthMax ? clean : `${clean.slice(0, messageLengthMax - 1)}…`;
}
