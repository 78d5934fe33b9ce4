/** The CORS answers that API Gateway gives for an HTTP API with a CorsConfiguration. Pure. */

/** `AWS::ApiGatewayV2::Api.CorsConfiguration`. */
export interface CorsConfiguration {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds: number | undefined;
  readonly allowCredentials: boolean;
}

/**
 * Headers for the answer to an allowed preflight, `{}` for a refused one, or `undefined` when the request is no
 * preflight and takes its route.
 */
export function preflightHeaders(
  cors: CorsConfiguration,
  request: { method: string; origin: string | undefined; requestedMethod: string | undefined },
): Record<string, string> | undefined {
  if (request.method !== 'OPTIONS' || request.origin === undefined || request.requestedMethod === undefined) {
    return undefined;
  }
  const common = originHeaders(cors, request.origin);
  if (common === undefined) return {};
  return {
    ...common,
    ...listHeader('access-control-allow-methods', cors.allowMethods),
    ...listHeader('access-control-allow-headers', cors.allowHeaders),
    ...(cors.maxAgeSeconds !== undefined && { 'access-control-max-age': String(cors.maxAgeSeconds) }),
  };
}

/** An answer's headers with the CORS headers of a function taken out and those of the API put in. */
export function replaceCorsHeaders<V>(
  cors: CorsConfiguration,
  origin: string | undefined,
  headers: Readonly<Record<string, V>>,
): Record<string, V | string> {
  const others = Object.entries(headers).filter(([name]) => !name.startsWith('access-control-'));
  const common = origin === undefined ? undefined : originHeaders(cors, origin);
  return {
    ...Object.fromEntries(others),
    ...(common && { ...common, ...listHeader('access-control-expose-headers', cors.exposeHeaders) }),
  };
}

function originHeaders(cors: CorsConfiguration, origin: string): Record<string, string> | undefined {
  const pattern = cors.allowOrigins.find((allowed) => allowsOrigin(allowed, origin));
  if (pattern === undefined) return undefined;
  return {
    'access-control-allow-origin': pattern === '*' ? '*' : origin,
    ...(cors.allowCredentials && { 'access-control-allow-credentials': 'true' }),
  };
}

/** API Gateway takes `*`, `http://*`, `https://*` and exact origins. */
function allowsOrigin(allowed: string, origin: string): boolean {
  return allowed.endsWith('*') ? origin.startsWith(allowed.slice(0, -1)) : allowed === origin;
}

function listHeader(name: string, values: readonly string[]): Record<string, string> {
  return values.length === 0 ? {} : { [name]: values.join(',') };
}
