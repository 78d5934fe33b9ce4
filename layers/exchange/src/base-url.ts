/** Points a venue at another address: every URL keeps its path and gets a new origin. */

export interface RebasedUrls {
  /** What was given, with each URL's origin replaced. */
  urls: unknown;
  /** The URL the venue would have used: ccxt reads error codes by the venue's own address. */
  original(url: string): string;
}

const origin = /^(https?|wss?):\/\/[^/]*/;

/** One address for all parts of a venue, or one each for the parts named, in ccxt's words; others stay as they are. */
export type BaseUrl = string | Readonly<Record<string, string>>;

/**
 * @param urls a text, or texts nested in objects as ccxt's `urls.api` has them; may hold `{hostname}`.
 * @param baseUrl `http` or `https`; sockets get the matching scheme. A path in it comes before the venue's own.
 */
export function rebaseUrls(urls: unknown, baseUrl: BaseUrl): RebasedUrls {
  const originals = new Map<string, string>();
  const rebase = (value: unknown, given: string | undefined): unknown => {
    if (typeof value === 'string') {
      if (given === undefined) return value;
      const base = given.replace(/\/+$/, '');
      const moved = value.replace(origin, (_, scheme: string) =>
        scheme.startsWith('ws') ? base.replace(/^http/, 'ws') : base,
      );
      // Venues that tell parts apart by host only share one address here; the first, their main one, stands for all.
      if (!originals.has(moved)) originals.set(moved, value);
      return moved;
    }
    if (typeof value !== 'object' || value === null) return value;
    const addressOf = (part: string) => (typeof baseUrl === 'string' ? baseUrl : (baseUrl[part] ?? given));
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, rebase(part, addressOf(name))]));
  };
  const rebased = rebase(urls, typeof baseUrl === 'string' ? baseUrl : undefined);
  const longestFirst = [...originals].sort(([left], [right]) => right.length - left.length);
  return {
    urls: rebased,
    original(url) {
      const match = longestFirst.find(([moved]) => url.startsWith(moved));
      return match === undefined ? url : match[1] + url.slice(match[0].length);
    },
  };
}
