/** Which route of an HTTP API a request takes. Pure. */

/** A route key, e.g. `POST /signals/{source}`, taken apart once so that matching is cheap. */
export interface RoutePattern {
  readonly routeKey: string;
  /** `undefined` for `ANY` and `$default`. */
  readonly method: string | undefined;
  readonly segments: readonly Segment[];
}

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'greedy'; readonly name: string };

export interface RouteMatch<R extends RoutePattern> {
  readonly route: R;
  readonly pathParameters: Readonly<Record<string, string>>;
}

const defaultRouteKey = '$default';
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** @throws Error naming the route key when it is not one that API Gateway accepts. */
export function parseRouteKey(routeKey: string): RoutePattern {
  if (routeKey === defaultRouteKey) return { routeKey, method: undefined, segments: [] };

  const parts = /^([A-Z]+) (\/\S*)$/.exec(routeKey);
  const [, method = '', path = ''] = parts ?? [];
  if (method !== 'ANY' && !methods.has(method)) {
    throw new Error(`route key "${routeKey}" must be "$default" or a method (or ANY), a space and a path`);
  }
  const segments = path.slice(1).split('/').map(parseSegment);
  if (segments.some((segment, index) => segment.kind === 'greedy' && index < segments.length - 1)) {
    throw new Error(`route key "${routeKey}": a greedy variable like {proxy+} must be the last part of the path`);
  }
  return { routeKey, method: method === 'ANY' ? undefined : method, segments };
}

function parseSegment(text: string): Segment {
  const name = /^\{(.+)\}$/.exec(text)?.[1];
  if (name === undefined) return { kind: 'literal', text };
  return name.endsWith('+') ? { kind: 'greedy', name: name.slice(0, -1) } : { kind: 'variable', name };
}

/**
 * Sorts routes so that the first that matches is the one API Gateway selects: full matches before greedy ones before
 * `$default`, a literal part before a variable at the first place where two routes differ, a method before `ANY`.
 * Source: "Routing API requests" in the API Gateway developer guide for HTTP APIs.
 */
export function sortByPriority<R extends RoutePattern>(routes: readonly R[]): readonly R[] {
  return routes.toSorted(comparePriority);
}

function comparePriority(left: RoutePattern, right: RoutePattern): number {
  const classes = classRank(left) - classRank(right);
  if (classes !== 0) return classes;
  const length = Math.max(left.segments.length, right.segments.length);
  for (let index = 0; index < length; index++) {
    const difference = segmentRank(left.segments[index]) - segmentRank(right.segments[index]);
    if (difference !== 0) return difference;
  }
  return Number(left.method === undefined) - Number(right.method === undefined);
}

function classRank(route: RoutePattern): number {
  if (route.routeKey === defaultRouteKey) return 2;
  return route.segments.at(-1)?.kind === 'greedy' ? 1 : 0;
}

function segmentRank(segment: Segment | undefined): number {
  const ranks = { literal: 0, variable: 1, greedy: 2 };
  return segment === undefined ? 3 : ranks[segment.kind];
}

/** The first of `routes`, already sorted by priority, that takes this request. `path` is percent-decoded. */
export function matchRoute<R extends RoutePattern>(
  routes: readonly R[],
  method: string,
  path: string,
): RouteMatch<R> | undefined {
  const parts = path.slice(1).split('/');
  for (const route of routes) {
    if (route.method !== undefined && route.method !== method) continue;
    const pathParameters = matchSegments(route, parts);
    if (pathParameters !== undefined) return { route, pathParameters };
  }
  return undefined;
}

function matchSegments(route: RoutePattern, parts: readonly string[]): Record<string, string> | undefined {
  if (route.routeKey === defaultRouteKey) return {};
  const isGreedy = route.segments.at(-1)?.kind === 'greedy';
  if (isGreedy ? parts.length < route.segments.length : parts.length !== route.segments.length) return undefined;

  const parameters: Record<string, string> = {};
  for (const [index, segment] of route.segments.entries()) {
    const part = parts[index] ?? '';
    if (segment.kind === 'literal') {
      if (segment.text !== part) return undefined;
      continue;
    }
    const value = segment.kind === 'greedy' ? parts.slice(index).join('/') : part;
    if (value === '') return undefined;
    parameters[segment.name] = value;
  }
  return parameters;
}
