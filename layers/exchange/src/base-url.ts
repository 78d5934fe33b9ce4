/** Points a venue at another address: every URL keeps its path and gets a new origin. */

export interface RebasedUrls {
  /** What was given, with each URL's origin replaced. */
  urls: unknown;
  /** The URL the venue would have used: ccxt reads error codes by the venue's own address. */
  original(url: string): string;
  /** Parts that are left without an address, e.g. `private` or `spot.private`. */
  missing: readonly string[];
}

const origin = /^(https?|wss?):\/\/[^/]*/;

/** One address for all parts of a venue, or one each for the parts named, in ccxt's words. */
export type BaseUrl = string | Readonly<Record<string, string>>;

/**
 * @param urls a text, or texts nested in objects as ccxt's `urls.api` has them; may hold `{hostname}`.
 * @param baseUrl `http` or `https`; sockets get the matching scheme. A path in it comes before the venue's own.
 * @param others where parts are that `baseUrl` does not name, in the shape of `urls`. @default where they were
 */
export function rebaseUrls(urls: unknown, baseUrl: BaseUrl, others = urls): RebasedUrls {
  const originals = new Map<string, string>();
  const missing: string[] = [];
  const rebase = ({ value, given, other, path }: Part): unknown => {
    if (typeof value === 'string') {
      if (given === undefined) {
        if (other === undefined) missing.push(path.join('.'));
        return other;
      }
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
    const parts = Object.entries(value).map(([name, part]) => {
      const below = { value: part, given: addressOf(name), other: partOf(other, name), path: [...path, name] };
      return [name, rebase(below)] as const;
    });
    return Object.fromEntries(parts.filter(([, address]) => address !== undefined));
  };
  const given = typeof baseUrl === 'string' ? baseUrl : undefined;
  const rebased = rebase({ value: urls, given, other: others, path: [] });
  const longestFirst = [...originals].sort(([left], [right]) => right.length - left.length);
  return {
    urls: rebased,
    missing,
    original(url) {
      const match = longestFirst.find(([moved]) => url.startsWith(moved));
      return match === undefined ? url : match[1] + url.slice(match[0].length);
    },
  };
}

interface Part {
  value: unknown;
  /** Its new address, where it has one. */
  given: string | undefined;
  /** Where it is without one. */
  other: unknown;
  path: readonly string[];
}

const partOf = (urls: unknown, name: string): unknown =>
  typeof urls === 'object' && urls !== null ? (urls as Record<string, unknown>)[name] : undefined;
