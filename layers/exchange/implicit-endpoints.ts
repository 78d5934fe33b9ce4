/**
 * The methods that ccxt makes of a venue's addresses, such as `privatePostOrder` of `private`, POST and `order`, made when they are
 * first asked for. All addresses below the same part and HTTP method come at once, by ccxt's own function.
 */

/** What of ccxt's class this needs. */
interface Definable {
  defineRestApi(api: object, methodName: string, paths: readonly string[]): void;
}

/** Addresses that share a part of the venue and an HTTP method. */
interface Group {
  paths: readonly string[];
  /** As ccxt wants it: under the name of the method. */
  api: object;
  /** What the names of its functions begin with. */
  beginnings: readonly string[];
}

const httpMethod = /^(?:get|post|put|delete|head|patch)$/i;
/** By which of its methods ccxt has the function of an address send its request. */
const sender = 'request';

/**
 * Looks for what a venue object does not have among its addresses. It is asked last, behind every class, so that whatever is there is
 * found as fast as before.
 *
 * @param prototype of the class from which all venues descend
 */
export function defineWhenAsked(prototype: object): void {
  const groups = new WeakMap<object, readonly Group[]>();
  const behind = new Proxy(Object.prototype, {
    get(target, name, venue) {
      if (typeof name !== 'string' || name in target || !Object.hasOwn(venue, 'api')) {
        return Reflect.get(target, name, venue);
      }
      const { api } = venue;
      if (typeof api !== 'object' || api === null) return undefined;
      let known = groups.get(api);
      if (known === undefined) {
        known = [...groupsOf(api)];
        groups.set(api, known);
      }
      for (const { api: group, paths } of known.filter(({ beginnings }) => beginsWithOne(name, beginnings))) {
        (venue as Definable).defineRestApi(group, sender, paths);
      }
      return Object.hasOwn(venue, name) ? venue[name] : undefined;
    },
  });
  Object.setPrototypeOf(prototype, behind);
}

const beginsWithOne = (name: string, beginnings: readonly string[]): boolean =>
  beginnings.some((beginning) => name.startsWith(beginning));

/** In the order in which ccxt defines them, as of two addresses that come to the same name the later one counts. */
function* groupsOf(api: object, paths: readonly string[] = []): Generator<Group> {
  for (const [key, value] of Object.entries(api)) {
    if (Array.isArray(value) || httpMethod.test(key)) {
      const method = key.toLowerCase();
      const beginnings = [camelCase(paths) + capitalize(method), `${underscored(paths)}_${method}_`];
      yield { paths, api: { [key]: value }, beginnings };
    } else {
      yield* groupsOf(value, [...paths, key]);
    }
  }
}

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const camelCase = ([first = '', ...others]: readonly string[]): string => first + others.map(capitalize).join('');

const underscored = ([first = '', ...others]: readonly string[]): string =>
  [first, ...others.map((part) => part.trim()).filter((part) => part !== '')].join('_');
